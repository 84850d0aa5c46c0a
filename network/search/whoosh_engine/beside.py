"""Merges many documents in a process of its own, while the index goes on being written.

Segments never change but for deletions. So the one that takes their place is made without the
write lock, and exchanging them is a moment's work: what was deleted meanwhile is deleted in the new
one as well.
"""

from __future__ import annotations

import os
import pickle
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

import numpy as np
from whoosh.codec.base import Segment
from whoosh.writing import NO_MERGE

from network.search.whoosh_engine import merging
from network.search.whoosh_engine.codec import DAMAGE
from network.search.whoosh_engine.files import Files
from network.search.whoosh_engine.store import Generation

_PREFIX = "merge-"
_PROGRAM = "from network.search.whoosh_engine.beside import main; main()"
_NICENESS = 10
_DAMAGED = 65  # EX_DATAERR of sysexits.h


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
            merging.take(writer, Files(source.path), chosen)
            writer.commit(mergetype=NO_MERGE)
    except DAMAGE:
        sys.exit(_DAMAGED)
