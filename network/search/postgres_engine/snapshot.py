"""One state of the index as arrays, made of the one before it and of what has changed since."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from network.search.postgres_engine import blocks, writing
from network.search.postgres_engine.database import State, rows
from network.search.postgres_engine.runs import Run, merged, unpacked
from network.search.postings import CATEGORIES, SCORED, Ids, Mask
from network.search.studies import Column, Columns

T = TypeVar("T")

MOST_RUNS = 8
"""Runs of fresh documents from which they are merged into one."""

_CACHED = 4_000_000
"""Postings of blocks that are held by a process, at about 12 bytes each."""


class Layout:
    """The blocks at some time, which never change, and what was read of them.

    firsts: block → the number that its documents are counted from, in their order.
    """

    def __init__(self, version: int, firsts: Mapping[int, int]) -> None:
        self.version, self.firsts = version, firsts
        self._lock = Lock()
        self._cache: OrderedDict[tuple[str, int], tuple[Any, int]] = OrderedDict()
        self._cached = 0

    def kept(self, kind: str, term: int, read: Callable[[], tuple[T, int]]) -> T:
        """What was read for a term, and how big it is; it is read when it is not held."""
        key = (kind, term)
        with self._lock:
            held = self._cache.get(key)
            if held is not None:
                self._cache.move_to_end(key)
                found: T = held[0]
                return found
        found, size = read()
        with self._lock:
            if key not in self._cache:
                self._cache[key] = (found, size + 16)
                self._cached += size + 16
            while self._cached > _CACHED and len(self._cache) > 1:
                self._cached -= self._cache.popitem(last=False)[1][1]
        return found


@dataclass(frozen=True)
class Held:
    """What is known of every live document, ascending by number."""

    numbers: Ids
    facts: NDArray[np.void]
    categories: Mapping[str, Column]

    def changed(self, gone: Ids, added: Sequence[tuple[Any, ...]]) -> Held:
        """Without some documents and with others; added: rows of number, facts, categories."""
        keep = np.isin(self.numbers, gone, invert=True) if len(gone) else slice(None)
        numbers = np.array([row[0] for row in added], np.int64)
        facts = np.frombuffer(b"".join(row[1] for row in added), writing.FACTS)
        return Held(
            np.concatenate([self.numbers[keep], numbers]),
            np.concatenate([self.facts[keep], facts]),
            {
                name: _extended(self.categories[name], keep, [row[place] for row in added])
                for place, name in enumerate(CATEGORIES, 2)
            },
        )

    def columns(self) -> Columns:
        """As arrays for answering."""
        facts = self.facts
        return Columns(
            live=np.ones(len(self.numbers), np.bool_),
            study=facts["study"].astype(np.uint64),
            published=facts["published"].astype(np.int64),
            completeness=facts["completeness"],
            categories=self.categories,
            lengths={
                name: facts["lengths"][:, place].astype(np.float32)
                for place, name in enumerate(SCORED)
            },
        )


def _extended(column: Column, keep: Mask | slice, added: Sequence[str]) -> Column:
    table = {value: code for code, value in enumerate(column.values)}
    codes = np.array([table.setdefault(value, len(table)) for value in added], np.int64)
    return Column(list(table), np.concatenate([column.codes[keep], codes]))


NOTHING = Held(
    np.empty(0, np.int64),
    np.empty(0, writing.FACTS),
    {name: Column([], np.empty(0, np.int64)) for name in CATEGORIES},
)


@dataclass
class Snapshot:
    """A state of the index. fresh: the documents of no block, in runs of ascending documents."""

    state: State
    held: Held
    layout: Layout
    fresh: Sequence[Run]
    slots: Ids = field(init=False)
    """Number → place in the arrays, −1 for what is not there."""

    def __post_init__(self) -> None:
        self.documents, self.studies = self.held.columns().arrays()
        self.slots = np.full(self.state.documents, -1, np.int64)
        self.slots[self.held.numbers] = np.arange(len(self.held.numbers))

    def leads_to(self, state: State) -> bool:
        """Whether what has changed until then is still known."""
        slept = state.version - self.state.version
        return state.generation == self.state.generation and slept <= blocks.KEPT


def read(connection: Connection, state: State, before: Snapshot | None) -> Snapshot:
    """The snapshot of a state, of which the connection sees all."""
    if before is None or not before.leads_to(state):
        return Snapshot(state, _all(connection), _layout(connection, state), _fresh(connection, -1))
    since = before.state.version
    gone = rows(connection, "SELECT number FROM search_removal WHERE version > %s", since)
    held = before.held.changed(
        np.array([number for (number,) in gone], np.int64), _texts(connection, since)
    )
    if state.layout != before.state.layout:
        return Snapshot(state, held, _layout(connection, state), _fresh(connection, -1))
    runs = [*before.fresh, *_fresh(connection, since)]
    if len(runs) > MOST_RUNS:
        runs = [merged(runs)]
    return Snapshot(state, held, before.layout, runs)


def _all(connection: Connection) -> Held:
    return NOTHING.changed(NOTHING.numbers, _texts(connection, -1))


def _texts(connection: Connection, since: int) -> list[tuple[Any, ...]]:
    return rows(
        connection,
        "SELECT number, facts, lang, city, country, size, status, year, topics FROM search_text"
        " WHERE version > %s ORDER BY number",
        since,
    )


def _layout(connection: Connection, state: State) -> Layout:
    found = rows(connection, "SELECT block, first FROM search_block ORDER BY first")
    return Layout(state.layout, dict(found))


def _fresh(connection: Connection, since: int) -> list[Run]:
    found = rows(
        connection,
        "SELECT number, terms FROM search_fresh WHERE version > %s ORDER BY number",
        since,
    )
    return [merged([unpacked(terms, number) for number, terms in found])] if found else []
