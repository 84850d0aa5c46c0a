"""What people and other sites say of cities: which city is meant, and what of it is believed.

A slug is only a word: two cities may share one, and one city may have two. So an identifier of
GeoNames or Wikidata decides where there is one, and else the slug, unless country, identifiers or
distance say that it is another city that happens to be called the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.cities.models import MEMBER, City, CityAlias
from network.cities.service import FIELDS, RESERVED, CityValue, by_slug
from network.lib.i18n import ENGLISH_FIRST, LANGUAGES
from network.lib.languages import said_in
from network.lib.sanitise import strip_control, web_url
from network.lib.text import said as seen
from network.lib.text import slug

IDENTIFIERS = ("geonames_id", "wikidata_id")
LONGEST_NAME = 200
LONGEST_SLUG = 100
MOST_PEOPLE = 2_000_000_000
NEAR = 30.0
"""Kilometres within which two places of one name and different identifiers are one city: GeoNames
numbers a city and its municipality apart."""
FAR = 150.0
"""Kilometres from which two cities of one name, of which nobody gives an identifier, are two."""

_SLUG = re.compile(r"[a-z0-9-]{1,100}")
_KIND = re.compile("[a-z-]{1,20}")
_WIKIDATA = re.compile(r"Q[1-9][0-9]{0,11}")
_TIMEZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")
_POINTS = frozenset({"city", "village"})
"""Kinds that are small enough to be somewhere; the point of any other may be its seat or middle."""


def tidy(said: Mapping[str, str | None], names: Mapping[str, str]) -> CityValue | None:
    """A city of which a feed says this, by the fields of CityValue; None without slug or name.

    names: by language; when none is English, the first counts as the English one. What is not
    understood counts as not said: a newer node must not break an older one.
    """
    given = {name: (said.get(name) or "").strip() for name in FIELDS}
    called = {lang: one_line(names.get(lang, "")) for lang in ENGLISH_FIRST}
    called["en"] = said_in(called, "en")
    if not _SLUG.fullmatch(given["slug"]) or not called["en"]:
        return None
    lat, lon = _degrees(given["lat"], 90), _degrees(given["lon"], 180)
    population = _whole(given["population"], 1, MOST_PEOPLE)
    website = web_url(given["website"]) or ""
    return CityValue(
        slug=given["slug"],
        names={lang: name for lang, name in called.items() if name},
        country=_matching(re.compile("[A-Z]{2}"), given["country"]),
        kind=_matching(_KIND, given["kind"]),
        geonames_id=_whole(given["geonames_id"], 1, 2**31 - 1),
        wikidata_id=_matching(_WIKIDATA, given["wikidata_id"]),
        lat=None if lon is None else lat,
        lon=None if lat is None else lon,
        population=population,
        population_year=_whole(given["population_year"], 1000, 2999) if population else None,
        timezone=_matching(_TIMEZONE, given["timezone"]),
        website=website if 0 < len(website) <= 500 else None,
    )


def one_line(text: str) -> str:
    """A city's name as we keep it: in one line, or nothing when nothing of it would be seen."""
    return seen(" ".join(strip_control(text).split())[:LONGEST_NAME].strip())


def _matching(pattern: re.Pattern[str], text: str) -> str | None:
    return text if pattern.fullmatch(text) else None


def _whole(text: str, least: int, most: int) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,12}", text) and least <= int(text) <= most else None


def _degrees(text: str, most: int) -> float | None:
    if not re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?", text):
        return None
    return float(text) if abs(float(text)) <= most else None


def find(session: Session, value: CityValue, region: str = "") -> City | None:
    """The city that is meant, if it is here. region: of a place of the world, perhaps empty."""
    return meant(session, value, region)[0]


def meet(
    session: Session, value: CityValue, now: datetime, origin: str = MEMBER, region: str = ""
) -> City | None:
    """The city that is meant: one that is here, or one that is added with what is said of it.

    origin: who says it, when it is added. None when there is neither slug nor name to make one of.
    The caller holds the transaction.
    """
    found, key = meant(session, value, region)
    if found is not None or key is None:
        return found
    return add(session, key, value, now, origin, region)


def add(
    session: Session,
    key: str,
    value: CityValue,
    now: datetime,
    origin: str = MEMBER,
    region: str = "",
) -> City:
    """A city that is not here, by the slug that `meant` gives for it; as `meet` does."""
    city = City(slug=key, slugs=_other_slugs(session, key, value, region), origin=origin)
    for name in FIELDS[1:]:
        setattr(city, name, getattr(value, name))
    city.kind, city.updated = value.kind or "city", now
    session.add(city)
    session.flush()
    return city


