"""The comparison for a spreadsheet: the rows of the page, with figures to calculate with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from network.facts import sheet
from network.facts.rows import Row as FactRow
from network.lib import i18n
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.pieces.sheet import absolute
from network.web.readers.comparison import Column, Row

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
    if row.name == "city":
        yield locale._(N_("City")), [_place(column) for column in columns]
        yield locale._(N_("Inhabitants")), [column.population for column in columns]
    elif row.of is None or not row.of.figures:
        yield row.label, [cell.text(base) or None for cell in row.cells]
    else:
        yield from _figures(row, row.of, columns)


def _figures(row: Row, of: FactRow, columns: Sequence[Column]) -> Iterator[tuple[str, list[Value]]]:
    for label, value in sheet.columns(of):
        yield locale._(label), [value(column.about, locale.current()) for column in columns]
    if any(cell.illustrative for cell in row.cells):
        said = locale._(N_("illustrative"))
        label = locale._(N_("%(figure)s (note)"), figure=row.label)
        yield label, [said if cell.illustrative else "" for cell in row.cells]


def _place(column: Column) -> str | None:
    country = column.study.country
    named = i18n.country_name(country, locale.current()) if country else None
    return ", ".join(part for part in (column.city, named) if part) if column.city else None
