"""Folders of Markdown files: the studies that are in one, and writing one without half a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Set
from errno import EINVAL
from pathlib import Path
from stat import S_ISREG

from network.case_studies.markdown_files import File, parse
from network.case_studies.markdown_studies import Remark, Study, assemble
from network.lib.errors import InvalidInput
from network.lib.i18n import N_

LONGEST_FILE = 5_000_000
"""Bytes of a file that can be a text that people read."""

_SUFFIXES = (".md", ".markdown")
_ABOUT = frozenset({"readme", "license", "licence", "changelog", "contributing"})
_ID = re.compile(rb"\A---\nid: ([0-9a-f-]{36})\n")


def read(path: Path) -> tuple[list[Study], list[Remark], list[Remark]]:
    """The studies in a folder (or file), what is wrong with other files, and what was left out."""
    files: list[File] = []
    wrong: list[Remark] = []
    for name, file in _markdown(path):
        try:
            files.append(parse(_content(file), name))
        except InvalidInput as error:
            wrong.append(Remark(name, error.message, error.arguments))
    studies, apart = assemble(files)
    return studies, wrong + apart, [note for file in files for note in _notes(file)]


def _markdown(path: Path) -> Iterator[tuple[str, Path]]:
    """(name, file) of every Markdown file but those about the folder, sorted by name."""
    if path.is_file():
        yield path.name, path
        return
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = [each for each in folders if not each.startswith(".")]
        found += [Path(folder, name) for name in names if _is_study(name)]
    for file in sorted(found):
        yield file.relative_to(path).as_posix(), file


def _is_study(name: str) -> bool:
    stem, suffix = os.path.splitext(name.lower())
    return suffix in _SUFFIXES and not name.startswith(".") and stem not in _ABOUT


def _content(file: Path) -> str:
    try:
        status = file.stat()
        if not S_ISREG(status.st_mode):  # reading a pipe would wait for ever
            raise OSError(EINVAL, os.strerror(EINVAL))
        if status.st_size > LONGEST_FILE:
            raise InvalidInput(N_("The file is larger than %(most)s bytes."), most=LONGEST_FILE)
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(N_("The file is not UTF-8: save it in that encoding.")) from None
    except OSError as error:
        raise InvalidInput(
            N_("The file cannot be read: %(reason)s."), reason=error.strerror or error
        ) from None


def _notes(file: File) -> Iterator[Remark]:
    for key in file.unknown:
        yield Remark(file.name, N_("“%(key)s” means nothing here and was left out."), {"key": key})
    if file.summary_made:
        yield Remark(file.name, N_("The summary was made of the first paragraph."))


def write(root: Path, name: str, content: str) -> Path:
    """Write one file whole or not at all; one that is there with this content is left alone."""
    path = root / name
    data = content.encode("utf-8")
    if path.is_file() and path.read_bytes() == data:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_bytes(data)
    unfinished.replace(path)
    return path


def remove_superseded(root: Path, ids: Set[str], written: Set[Path]) -> None:
    """Take away files of an earlier export of these studies that this one did not write."""
    for path in _files_of(root, ids):
        if path not in written:
            path.unlink()
            for folder in (path.parent, path.parent.parent):
                if folder != root and not any(folder.iterdir()):
                    folder.rmdir()


def _files_of(root: Path, ids: Set[str]) -> Iterable[Path]:
    for path in list(root.glob("*/*/*.md")):
        with path.open("rb") as file:
            found = _ID.match(file.read(100))
        if found and found[1].decode() in ids:
            yield path
