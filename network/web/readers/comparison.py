"""“Could we do this?” of several studies as one table: the same rows for the page and for CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from network.catalogue import sections
from network.catalogue.models import Study, Version
from network.facts import sheet as facts
from network.facts.rows import About
from network.facts.rows import Row as FactRow
from network.facts.sheet import Part
from network.facts.values import Facts
from network.lib import i18n
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.pieces import kinship, sheet, zone
from network.web.pieces.sheet import Cell, Languages

LONGEST = 700
"""Characters of results and lessons that the page shows before it leads to the study."""
STATES = {"declared": N_("Declared"), "confirmed": N_("Confirmed"), "contested": N_("Contested")}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is compared. of: the row of facts that it is, if any."""

    name: str
    label: str
    cells: list[Cell]
    of: FactRow | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One study, in the version that suits the reader best. label: what its column is called."""

    key: str
    study: Study
    version: Version
    url: str
    city: str | None
    label: str = ""
    facts: Facts = field(default_factory=Facts)

    @property
    def about(self) -> About:
        """What rows of facts are made of."""
        return sheet.about(self.facts, self.study.city, self.version.contact_role)

    @property
    def population(self) -> int | None:
        """Inhabitants of its city."""
        return self.about.population

    @property
    def languages(self) -> Languages:
        """Of its text."""
        return Languages(self.version.lang, self.version.original_lang or self.version.lang)


def labelled(columns: Sequence[Column]) -> list[str]:
    """What each column is called, shortly: its city, numbered where the city is there twice."""
    names = [column.city or locale._(N_("Case study")) for column in columns]
    return [
        f"{name} ({names[: number + 1].count(name)})" if names.count(name) > 1 else name
        for number, name in enumerate(names)
    ]


def rows(columns: Sequence[Column]) -> list[Row]:
    """Every row, also those that no study fills."""
    return [
        Row(name, locale._(label), [make(column) for column in columns], of)
        for name, (label, make, of) in _table().items()
    ]


def currencies(columns: Sequence[Column]) -> list[str]:
    """The currencies of the amounts, when there is more than one."""
    stated = {fact.kind.unit(c.facts) for c in columns for fact, _value in c.facts.known()}
    given = sorted(currency for currency in stated if currency)
    return given if len(given) > 1 else []


def _city(column: Column) -> Cell:
    if not column.city:
        return Cell()
    country = column.study.country
    named = f"{column.city}, {i18n.country_name(country, locale.current())}" if country else None
    inhabitants = column.population and locale.ngettext(
        "%(shown)s inhabitant", "%(shown)s inhabitants", column.population
    ) % {"shown": i18n.number(column.population, locale.current())}
    return Cell(tuple(line for line in (named or column.city, inhabitants) if line))


def _in_its_language(text: str, column: Column) -> Cell:
    return Cell((text,) if text else (), lang=column.version.lang)


def _part(name: str) -> Callable[[Column], Cell]:
    def make(column: Column) -> Cell:
        full = sections.lines_of(column.version.body_html).get(name, ())
        lines, whole = sections.shortened(full, LONGEST)
        rest = None if whole else f"{column.url}#{name}"
        return Cell(lines, lang=column.version.lang, more=rest, full=full)

    return make


def _language(column: Column) -> Cell:
    """In which language this is read, what kind of text it is, and in which others it is there."""
    version, lang = column.version, locale.current()
    name = i18n.language_name(version.lang, lang)
    guess = f" ({locale._(N_('a guess'))})" if version.lang_is_guess else ""
    said = [f"{name}{guess}", _translation(version)]
    original = version.original_lang
    if original and original != version.lang:
        language = i18n.language_name(original, lang)
        said.append(locale._(N_("Original language: %(language)s"), language=language))
    return Cell(tuple(said))


def _translation(version: Version) -> str:
    if version.outdated_since:
        since = zone.long_date(version.outdated_since)
        return locale._(N_("Translation outdated since %(date)s"), date=since)
    return locale._(_KINDS[version.translation])


_KINDS = {
    "original": N_("Original text"),
    "human": N_("Translated by a person"),
    "machine": N_("Machine translation, not reviewed"),
}


def _adopted(column: Column) -> Cell:
    _sources, adopters = kinship.kin_of(column.key)
    if not adopters:
        return Cell((locale._(N_("Nobody that we know of")),))
    return Cell(
        links=tuple((kin.place or kin.title, kin.url, f"({_state(kin.state)})") for kin in adopters)
    )


def _state(state: str) -> str:
    return locale._(STATES[state]).lower()


_Made = tuple[str, Callable[[Column], Cell], FactRow | None]


def _made_of_facts(part: Part) -> dict[str, _Made]:
    return {row.name: (row.label, partial(_of_facts, row), row) for row in facts.rows(part)}


def _of_facts(row: FactRow, column: Column) -> Cell:
    return sheet.cell(row, column.about, column.languages)


def _table() -> dict[str, _Made]:
    """Name → label, cell of a study, and the row of facts that it is, if any."""
    return {
        "city": (N_("City and inhabitants"), _city, None),
        **_made_of_facts("means"),
        "legal": (N_("Legal basis"), lambda c: _in_its_language(c.version.legal_basis, c), None),
        "results": (N_("Results"), _part("results"), None),
        "lessons": (N_("What failed, and lessons"), _part("lessons"), None),
        **_made_of_facts("people"),
        "language": (N_("Language of the text"), _language, None),
        "adopted": (N_("Adopted by"), _adopted, None),
    }
