"""Whoosh's codec with posting lists as arrays: written a whole list at a time, read into numpy.

Whoosh pickles a block's numbers one by one; as arrays they are read some ten times quicker, and a
checksum tells damage. What is written here Whoosh's own matchers read too, through `Matcher`.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterator
from operator import sub
from pickle import UnpicklingError, dumps
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import (
    WHOOSH3_HEADER_MAGIC,
    W3Codec,
    W3FieldWriter,
    W3LeafMatcher,
    W3TermInfo,
)
from whoosh.reading import CorruptIndexError, TermNotFound
from whoosh.system import pack_int, pack_ushort

BLOCK = 1024
"""Postings of a block: many, because we read whole lists into arrays and never skip within one."""

COMPRESSED = 1024
"""Bytes from which a block is worth compressing."""

DAMAGE = (CorruptIndexError, UnpicklingError, struct.error, zlib.error, EOFError)
"""What reading raises when a file of the index is not what was written."""

_HEAD = struct.Struct("=IIfI")
"""Checksum of all that follows it, postings, the weight that all have (0 when weights follow),
positions."""
_SUM = struct.Struct("=I")

_PROTOCOL = 2


class Lists:
    """A term's postings. counts: of each one's positions; empty where the field has none."""

    __slots__ = ("counts", "ids", "positions", "weights")

    def __init__(self) -> None:
        self.ids, self.weights = array("I"), array("f")
        self.counts, self.positions = array("H"), array("H")

    def extend(self, other: Lists) -> None:
        """Add postings of documents after all before."""
        self.ids.extend(other.ids)
        self.weights.extend(other.weights)
        self.counts.extend(other.counts)
        self.positions.extend(other.positions)


class Block(NamedTuple):
    """A block as arrays. deltas: the first document, then how far each is from the one before.
    counts: of each posting's positions; empty where the field has none."""

    deltas: NDArray[np.uint32]
    weights: NDArray[np.float32]
    counts: NDArray[np.uint16]
    positions: NDArray[np.uint16]

    def only(self, keep: NDArray[np.bool_]) -> Block:
        """Some of the postings; deltas are of no use then."""
        if not len(self.counts):
            return self._replace(weights=self.weights[keep])
        positions = self.positions[np.repeat(keep, self.counts)]
        return Block(self.deltas, self.weights[keep], self.counts[keep], positions)


class Codec(W3Codec):
    """Without the extreme lengths of each block, which nothing here asks for."""

    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> FieldWriter:
        """What writes the terms of a segment."""
        return FieldWriter(self, storage, segment)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> Matcher:
        """What reads a term's posting list."""
        make: Any = Matcher
        made: Matcher = make(dbfile, *terminfo.extent(), format_, term=term, scorer=scorer)
        return made


class FieldWriter(W3FieldWriter):
    """Writes a term at once."""

    def add_term(self, term: bytes, lists: Lists) -> None:
        """Write a term's whole posting list; terms come in order."""
        file, ids, weights = self._postfile, lists.ids, lists.weights
        start, place = file.tell(), 0
        file.write(WHOOSH3_HEADER_MAGIC)
        for begin in range(0, len(ids), BLOCK):
            end = begin + BLOCK
            counts = lists.counts[begin:end]
            positions = lists.positions[place : place + sum(counts)]
            place += len(positions)
            block = _packed(ids[begin:end], weights[begin:end], counts, positions)
            length = sum(map(len, block))
            file.write(pack_int(-length if end >= len(ids) else length) + b"".join(block))
        info = W3TermInfo()
        info._weight, info._df, info._maxweight = sum(weights), len(ids), max(weights)
        info._minid, info._maxid = ids[0], ids[-1]
        info.set_extent(start, file.tell() - start)
        self._tindex.add(pack_ushort(self._fieldid) + term, info.to_bytes())


def _packed(
    ids: array[int], weights: array[float], counts: array[int], positions: array[int]
) -> tuple[bytes, bytes]:
    """What Whoosh tells of a block, and the block."""
    most = max(weights)
    same = most if min(weights) == most else 0.0
    body = b"".join(
        (
            ids[:1].tobytes(),
            array("I", map(sub, ids[1:], ids)).tobytes(),
            b"" if same else weights.tobytes(),
            counts.tobytes(),
            positions.tobytes(),
        )
    )
    checked = _HEAD.pack(0, len(ids), same, len(positions))[_SUM.size :] + body
    packed = _SUM.pack(zlib.crc32(checked)) + checked
    compression = int(len(packed) >= COMPRESSED)
    if compression:
        packed = zlib.compress(packed, 1)
    return dumps((len(ids), ids[-1], most, compression, 0, 0), _PROTOCOL), packed


class Matcher(W3LeafMatcher):
    """Whoosh's matcher, reading such blocks; it always stands before one."""

    @property
    def size(self) -> int:
        """The postings of that block."""
        return int(self._blocklength or 0)

    def block(self) -> Block:
        """The block. Raises CorruptIndexError."""
        packed = bytes(self._postfile.get(self._dataoffset, self._nextoffset - self._dataoffset))
        if self._compression:
            packed = zlib.decompress(packed)
        crc, size, same, places = _HEAD.unpack_from(packed)
        if zlib.crc32(packed[_SUM.size :]) != crc or size != self.size:
            raise CorruptIndexError("a block of postings")
        at = _HEAD.size
        deltas = np.frombuffer(packed, np.uint32, size, at)
        at += 4 * size
        if same:
            weights = np.full(size, same, np.float32)
        else:
            weights = np.frombuffer(packed, np.float32, size, at)
            at += 4 * size
        counts = np.frombuffer(packed, np.uint16, size if places else 0, at if places else 0)
        at += 2 * len(counts)
        positions = np.frombuffer(packed, np.uint16, places, at if places else 0)
        return Block(deltas, weights, counts, positions)

    def _read_data(self) -> None:
        deltas, weights, counts, positions = self.block()
        ends = np.cumsum(counts).tolist()
        values = [
            positions[start:end].tobytes() for start, end in zip([0, *ends], ends, strict=False)
        ]
        self._data = tuple(deltas.tolist()), tuple(weights.tolist()), tuple(values)

    def blocks(self) -> Iterator[Matcher]:
        """Itself, standing before each block of its term in turn."""
        while True:
            yield self
            if self._lastblock:
                return
            self._next_block()


def blocks(terms: Any, field: str, term: bytes, format_: Any) -> Iterator[Matcher]:
    """A matcher that stands before each block of a term in turn."""
    try:
        matcher: Matcher = terms.matcher(field, term, format_)
    except TermNotFound:
        return
    yield from matcher.blocks()


def every_block(terms: Any, schema: Any) -> Iterator[tuple[str, bytes, Matcher]]:
    """The same for all terms in their order, with field and term: none of them is looked up."""
    for (field, term), info in terms.items():
        reading = CODEC.postings_reader(terms._postfile, info, schema[field].format)
        for matcher in reading.blocks():
            yield field, term, matcher


CODEC = Codec(blocklimit=BLOCK, compression=1)
