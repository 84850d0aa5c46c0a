"""“Could we do this?” of one study: what each row of the sheet says, for its page and beside
others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from network.facts import declared, sheet
from network.facts.kinds import Shown
from network.facts.rows import About, Row
from network.facts.values import Facts
from network.lib import clock
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.pieces import cards, zone


@dataclass(frozen=True, slots=True)
class Cell:
    """What a study says of one thing; nothing when it does not say it.

    links: (text, address, what is said of it). lang: of the text, where it may be another than the
    page's. more: where the rest of a text is that was cut. full: the text that was not. tag: what
    styles it.
    """

    lines: tuple[str, ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()
    lang: str | None = None
    illustrative: bool = False
    more: str | None = None
    full: tuple[str, ...] = ()
    tag: str = ""

    @property
    def stated(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.lines or self.links)

    def text(self, base: str) -> str:
        """All of it as plain text. base: this site's address, for links within it."""
        links = [
            f"{text} {note} <{absolute(url, base)}>".replace("  ", " ")
            for text, url, note in self.links
        ]
        example = [locale._(N_("illustrative"))] if self.illustrative else []
        return "\n".join([*(self.full or self.lines), *links, *example])


def absolute(url: str, base: str) -> str:
    """An address as it is from outside of this site."""
    return f"{base}{url}" if url.startswith("/") else url


class Languages(NamedTuple):
    """Of the text that is shown, and of its original."""

    text: str
    original: str

    def of(self, shown: Shown) -> str | None:
        """Whose language the words are in; None for the page's."""
        return {"page": None, "text": self.text, "original": self.original}[shown.lang]


class Entry(NamedTuple):
    """A row of the page's sheet. key: what one looks for first. name: of the row."""

    name: str
    label: str
    cell: Cell
    key: bool = False


class Sheet(NamedTuple):
    """What a study's page says of its facts. rows: of the sheet; below: sections of their own.
    licence: None where nobody states one."""

    rows: list[Entry]
    below: list[Entry]
    authors: tuple[str, ...]
    licence: Cell


def about(facts: Facts, city: str | None, contact_role: str) -> About:
    """What rows are made of. city: slug."""
    known = cards.city_names().get(city or "")
    population = known.population if known else None
    return About(facts, population, contact_role, zone.day(clock.now()))


def cell(row: Row, about: About, languages: Languages) -> Cell:
    """What a row says of a study."""
    shown = row.show(about, locale.current())
    return _cell(shown, languages, row.illustrative(about.facts))


def page(about: About, languages: Languages, legal_basis: str) -> Sheet:
    """All of a study's page, but for what the study does not say."""
    law = Cell((legal_basis,) if legal_basis else (), lang=languages.text)
    rows = [
        *_entries(sheet.rows("means"), about, languages),
        Entry("legal", locale._(N_("Legal basis")), law),
        *_entries(sheet.rows("people"), about, languages),
    ]
    below = [
        Entry(fact.name, locale._(fact.label), _of_fact(fact, about, languages))
        for fact in declared.FACTS.values()
        if not fact.on_page
    ]
    return Sheet(
        rows=[entry for entry in rows if entry.cell.stated],
        below=[entry for entry in below if entry.cell.stated],
        authors=about.facts.authors,
        licence=_of_fact(declared.FACTS["licence"], about, languages),
    )


def _entries(rows: list[Row], about: About, languages: Languages) -> list[Entry]:
    return [
        Entry(row.name, locale._(row.label), cell(row, about, languages), row.key)
        for row in rows
        if row.on_page
    ]


def _of_fact(fact: declared.Fact, about: About, languages: Languages) -> Cell:
    example = fact.name in about.facts.illustrative
    return _cell(fact.show(about, locale.current()), languages, example)


def _cell(shown: Shown, languages: Languages, illustrative: bool) -> Cell:
    links = tuple((text, address, "") for text, address in shown.links)
    stated = bool(shown.lines or links)
    lang = languages.of(shown)
    return Cell(shown.lines, links, lang, illustrative and stated, tag=shown.tag)
