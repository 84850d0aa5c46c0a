"""What readers see of a study's facts: rows of sheets, columns of spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from network.facts import declared
from network.facts.declared import Fact
from network.facts.rows import Column, Row

Part = Literal["means", "people"]


def rows(part: Part) -> list[Row]:
    """The rows of a part of the sheet, in their order."""
    placed: list[tuple[int, Row]] = []
    at = 0
    for fact in declared.FACTS.values():
        for row in fact.own_rows:
            at = row.at or at
            if fact.part == part:
                placed.append((at, row))
    return [row for _at, row in sorted(placed, key=lambda each: each[0])]


def columns(row: Row) -> list[Column]:
    """What a row is in a spreadsheet."""
    return [declared.FACTS[each].column if isinstance(each, str) else each for each in row.columns]


def listed(part: Part) -> list[Column]:
    """The columns of a part of the sheet in a list of studies."""
    return [column for row in rows(part) for column in columns(row)]


def unplaced() -> list[Column]:
    """The columns of facts that no row shows."""
    shown = {name for part in ("means", "people") for row in rows(part) for name in _names(row)}
    return [fact.column for fact in declared.FACTS.values() if _is_alone(fact, shown)]


def _names(row: Row) -> Iterable[str]:
    return (each for each in (*row.columns, *row.of) if isinstance(each, str))


def _is_alone(fact: Fact, shown: set[str]) -> bool:
    return fact.in_lists and fact.name not in shown
