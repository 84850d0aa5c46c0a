"""A writer that gathers posting lists by term, where Whoosh's own sorts postings one by one.

Documents come in ascending order, so a term's postings are in order when they are put behind each
other; only terms are left to sort. This leans on the inside of the pinned version's writer, and the
tests compare what it writes with what Whoosh's own writes.
"""

from __future__ import annotations

import heapq
import pickle
from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from whoosh.writing import SegmentWriter

from network.search.inverting import Inverted, invert
from network.search.postings import SCORED, encode
from network.search.values import SearchDocument
from network.search.whoosh_engine.codec import Block, Lists, every_block
from network.search.whoosh_engine.schema import SCHEMA, values

MOST = 1_500_000
"""Postings held in memory, at some 20 bytes each and three times that while they are sorted; then
they go to a file and are merged at last."""

GONE = 0xFFFFFFFF
"""Stands for the number of a document that was deleted."""

Key = tuple[str, bytes]
"""Field and term."""

Row = tuple[str, bytes, Lists]
"""Field, term, and its postings."""


class Pool:
    """Postings by field and term, in place of a SegmentWriter's own pool.

    They are kept as they come, a piece of a term's list at a time, and sorted by term at last.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: list[IO[bytes]] = []
        self._empty()

    def _empty(self) -> None:
        self._numbers: dict[Key, int] = {}
        # By piece: its term's number, how many postings it has.
        self._terms, self._sizes = array("I"), array("I")
        # By posting, and the positions of all of them.
        self._ids, self._weights, self._counts = array("I"), array("f"), array("H")
        self._positions = array("H")

    def add(self, base: int, inverted: Inverted) -> None:
        """Add postings of documents that come after all before. base: the first one's number."""
        numbers = self._numbers
        self._terms.extend(
            [
                numbers.setdefault((field, encode(term)), len(numbers))
                for field, term in inverted.terms
            ]
        )
        _extend(self._sizes, np.diff(inverted.starts))
        _extend(self._ids, inverted.documents + base)
        _extend(self._weights, inverted.weights)
        _extend(self._counts, np.diff(inverted.places))
        _extend(self._positions, inverted.positions)
        self._spill()

    def put_behind(self, field: str, term: bytes, ids: NDArray[np.uint32], block: Block) -> None:
        """Add postings of documents that come after all before."""
        self._terms.append(self._numbers.setdefault((field, term), len(self._numbers)))
        self._sizes.append(len(ids))
        _extend(self._ids, ids)
        _extend(self._weights, block.weights)
        _extend(self._counts, block.counts if len(block.counts) else np.zeros(len(ids)))
        _extend(self._positions, block.positions)
        self._spill()

    def lists(self) -> Iterator[Row]:
        """Every term in order, with all its postings."""
        if not self._runs:
            yield from self._in_order()
            return
        self._put_aside()
        merged = heapq.merge(*map(_read, self._runs), key=itemgetter(0, 1))  # stable: runs in order
        for (field, term), rows in groupby(merged, key=itemgetter(0, 1)):
            whole = Lists()
            for _, _, lists in rows:
                whole.extend(lists)
            yield field, term, whole

    def cleanup(self) -> None:
        """Let go of everything."""
        self._empty()
        for run in self._runs:
            run.close()
        self._runs = []

    def _in_order(self) -> Iterator[Row]:
        keys = sorted(self._numbers)
        rank = np.empty(len(keys), np.int64)
        rank[[self._numbers[key] for key in keys]] = np.arange(len(keys))
        term = np.repeat(rank[np.array(self._terms, np.int64)], np.array(self._sizes, np.int64))
        bits = len(term).bit_length()
        order = np.sort(term << bits | np.arange(len(term))) & ((1 << bits) - 1)
        ends = np.cumsum(np.bincount(term, minlength=len(keys)))
        counts = np.array(self._counts)
        each = counts[order].astype(np.int64)
        places = np.concatenate([[0], np.cumsum(each)])[ends]
        starts = np.cumsum(counts, dtype=np.int64) - counts
        within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        positions = np.array(self._positions)[np.repeat(starts[order], each) + within].tobytes()
        ids, weights = (
            np.array(self._ids)[order].tobytes(),
            np.array(self._weights)[order].tobytes(),
        )
        held = counts[order].tobytes()
        start = place = 0
        for (field, term_), end, until in zip(keys, ends.tolist(), places.tolist(), strict=True):
            lists = Lists()
            lists.ids.frombytes(ids[4 * start : 4 * end])
            lists.weights.frombytes(weights[4 * start : 4 * end])
            if until > place:
                lists.counts.frombytes(held[2 * start : 2 * end])
                lists.positions.frombytes(positions[2 * place : 2 * until])
            yield field, term_, lists
            start, place = end, until

    def _spill(self) -> None:
        if len(self._ids) > MOST:
            self._put_aside()

    def _put_aside(self) -> None:
        run: IO[bytes] = TemporaryFile(dir=self._folder)  # noqa: SIM115 — cleanup closes it
        self._runs.append(run)
        for row in self._in_order():
            pickle.dump(row, run, pickle.HIGHEST_PROTOCOL)
        self._empty()


