"""When segments become one: often enough to keep searching fast, seldom enough to keep adding fast.

Segments are sorted into tiers, each FACTOR times the size of the one below. A tier that is full is
merged when the worker is idle, a great one in a process of its own (see beside), or by a commit
when there has been no time for it. So a document is written a few times in all, and hardly any
commit takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import log
from typing import Any

from whoosh.codec.base import Segment
from whoosh.reading import SegmentReader

from network.search.whoosh_engine.codec import CODEC
from network.search.whoosh_engine.schema import SCHEMA

FACTOR = 8
"""Segments of about one size that are merged into one."""

MOST_SEGMENTS = 40
"""Segments from which a commit merges what little is due, so that neglect has an end."""

TOO_MANY = 120
"""Segments from which it merges whatever is due, however long that takes."""

SMALL = 250
"""Documents that are merged in a fraction of a second."""

Policy = Callable[[Any, Sequence[Segment]], list[Segment]]

DEAD = 0.3
"""The share of deleted documents from which a segment is worth writing again."""


def quick(writer: Any, segments: Sequence[Segment]) -> list[Segment]:
    """Whoosh's merge policy for a commit that somebody waits for."""
    chosen: list[Segment] = []
    if len(segments) >= MOST_SEGMENTS:
        chosen = candidates(segments, None if len(segments) >= TOO_MANY else SMALL)
    return _merge(writer, segments, chosen)


def these(chosen: Sequence[Segment]) -> Policy:
    """Whoosh's merge policy that merges some segments."""
    return lambda writer, segments: _merge(writer, segments, chosen)


def take(writer: Any, storage: Any, chosen: Sequence[Segment]) -> None:
    """Add what is alive of segments of an index."""
    for segment in chosen:
        reader = SegmentReader(storage, SCHEMA, segment, codec=CODEC)
        try:
            writer.add_reader(reader)
        finally:
            reader.close()


def documents(segments: Iterable[Segment]) -> int:
    """How many are alive in segments."""
    return sum(segment.doc_count() for segment in segments)


def candidates(segments: Sequence[Segment], most: int | None = None) -> list[Segment]:
    """The segments to merge now. most: documents that they may have in all.

    Those whose documents are all deleted are none of them: it is enough to forget them.
    """
    alive = [segment for segment in segments if segment.doc_count()]
    chosen: list[Segment] = []
    for tier in _tiers(alive):
        if most is not None and documents([*chosen, *tier]) > most:
            break
        if len(tier) + bool(chosen) >= FACTOR:  # what merged below lands in this tier
            chosen += tier
    if chosen:
        return chosen
    worn = [s for s in alive if s.deleted_count() > DEAD * s.doc_count_all()]
    return worn if most is None or documents(worn) <= most else []


def _tiers(segments: Sequence[Segment]) -> list[list[Segment]]:
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        tiers.setdefault(int(log(segment.doc_count(), FACTOR)), []).append(segment)
    return [tiers[size] for size in sorted(tiers)]


def _merge(writer: Any, segments: Sequence[Segment], chosen: Sequence[Segment]) -> list[Segment]:
    take(writer, writer.storage, chosen)
    ids = {segment.segment_id() for segment in chosen}
    return [s for s in segments if s.doc_count() and s.segment_id() not in ids]
