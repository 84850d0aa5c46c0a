"""The facts of a case study, each declared once: whatever reads, keeps, sends or shows facts goes
through this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from network.facts import rows
from network.facts.goals import Goals
from network.facts.kinds import Choice, Kind, PartialDate, Shown
from network.facts.links import Links
from network.facts.numbers import PEOPLE, POSTS, Amount, Currency, Number, Whole
from network.facts.rows import About, Column, Row
from network.facts.words import LICENCES, Licence, Mailbox, Marks, Names
from network.lib.i18n import N_


@dataclass(frozen=True)
class Fact:
    """One fact. kind: what its values are, with their bounds. label, help: of its field (msgids).

    name: in the code, in forms and in stored JSON, for ever. part: of the sheet, which asks what it
    took and who can be asked. element: in an entry, by default the name with hyphens; of links, the
    relation. key: in files, by default the name; also: other makers' names for it. unreadable: what
    to say of a text that cannot be read, by default the kind's. rows: of the sheet, by default one
    of its own; none where another fact's row or the page shows it. at: of its own row, see Row.
    on_page: its row stands on the sheet of the study's page, else the page has a section for it.
    legend: over boxes, where the label is their head. form: attributes of its input, with its width
    as a class of the stylesheet. suggestions: what its input proposes.
    may_be_example: people can say that the figure is one. searched: search reads it. counts: it
    counts in completeness. in_lists: spreadsheets have a column for it.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    part: Literal["means", "people"] = "means"
    element: str = ""
    key: str = ""
    also: tuple[str, ...] = ()
    unreadable: str = ""
    rows: tuple[Row, ...] | None = None
    on_page: bool = True
    at: int = 0
    legend: str = ""
    width: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    may_be_example: bool = False
    searched: bool = False
    counts: bool = False
    in_lists: bool = True

    @cached_property
    def in_entry(self) -> str:
        """Its element's name, or the relation of its links."""
        return self.element or self.name.replace("_", "-")

    @property
    def in_file(self) -> str:
        """Its key in a file."""
        return self.key or self.name

    def show(self, about: About, lang: str) -> Shown:
        """What readers see of it, nothing when it is not known."""
        value = about.facts.get(self.name)
        return rows.NOTHING if value in (None, ()) else self.kind.shown(value, lang, about.facts)

    def cell(self, about: About, lang: str) -> Any:
        """The same in a spreadsheet."""
        value = about.facts.get(self.name)
        return None if value in (None, ()) else self.kind.cell(value, lang)

    @property
    def column(self) -> Column:
        """Its column of a spreadsheet."""
        return self.label, self.cell

    @property
    def own_rows(self) -> tuple[Row, ...]:
        """The rows that it brings to the sheet."""
        if self.rows is not None:
            return self.rows
        own = Row(
            self.name,
            self.label,
            self.show,
            (self.name,),
            (self.name,) if self.in_lists else (),
            figures=isinstance(self.kind, Number),
            on_page=self.on_page,
            at=self.at,
        )
        return (own,)


_PLAIN = MappingProxyType({"autocomplete": "off", "spellcheck": "false"})
_FIGURE = MappingProxyType({"autocomplete": "off", "inputmode": "decimal"})

STATUSES = MappingProxyType(
    {"idea": N_("Idea"), "pilot": N_("Pilot"), "running": N_("Running"), "ended": N_("Ended")}
)
"""What became of a practice → what it is called."""
_CURRENCIES = ("EUR", "GBP", "USD", "CAD", "CHF", "BRL", "MXN", "KRW", "KES", "XOF", "MAD", "SEK",
               "DKK", "ISK")  # fmt: skip
_TIME = (
    Row("time", N_("Time"), rows.when, ("start", "end"), ("start", "end"), at=2),
    Row("duration", N_("Duration"), rows.how_long, ("start", "end"), on_page=False, at=2),
)
_BUDGET = Row(
    "budget",
    N_("Budget"),
    lambda about, lang: FACTS["budget_amount"].show(about, lang),
    ("budget_amount",),
    ("budget_amount", (N_("Currency"), rows.currency)),
    figures=True,
    at=3,
)
_PER_HEAD = Row(
    "per_head",
    N_("Cost per inhabitant"),
    rows.per_head,
    ("budget_amount",),
    ((N_("Cost per inhabitant"), rows.cost_per_head),),
    figures=True,
    key=True,
    at=3,
)
_CONTACT = Row("contact", N_("Contact"), rows.contact, ("contact_email",), at=8)


