"""Reads `PIONEER_NAME=value`, a line of a settings file.

Shells and systemd read such files too, and differ on remarks behind a value, backslashes and `$`.
What they agree on is read here in their way; what they differ on is refused, so that no value ever
means something else than its writer thinks. Raises ValueError with what to do.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BYTE_ORDER_MARK = "\ufeff"
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PUT_IN = re.compile(r"\$[\w{(]|`")
"""What a shell puts something else in for."""
_TEXT_QUOTES = "“”„‟‘’‚‹›«»"
_SINGLE = re.compile(r"'([^']*)'(?:\s*|\s+#.*)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s*|\s+#.*)')
_ESCAPED = re.compile(r'\\([\\"$`])')


class Undecodable(ValueError):
    """The file is no text. line: where that is seen first."""

    def __init__(self, line: int) -> None:
        super().__init__("not in UTF-8; save the file in that encoding")
        self.line = line


def lines(raw: bytes) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers. UTF-8, or UTF-16 with a byte order mark, with the
    line ends of any system. Raises Undecodable.
    """
    try:
        content = raw.decode("utf-16" if raw.startswith(_MARKS) else "utf-8")
    except UnicodeDecodeError as error:
        raise Undecodable(raw[: error.start].count(b"\n") + 1) from None
    yield from enumerate(re.split(r"\r\n|\n|\r", content), 1)


def assignment(line: str) -> tuple[str, str] | None:
    """The name and the value of a line; None for a blank one and for a remark."""
    line = line.replace(_BYTE_ORDER_MARK, "").strip()  # also where files were put together
    if not line or line.startswith("#"):
        return None
    if _INVISIBLE.search(line):
        raise ValueError("it has a character that cannot be seen; write the line anew")
    name, equals, value = line.partition("=")
    name = re.sub(r"^export\s+", "", name).strip()
    if not equals:
        raise ValueError("")
    return name, _value(value)


def _value(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith('"'):
        content = _inside(_DOUBLE, stripped)
        _nothing_put_in(re.sub(r"\\.", "", content))
        return _ESCAPED.sub(r"\1", content)
    if stripped.startswith("'"):
        return _inside(_SINGLE, stripped)
    _plain(text)
    return stripped


def _inside(quoted: re.Pattern[str], text: str) -> str:
    found = quoted.fullmatch(text)
    if found is None:
        raise ValueError(f"the value must end with the {text[0]} that it begins with")
    return found[1]


def _nothing_put_in(text: str) -> None:
    if found := _PUT_IN.search(text):
        raise ValueError(
            f"nothing is put in for {found[0][0]}; write the value itself, "
            "between single quotation marks (') if it has that sign"
        )


def _plain(text: str) -> None:
    """Refuse what means one thing here and another there, where no quotation marks tell."""
    if re.search(r"\s#", text):
        raise ValueError(
            "put the remark (#) on a line of its own, or the whole value between quotation marks"
        )
    if "\\" in text:
        raise ValueError(
            "a backslash is kept between single quotation marks ('); a line never goes on in the "
            "next one"
        )
    _nothing_put_in(text)
    stripped = text.strip()
    if stripped[:1] and stripped[0] in _TEXT_QUOTES:
        raise ValueError(
            f"{stripped[0]} is no quotation mark of a settings file; use \" or ' around the value"
        )
    if stripped[-1:] in ("'", '"') and stripped.count(stripped[-1]) % 2:
        raise ValueError(f"the value ends with a {stripped[-1]} that it does not begin with")
