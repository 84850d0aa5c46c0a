"""Counts that every list page shows, kept until the catalogue changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from flask import current_app

from network.catalogue import queries
from network.catalogue.queries import FACETS, Filter
from network.web.context import session

T = TypeVar("T")
MOST = 512


class Kept:
    """A small cache whose entries hold for one version of the catalogue."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The value for the key, made when it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > MOST:
                self._values.popitem(last=False)
        return value


def kept(key: Any, make: Callable[[], T]) -> T:
    """A value that only a change of the catalogue changes."""
    cache: Kept = current_app.extensions.setdefault("pioneer-kept", Kept())
    return cache.get((queries.version(session()), key), make)


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
