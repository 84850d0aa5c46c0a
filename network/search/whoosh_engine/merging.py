"""When segments become one: often enough to keep searching fast, seldom enough to keep adding fast.

Segments are sorted into tiers, each FACTOR times the size of the one below. A tier that is full is
merged when the worker is idle, or by a commit when there has been no time for it. So a document is
written a few times in all, and hardly any commit takes long.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

from whoosh.codec.base import Segment
from whoosh.reading import SegmentReader

from network.search.whoosh_engine.codec import CODEC

FACTOR = 8
"""Segments of about one size that are merged into one."""

MOST_SEGMENTS = 40
"""Segments from which a commit merges whatever is due, so that neglect has an end."""

DEAD = 0.3
"""The share of deleted documents from which a segment is worth writing again."""


def quick(writer: Any, segments: Sequence[Segment]) -> list[Segment]:
    """Whoosh's merge policy for a commit that somebody waits for."""
    due = candidates(segments) if len(segments) >= MOST_SEGMENTS else []
    return _merge(writer, segments, due)


def thorough(writer: Any, segments: Sequence[Segment]) -> list[Segment]:
    """Whoosh's merge policy for a commit that nobody waits for."""
    return _merge(writer, segments, candidates(segments))


def candidates(segments: Sequence[Segment]) -> list[Segment]:
    """The segments to merge now.

    Those whose documents are all deleted are none of them: it is enough to forget them.
    """
    alive = [segment for segment in segments if segment.doc_count()]
    chosen: list[Segment] = []
    for tier in _tiers(alive):
        if len(tier) + bool(chosen) >= FACTOR:  # what merged below lands in this tier
            chosen += tier
    return chosen or [s for s in alive if s.deleted_count() > DEAD * s.doc_count_all()]


def _tiers(segments: Sequence[Segment]) -> list[list[Segment]]:
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        tiers.setdefault(int(log(segment.doc_count(), FACTOR)), []).append(segment)
    return [tiers[size] for size in sorted(tiers)]


def _merge(writer: Any, segments: Sequence[Segment], chosen: Sequence[Segment]) -> list[Segment]:
    for segment in chosen:
        reader = SegmentReader(writer.storage, writer.schema, segment, codec=CODEC)
        try:
            writer.add_reader(reader)
        finally:
            reader.close()
    return [s for s in segments if s.doc_count() and s not in chosen]
