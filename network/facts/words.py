"""Kinds of value that are words: names, mailboxes, licences, and names of other facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from network.facts.kinds import MOST_ITEMS, Control, Kind, Problem, Shown, problem
from network.facts.lines import items_of, line_of, one_line
from network.lib import yaml_text
from network.lib.i18n import N_, translate
from network.lib.sanitise import web_url

if TYPE_CHECKING:
    from network.facts.values import Facts

LONGEST_NAME = 300
LICENCES = MappingProxyType(
    {
        "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
        "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
        "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
        "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
        "etalab-2.0": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
    }
)
"""SPDX identifiers that a study may name instead of an address, and where their text is."""

_EMAIL = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,180}\.[^\s@<>\"'(),;:.]{2,60}")
_LICENCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+ -]{0,99}")
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/([\d.]+)/?.*"
)


def each_once(items: Iterable[Any]) -> tuple[Any, ...]:
    """What is there, each once, in order, up to a number that fits a page."""
    return tuple(dict.fromkeys(item for item in items if item is not None))[:MOST_ITEMS]


def too_many(name: str, items: Sequence[Any]) -> Iterable[Problem]:
    """More than would travel in an entry."""
    if len(items) > MOST_ITEMS:
        yield problem(name, N_("Enter at most %(most)s."), most=MOST_ITEMS)


def too_long(name: str, text: str, most: int) -> Iterable[Problem]:
    """An item that would be cut on its way."""
    if len(text) > most:
        message = N_("“%(start)s…” is longer than %(most)s characters.")
        yield problem(name, message, start=text[:40], most=most)


@dataclass(frozen=True)
class Listed(Kind):
    """A list: of one element, and one item of a file's list, each."""

    several: ClassVar[bool] = True

    def written(self, value: Any, lang: str | None) -> Any:
        """The items, as texts."""
        return [str(item) for item in value]

    def texts(self, value: Any) -> Iterable[str]:
        """The items."""
        return map(str, value)

    def of_texts(self, texts: Sequence[str]) -> Any:
        """All of them."""
        return tuple(texts)

    def to_json(self, value: Any) -> Any:
        """A list."""
        return list(value)

    def of_json(self, stored: Any) -> Any:
        """From a list."""
        return tuple(stored)

    def cell(self, value: Any, lang: str) -> Any:
        """The items between semicolons."""
        return "; ".join(map(str, value))

    def _in_file(self, value: Any) -> str:
        if isinstance(value, str):
            return yaml_text.quoted(value)
        return yaml_text.listed([self._item_in_file(item) for item in value])

    def _item_in_file(self, item: str) -> str:
        return yaml_text.quoted(item)


@dataclass(frozen=True)
class Names(Listed):
    """Names of people, offices or partners, a line each."""

    control: ClassVar[Control] = "lines"
    holds_words: ClassVar[bool] = True

    def read(self, raw: Any, lang: str | None) -> Any:
        """The lines, each once."""
        return tuple(dict.fromkeys(text for item in items_of(raw) if (text := line_of(item))))

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """Too many, or too long."""
        yield from too_many(name, value)
        for text in value:
            yield from too_long(name, text, LONGEST_NAME)

    def tidy(self, value: Any) -> Any:
        """One line each."""
        return each_once(one_line(text, LONGEST_NAME) or None for text in value)

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """The names, in the language of the original."""
        return Shown(tuple(value), lang="original")

    def own_words(self, value: Any) -> tuple[str, ...]:
        """The names."""
        return tuple(value)


@dataclass(frozen=True)
class Mailbox(Kind):
    """An address for letters."""

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """What is no mailbox."""
        if not _EMAIL.fullmatch(value):
            yield problem(name, N_("Enter a mailbox such as name@city.example."))

    def tidy(self, value: Any) -> Any:
        """A mailbox, or nothing."""
        return value if _EMAIL.fullmatch(value) else None

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """A link that opens a letter."""
        return Shown(links=((value, f"mailto:{value}"),))

    def words(self, value: Any, facts: Facts) -> Iterable[str]:
        """Itself."""
        return (value,)

    def targets(self, value: Any) -> tuple[str, ...]:
        """Itself."""
        return (value,)

    def _in_file(self, value: Any) -> str:
        return yaml_text.scalar(value)


@dataclass(frozen=True)
class Licence(Kind):
    """The address of a licence's text, or a short name such as an SPDX identifier."""

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """Neither an address nor a name whose text we know."""
        if value not in LICENCES and web_url(value) != value:
            message = N_("Enter the address of the licence, or one of %(names)s.")
            yield problem(name, message, names=", ".join(LICENCES))

    def tidy(self, value: Any) -> Any:
        """Of others, any short name."""
        return web_url(value) or (value if _LICENCE_NAME.fullmatch(value) else None)

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """Its name, as a link where its text is known."""
        address = licence_address(value)
        return Shown(links=((licence_name(value), address),)) if address else Shown((value,))

    def words(self, value: Any, facts: Facts) -> Iterable[str]:
        """Its name."""
        return (licence_name(value),)

    def targets(self, value: Any) -> tuple[str, ...]:
        """The address that was given."""
        return (value,)


def licence_address(licence: str | None) -> str | None:
    """Where a licence's text is, if that is known."""
    return web_url(licence) or LICENCES.get(licence or "")


def licence_name(licence: str) -> str:
    """What a licence is called, for those of Creative Commons; else as it is given."""
    found = _CREATIVE_COMMONS.fullmatch(licence)
    if not found:
        return licence
    return f"CC0 {found[2]}" if found[1] == "zero" else f"CC {found[1].upper()} {found[2]}"


@dataclass(frozen=True)
class Marks(Listed):
    """Names of facts. known: name → label (msgid) of all that there are. aliases: what files call
    some of them → name."""

    known: Callable[[], Mapping[str, str]]
    aliases: Callable[[], Mapping[str, str]]
    control: ClassVar[Control] = "marks"

    def options(self, lang: str) -> list[tuple[str, str]]:
        """What the facts are called."""
        return [(name, translate(lang, label)) for name, label in self.known().items()]

    def read(self, raw: Any, lang: str | None) -> Any:
        """Names, also those of files."""
        aliases, names = self.aliases(), (line_of(item) for item in items_of(raw))
        return tuple(dict.fromkeys(aliases.get(name, name) for name in names if name))

    def problems(self, name: str, value: Any) -> Iterable[Problem]:
        """A name of nothing."""
        for each in value:
            if each not in self.known():
                yield problem(name, N_("“%(name)s” is not a fact of the sheet."), name=each)

    def tidy(self, value: Any) -> Any:
        """Names of facts that we know."""
        known = self.known()
        return each_once(name for name in value if name in known)

    def shown(self, value: Any, lang: str, facts: Facts) -> Shown:
        """What the facts are called."""
        known = self.known()
        return Shown(tuple(translate(lang, known.get(name, name)) for name in value))

    def cell(self, value: Any, lang: str) -> Any:
        """The names, for a program."""
        return ", ".join(value)

    def _item_in_file(self, item: str) -> str:
        keys = {name: key for key, name in self.aliases().items()}
        return yaml_text.scalar(keys.get(item, item))
