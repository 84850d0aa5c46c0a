"""“Could we do this?” of several studies as one table: the same rows for the page and for CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from network.catalogue import duration, labels, sections
from network.catalogue import facts as facts_
from network.catalogue.models import Study, Version
from network.catalogue.values import Facts
from network.lib import clock, i18n
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.pieces import cards, zone
from network.web.readers import kinship

LONGEST = 700
"""Characters of results and lessons that the page shows before it leads to the study."""
STATES = {"declared": N_("Declared"), "confirmed": N_("Confirmed"), "contested": N_("Contested")}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a study says of one thing; nothing when it does not say it.

    links: (text, address, what is said of it). lang: of the text, where it may be another than the
    page's. more: where the rest of a text is that was cut. full: the text that was not.
    """

    lines: tuple[str, ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()
    lang: str | None = None
    illustrative: bool = False
    more: str | None = None
    full: tuple[str, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is compared."""

    name: str
    label: str
    cells: list[Cell]


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
    def population(self) -> int | None:
        """Inhabitants of its city."""
        city = cards.city_names().get(self.study.city or "")
        return city.population if city else None


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
        Row(name, locale._(label), [make(column) for column in columns])
        for name, (label, make) in _ROWS.items()
    ]


def absolute(url: str, base: str) -> str:
    """An address as it is from outside of this site."""
    return f"{base}{url}" if url.startswith("/") else url


def currencies(columns: Sequence[Column]) -> list[str]:
    """The currencies of the amounts, when there is more than one."""
    stated = [c.facts.budget_currency for c in columns if c.facts.budget_amount is not None]
    given = sorted({currency for currency in stated if currency})
    return given if len(given) > 1 else []


def _line(text: str | None, column: Column, of: str = "") -> Cell:
    if not text:
        return Cell()
    return Cell((text,), illustrative=of in column.facts.illustrative)


def _city(column: Column) -> Cell:
    if not column.city:
        return Cell()
    country = column.study.country
    named = f"{column.city}, {i18n.country_name(country, locale.current())}" if country else None
    inhabitants = column.population and locale.ngettext(
        "%(shown)s inhabitant", "%(shown)s inhabitants", column.population
    ) % {"shown": i18n.number(column.population, locale.current())}
    return Cell(tuple(line for line in (named or column.city, inhabitants) if line))


def _status(column: Column) -> Cell:
    status = column.facts.status
    return _line(status and labels.status(status, locale.current()), column)


def _time(column: Column) -> Cell:
    start, end = (
        i18n.partial_date(given, locale.current()) if given else None
        for given in (column.facts.start, column.facts.end)
    )
    if start and end:
        return _line(locale._(N_("%(start)s to %(end)s"), start=start, end=end), column)
    if start:
        return _line(locale._(N_("Since %(start)s"), start=start), column)
    return _line(end and locale._(N_("Until %(end)s"), end=end), column)


def _duration(column: Column) -> Cell:
    if not column.facts.end and column.facts.status == "ended":
        return Cell()
    found = duration.between(column.facts.start, column.facts.end, zone.day(clock.now()))
    if found is None:
        return Cell()
    if found.unit == "month":
        text = locale.ngettext("%(count)s month", "%(count)s months", found.count)
    else:
        text = locale.ngettext("%(count)s year", "%(count)s years", found.count)
    said = text % {"count": found.count}
    if not found.count:
        said = locale._(N_("Less than a year") if found.unit == "year" else N_("Less than a month"))
    return _line(locale._(N_("%(time)s so far"), time=said) if found.until_now else said, column)


def _budget(column: Column) -> Cell:
    amount, currency = column.facts.budget_amount, column.facts.budget_currency
    if amount is None:
        return Cell()
    return _line(_money(amount, currency), column, "budget_amount")


def _per_head(column: Column) -> Cell:
    amount = facts_.cost_per_head(column.facts, column.population)
    if amount is None:
        return Cell()
    return _line(_money(amount, column.facts.budget_currency), column, "budget_amount")


def _money(amount: Decimal, currency: str | None) -> str:
    """The amount with its currency's code, unless its sign is that of one currency alone."""
    shown = i18n.money(amount, currency, locale.current())
    if currency is None or currency in shown or currency in ("EUR", "GBP"):
        return shown
    return f"{shown} ({currency})"


def _staff(column: Column) -> Cell:
    staff = column.facts.staff
    return _line(None if staff is None else i18n.number(staff, locale.current()), column, "staff")


def _people(column: Column) -> Cell:
    people = column.facts.people_reached
    shown = None if people is None else i18n.number(people, locale.current())
    return _line(shown, column, "people_reached")


def _in_its_language(text: str, column: Column) -> Cell:
    return Cell((text,) if text else (), lang=column.version.lang)


def _part(name: str) -> Callable[[Column], Cell]:
    def make(column: Column) -> Cell:
        full = sections.lines_of(column.version.body_html).get(name, ())
        lines, whole = sections.shortened(full, LONGEST)
        rest = None if whole else f"{column.url}#{name}"
        return Cell(lines, lang=column.version.lang, more=rest, full=full)

    return make


def _partners(column: Column) -> Cell:
    original = column.version.original_lang or column.version.lang
    return Cell(tuple(column.facts.partners), lang=original)


def _contact(column: Column) -> Cell:
    mailbox = column.facts.contact_email
    role = column.version.contact_role
    links = ((mailbox, f"mailto:{mailbox}", ""),) if mailbox else ()
    return Cell((role,) if role else (), links, lang=column.version.lang)


def _evidence(column: Column) -> Cell:
    original = column.version.original_lang or column.version.lang
    links = [(link.title or link.href, link.href, "") for link in column.facts.evidence]
    return Cell(links=tuple(links), lang=original)


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


_ROWS: dict[str, tuple[str, Callable[[Column], Cell]]] = {
    "city": (N_("City and inhabitants"), _city),
    "status": (N_("Status"), _status),
    "time": (N_("Time"), _time),
    "duration": (N_("Duration"), _duration),
    "budget": (N_("Budget"), _budget),
    "per_head": (N_("Cost per inhabitant"), _per_head),
    "staff": (N_("Staff (full-time posts)"), _staff),
    "people": (N_("People reached"), _people),
    "legal": (N_("Legal basis"), lambda c: _in_its_language(c.version.legal_basis, c)),
    "results": (N_("Results"), _part("results")),
    "lessons": (N_("What failed, and lessons"), _part("lessons")),
    "partners": (N_("Partners"), _partners),
    "contact": (N_("Contact"), _contact),
    "evidence": (N_("Evidence and links"), _evidence),
    "language": (N_("Language of the text"), _language),
    "adopted": (N_("Adopted by"), _adopted),
}
