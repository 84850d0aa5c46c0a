"""Cities that files name: known here, among the places of the world, or said in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy.orm import Session

from network.cities import hearing, places, typed
from network.cities import service as cities
from network.cities.models import SHIPPED, City
from network.cities.service import CityValue
from network.lib import clock
from network.lib.text import slug


class NewCity(NamedTuple):
    """A city that is added when all files are right. region: for its slug."""

    value: CityValue
    region: str = ""


class Names:
    """What people call cities in files → our cities, read once for any number of files."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, str] = {}
        for city in cities.all_cities(session):
            for name in (city.slug, *city.slugs.values(), *map(slug, city.names.values())):
                self._known.setdefault(name, city.slug)
        self._known = cities.aliases(session) | self._known

    def find(self, name: str) -> str | NewCity | None:
        """A city by its slug or name; None when nobody knows which it is."""
        found = self._known.get(name) or self._known.get(slug(name))
        if found or not name:
            return found
        meant = places.meant(name)
        return NewCity(*meant[0]) if len(meant) == 1 else None

    def said(self, given: Mapping[str, str]) -> tuple[str | NewCity | None, typed.Problems]:
        """The city that a file says in full, and what is wrong with it."""
        value, problems = typed.read(given, clock.now().year)
        if problems:
            return None, problems
        same = hearing.find(self._session, value)
        return (same.slug if same else NewCity(value)), []


def as_written(city: City) -> dict[str, str]:
    """What a file must say of a city, so that any node understands it; nothing of a shipped one."""
    if city.origin == SHIPPED:
        return {}
    return typed.as_text(cities.value_of(city))
