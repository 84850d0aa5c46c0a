"""Facts as people type them: read leniently, written back without loss.

A form and a Markdown file give the same names and plain texts, so both are read here, in their
language; what cannot be understood, or has two meanings, is kept as it was typed, because saving a
draft never loses anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, NamedTuple

from network.case_studies import typed_currencies, typed_dates, typed_figures
from network.catalogue.values import Facts, Link
from network.lib.text import clean, said
from network.seen import is_blank

NAMES = tuple(f.name for f in fields(Facts))
ALIASES = MappingProxyType({"budget": "budget_amount"})
"""What people call a figure when they say that it is illustrative."""

_ADDRESS = re.compile(r"https?://\S+")


class Reading(NamedTuple):
    """How typed values are read. lang: see `read`. currency: what its own field says, if any."""

    lang: str | None
    currency: str | None


Reader = Callable[[str, Any, Reading], dict[str, Any]]
"""Facts from one typed value, given its name; raises ValueError."""


def read(given: Mapping[str, Any], lang: str | None) -> tuple[Facts, dict[str, str]]:
    """Facts from typed values, and what could not be read: name → the text that was typed.

    given: by name of Facts; texts, lists of texts, or for evidence lists of {title, url or href}.
    A text stands for a list with an item per line (sdgs: also between commas). lang: in which the
    figures and dates were typed, None for those that mean the same in every language.
    """
    values: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    for name, reader in _READERS.items():
        raw = given.get(name)
        if is_blank(typed := clean(as_text(raw)).strip()):
            continue
        try:
            values |= reader(name, raw, Reading(lang, values.get("budget_currency")))
        except ValueError:
            unreadable[name] = typed
    return Facts(**{name: value for name, value in values.items() if value != ""}), unreadable


def write(
    facts: Facts,
    unreadable: Mapping[str, str] = MappingProxyType({}),
    lang: str | None = None,
) -> dict[str, Any]:
    """The inverse of read: name → text, list of texts, or for evidence list of {title, href}.

    lang: of the form in which figures and dates are shown in full; None for files.
    """
    known = {name: _written(name, getattr(facts, name), lang) for name in NAMES}
    given = {name: value for name, value in known.items() if value not in (None, "", [])}
    return given | {name: text for name, text in unreadable.items() if name in known}


def understood(given: Mapping[str, Any], lang: str) -> list[tuple[str, str, str]]:
    """(name, as typed, as understood) of figures and dates that were typed with words or signs.

    Whoever typed digits alone, or a date as files have it, is told nothing.
    """
    names = (*typed_dates.FIELDS, *typed_figures.FIELDS)
    facts, _unreadable = read({name: given.get(name) for name in (*names, "budget_currency")}, lang)
    plain, shown = write(facts), write(facts, lang=lang)
    found = []
    for name in names:
        typed = typed_figures.spaced(as_text(given.get(name)))
        if name in shown and not _same(typed, shown[name], plain[name]):
            code = facts.budget_currency if name == "budget_amount" else None
            found.append((name, typed, f"{shown[name]}\u00a0{code}" if code else shown[name]))
    return found


def _same(typed: str, *ways: str) -> bool:
    """Whether nothing but spaces is between what was typed and a way to write what it means."""
    bare = re.compile(typed_figures.SPACES)
    return bare.sub("", typed).casefold() in [bare.sub("", way).casefold() for way in ways]


def tidy(facts: Facts, unreadable: Mapping[str, str]) -> tuple[Facts, dict[str, str]]:
    """Facts as they are stored: no blanks, no characters that no database holds."""
    return read(write(facts, unreadable), None)


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


def one_line(text: str) -> str:
    """The text in one line, or nothing when nothing of it would be seen. Spaces within it stay:
    French needs its no-break ones."""
    parts = (part.strip(" \t") for part in re.split(r"[\r\n\x85\u2028\u2029]", clean(text)))
    return said(" ".join(part for part in parts if part))


def _written(name: str, value: Any, lang: str | None) -> Any:
    if isinstance(value, tuple):
        return [_item_written(item) for item in value]
    if name in typed_figures.FIELDS and value is not None:
        return typed_figures.written(value, lang)
    if name in typed_dates.FIELDS and value and lang:
        return typed_dates.written(value, lang)
    return value if value is None else str(value)


def _item_written(item: Any) -> Any:
    return {"title": item.title, "href": item.href} if isinstance(item, Link) else str(item)


def _text(raw: Any) -> str:
    if isinstance(raw, Mapping | list | tuple):
        raise ValueError("a text was expected")
    return one_line(str(raw))


def _items(raw: Any) -> Sequence[Any]:
    if isinstance(raw, Mapping):
        raise ValueError("a list was expected")
    return raw if isinstance(raw, list | tuple) else str(raw).split("\n")


def _lines(raw: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for item in _items(raw) if (text := _text(item))))


def _link(item: Mapping[str, Any]) -> Link:
    href, title = item.get("href") or item.get("url") or "", item.get("title") or ""
    return Link(_text(href).strip(), _text(title).strip())


def _link_in(line: str) -> Link:
    if " | " in f"{line} ":
        title, _, href = f"{line} ".rpartition(" | ")
        return Link(href.strip(), title.strip())
    title, _, last = line.rpartition(" ")
    if _ADDRESS.fullmatch(last):
        return Link(last, title.strip(" :–—-"))
    return Link(line)


def _goals(raw: Any) -> tuple[int, ...]:
    items = raw if isinstance(raw, list | tuple) else re.split(r"[\s,;]+", str(raw).strip())
    return tuple(dict.fromkeys(_goal(_text(item)) for item in items))


def _goal(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]{1,9}", text):
        raise ValueError("a goal's number was expected")
    return int(text)


def _figures(raw: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ALIASES.get(name, name) for name in _lines(raw)))


def _currency(raw: Any) -> str:
    """A code as it is or in small letters; else what a sign or a name alone stands for."""
    text = _text(raw)
    codes = typed_currencies.codes(text)
    return codes[0] if len(codes) == 1 else text.upper()


def _budget(_name: str, raw: Any, reading: Reading) -> dict[str, Any]:
    """The amount, and the currency that stands beside it."""
    amount, code = typed_figures.amount(_text(raw), reading.lang, reading.currency)
    return {"budget_amount": amount} | ({"budget_currency": code} if code else {})


def _people(name: str, raw: Any, reading: Reading) -> dict[str, Any]:
    value = typed_figures.figure(_text(raw), reading.lang, name)
    if value != int(value):
        raise ValueError("a whole number was expected")
    return {name: int(value)}


def _staff(name: str, raw: Any, reading: Reading) -> dict[str, Any]:
    return {name: typed_figures.figure(_text(raw), reading.lang, name)}


def _date(name: str, raw: Any, reading: Reading) -> dict[str, Any]:
    return {name: typed_dates.read(_text(raw), reading.lang)}


def _alike(reader: Callable[[Any], Any]) -> Reader:
    """A reader of what every language writes in the same way."""
    return lambda name, raw, _reading: {name: reader(raw)}


_READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "status": _alike(_text),
        "start": _date,
        "end": _date,
        "budget_currency": _alike(_currency),
        "budget_amount": _budget,
        "people_reached": _people,
        "staff": _staff,
        "partners": _alike(_lines),
        "contact_email": _alike(_text),
        "sdgs": _alike(_goals),
        "evidence": _alike(links),
        "authors": _alike(_lines),
        "licence": _alike(_text),
        "illustrative": _alike(_figures),
    }
)
"""By name, the currency before the amount that may name it too."""
assert set(_READERS) == set(NAMES)
