"""The directory of the index: which generation is live, who may write, and how one is exchanged.

    index/current        names the live generation and its format; replaced atomically
    index/write.lock     held by whoever writes; the system lets go of it when a process dies
    index/g-…/           one Whoosh index each

Whoosh syncs nothing to the disk and its table of contents is a pickle, so nothing here is ever
trusted to survive: whatever cannot be read counts as missing and is built anew from the database.
"""

from __future__ import annotations

import os
import secrets
import shutil
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from whoosh.codec.base import Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile, StructFile
from whoosh.index import _DEF_INDEX_NAME, TOC, FileIndex, clean_files
from whoosh.util.filelock import FileLock, try_for

from network.search.engine import IndexBusy, IndexMissing
from network.search.whoosh_engine.codec import CODEC
from network.search.whoosh_engine.gathering import Writer
from network.search.whoosh_engine.schema import FORMAT, SCHEMA

_PREFIX = "g-"
_DAMAGED = "damaged"

HELD = 256 * 1024
"""Bytes up to which a file is read at once and closed: young segments are small and many, and each
would keep five files open in every process."""


class Files(FileStorage):
    """A directory as Whoosh reads it, which can close all that was opened through it.

    Whoosh leaves files open when what it reads in them makes no sense. What nobody released is
    closed with this object.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._opened: list[StructFile] = []
        weakref.finalize(self, _close, self._opened)

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Open a file for reading."""
        file: StructFile = super().open_file(name, **kwargs)
        if os.fstat(file.fileno()).st_size <= HELD:
            with file.raw_file() as raw:
                file = BufferFile(raw.read(), name=name, **kwargs)
        self._opened.append(file)
        return file

    def release(self) -> None:
        """Close everything."""
        _close(self._opened)

    def list(self) -> list[str]:
        """The names of the files."""
        try:
            return os.listdir(self.folder)
        except FileNotFoundError:
            return []


def _close(files: list[StructFile]) -> None:
    while files:
        file = files.pop()
        if not file.is_closed:
            file.close()


class Generation:
    """One Whoosh index, which may be open for reading and writing at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = Files(path)
        try:
            self._index = FileIndex(self._files, SCHEMA)
        finally:
            self._files.release()

    @classmethod
    def create(cls, path: Path) -> Generation:
        """A new, empty index in a new directory."""
        path.mkdir()
        FileIndex.create(Files(path), SCHEMA)
        return cls(path)

    def state(self) -> TOC:
        """What was committed last."""
        try:
            return TOC.read(self._files, self._index.indexname, schema=SCHEMA)
        finally:
            self._files.release()

    def number(self) -> int:
        """The number of the last commit, −1 when the index has gone."""
        return int(self._index.latest_generation())

    def take_over(self, parts: Sequence[Generation], instead_of: Collection[str] = ()) -> None:
        """Make the segments of other indexes this one's, and commit them. instead_of: ids of
        segments that they take the place of."""
        segments = [s for s in self.state().segments if s.segment_id() not in instead_of]
        for part in parts:
            segments += part.state().segments
            for path in part.path.iterdir():
                if path.suffix not in (".toc", "") and path.is_file():
                    path.rename(self.path / path.name)
            shutil.rmtree(part.path)
        self.commit(segments)

    def commit(self, segments: Sequence[Segment]) -> None:
        """Make these the segments of this index."""
        number = self.number() + 1
        TOC(SCHEMA, list(segments), number).write(self._files, self._index.indexname)
        clean_files(self._files, self._index.indexname, number, segments)

    def condemn(self) -> None:
        """Say to every process that this index cannot be trusted and must be built anew."""
        with suppress(OSError):
            (self.path / _DAMAGED).touch()

    @contextmanager
    def writer(self) -> Iterator[Any]:
        """A Whoosh writer that leaves nothing behind unless it was committed."""
        # compound=False: one file for all parts is slow to open and to write.
        writer = Writer(self._index, self.path, codec=CODEC, compound=False)
        try:
            yield writer
        finally:
            if not writer.is_closed:
                writer.cancel()


class Store:
    """Generations of an index in one directory. patience: seconds to wait for another writer."""

    def __init__(self, directory: Path, patience: float = 10.0) -> None:
        self._directory = directory
        self._patience = patience

    def live(self) -> Path | None:
        """The live generation, if there is one of our format."""
        try:
            held = (self._directory / "current").read_text("utf-8").split()
        except (OSError, UnicodeDecodeError):
            return None
        if len(held) != 2 or held[0] != FORMAT or not held[1].startswith(_PREFIX):
            return None
        path = self._directory / Path(held[1]).name
        return None if (path / _DAMAGED).exists() else path

    def open(self) -> Generation:
        """The live generation. Raises IndexMissing when it cannot be read."""
        path = self.live()
        if path is None:
            raise IndexMissing
        try:
            return Generation(path)
        except Exception as error:  # a damaged pickle can raise anything
            raise IndexMissing from error

    def mark(self) -> tuple[Path, int] | None:
        """What changes with every commit and every rebuild; None without an index."""
        path = self.live()
        if path is None:
            return None
        return path, int(TOC._latest_generation(Files(path), _DEF_INDEX_NAME))

    @contextmanager
    def writing(self, patience: float | None = None) -> Iterator[None]:
        """Be the only writer, in this process and all others. Raises IndexBusy."""
        patience = self._patience if patience is None else patience
        self._directory.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self._directory / "write.lock"))
        if not try_for(lock.acquire, timeout=patience, delay=0.05):
            raise IndexBusy
        try:
            yield
        finally:
            lock.release()

    def begin(self) -> Generation:
        """A new, empty generation that nobody sees yet; only while writing."""
        self.sweep()
        path = self._directory / f"{_PREFIX}{secrets.token_hex(8)}"
        return Generation.create(path)

    def publish(self, generation: Generation) -> None:
        """Make a generation the live one, for readers in every process; only while writing."""
        sync(generation.path)
        pointer = self._directory / "current.new"
        with pointer.open("w", encoding="utf-8") as file:
            file.write(f"{FORMAT} {generation.path.name}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(pointer, self._directory / "current")
        self.sweep()

    def sweep(self) -> None:
        """Remove generations that are not live; only while writing.

        Readers who are under way have opened their files and lose nothing.
        """
        live = self.live()
        for path in self._directory.glob(f"{_PREFIX}*"):
            if path != live:
                shutil.rmtree(path, ignore_errors=True)


def sync(directory: Path) -> None:
    """Have the system write a directory's files to the disk."""
    for path in directory.iterdir():
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
