"""One Whoosh segment as arrays: read once, since a segment never changes but for deletions.

Whoosh's own matchers walk a posting list document by document in Python; whole lists as arrays
are what makes common words and facets quick. How a block is read, `codec` knows, and the tests
compare that with the matcher's public face.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import columns
from whoosh.codec.base import Segment
from whoosh.reading import CorruptIndexError
from whoosh.util.numeric import byte_to_length

from network.search.postings import (
    CATEGORIES,
    EMPTY,
    SCORED,
    Floats,
    Ids,
    Mask,
    Postings,
    encode,
    join,
)
from network.search.whoosh_engine.codec import CODEC, Matcher, blocks
from network.search.whoosh_engine.schema import FACTS, MARK, SCHEMA
from network.search.whoosh_engine.store import Files

_LENGTHS = np.array([byte_to_length(n) for n in range(256)], np.float32)
_CACHED_POSTINGS = 2_000_000
"""Postings held decoded per segment, at 12 bytes each."""

_LAST = "\U0010ffff"
"""Stands behind every other letter."""


class Category(NamedTuple):
    """A column of few values: `values[codes[document]]`."""

    codes: NDArray[np.uint16]
    values: Sequence[str]


class SegmentView:
    """A segment opened for reading by any number of threads.

    facts, categories, lengths: see schema. All files are opened here, so that a merge that
    deletes them takes nothing from a reader who is under way.
    """

    def __init__(self, path: Path, segment: Segment) -> None:
        self.size: int = segment.doc_count_all()
        self._storage, self._segment = Files(path), segment
        self._lock = Lock()  # Whoosh's readers share one file position
        self._cache: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._cached = 0
        try:
            self._load()
        except BaseException:
            self._storage.release()
            raise

    def _load(self) -> None:
        self._terms = CODEC.terms_reader(self._storage, self._segment)
        self._documents = CODEC.per_document_reader(self._storage, self._segment)
        self._columns = {
            name: self._documents.column_reader(name, columns.VarBytesColumn())
            for name in ("entry_id", "study_key")
        }
        with self._file("facts") as file:
            self.facts = np.frombuffer(file.read(), FACTS)
        if len(self.facts) != self.size or (self.facts["mark"] != MARK).any():
            raise CorruptIndexError("facts")
        self.categories = {name: self._category(name) for name in CATEGORIES}
        self.lengths = {name: self._lengths(name) for name in SCORED}
        self._documents.stored_fields(0)  # opens the file

    def postings(self, field: str, term: str) -> Postings:
        """The documents that hold the term, deleted ones included."""
        key = (field, term)
        with self._lock:
            held = self._cache.get(key)
            if held is not None:
                self._cache.move_to_end(key)
                return held
            read = (matcher.block() for matcher in self._blocks(field, term))
            held = join([Postings(np.cumsum(b.deltas, dtype=np.int64), b.weights) for b in read])
            self._cache[key] = held
            self._cached += len(held.ids) + 16
            while self._cached > _CACHED_POSTINGS and len(self._cache) > 1:
                _, dropped = self._cache.popitem(last=False)
                self._cached -= len(dropped.ids) + 16
        return held

    def occurrences(self, word: str, among: Mask) -> Ids:
        """Every place of a word in some of the documents, as `document << 16 | position`,
        ascending. What is asked of few documents is read of few blocks."""
        held = self.postings("words", word).ids
        wanted = np.flatnonzero(among[held])
        if not len(wanted):
            return EMPTY.ids
        with self._lock:
            parts = list(self._places("words", word, wanted))
        counts, positions = (np.concatenate(each) for each in zip(*parts, strict=True))
        return np.repeat(held[wanted], counts) << 16 | positions.astype(np.int64)

    def stored(self, number: int) -> dict[str, str]:
        """A document's title, summary and body."""
        with self._lock:
            return dict(self._documents.stored_fields(number))

    def key(self, column: str, number: int) -> str:
        """One document's `entry_id` or `study_key`."""
        with self._lock:
            return str(self._columns[column][number].decode())

    def keys(self, column: str) -> list[str]:
        """Every document's `entry_id` or `study_key`."""
        with self._lock:
            return [value.decode() for value in self._columns[column]]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every whole word of the segment."""
        return frozenset(self._vocabulary[0])

    def beginning(self, prefix: str, most: int) -> dict[str, int]:
        """Words of the segment that begin so, and how many documents had them: the commonest."""
        words, counts = self._vocabulary
        start, end = bisect_left(words, prefix), bisect_left(words, prefix + _LAST)
        found = counts[start:end]
        if len(found) > most:
            numbers = np.argpartition(-found, most)[:most]
        else:
            numbers = np.arange(len(found))
        return {words[start + int(n)]: int(found[n]) for n in numbers}

    @cached_property
    def _vocabulary(self) -> tuple[list[str], Ids]:
        """Every whole word in order, and the documents of each; read when words are first asked
        about."""
        with self._lock:
            items = self._terms.items_from("words", b"")
            held = [
                (term[1].decode(), info.doc_frequency())
                for term, info in takewhile(lambda item: item[0][0] == "words", items)
            ]
        return [word for word, _ in held], np.array([count for _, count in held], np.int64)

    def _places(
        self, field: str, term: str, wanted: Ids
    ) -> Iterator[tuple[NDArray[np.uint16], NDArray[np.uint16]]]:
        """How many positions some of a term's postings have, and the positions, block by block.
        wanted: numbers in the posting list, ascending."""
        begin = first = 0
        for matcher in self._blocks(field, term):
            end = begin + matcher.size
            last = int(np.searchsorted(wanted, end))
            if last > first:
                block = matcher.block()
                keep = np.zeros(len(block.deltas), np.bool_)
                keep[wanted[first:last] - begin] = True
                some = block.only(keep)
                yield some.counts, some.positions
            begin, first = end, last
            if first == len(wanted):
                return

    def _blocks(self, field: str, term: str) -> Iterator[Matcher]:
        return blocks(self._terms, field, encode(term), SCHEMA[field].format)

    def _file(self, column: str) -> Any:
        return self._storage.open_file(CODEC.column_filename(self._segment, column))

    def _category(self, name: str) -> Category:
        with self._file(name) as file:
            content = file.read()
            reader = columns.RefBytesColumn().reader(file, 0, len(content), self.size)
            codes = np.frombuffer(content, f">{_CODE_TYPES[reader._typecode]}", self.size)
            return Category(codes.astype(np.uint16), [v.decode() for v in reader._uniques])

    def _lengths(self, field: str) -> Floats:
        """Lengths as Whoosh rounds them; documents after the last that has the field have none."""
        if not self._storage.file_exists(CODEC.column_filename(self._segment, f"_{field}_len")):
            return np.zeros(self.size, np.float32)
        with self._file(f"_{field}_len") as file:
            held = np.frombuffer(file.read(), np.uint8)
        codes = np.zeros(self.size, np.uint8)
        codes[: len(held)] = held
        return _LENGTHS[codes]


_CODE_TYPES = {"B": "u1", "H": "u2"}
