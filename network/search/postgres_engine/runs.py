"""Documents by their terms as arrays, in memory or as a block of the database: what both hold.

A term is the hash of its field and itself: eight bytes, however long the word that a text has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from network.search.inverting import Batch
from network.search.postings import EMPTY, Ids, Postings, encode

Row = tuple[int, bytes, bytes, bytes]
"""A term's postings as a block keeps them: term, documents, weights, places."""

_WEIGHTS = ((0xFF, np.uint8), (0xFFFF, np.uint16), (0xFFFFFFFF, np.uint32))
_BY_SIZE: dict[int, type[np.unsignedinteger]] = {1: np.uint8, 2: np.uint16, 4: np.uint32}


def term_hash(field: str, term: str) -> int:
    """64 bits, signed as the database has them, that stand for a term of a field."""
    content = hashlib.blake2b(encode(f"{field}\0{term}"), digest_size=8).digest()
    return int.from_bytes(content, "big", signed=True)


_often = lru_cache(maxsize=100_000)(term_hash)


class Run:
    """Documents by their terms: sorted by term, then by document. It never changes.

    starts: where the places of each posting begin, and at last their end.
    """

    def __init__(
        self,
        terms: NDArray[np.int64],
        documents: Ids,
        weights: NDArray[np.uint32],
        counts: NDArray[np.uint16],
        places: NDArray[np.uint16],
    ) -> None:
        self.terms, self.documents, self.weights = terms, documents, weights
        self.counts, self.places = counts, places
        self.starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

    def postings(self, term: int) -> Postings:
        """The documents that hold a term, by number."""
        part = self._range(term)
        return Postings(self.documents[part], self.weights[part].astype(np.float32))

    def occurrences(self, term: int) -> tuple[Ids, NDArray[np.uint16]]:
        """The documents of every place of a whole word, and the places."""
        part = self._range(term)
        places = self.places[self.starts[part.start] : self.starts[part.stop]]
        return np.repeat(self.documents[part], self.counts[part]), places

    def holds(self, term: int) -> bool:
        """Whether any document holds the term."""
        part = self._range(term)
        return part.stop > part.start

    def packed(self) -> bytes:
        """The run of one document as bytes; its number is not among them."""
        arrays = self.terms, self.weights, self.counts, self.places
        return np.int64(len(self.terms)).tobytes() + b"".join(part.tobytes() for part in arrays)

    def rows(self, first: int) -> Iterator[Row]:
        """Each term's postings as a block keeps them; first: the number that they count from."""
        offsets = (self.documents - first).astype(np.uint16)
        most = int(self.weights.max(initial=0))
        type_ = next(type_ for limit, type_ in _WEIGHTS if most <= limit)
        documents, weights = offsets.tobytes(), self.weights.astype(type_).tobytes()
        size = np.dtype(type_).itemsize
        counts, places, starts = self.counts.tobytes(), self.places.tobytes(), self.starts
        bounds = _bounds(self.terms)
        for a, b, p, q in zip(
            bounds[:-1].tolist(), bounds[1:].tolist(),
            starts[bounds[:-1]].tolist(), starts[bounds[1:]].tolist(),
            strict=True,
        ):  # fmt: skip
            where = counts[2 * a : 2 * b] + places[2 * p : 2 * q] if q > p else b""
            yield (
                int(self.terms[a]),
                documents[2 * a : 2 * b],
                weights[size * a : size * b],
                where,
            )

    def words(self) -> NDArray[np.int64]:
        """The whole words, ascending."""
        return np.unique(self.terms[self.counts > 0])

    def only(self, documents: Ids) -> Run:
        """The postings of these documents alone."""
        keep = np.isin(self.documents, documents)
        return Run(
            self.terms[keep],
            self.documents[keep],
            self.weights[keep],
            self.counts[keep],
            self.places[np.repeat(keep, self.counts)],
        )

    def _range(self, term: int) -> slice:
        key = np.int64(term)
        return slice(
            int(np.searchsorted(self.terms, key, "left")),
            int(np.searchsorted(self.terms, key, "right")),
        )


