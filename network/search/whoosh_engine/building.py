"""An index built on every core: parts written by processes of their own, then put together.

A part is a small index in a folder of the generation that is being built, so whatever a crash
leaves is swept with it. Its process takes documents from its standard input and gives up when that
ends before time: a builder that dies leaves nobody behind.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from network.search.inverting import batches
from network.search.values import SearchDocument
from network.search.whoosh_engine.store import Generation

FEW = 1_000
"""Documents up to which one process is quicker than starting others."""

MOST_PARTS = 8

_BATCH = 50
_PROGRAM = "from network.search.whoosh_engine.building import main; main()"


def build(generation: Generation, documents: Iterable[SearchDocument]) -> Iterator[int]:
    """Write documents into an empty generation; yields how many were taken so far, at last how many
    are committed. Raises RuntimeError when a process failed."""
    waiting = iter(documents)
    first = list(islice(waiting, FEW + 1))
    processes = min(MOST_PARTS, os.cpu_count() or 1)
    if len(first) <= FEW or processes == 1:
        yield from write(generation, chain(first, waiting))
    else:
        yield from _build_in_parts(generation, chain(first, waiting), processes)


def write(generation: Generation, documents: Iterable[SearchDocument]) -> Iterator[int]:
    """The same in this process."""
    with generation.writer() as writer:
        count = 0
        for batch in batches(documents):
            if count:
                yield count
            writer.add(batch)
            count += len(batch)
        writer.commit(merge=False)
    yield count


def _build_in_parts(
    generation: Generation, documents: Iterator[SearchDocument], processes: int
) -> Iterator[int]:
    parts = [_Part(generation.path / f"part-{number}") for number in range(processes)]
    try:
        count = 0
        while batch := list(islice(documents, _BATCH)):
            parts[count // _BATCH % processes].send(batch)
            count += len(batch)
            yield count
        for part in parts:
            part.send(None)
        generation.take_over([part.finished() for part in parts])
        yield count
    finally:
        for part in parts:
            part.end()


class _Part:
    """A process that writes a part of the index."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = subprocess.Popen(  # noqa: S603 — our own program
            [sys.executable, "-c", _PROGRAM, str(path)],
            stdin=subprocess.PIPE,
        )

    def send(self, batch: list[SearchDocument] | None) -> None:
        """Hand over documents, None after the last."""
        assert self._process.stdin is not None
        try:
            pickle.dump(batch, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except BrokenPipeError:
            self._fail()

    def finished(self) -> Generation:
        """What it has written, when it has."""
        if self._process.wait() != 0:
            self._fail()
        return Generation(self._path)

    def _fail(self) -> None:
        raise RuntimeError(f"a process that builds the index ended with {self._process.wait()}")

    def end(self) -> None:
        """Let go of the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died with documents under way
            self._process.stdin.close()


def _received(source: BinaryIO) -> Iterator[SearchDocument]:
    """The documents of our builder. Raises EOFError when it died."""
    while (batch := pickle.load(source)) is not None:  # noqa: S301 — our own process wrote it
        yield from batch


def main() -> None:
    """Write the part whose folder is named on the command line."""
    generation = Generation.create(Path(sys.argv[1]))
    try:
        for _ in write(generation, _received(sys.stdin.buffer)):
            pass
    except EOFError:
        sys.exit(1)