def _extend(held: array[Any], more: NDArray[Any]) -> None:
    held.frombytes(more.astype(held.typecode).tobytes())


def _read(run: IO[bytes]) -> Iterator[Row]:
    run.seek(0)
    while True:
        try:
            yield pickle.load(run)  # noqa: S301 — our own process wrote it
        except EOFError:
            return


class Writer(SegmentWriter):
    """Whoosh's writer with such a pool. folder: for what does not fit into memory."""

    def __init__(self, index: Any, folder: Path, **options: Any) -> None:
        super().__init__(index, **options)
        self.pool: Any = Pool(folder)

    def add(self, documents: Sequence[SearchDocument]) -> None:
        """Add documents, a batch of them."""
        batch = invert(documents)
        for part in batch.words, batch.stems, batch.keys:
            self.pool.add(self.docnum, part)
        for document, lengths in zip(documents, batch.lengths.tolist(), strict=True):
            self._keep(values(document), lengths)

    def _keep(self, given: dict[str, Any], lengths: list[int]) -> None:
        """Add a document's stored values, columns and lengths."""
        kept = self.perdocwriter
        kept.start_doc(self.docnum)
        for name, length in zip(SCORED, lengths, strict=True):
            kept.add_field(name, SCHEMA[name], None, length)
        for name, value in given.items():
            field = SCHEMA[name]
            if field.stored:
                kept.add_field(name, field, value, 0)
            else:
                kept.add_column_value(name, field.column_type, value)
        kept.finish_doc()
        self._added = True
        self.docnum += 1

    def add_postings_to_pool(self, reader: Any, startdoc: int, docmap: Any) -> None:
        """Take over another segment's lists. docmap: its documents' new numbers, without those that
        were deleted; None when none was, and they are counted from startdoc."""
        moved = np.full(reader.doc_count_all(), GONE, np.uint32)
        if docmap is None:
            moved[:] = np.arange(startdoc, startdoc + len(moved))
        else:
            moved[list(docmap)] = list(docmap.values())
        for field, term, matcher in every_block(reader._terms, SCHEMA):
            block = matcher.block()
            ids = moved[np.cumsum(block.deltas)]
            if docmap is not None:
                live = ids != GONE
                ids, block = ids[live], block.only(live)
            if len(ids):
                self.pool.put_behind(field, term, ids, block)

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        for name, rows in groupby(self.pool.lists(), key=itemgetter(0)):
            self.fieldwriter.start_field(name, SCHEMA[name])
            for _, term, lists in rows:
                self.fieldwriter.add_term(term, lists)
            self.fieldwriter.finish_field()
        self.fieldwriter.close()
