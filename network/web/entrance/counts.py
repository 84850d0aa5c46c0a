"""Counts, vocabularies and whatever else many pages show, kept until the catalogue changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, TypeVar

from flask import current_app, g, request

from network.catalogue import queries
from network.catalogue.queries import FACETS, Filter
from network.web.entrance.context import session

T = TypeVar("T")
MOST = 512


class Kept:
    """A small cache of values that threads share; the one not asked for the longest goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._values: OrderedDict[Any, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        """Its keys."""
        return iter(list(self._values))

    def find(self, key: Any) -> Any:
        """The value for the key, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def keep(self, key: Any, value: Any) -> None:
        """Keep a value, which is not None."""
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)


def kept(key: Any, make: Callable[[], T]) -> T:
    """A value that only a change of the catalogue changes; None is made anew each time."""
    cache: Kept = current_app.extensions.setdefault("pioneer-kept", Kept())
    key = (catalogue_version(), key)
    found: T | None = cache.find(key)
    if found is None:
        found = make()
        cache.keep(key, found)
    return found


def catalogue_version() -> int:
    """The catalogue's version that this request reads; one that only reads sees no other."""
    if request.method not in ("GET", "HEAD"):
        return queries.version(session())
    if "catalogue_version" not in g:
        g.catalogue_version = queries.version(session())
    return int(g.catalogue_version)


def of_facets(filters: Filter) -> dict[str, dict[str, int]]:
    """Every facet's counts under the filters."""
    return kept(
        ("facets", filters),
        lambda: {name: queries.facet(session(), name, filters) for name in FACETS},
    )


def total(filters: Filter) -> int:
    """How many studies the filters select."""
    return kept(("total", filters), lambda: queries.total(session(), filters))


def by(name: str) -> dict[str, int]:
    """Counts of one facet over everything."""
    return kept(("by", name), lambda: queries.facet(session(), name, Filter()))