def is_other(city: City, value: CityValue) -> bool:
    """Whether a city of the same slug is another one than is meant."""
    ids = ((getattr(city, name), getattr(value, name)) for name in IDENTIFIERS)
    known = [(ours, theirs) for ours, theirs in ids if ours and theirs]
    if any(ours == theirs for ours, theirs in known):
        return False
    if city.country and value.country and city.country != value.country:
        return True
    away = _kilometres(city, value)
    if known:
        return away is None or away > NEAR
    return away is not None and away > FAR and {city.kind, value.kind or city.kind} <= _POINTS


def tells_more(city: City, value: CityValue) -> bool:
    """Whether a feed gives the city an identifier that we do not know it by, which may be that of
    another city that is here."""
    return any(getattr(value, name) not in (None, getattr(city, name)) for name in IDENTIFIERS)


def _identified(session: Session, value: CityValue) -> City | None:
    """The city with one of the identifiers, or that one with them was joined to."""
    for name in IDENTIFIERS:
        said = getattr(value, name)
        if said is None:
            continue
        known = select(City).where(getattr(City, name) == said).order_by(City.slug)
        found = session.scalar(known.limit(1))
        if found is None and (alias := session.get(CityAlias, identifier(name, said))):
            found = session.get(City, alias.city_slug)
        if found is not None:
            return found
    return None


def identifier(field: str, value: int | str) -> str:
    """An identifier as an alias, which no slug can be: of a city that was joined to another."""
    return f"{field.removesuffix('_id')}:{value}"


def meant(session: Session, value: CityValue, region: str = "") -> tuple[City | None, str | None]:
    """The city that is here, or the slug that it has once it is added."""
    if found := _identified(session, value):
        return found, None
    for key in _slugs(slug(value.slug) or slug(value.name("en")), value, region):
        found = by_slug(session, key)
        if found is None:
            return None, key
        if session.get(CityAlias, key) or not is_other(found, value):
            return found, None  # that an alias leads there is what a person decided
    return None, None


def _other_slugs(session: Session, key: str, value: CityValue, region: str) -> dict[str, str]:
    """Its slugs in the addresses of other languages than English: of its name there, and of no
    other city. None where that is no other than the English one."""
    english, found = value.name("en"), dict[str, str]()
    for lang in LANGUAGES:
        wanted = slug(name) if (name := value.names.get(lang, english)) != english else ""
        if wanted not in ("", slug(value.slug)):
            slugs = _slugs(wanted, value, region)
            found[lang] = next(each for each in slugs if by_slug(session, each) is None)
    return {lang: each for lang, each in found.items() if each != key}


def _slugs(wanted: str, value: CityValue, region: str) -> Iterator[str]:
    """Slugs that a city might have here, as wanted if that can be; none when nothing is wanted.

    The first that leads to no other city is its own.
    """
    if not wanted:
        return
    if wanted not in RESERVED:
        yield wanted
    country, mark = (value.country or "").lower(), (value.wikidata_id or "").lower()
    within = "-".join(filter(None, (slug(region), country)))
    for more in dict.fromkeys((country, within, str(value.geonames_id or mark))):
        if more:
            yield _marked(wanted, more)
    yield from (_marked(wanted, str(number)) for number in count(2))


def _marked(wanted: str, mark: str) -> str:
    """Both in one slug, however long they are."""
    return f"{wanted[: LONGEST_SLUG - 1 - len(mark)]}-{mark}"


def describe(city: City, value: CityValue, now: datetime) -> bool:
    """Have a city's row say what the value says, and keep what it does not say; whether anything
    changed. Its slugs stay: they are in addresses."""
    said = {name: v for name in FIELDS[1:] if (v := getattr(value, name)) is not None}
    said.pop("population_year", None)
    if value.population is not None:  # a year is of its number
        said["population_year"] = value.population_year
    changes = {name: v for name, v in said.items() if v != getattr(city, name)}
    for name, new in changes.items():
        setattr(city, name, new)
    if changes:
        city.updated = now
    return bool(changes)


def _kilometres(city: City, value: CityValue) -> float | None:
    """As the crow flies (haversine), on a sphere; None when either place is not known."""
    if city.lat is None or city.lon is None or value.lat is None or value.lon is None:
        return None
    here, there = math.radians(city.lat), math.radians(value.lat)
    over = math.sin((there - here) / 2) ** 2
    over += math.cos(here) * math.cos(there) * math.sin(math.radians(value.lon - city.lon) / 2) ** 2
    return 12_742 * math.asin(min(1.0, math.sqrt(over)))
