"""The vocabulary of cities: shipped with the product, completed here and by members’ feeds."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.resources import files
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from network.cities.models import HERE, SHIPPED, City, CityAlias
from network.lib import clock
from network.lib.i18n import ENGLISH_FIRST, LANGUAGES, by_language
from network.lib.languages import in_words, said_in

RESERVED = frozenset(in_words("elsewhere", lang) for lang in LANGUAGES)
"""What stands in addresses for the place of a study whose city is not known."""


@dataclass(frozen=True, slots=True)
class CityValue:
    """A city as it travels; None is what is not said.

    slug: its English slug. names: by language, as far as they are said. country: ISO 3166-1
    alpha-2. lat, lon: WGS 84 degrees. population: inhabitants in population_year. timezone: of the
    IANA database. wikidata_id: “Q90”.
    """

    slug: str
    names: Mapping[str, str] = field(hash=False)
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
        return said_in(self.names, lang)


FIELDS = tuple(each.name for each in fields(CityValue))
"""What both a city's row and its value have."""


def value_of(city: City) -> CityValue:
    """A city's row as a value."""
    return CityValue(**{name: getattr(city, name) for name in FIELDS})


def by_field(value: CityValue) -> dict[str, Any]:
    """A value as JSON and files have it, its names beside the rest: `name_en` and so on."""
    names = {f"name_{lang}": name for lang, name in value.names.items()}
    others = {name: getattr(value, name) for name in FIELDS if name not in ("slug", "names")}
    return {"slug": value.slug, **names, **others}


def in_full(value: CityValue) -> CityValue:
    """The value with a name for every language of the pages, as readers see it."""
    return replace(value, names={lang: value.name(lang) for lang in ENGLISH_FIRST})


def shipped() -> Iterator[Mapping[str, str]]:
    """The rows of the shipped cities."""
    with (files("network.cities") / "data" / "cities.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def load_shipped(session: Session) -> None:
    """Insert or update the shipped cities; the caller holds the transaction.

    What somebody here, or a city's own node, has said of one stays, and so does that one was
    joined to another.
    """
    joined = aliases(session)
    known = {city.slug: city for city in all_cities(session)}
    for row in shipped():
        city = known.get(row["slug_en"])
        if city is None and row["slug_en"] in joined:
            continue
        if city is None:
            city = City(slug=row["slug_en"])
            session.add(city)
        elif city.origin == HERE or city.said_by:
            continue
        slugs = by_language(row, "slug").items()
        city.slugs = {lang: slug for lang, slug in slugs if slug != city.slug}
        city.names = by_language(row, "name")
        city.country, city.subdivision = row["country"] or None, row["subdivision"] or None
        city.geonames_id = int(row["geonames_id"]) if row["geonames_id"] else None
        city.lat, city.lon = float(row["lat"]), float(row["lon"])
        city.population = int(row["population"]) if row["population"] else None
        city.timezone = row["timezone"] or None
        city.kind, city.origin = row["kind"], SHIPPED


def all_cities(session: Session) -> list[City]:
    """Every city, by English name."""
    return sorted(session.scalars(select(City)), key=lambda city: (city.name("en"), city.slug))


def by_slug(session: Session, given: str) -> City | None:
    """The city that this slug leads to: its own in any language, or one that it once had."""
    return by_key(session, given) or session.scalar(_BY_OTHER_SLUG, {"given": given})


_BY_OTHER_SLUG = (
    select(City)
    .where(or_(*(City.slugs[lang].as_string() == bindparam("given") for lang in LANGUAGES)))
    .order_by(City.slug)
    .limit(1)
)


def by_key(session: Session, given: str) -> City | None:
    """The same for a key, as rows and feeds name cities: one city's slug in another language may be
    the key of another."""
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
