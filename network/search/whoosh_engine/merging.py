"""When segments become one: often enough to keep searching fast, seldom enough to keep adding fast.

Segments are sorted into tiers, each FACTOR times the size of the one below. A tier that is full is
merged when the worker is idle, or by a commit when there has been no time for it. So a document is
written a few times in all, and hardly any commit takes long.

A great tier is merged in a process of its own, while the index goes on being written. Segments
never change but for deletions. So the one that takes their place is made without the write lock,
and exchanging them is a moment's work: what was deleted meanwhile is deleted in the new one too.
"""

from __future__ import annotations

import os
import pickle
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from math import log
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from whoosh.codec.base import Segment
from whoosh.reading import SegmentReader
from whoosh.writing import NO_MERGE

from network.search.whoosh_engine.codec import CODEC, DAMAGE
from network.search.whoosh_engine.schema import SCHEMA
from network.search.whoosh_engine.store import Files, Generation

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

_PREFIX = "merge-"
_PROGRAM = "from network.search.whoosh_engine.merging import main; main()"
_NICENESS = 10
_DAMAGED = 65  # EX_DATAERR of sysexits.h


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


class Merge:
    """Segments of a generation that a process is making one of."""

    def __init__(self, generation: Generation, chosen: Sequence[Segment]) -> None:
        self.generation = generation
        self.ids = {segment.segment_id() for segment in chosen}
        self._chosen = chosen
        self._path = generation.path / f"{_PREFIX}{secrets.token_hex(8)}"
        self._process = subprocess.Popen(  # noqa: S603 — our own program
            [sys.executable, "-c", _PROGRAM, str(generation.path), str(self._path)],
            stdin=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died; `exchange` will know
            pickle.dump(list(chosen), self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()

    @property
    def running(self) -> bool:
        """Whether the process is still at it."""
        return self._process.poll() is None

    def exchange(self) -> bool:
        """Put the new segment in the place of those that it was made of; only while writing, and
        when it is no longer running. False when it failed, or they are no longer there."""
        try:
            held = {s.segment_id(): s for s in self.generation.state().segments}
            if self._process.wait() != 0 or not held.keys() >= self.ids:
                return False
            part = Generation(self._path)
            made = part.state().segments
            for segment in made:  # one, or none when nothing was alive
                _delete(segment, self._chosen, held)
            part.commit(made)
            self.generation.take_over([part], instead_of=self.ids)
            return True
        finally:
            self.end()

    @property
    def damaged(self) -> bool:
        """Whether it ended because a segment is not what was written."""
        return self._process.returncode == _DAMAGED

    def end(self) -> None:
        """Let go of the process, whatever it is doing, and of what it has written."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        shutil.rmtree(self._path, ignore_errors=True)


def sweep(generation: Generation) -> None:
    """Remove what a worker that died has left behind; only while writing and nothing is merged."""
    for path in generation.path.glob(f"{_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)


def _delete(made: Segment, chosen: Sequence[Segment], now: Mapping[str, Segment]) -> None:
    """Delete in a segment what was deleted, since then, of those that it was made of."""
    base = 0
    for before in chosen:
        alive = np.ones(before.doc_count_all(), np.bool_)
        alive[list(before.deleted_docs())] = False
        number = base + np.cumsum(alive) - 1
        for gone in now[before.segment_id()].deleted_docs():
            if alive[gone]:
                made.delete_document(int(number[gone]))
        base += before.doc_count()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # never through `sys.stdin`, whose lock an exit wants
    os._exit(1)


def main() -> None:
    """Merge the segments that come on the standard input; for the paths, see Merge."""
    source, target = Generation(Path(sys.argv[1])), Path(sys.argv[2])
    os.nice(_NICENESS)  # nobody waits for this
    chosen = pickle.load(sys.stdin.buffer)  # noqa: S301 — our own process wrote it
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        with Generation.create(target).writer() as writer:
            take(writer, Files(source.path), chosen)
            writer.commit(mergetype=NO_MERGE)
    except DAMAGE:
        sys.exit(_DAMAGED)
