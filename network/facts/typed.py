"""Facts as people type them: read leniently, written back without loss.

A form and a Markdown file give the same names and plain texts, so both are read here, in their
language; what cannot be understood, or has two meanings, is kept as it was typed, because saving a
draft never loses anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from network.facts import declared
from network.facts.declared import Fact
from network.facts.lines import as_text
from network.facts.typed_figures import SPACES, spaced
from network.facts.values import Facts
from network.lib.text import clean
from network.seen import is_blank


def read(given: Mapping[str, Any], lang: str | None) -> tuple[Facts, dict[str, str]]:
    """Facts from typed values, and what could not be read: name → the text that was typed.

    given: by name of Facts; texts, lists of texts, or of links {title, url or href}. A text stands
    for a list with an item per line (goals: also between commas). lang: in which the figures and
    dates were typed, None for those that mean the same in every language.
    """
    values: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    for fact in _currencies_first():
        raw = given.get(fact.name)
        if is_blank(text := clean(as_text(raw)).strip()):
            continue
        try:
            values |= fact.kind.found(fact.name, raw, lang, values)
        except ValueError:
            unreadable[fact.name] = text
    return Facts(**values), unreadable


def _currencies_first() -> list[Fact]:
    """An amount may name its currency, too, and must agree with what the currency's own field
    says."""
    units = {getattr(fact.kind, "currency", "") for fact in declared.FACTS.values()}
    return sorted(declared.FACTS.values(), key=lambda fact: fact.name not in units)


def write(
    facts: Facts,
    unreadable: Mapping[str, str] = MappingProxyType({}),
    lang: str | None = None,
) -> dict[str, Any]:
    """The inverse of read: name → text, list of texts, or of links {title, href}.

    lang: of the form in which figures and dates are shown in full; None for files.
    """
    given = {fact.name: fact.kind.written(value, lang) for fact, value in facts.known()}
    return given | {name: text for name, text in unreadable.items() if name in declared.FACTS}


def understood(given: Mapping[str, Any], lang: str) -> list[tuple[str, str, str]]:
    """(name, as typed, as understood) of figures and dates that were typed with words or signs.

    Whoever typed digits alone, or a date as files have it, is told nothing.
    """
    lines = {name for name, fact in declared.FACTS.items() if fact.kind.control == "line"}
    facts, _unreadable = read({name: given.get(name) for name in lines}, lang)
    found = []
    for fact, value in facts.known():
        kind, words = fact.kind, spaced(as_text(given.get(fact.name)))
        if not kind.asks or not words:
            continue
        shown = kind.written(value, lang)
        if not _same(words, shown, kind.written(value, None)):
            unit = kind.unit(facts)
            found.append((fact.name, words, f"{shown}\u00a0{unit}" if unit else shown))
    return found


def _same(words: str, *ways: str) -> bool:
    """Whether nothing but spaces is between what was typed and a way to write what it means."""
    bare = re.compile(SPACES)
    return bare.sub("", words).casefold() in [bare.sub("", way).casefold() for way in ways]


def tidy(facts: Facts, unreadable: Mapping[str, str]) -> tuple[Facts, dict[str, str]]:
    """Facts as they are stored: no blanks, no characters that no database holds."""
    return read(write(facts, unreadable), None)


def of_file(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a file gives by its keys, as `read` takes it."""
    values = dict(given)
    for name, fact in declared.FACTS.items():
        if fact.in_file in given:
            values |= fact.kind.from_file(name, given[fact.in_file])
    return values


def to_file(facts: Facts, unreadable: Mapping[str, str]) -> list[tuple[str, str]]:
    """(key, what stands after its colon) of a file."""
    written = write(facts, unreadable)
    lines = [
        (fact.in_file, fact.kind.filed(name, written)) for name, fact in declared.FACTS.items()
    ]
    return [(key, text) for key, text in lines if text]


def file_keys() -> list[str]:
    """Keys of a file that give a fact: those of files, and the facts' own names."""
    return [*dict.fromkeys(key for f in declared.FACTS.values() for key in (f.name, f.in_file))]


def other_keys() -> dict[str, str]:
    """Other makers' names for them → ours."""
    return {other: fact.in_file for fact in declared.FACTS.values() for other in fact.also}


def keys_of_words() -> list[str]:
    """Keys that hold words, beside which nothing may be left out as a remark."""
    wordy = [fact for fact in declared.FACTS.values() if fact.kind.holds_words]
    return [key for fact in wordy for key in (fact.in_file, *fact.also)]
