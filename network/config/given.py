"""What was given for each setting, and where: in one file that every command finds by itself, and
in the environment, which wins."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from network.config import lines

PREFIX = "PIONEER_"
CONFIG = "PIONEER_CONFIG"
"""Names the file; only the environment can."""
SYSTEM_FILE = Path("/etc/pioneer-cities/config.env")
"""The file of a machine with one node, so that a new shell, cron and a service have the same."""
LARGEST_FILE = 1_000_000
_ALIKE = 0.5
_MISSPELT = 0.8


class ConfigurationError(Exception):
    """A setting cannot be used; the message names it and says what was expected."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value was given. file: None for the environment."""

    file: Path | None = None
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}" if self.file else "the environment"


@dataclass(frozen=True, slots=True)
class Given:
    """One value, as text."""

    text: str
    source: Source


def gather(
    environ: Mapping[str, str], names: Collection[str], system_file: Path | None
) -> tuple[Path | None, dict[str, Given]]:
    """The file that is in use, if any, and every value by its variable.

    names: of all settings, in capitals, without prefix. system_file: used if it is there, where
    PIONEER_CONFIG names no other. Raises ConfigurationError for what is no setting.
    """
    named = environ.get(CONFIG)
    file = Path(named).absolute() if named else system_file
    try:
        raw = _content(file) if file else b""
    except OSError as error:
        if named or not isinstance(error, FileNotFoundError):
            raise ConfigurationError(
                f"{f'{CONFIG}: ' if named else ''}{file} cannot be read: "
                f"{error.strerror}. It must be there, for the user of the node to read"
            ) from error
        file, raw = None, b""
    in_file = _from_file(file, raw, names) if file else {}
    outside = _from_environment(environ, names)
    if file and file == system_file:
        _is_of_one_node(file, in_file, outside)
    return file, in_file | outside


def _is_of_one_node(file: Path, in_file: Mapping[str, Given], outside: Mapping[str, Given]) -> None:
    """Refuse to give one node the database or the address of another one of this machine."""
    here, there = outside.get(f"{PREFIX}HOME"), in_file.get(f"{PREFIX}HOME")
    if here and there and Path(here.text) != Path(there.text):
        raise ConfigurationError(
            f"PIONEER_HOME is {here.text} in the environment and {there.text} in {file}. If these "
            f"are two nodes, name the settings of this one in {CONFIG} (/dev/null: no file)"
        )


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        raw = opened.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise ConfigurationError(f"{file} is too large for a file of settings")
    return raw


def _from_file(file: Path, raw: bytes, names: Collection[str]) -> dict[str, Given]:
    found: dict[str, Given] = {}
    try:
        for number, line in lines.lines(raw):
            source = Source(file, number)
            read = _read(line, source, names)
            if read is None:
                continue
            name, value = read
            if name in found:
                first = found[name].source.line
                raise ConfigurationError(f"{source}: {name} is there already, in line {first}")
            found[name] = Given(value, source)
    except lines.Undecodable as error:
        raise ConfigurationError(f"{Source(file, error.line)}: {error}") from None
    return found


def _read(line: str, source: Source, names: Collection[str]) -> tuple[str, str] | None:
    """One line; the message never has its value, which may be secret."""
    try:
        read = lines.assignment(line)
    except ValueError as error:
        name = nearest(line, names) or "PIONEER_NAME"
        reason = f"{name}: {error}" if str(error) else f"expected {name}=value"
        raise ConfigurationError(f"{source}: {reason}") from None
    if read and read[0] == CONFIG:
        raise ConfigurationError(f"{source}: {CONFIG} can only be set in the environment")
    if read and not _is_known(read[0], names):
        raise ConfigurationError(f"{source}: {_no_setting(read[0], names, read[1])}")
    return read


def _from_environment(environ: Mapping[str, str], names: Collection[str]) -> dict[str, Given]:
    """The variables that are ours; one that is nearly so is refused, since it is a typing error."""
    found: dict[str, Given] = {}
    for name, value in sorted(environ.items()):
        if name == CONFIG:
            continue
        if _is_known(name, names):
            found[name] = Given(value, Source())
        elif _is_meant_for_us(name, names):
            raise ConfigurationError(_no_setting(name, names))
    return found


def _is_known(variable: str, names: Collection[str]) -> bool:
    return variable.startswith(PREFIX) and variable.removeprefix(PREFIX) in names


def _is_meant_for_us(name: str, names: Collection[str]) -> bool:
    """Whether it begins as ours do, in whatever letters, or nearly so and ends as one of ours."""
    first, line, rest = _in_our_letters(name).partition("_")
    if first + line == PREFIX:
        return True
    return rest in names and _likeness(first, PREFIX.rstrip("_")) >= _MISSPELT


def _no_setting(name: str, names: Collection[str], value: str = "") -> str:
    near = nearest(name, names)
    if not near and value.startswith(PREFIX):  # a line of systemd’s own: Environment=PIONEER_…
        near = nearest(value, names)
    hint = f"the nearest is {near}" if near else "the table in the README lists them"
    return f"{name[:80]} is no setting; {hint}"


def nearest(text: str, names: Collection[str]) -> str:
    """The variable that looks most like what a line begins with; empty when none does."""
    words = [_in_our_letters(word) for word in re.split(r"[=:#]", text)[0].split()]
    words = [word.removeprefix(PREFIX) for word in words if word != "EXPORT"][:3]
    told = [*words, "_".join(words).removeprefix(PREFIX)]
    like = {name: max(_likeness(word, each) for word in told for each in (name, PREFIX + name))
            for name in names}  # fmt: skip
    best = max(like, key=like.__getitem__)
    return PREFIX + best if like[best] >= _ALIKE else ""


def _in_our_letters(name: str) -> str:
    return re.sub(r"[.-]", "_", name.upper())


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
