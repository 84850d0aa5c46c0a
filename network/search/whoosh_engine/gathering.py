"""A writer that gathers posting lists by term, where Whoosh's own sorts postings one by one.

Documents come in ascending order, so a term's postings are in order when they are put behind each
other; only terms are left to sort. This leans on the inside of the pinned version's writer, and the
tests compare what it writes with what Whoosh's own writes.
"""

from __future__ import annotations

import heapq
import pickle
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from whoosh.writing import SegmentWriter

from network.search.whoosh_engine.codec import Block, Lists, every_block
from network.search.whoosh_engine.schema import SCHEMA, Fields, Item

MOST = 6_000_000
"""Postings held in memory, at some 15 bytes each and half a kilobyte a term; then they go to a file
and are merged at last."""

GONE = 0xFFFFFFFF
"""Stands for the number of a document that was deleted."""

Row = tuple[str, bytes, Lists]
"""Field, term, and its postings."""


class Pool:
    """Postings by field and term, in place of a SegmentWriter's own pool."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fields: dict[str, dict[bytes, Lists]] = {name: {} for name in SCHEMA.names()}
        self._held = 0
        self._runs: list[IO[bytes]] = []

    def add(self, document: int, postings: Mapping[str, Iterable[Item]]) -> None:
        """Add a document's terms by field; in the order of documents."""
        for field, items in postings.items():
            terms = self._fields[field]
            for term, weight, positions in items:
                lists = terms.get(term)
                if lists is None:
                    lists = terms[term] = Lists()
                lists.append(document, weight, positions)
                self._held += 1
        if self._held > MOST:
            self._put_aside()

    def put_behind(self, field: str, term: bytes, ids: NDArray[np.uint32], block: Block) -> None:
        """Add postings of documents that come after all before."""
        terms = self._fields[field]
        lists = terms.get(term)
        if lists is None:
            lists = terms[term] = Lists()
        lists.ids.frombytes(ids.tobytes())
        lists.weights.frombytes(block.weights.tobytes())
        lists.counts.frombytes(block.counts.tobytes())
        lists.positions.frombytes(block.positions.tobytes())
        self._held += len(ids)
        if self._held > MOST:
            self._put_aside()

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
        self._fields = {}
        for run in self._runs:
            run.close()
        self._runs = []

    def _in_order(self) -> Iterator[Row]:
        for field in sorted(self._fields):
            for term, lists in sorted(self._fields[field].items()):
                yield field, term, lists

    def _put_aside(self) -> None:
        run: IO[bytes] = TemporaryFile(dir=self._folder)  # noqa: SIM115 — cleanup closes it
        self._runs.append(run)
        for row in self._in_order():
            pickle.dump(row, run, pickle.HIGHEST_PROTOCOL)
        self._fields, self._held = {name: {} for name in self._fields}, 0


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

    def add(self, document: Fields) -> None:
        """Add a document."""
        postings, values = document
        self.pool.add(self.docnum, postings)
        kept = self.perdocwriter
        kept.start_doc(self.docnum)
        for name, items in postings.items():
            if SCHEMA[name].scorable:
                kept.add_field(name, SCHEMA[name], None, sum(item[1] for item in items))
        for name, value in values.items():
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