def run_of(batch: Batch, first: int) -> Run:
    """A run of a batch of documents. first: the number of the first one."""
    parts = batch.words, batch.stems, batch.keys
    terms = [
        np.repeat(
            np.array([_often(field, term) for field, term in part.terms], np.int64),
            np.diff(part.starts),
        )
        for part in parts
    ]
    return _sorted(
        np.concatenate(terms),
        np.concatenate([part.documents for part in parts]).astype(np.int64) + first,
        np.concatenate([part.weights for part in parts]),
        np.concatenate([np.diff(part.places) for part in parts]).astype(np.uint16),
        batch.words.positions,
    )


def unpacked(content: bytes, number: int) -> Run:
    """The run of one document that `packed` made bytes of."""
    size = int(np.frombuffer(content, np.int64, 1)[0])
    return Run(
        np.frombuffer(content, np.int64, size, 8),
        np.full(size, number, np.int64),
        np.frombuffer(content, np.uint32, size, 8 + 8 * size),
        np.frombuffer(content, np.uint16, size, 8 + 12 * size),
        np.frombuffer(content, np.uint16, -1, 8 + 14 * size),
    )


def merged(runs: Sequence[Run]) -> Run:
    """Runs of ascending documents as one."""
    if len(runs) == 1:
        return runs[0]
    return _sorted(
        np.concatenate([np.empty(0, np.int64), *(run.terms for run in runs)]),
        np.concatenate([np.empty(0, np.int64), *(run.documents for run in runs)]),
        np.concatenate([np.empty(0, np.uint32), *(run.weights for run in runs)]),
        np.concatenate([np.empty(0, np.uint16), *(run.counts for run in runs)]),
        np.concatenate([np.empty(0, np.uint16), *(run.places for run in runs)]),
    )


def read_rows(rows: Iterable[Row], first: int) -> Run:
    """A run of a block's rows, ascending by term; the inverse of Run.rows."""
    terms: list[int] = []
    postings: list[Postings] = []
    counts: list[NDArray[np.uint16]] = [np.empty(0, np.uint16)]
    places: list[NDArray[np.uint16]] = [np.empty(0, np.uint16)]
    for term, documents, weights, where in rows:
        held = read_postings(documents, weights, first)
        terms.append(term)
        postings.append(held)
        each, all_ = read_places(where, len(held.ids))
        counts.append(each)
        places.append(all_)
    sizes = [len(held.ids) for held in postings]
    return Run(
        np.repeat(np.array(terms, np.int64), sizes),
        np.concatenate([EMPTY.ids, *(held.ids for held in postings)]),
        np.concatenate([EMPTY.weights, *(h.weights for h in postings)]).astype(np.uint32),
        np.concatenate(counts),
        np.concatenate(places),
    )


def read_postings(documents: bytes, weights: bytes, first: int) -> Postings:
    """A row's documents, by number, and weights."""
    ids = np.frombuffer(documents, np.uint16).astype(np.int64) + first
    type_ = _BY_SIZE[len(weights) // len(ids)]
    return Postings(ids, np.frombuffer(weights, type_).astype(np.float32))


def read_places(places: bytes, size: int) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """A row's counts of places for each of its documents, and the places."""
    if not places:
        return np.zeros(size, np.uint16), np.empty(0, np.uint16)
    held = np.frombuffer(places, np.uint16)
    return held[:size], held[size:]


def _sorted(
    terms: NDArray[np.int64],
    documents: Ids,
    weights: NDArray[np.uint32],
    counts: NDArray[np.uint16],
    places: NDArray[np.uint16],
) -> Run:
    order = np.argsort(terms, kind="stable")
    starts = np.cumsum(counts, dtype=np.int64) - counts
    each = counts[order].astype(np.int64)
    within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    moved = places[np.repeat(starts[order], each) + within]
    return Run(terms[order], documents[order], weights[order], counts[order], moved)


def _bounds(terms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each term begins, and at last the end."""
    if not len(terms):
        return np.zeros(1, np.int64)
    return np.concatenate([[0], np.flatnonzero(np.diff(terms)) + 1, [len(terms)]])
