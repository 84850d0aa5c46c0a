"""The comparison for a spreadsheet: the rows of the page, with figures to calculate with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from network.catalogue import facts as facts_
from network.lib import i18n
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.readers.comparison import Column, Row, absolute

Value = object | None
"""Text, or a number, which `lib.csv_text` writes as the language does; None is not stated."""


def table(columns: Sequence[Column], shown: Sequence[Row], base: str) -> list[list[object]]:
    """What the page says in its head, then its rows. base: this site's address, for links within
    it. What is a figure has rows of its own, an amount apart from its currency."""
    head: list[list[object]] = [
        ["", *(column.label for column in columns)],
        [locale._(N_("Case study")), *(column.version.title for column in columns)],
        [locale._(N_("Address")), *(absolute(column.url, base) for column in columns)],
    ]
    nothing = locale._(N_("Not stated"))
    return head + [
        [label, *(nothing if value is None else value for value in values)]
        for row in shown
        for label, values in _rows(row, columns, base)
    ]


def _rows(row: Row, columns: Sequence[Column], base: str) -> Iterator[tuple[str, list[Value]]]:
    if row.name not in _FIGURES:
        yield row.label, [cell.text(base) or None for cell in row.cells]
        return
    for label, make in _FIGURES[row.name]:
        yield locale._(label), [make(column) for column in columns]
    if any(cell.illustrative for cell in row.cells):
        said = locale._(N_("illustrative"))
        label = locale._(N_("%(figure)s (note)"), figure=row.label)
        yield label, [said if cell.illustrative else "" for cell in row.cells]


def _place(column: Column) -> str | None:
    country = column.study.country
    named = i18n.country_name(country, locale.current()) if country else None
    return ", ".join(part for part in (column.city, named) if part) if column.city else None


def _currency(column: Column) -> str | None:
    return column.facts.budget_currency if column.facts.budget_amount is not None else None


_FIGURES: dict[str, list[tuple[str, Callable[[Column], Value]]]] = {
    "city": [(N_("City"), _place), (N_("Inhabitants"), lambda c: c.population)],
    "budget": [
        (N_("Budget"), lambda c: c.facts.budget_amount),
        (N_("Currency"), _currency),
    ],
    "per_head": [
        (N_("Cost per inhabitant"), lambda c: facts_.cost_per_head(c.facts, c.population))
    ],
    "staff": [(N_("Staff (full-time posts)"), lambda c: c.facts.staff)],
    "people": [(N_("People reached"), lambda c: c.facts.people_reached)],
}
