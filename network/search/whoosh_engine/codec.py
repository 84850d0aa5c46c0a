"""Whoosh's codec, written to whole posting lists at a time; what it writes Whoosh itself reads."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator, Sequence
from operator import sub
from pickle import dumps
from typing import Any

from whoosh.codec.whoosh3 import (
    WHOOSH3_HEADER_MAGIC,
    W3Codec,
    W3FieldWriter,
    W3TermInfo,
)
from whoosh.reading import TermNotFound
from whoosh.system import pack_int, pack_ushort

BLOCK = 1024
"""Postings of a block: many, because we read whole lists into arrays and never skip within one."""

COMPRESSED = 1024
"""Bytes from which a block is worth compressing."""

_PROTOCOL = 2


class Codec(W3Codec):
    """Without the extreme lengths of each block, which nothing here asks for."""

    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> FieldWriter:
        """What writes the terms of a segment."""
        return FieldWriter(self, storage, segment)


class FieldWriter(W3FieldWriter):
    """Writes a term at once. ids ascend; values: empty where the field has none."""

    def add_term(
        self,
        term: bytes,
        ids: array[int],
        weights: array[float],
        values: Sequence[bytes],
    ) -> None:
        """Write a term's whole posting list; terms come in order."""
        file = self._postfile
        start = file.tell()
        file.write(WHOOSH3_HEADER_MAGIC)
        for begin in range(0, len(ids), BLOCK):
            end = begin + BLOCK
            block = _block(ids[begin:end], weights[begin:end], values[begin:end])
            length = sum(map(len, block))
            file.write(pack_int(-length if end >= len(ids) else length) + b"".join(block))
        info = W3TermInfo()
        info._weight, info._df, info._maxweight = sum(weights), len(ids), max(weights)
        info._minid, info._maxid = ids[0], ids[-1]
        info.set_extent(start, file.tell() - start)
        self._tindex.add(pack_ushort(self._fieldid) + term, info.to_bytes())


def _block(ids: array[int], weights: array[float], values: Sequence[bytes]) -> tuple[bytes, bytes]:
    """What Whoosh tells of a block, and the block."""
    most, least = max(weights), min(weights)
    same = None if most == 1.0 else most
    data = (
        (ids[0], *map(sub, ids[1:], ids)),
        same if most == least else tuple(weights),
        tuple(values) or None,
    )
    packed, compression = dumps(data, _PROTOCOL), 0
    if len(packed) >= COMPRESSED:
        packed, compression = zlib.compress(packed, 1), 1
    return dumps((len(ids), ids[-1], most, compression, 0, 0), _PROTOCOL), packed


def blocks(terms: Any, field: str, term: bytes, format_: Any) -> Iterator[Any]:
    """Whoosh's matcher, standing before each block of a term in turn; `content` reads one."""
    try:
        matcher = terms.matcher(field, term, format_)
    except TermNotFound:
        return
    while True:
        yield matcher
        if matcher._lastblock:
            return
        matcher._next_block()


def content(matcher: Any) -> tuple[Sequence[int], Sequence[float] | float, Sequence[bytes]]:
    """The block before which a matcher stands: the differences between its documents (the first
    from 0), the weights, or the one that all have, and the values if there are any."""
    matcher._read_data()
    deltas, weights, values = matcher._data
    return deltas, 1.0 if weights is None else weights, values or ()


CODEC = Codec(blocklimit=BLOCK, compression=1)
