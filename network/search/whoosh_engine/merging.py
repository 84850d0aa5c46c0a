"""When segments become one: often enough to keep searching fast, seldom enough to keep adding fast.

Segments are sorted into tiers, each FACTOR times the size of the one below. A commit merges a tier
that is full as long as the result stays small; bigger merges wait until the worker is idle. So a
document is written a few times in all, and a commit never takes long.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log
from typing import Any

from whoosh.codec.base import Segment
from whoosh.reading import SegmentReader

FACTOR = 8
"""Segments of about one size that are merged into one."""

QUICK = 100
"""Documents that a commit may merge in passing."""

MOST_SEGMENTS = 40
"""Segments from which a commit merges whatever is due, so that neglect has an end."""

DEAD = 0.3
"""The share of deleted documents from which a segment is worth writing again."""


def quick(writer: Any, segments: Sequence[Segment]) -> list[Segment]:
    """Whoosh's merge policy for a commit that somebody waits for."""
    most = QUICK if len(segments) < MOST_SEGMENTS else inf
    return _merge(writer, segments, candidates(segments, most))


def thorough(writer: Any, segments: Sequence[Segment]) -> list[Segment]:
    """Whoosh's merge policy for a commit that nobody waits for."""
    return _merge(writer, segments, candidates(segments))


def candidates(segments: Sequence[Segment], most: float = inf) -> list[Segment]:
    """The segments to merge now, of up to `most` documents together.

    Those whose documents are all deleted are none of them: it is enough to forget them.
    """
    alive = [segment for segment in segments if segment.doc_count()]
    chosen: list[Segment] = []
    for tier in _tiers(alive):
        full = len(tier) + bool(chosen) >= FACTOR  # what merged below lands in this tier
        if full and _documents(chosen + tier) <= most:
            chosen += tier
    if chosen:
        return chosen
    dying = [s for s in alive if s.deleted_count() > DEAD * s.doc_count_all()]
    return dying if _documents(dying) <= most else []


def _tiers(segments: Sequence[Segment]) -> list[list[Segment]]:
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        tiers.setdefault(int(log(segment.doc_count(), FACTOR)), []).append(segment)
    return [tiers[size] for size in sorted(tiers)]


def _documents(segments: Sequence[Segment]) -> int:
    return sum(segment.doc_count() for segment in segments)


def _merge(writer: Any, segments: Sequence[Segment], chosen: Sequence[Segment]) -> list[Segment]:
    for segment in chosen:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        try:
            writer.add_reader(reader)
        finally:
            reader.close()
    return [s for s in segments if s.doc_count() and s not in chosen]
