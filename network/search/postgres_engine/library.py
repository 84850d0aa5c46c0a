"""The index as one search sees it: the arrays of a snapshot, and the rows of the same moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from network.search.postgres_engine.database import rows
from network.search.postgres_engine.runs import read_places, read_postings, term_hash
from network.search.postgres_engine.snapshot import Snapshot
from network.search.postings import EMPTY, Ids, Mask, Postings, encode, join

_SHOWN = ("entry_id", "study_key", "title", "summary", "body")

_AFTER = b"\xff"
"""Stands behind every byte of UTF-8."""

_Places = tuple[Ids, NDArray[np.uint16]]
"""The number of the document of every place, and the place."""


class Library:
    """See answering.Library. Good for as long as its transaction lasts."""

    def __init__(self, snapshot: Snapshot, connection: Connection) -> None:
        self.documents, self.studies = snapshot.documents, snapshot.studies
        self._snapshot, self._connection = snapshot, connection
        self._shown: dict[int, dict[str, str]] = {}

    def postings(self, field: str, term: str) -> Postings:
        """The live documents that hold a term in a field."""
        key, snapshot = term_hash(field, term), self._snapshot
        parts = [snapshot.layout.kept("postings", key, lambda: self._postings(key))]
        parts += [run.postings(key) for run in snapshot.fresh]
        numbers, weights = join([part for part in parts if len(part.ids)])
        ids = snapshot.slots[numbers]
        live = ids >= 0
        return Postings(ids, weights) if live.all() else Postings(ids[live], weights[live])

    def occurrences(self, word: str, among: Mask) -> Ids:
        """Every place of a whole word in some of the documents, as `document << 16 | position`."""
        key, snapshot = term_hash("words", word), self._snapshot
        parts = [snapshot.layout.kept("places", key, lambda: self._places(key))]
        parts += [run.occurrences(key) for run in snapshot.fresh]
        ids = snapshot.slots[np.concatenate([numbers for numbers, _ in parts])]
        places = np.concatenate([places for _, places in parts])
        asked = (ids >= 0) & among[ids]
        return ids[asked] << 16 | places[asked]

    def stored(self, number: int) -> dict[str, str]:
        """A document's title, summary and body."""
        shown = self._row(number)
        return {name: shown[name] for name in ("title", "summary", "body")}

    def name(self, number: int, column: str) -> str:
        """A document's `entry_id`, `study_key` or `lang`."""
        if column == "lang":
            tags, codes = self._snapshot.held.categories["lang"]
            return tags[codes[number]]
        return self._row(number)[column]

    def knows(self, word: str) -> bool:
        """Whether any document has had this whole word."""
        key, snapshot = term_hash("words", word), self._snapshot
        words = snapshot.layout.kept("words", 0, self._words)
        place = int(np.searchsorted(words, np.int64(key)))
        found = place < len(words) and int(words[place]) == key
        return found or any(run.holds(key) for run in snapshot.fresh)

    def beginning(self, prefix: str, most: int) -> list[str]:
        """At most so many of the whole words that begin so, those of most documents first."""
        found = rows(
            self._connection,
            "SELECT word FROM search_word WHERE word >= %s AND word < %s"
            " ORDER BY documents DESC, word LIMIT %s",
            encode(prefix),
            encode(prefix) + _AFTER,
            most,
        )
        return [word.decode() for (word,) in found]

    def _row(self, number: int) -> dict[str, str]:
        shown = self._shown.get(number)
        if shown is None:
            (found,) = rows(
                self._connection,
                "SELECT entry_id, study_key, title, summary, body FROM search_text"
                " WHERE number = %s",
                int(self._snapshot.held.numbers[number]),
            )
            shown = self._shown[number] = dict(zip(_SHOWN, found, strict=True))
        return shown

    def _postings(self, term: int) -> tuple[Postings, int]:
        found = rows(
            self._connection,
            "SELECT block, documents, weights FROM search_posting WHERE term = %s",
            term,
        )
        held = join([read_postings(d, w, first) for first, d, w in self._in_order(found)])
        return held, len(held.ids)

    def _places(self, term: int) -> tuple[_Places, int]:
        found = rows(
            self._connection,
            "SELECT block, documents, weights, places FROM search_posting WHERE term = %s",
            term,
        )
        numbers, all_ = [EMPTY.ids], [np.empty(0, np.uint16)]
        for first, documents, weights, where in self._in_order(found):
            ids = read_postings(documents, weights, first).ids
            counts, places = read_places(where, len(ids))
            numbers.append(np.repeat(ids, counts))
            all_.append(places)
        held = np.concatenate(numbers), np.concatenate(all_)
        return held, len(held[0])

    def _words(self) -> tuple[NDArray[np.int64], int]:
        found = [np.empty(0, np.int64)]
        for (words,) in rows(self._connection, "SELECT words FROM search_block"):
            found.append(np.frombuffer(words, np.int64))
        held = np.unique(np.concatenate(found))
        return held, len(held)

    def _in_order(self, found: Sequence[tuple[int, *tuple[bytes, ...]]]) -> list[tuple]:
        """Rows of blocks in the order of their documents, with their first number for the block."""
        firsts = self._snapshot.layout.firsts
        return sorted((firsts[block], *rest) for block, *rest in found)
