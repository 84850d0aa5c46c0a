"""Texts of one line: as people type them, and as they travel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from network.lib.sanitise import strip_control
from network.lib.text import clean, said


def one_line(text: str, longest: int = 300) -> str:
    """The text in one line as it travels, or nothing when nothing of it would be seen. No-break
    spaces stay: French typography needs them."""
    return said(re.sub(r"[ \t\n]+", " ", strip_control(text)).strip()[:longest].strip())


def typed_line(text: str) -> str:
    """What was typed in one line, or nothing when nothing of it would be seen. Spaces within it
    stay."""
    if text.isprintable():  # as most texts are: in one line, with no other space than the ordinary
        return said(text.strip(" "))
    parts = (part.strip(" \t") for part in re.split(r"[\r\n\x85\u2028\u2029]", clean(text)))
    return said(" ".join(part for part in parts if part))


def as_text(raw: Any) -> str:
    """What a form or a file gives (text, list, {title, url or href}), as one text that is read in
    the same way."""
    if isinstance(raw, Mapping):
        return titled(as_text(raw.get("title")), as_text(raw.get("href") or raw.get("url")))
    if isinstance(raw, list | tuple):
        return "\n".join(as_text(item) for item in raw)
    return "" if raw is None else str(raw)


def titled(title: str, address: str) -> str:
    """A link as one line of a form: “title | address”."""
    return f"{title} | {address}" if title else address


def line_of(raw: Any) -> str:
    """The one line that is expected. Raises ValueError for a list or a mapping."""
    if isinstance(raw, Mapping | list | tuple):
        raise ValueError("a text was expected")
    return typed_line(str(raw))


def items_of(raw: Any) -> Sequence[Any]:
    """The items of a list, or the lines of a text. Raises ValueError for a mapping."""
    if isinstance(raw, Mapping):
        raise ValueError("a list was expected")
    return raw if isinstance(raw, list | tuple) else str(raw).split("\n")
