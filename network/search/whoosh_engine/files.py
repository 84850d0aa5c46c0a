"""The files of an index: small ones are held in memory, and of the others none stays open when
reading fails half-way."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile, StructFile

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