def _labels() -> dict[str, str]:
    return {name: fact.label for name, fact in FACTS.items()}


def _keys() -> dict[str, str]:
    return {fact.key: name for name, fact in FACTS.items() if fact.key}


_DECLARED = (
    Fact("status", Choice(STATUSES), N_("Status"), counts=True, at=1),
    Fact(
        "start",
        PartialDate(),
        N_("Start"),
        N_("A year, a month or a day: 2014, September 2014 or 23 September 2014."),
        rows=_TIME,
        width="w-10",
        form={"autocomplete": "off"},
        counts=True,
    ),
    Fact(
        "end",
        PartialDate(after="start"),
        N_("End"),
        N_("Left empty while it goes on."),
        rows=(),
        width="w-10",
        form={"autocomplete": "off"},
    ),
    Fact(
        "budget_amount",
        Amount(currency="budget_currency"),
        N_("Budget"),
        N_("In all, such as 1,500,000 or 1.5 million."),
        key="budget",
        rows=(_BUDGET, _PER_HEAD),
        width="w-20",
        form=_FIGURE,
        may_be_example=True,
        counts=True,
    ),
    Fact(
        "budget_currency",
        Currency(),
        N_("Currency"),
        N_("Three letters, such as EUR."),
        rows=(),
        width="w-4",
        form=_PLAIN,
        suggestions=_CURRENCIES,
        in_lists=False,
    ),
    Fact(
        "people_reached",
        Whole(most=10**10, units=PEOPLE),
        N_("People reached"),
        unreadable=N_("“%(text)s” is not a number of people. Enter a whole number."),
        at=5,
        width="w-10",
        form=_FIGURE,
        may_be_example=True,
        counts=True,
    ),
    Fact(
        "staff",
        Number(units=POSTS),
        N_("Staff (full-time posts)"),
        N_("Counted as full-time posts, such as 1.5."),
        unreadable=N_(
            "“%(text)s” is not a number of full-time posts. Enter one such as 12 or 1.5."
        ),
        at=4,
        width="w-10",
        form=_FIGURE,
        may_be_example=True,
        counts=True,
    ),
    Fact(
        "partners",
        Names(),
        N_("Partners"),
        N_("One per line."),
        part="people",
        element="partner",
        at=6,
        searched=True,
        counts=True,
    ),
    Fact(
        "contact_email",
        Mailbox(),
        N_("Contact mailbox"),
        N_("A mailbox of the office, shown on the page."),
        part="people",
        rows=(_CONTACT,),
        form=_PLAIN | {"inputmode": "email"},
        counts=True,
        in_lists=False,
    ),
    Fact(
        "sdgs",
        Goals(),
        N_("Sustainable Development Goals"),
        part="people",
        element="sdg",
        at=7,
        legend=N_("Which of the goals does it serve?"),
        in_lists=False,
    ),
    Fact(
        "evidence",
        Links(),
        N_("Evidence and links"),
        N_("Reports, data, press: what the results rest on."),
        part="people",
        element="related",
        at=9,
        on_page=False,
        counts=True,
        in_lists=False,
    ),
    Fact(
        "authors",
        Names(),
        N_("Authors"),
        N_("One per line: people or offices, as they want to be named."),
        part="people",
        element="author",
        also=("author",),
        rows=(),
        searched=True,
        in_lists=False,
    ),
    Fact(
        "licence",
        Licence(),
        N_("Licence"),
        N_("Left empty, it is the licence of this site."),
        also=("license",),
        part="people",
        rows=(),
        form=_PLAIN,
        suggestions=tuple(LICENCES),
    ),
    Fact("illustrative", Marks(_labels, _keys), N_("Illustrative figures"), rows=()),
)
FACTS: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in _DECLARED})
"""By name, in the order of the form, of files and of stored JSON."""
