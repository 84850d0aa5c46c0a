"""Facts as people type them: read leniently, written back without loss.

A form and a Markdown file give the same names and plain texts, so both are read here; what cannot
be understood is kept as it was typed, because saving a draft never loses anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from network.catalogue.values import Facts, Link
from network.lib.text import clean, is_blank, said

NAMES = tuple(f.name for f in fields(Facts))
ALIASES = MappingProxyType({"budget": "budget_amount"})
"""What people call a figure when they say that it is illustrative."""

_CENTS = "(?P<cents>[0-9]{1,30})"
_NUMBERS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<whole>[0-9]{{1,30}})(?:\.{_CENTS})?",
        rf"(?P<whole>[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,9}})(?:\.{_CENTS})?",
        rf"(?P<whole>[0-9]{{1,30}}),{_CENTS}",
        rf"(?P<whole>[0-9]{{1,3}}(?:[ _'’\u00a0\u2009\u202f][0-9]{{3}}){{1,9}})(?:[.,]{_CENTS})?",
        rf"(?P<whole>[0-9]{{1,3}}(?:\.[0-9]{{3}}){{2,9}})(?:,{_CENTS})?",
    )
)
_ADDRESS = re.compile(r"https?://\S+")


def read(given: Mapping[str, Any]) -> tuple[Facts, dict[str, str]]:
    """Facts from typed values, and what could not be read: name → the text that was typed.

    given: by name of Facts; texts, lists of texts, or for evidence lists of {title, url or href}.
    A text stands for a list with an item per line (sdgs: also between commas).
    """
    values: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    for name, reader in _READERS.items():
        raw = given.get(name)
        if is_blank(typed := clean(as_text(raw)).strip()):
            continue
        try:
            values[name] = reader(raw)
        except ValueError:
            unreadable[name] = typed
    return Facts(**{name: value for name, value in values.items() if value != ""}), unreadable


def write(facts: Facts, unreadable: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """The inverse of read: name → text, list of texts, or for evidence list of {title, href}."""
    known = {name: _written(getattr(facts, name)) for name in NAMES}
    given = {name: value for name, value in known.items() if value not in (None, "", [])}
    return given | {name: text for name, text in unreadable.items() if name in known}


def tidy(facts: Facts, unreadable: Mapping[str, str]) -> tuple[Facts, dict[str, str]]:
    """Facts as they are stored: no blanks, no characters that no database holds."""
    return read(write(facts, unreadable))


def as_text(raw: Any) -> str:
    """What was typed, as one text that `read` understands in the same way."""
    if isinstance(raw, Mapping):
        title, href = as_text(raw.get("title")), as_text(raw.get("href") or raw.get("url"))
        return line_of(Link(href, title))
    if isinstance(raw, list | tuple):
        return "\n".join(as_text(item) for item in raw)
    return "" if raw is None else str(raw)


def line_of(link: Link) -> str:
    """A link as one line of a form: “title | address”."""
    return f"{link.title} | {link.href}" if link.title else link.href


def links(raw: Any) -> tuple[Link, ...]:
    """Links from lines, or from a list of lines and of {title, url or href}; each once."""
    items = _items(raw) if not isinstance(raw, Mapping) else (raw,)
    found = (_link(item) if isinstance(item, Mapping) else _link_in(_text(item)) for item in items)
    return tuple(dict.fromkeys(link for link in found if link.title or link.href))


def plain_links(given: Iterable[Link]) -> list[dict[str, str]]:
    """Links as `links` reads them."""
    return [{"title": link.title, "href": link.href} for link in given]


def number(raw: Any) -> Decimal:
    """A number as French and English write it: 1 000, 1,000, 12,5 or 12.5; raises ValueError.

    A single point is a decimal point, as in files; a single comma before three digits is not.
    """
    text = _text(raw)
    sign = "-" if text[:1] in ("-", "\u2212") else ""
    for form in _NUMBERS:
        if found := form.fullmatch(text[1:] if text[:1] in ("+", "-", "\u2212") else text):
            whole = re.sub("[^0-9]", "", found["whole"])
            return Decimal(f"{sign}{whole}.{found['cents']}" if found["cents"] else sign + whole)
    raise ValueError("a number was expected")


def one_line(text: str) -> str:
    """The text in one line, or nothing when nothing of it would be seen. Spaces within it stay:
    French needs its no-break ones."""
    parts = (part.strip(" \t") for part in re.split(r"[\r\n\x85\u2028\u2029]", clean(text)))
    return said(" ".join(part for part in parts if part))


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    if isinstance(value, Link):
        return {"title": value.title, "href": value.href}
    return value if value is None else str(value)


def _text(raw: Any) -> str:
    if isinstance(raw, Mapping | list | tuple):
        raise ValueError("a text was expected")
    return one_line(str(raw))


def _date(raw: Any) -> str:
    """A partial ISO 8601 date; day, month and year as Europeans write them are turned round."""
    text = _text(raw)
    found = re.fullmatch(r"(?:(\d{1,2})[/.])?(\d{1,2})[/.](\d{4})", text)
    return "-".join(part.zfill(2) for part in reversed(found.groups()) if part) if found else text


def _items(raw: Any) -> Sequence[Any]:
    if isinstance(raw, Mapping):
        raise ValueError("a list was expected")
    return raw if isinstance(raw, list | tuple) else str(raw).split("\n")


def _lines(raw: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for item in _items(raw) if (text := _text(item))))


def _link(item: Mapping[str, Any]) -> Link:
    return Link(_text(item.get("href") or item.get("url") or ""), _text(item.get("title") or ""))


def _link_in(line: str) -> Link:
    if " | " in f"{line} ":
        title, _, href = f"{line} ".rpartition(" | ")
        return Link(href.strip(), title.strip())
    title, _, last = line.rpartition(" ")
    if _ADDRESS.fullmatch(last):
        return Link(last, title.strip(" :–—-"))
    return Link(line)


def _whole(raw: Any) -> int:
    value = number(raw)
    if value != int(value):
        raise ValueError("a whole number was expected")
    return int(value)


def _goals(raw: Any) -> tuple[int, ...]:
    items = raw if isinstance(raw, list | tuple) else re.split(r"[\s,;]+", str(raw).strip())
    return tuple(dict.fromkeys(_whole(item) for item in items))


def _figures(raw: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ALIASES.get(name, name) for name in _lines(raw)))


_READERS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "status": _text,
        "start": _date,
        "end": _date,
        "budget_amount": number,
        "budget_currency": lambda raw: _text(raw).upper(),
        "people_reached": _whole,
        "staff": number,
        "partners": _lines,
        "contact_email": _text,
        "sdgs": _goals,
        "evidence": links,
        "authors": _lines,
        "licence": _text,
        "illustrative": _figures,
    }
)
assert set(_READERS) == set(NAMES)
