"""The file: a zip of one JSON Lines member per table, and a manifest that says what is in it.

It is read as data, never unpacked to paths, and only as far as its manifest announces, so that
neither a name in it nor what it grows to can do harm (attack 37).
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from network.backup.rows import TYPES, Columns, decoder
from network.lib.errors import PioneerError

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 1024 * 1024
LONGEST_LINE = 256 * 1024 * 1024
MOST_GROWTH = 200
"""A backup unpacks to about ten times its size; one that says more than this is made to do harm."""
ALWAYS_FINE = 64 * 1024 * 1024
"""Bytes that any backup may unpack to."""

Progress = Callable[[int], None]


UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(RuntimeError, ValueError),
)
"""What reading a member raises when a bit of the file is not as it was written; a flag that has
flipped may ask for a password, another compression, or a name that is no text."""


class Damaged(PioneerError):
    """The file is not a whole backup of ours."""

    def __init__(self, why: str) -> None:
        super().__init__("This is not a whole backup: %(why)s", why=why)


@dataclass(frozen=True, slots=True)
class Part:
    """One table. columns: (name, kind). bytes, sha256: of its lines, unpacked."""

    name: str
    columns: Columns
    rows: int
    bytes: int
    sha256: str

    @property
    def member(self) -> str:
        """Its name in the zip."""
        return f"tables/{self.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. revision: of the database. database: its kind.
    epoch, seq: where the node's own log stood."""

    software: str
    revision: str
    base_url: str
    name: str
    created: datetime
    database: str
    epoch: str
    seq: int
    parts: tuple[Part, ...]
    format: int = FORMAT

    def as_json(self) -> bytes:
        """As it is written."""
        plain = asdict(self) | {"created": self.created.isoformat()}
        return json.dumps(plain, ensure_ascii=False, indent=1).encode()

    @property
    def rows(self) -> int:
        """In all tables."""
        return sum(part.rows for part in self.parts)

    @property
    def bytes(self) -> int:
        """Of all tables, unpacked."""
        return sum(part.bytes for part in self.parts)


class PartWriter:
    """Writes one table's lines and reckons what the manifest says of them."""

    def __init__(self, name: str, columns: Columns, file: IO[bytes]) -> None:
        self._name, self._columns, self._file = name, columns, file
        self._hash, self._rows, self._bytes = hashlib.sha256(), 0, 0

    def write(self, line: bytes) -> None:
        """One row's line."""
        self._file.write(line)
        self._hash.update(line)
        self._rows += 1
        self._bytes += len(line)

    def part(self) -> Part:
        """What was written."""
        return Part(self._name, self._columns, self._rows, self._bytes, self._hash.hexdigest())


class Archive:
    """A backup opened for reading; its manifest has been checked, its tables not yet.

    Raises Damaged for anything that is no backup of ours.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError) as error:
            raise Damaged("it is no zip file, or it was cut short") from error
        try:
            self.manifest = self._manifest()
            self._check_members(path.stat().st_size)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def _manifest(self) -> Manifest:
        try:
            info = self._zip.getinfo(MANIFEST)
            if info.file_size > LARGEST_MANIFEST:
                raise Damaged("its manifest is too long")
            return read_manifest(self._zip.read(info))
        except KeyError as error:
            raise Damaged("it has no manifest") from error
        except UNREADABLE as error:
            raise Damaged("its manifest cannot be read") from error

    def _check_members(self, size: int) -> None:
        """Only the manifest and the tables that it names, each once, and none that grows."""
        infos = self._zip.infolist()
        expected = {MANIFEST, *(part.member for part in self.manifest.parts)}
        names = [info.filename for info in infos]
        if strange := sorted(set(names) - expected):
            raise Damaged(f"it has a file that no backup has, {strange[0][:100]!r}")
        if len(names) != len(expected):
            raise Damaged("a table is missing, or there twice")
        unpacked = sum(info.file_size for info in infos)
        if sum(info.compress_size for info in infos) > size:
            raise Damaged("its parts overlap")
        if unpacked > ALWAYS_FINE and unpacked > MOST_GROWTH * size:
            raise Damaged(f"it would grow to more than {MOST_GROWTH} times its size")
        sizes = {info.filename: info.file_size for info in infos}
        for part in self.manifest.parts:
            if sizes[part.member] != part.bytes:
                raise Damaged(f"table {part.name} is not as long as it should be")

    def lines(self, part: Part) -> Iterator[bytes]:
        """A table's lines; raises Damaged at the end when they are not those that were written."""
        hash_, rows = hashlib.sha256(), 0
        try:
            with self._zip.open(part.member) as file:
                while line := file.readline(LONGEST_LINE):
                    hash_.update(line)
                    rows += 1
                    yield line
        except UNREADABLE as error:
            raise Damaged(f"table {part.name} cannot be read") from error
        if (rows, hash_.hexdigest()) != (part.rows, part.sha256):
            raise Damaged(f"table {part.name} is not what was written")

    def rows(self, part: Part) -> Iterator[dict[str, Any]]:
        """A table's rows. Raises Damaged."""
        decode = decoder(part.columns)
        for line in self.lines(part):
            try:
                yield decode(line)
            except (ValueError, TypeError) as error:
                raise Damaged(f"a row of table {part.name} cannot be read") from error

    def check(self, progress: Progress | None = None) -> None:
        """Read everything once, and change nothing. Raises Damaged."""
        done = 0
        for part in self.manifest.parts:
            for _line in self.lines(part):
                done += 1
            if progress:
                progress(done)


def read_manifest(content: bytes) -> Manifest:
    """A manifest as it was written. Raises Damaged."""
    try:
        given = json.loads(content)
        if given["format"] != FORMAT:
            raise Damaged(
                f"its format is {str(given['format'])[:20]}, this software reads {FORMAT}"
            )
        given["created"] = datetime.fromisoformat(given["created"])
        given["parts"] = tuple(_part(part) for part in given["parts"])
        manifest = Manifest(**given)
        texts = (manifest.revision, manifest.base_url, manifest.name, manifest.epoch)
        if not all(isinstance(text, str) for text in texts) or manifest.created.tzinfo is None:
            raise ValueError
        return manifest
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Damaged("its manifest is not understood") from error


def _part(given: dict[str, Any]) -> Part:
    columns = [(str(name), str(kind)) for name, kind in given["columns"]]
    part = Part(**given | {"columns": columns})
    numbers = (part.rows, part.bytes)
    good = re.fullmatch(r"[a-z][a-z_]{0,62}", part.name) is not None
    good = good and all(re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name) for name, _kind in columns)
    good = good and all(kind in TYPES for _name, kind in columns)
    if not good or not all(isinstance(n, int) and n >= 0 for n in numbers):
        raise ValueError
    return part
