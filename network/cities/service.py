"""The vocabulary of cities: shipped with the product, completed here and by members’ feeds."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.cities.models import HERE, SHIPPED, City, CityAlias
from network.lib import clock

RESERVED = frozenset({"elsewhere", "ailleurs"})
"""What stands in addresses for the place of a study whose city is not known."""


@dataclass(frozen=True, slots=True)
class CityValue:
    """A city as it travels; None is what is not said.

    slug: its English slug. country: ISO 3166-1 alpha-2. lat, lon: WGS 84 degrees. population:
    inhabitants in population_year. timezone: of the IANA database. wikidata_id: “Q90”.
    """

    slug: str
    name_en: str
    name_fr: str
    country: str | None = None
    kind: str | None = None
    geonames_id: int | None = None
    wikidata_id: str | None = None
    lat: float | None = None
    lon: float | None = None
    population: int | None = None
    population_year: int | None = None
    timezone: str | None = None
    website: str | None = None

    def name(self, lang: str) -> str:
        """Its name in a language of the pages."""
        return self.name_fr if lang == "fr" else self.name_en


FIELDS = tuple(field.name for field in fields(CityValue))
"""What both a city's row and its value have."""


def value_of(city: City) -> CityValue:
    """A city's row as a value."""
    return CityValue(**{name: getattr(city, name) for name in FIELDS})


def load_shipped(session: Session) -> None:
    """Insert or update the shipped cities; the caller holds the transaction.

    What somebody here, or a city's own node, has said of one stays, and so does that one was
    joined to another.
    """
    joined = aliases(session)
    known = {city.slug: city for city in all_cities(session)}
    with (files("network.cities") / "data" / "cities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            city = known.get(row["slug_en"])
            if city is None and row["slug_en"] in joined:
                continue
            if city is None:
                city = City(slug=row["slug_en"])
                session.add(city)
            elif city.origin == HERE or city.said_by:
                continue
            city.slug_fr, city.name_en, city.name_fr = (
                row["slug_fr"],
                row["name_en"],
                row["name_fr"],
            )
            city.country, city.subdivision = row["country"] or None, row["subdivision"] or None
            city.geonames_id = int(row["geonames_id"]) if row["geonames_id"] else None
            city.lat, city.lon = float(row["lat"]), float(row["lon"])
            city.population = int(row["population"]) if row["population"] else None
            city.timezone = row["timezone"] or None
            city.kind, city.origin = row["kind"], SHIPPED


def all_cities(session: Session) -> list[City]:
    """Every city, by English name."""
    return list(session.scalars(select(City).order_by(City.name_en)))


def by_slug(session: Session, given: str) -> City | None:
    """The city that this slug leads to: its own in either language, or one that it once had."""
    return by_key(session, given) or session.scalar(
        select(City).where(City.slug_fr == given).order_by(City.slug).limit(1)
    )


def by_key(session: Session, given: str) -> City | None:
    """The same for a key, as rows and feeds name cities: its French slug may be another's key."""
    found = session.get(City, given)
    if found is None and (alias := session.get(CityAlias, given)):
        found = session.get(City, alias.city_slug)
    return found


def aliases(session: Session) -> dict[str, str]:
    """Every other slug that leads to a city → that city's key."""
    return {row.slug: row.city_slug for row in session.scalars(select(CityAlias))}


def put(city: City, value: CityValue) -> None:
    """Say of a city what the value says, but for its slugs: addresses stay."""
    for name in FIELDS[1:]:
        setattr(city, name, getattr(value, name))
    city.kind = value.kind or "city"
    city.origin, city.updated = HERE, clock.now()
