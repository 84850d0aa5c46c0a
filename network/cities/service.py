"""The vocabulary of cities: shipped with the product, and completed by what members publish."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.cities.models import City
from network.lib.text import clean, slug


@dataclass(frozen=True, slots=True)
class CityValue:
    """A city as a feed names it. lat, lon: WGS 84 degrees. country: ISO 3166-1 alpha-2."""

    slug: str
    name: str
    country: str | None = None
    lat: float | None = None
    lon: float | None = None


def load_shipped(session: Session) -> None:
    """Insert or update the shipped cities; the caller holds the transaction."""
    known = {city.slug: city for city in all_cities(session)}
    with (files("network.cities") / "data" / "cities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            city = known.get(row["slug_en"])
            if city is None:
                city = City(slug=row["slug_en"])
                session.add(city)
            city.slug_fr, city.name_en, city.name_fr = (
                row["slug_fr"],
                row["name_en"],
                row["name_fr"],
            )
            city.country, city.subdivision = row["country"] or None, row["subdivision"] or None
            city.geonames_id = int(row["geonames_id"]) if row["geonames_id"] else None
            city.lat, city.lon = float(row["lat"]), float(row["lon"])
            city.population = int(row["population"]) if row["population"] else None
            city.kind, city.shipped = row["kind"], True


def all_cities(session: Session) -> list[City]:
    """Every city, by English name."""
    return list(session.scalars(select(City).order_by(City.name_en)))


def by_slug(session: Session, given: str) -> City | None:
    """The city with this slug in either language."""
    return session.get(City, given) or session.scalar(select(City).where(City.slug_fr == given))


def learn(session: Session, value: CityValue) -> City | None:
    """The city that a feed names: ours if we know it, else added with what the feed says.

    A member can add a city but never change one that we ship.
    """
    key = slug(value.slug) or slug(value.name)
    if not key:
        return None
    city = session.get(City, key)
    if city is None:
        name = clean(value.name)[:200] or key
        city = City(slug=key, slug_fr=key, name_en=name, name_fr=name, shipped=False)
        city.country, city.lat, city.lon = value.country, value.lat, value.lon
        session.add(city)
        session.flush()
    return city
