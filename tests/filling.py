"""Fills a database of any revision: every table that the revision has gets rows.

Rows of today's code come first, as far as the revision has their columns; what is still empty, and
the columns that today's code has no more, get values made from the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    insert,
    select,
)

from network.lib.db import Base, number_on

Rows = dict[str, list[dict[str, Any]]]
MADE = 2
"""Rows that a table gets of which there are no real ones."""
STAMP = "alembic_version"


def tables(engine: Engine) -> list[Table]:
    """What the database has, those that others refer to first."""
    found = MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != STAMP]


def rows(engine: Engine) -> Rows:
    """Everything in the database."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in tables(engine)
        }


def fill(engine: Engine, real: Mapping[str, list[dict[str, Any]]]) -> None:
    """Fill every table. real: rows of a database at the newest revision."""
    there: Rows = {}
    with engine.begin() as connection:
        for table in tables(engine):
            found = enumerate(real.get(table.name, ()), 1)
            given = [_fitted(table, row, number, there) for number, row in found]
            there[table.name] = given or _made(table, there)
            connection.execute(insert(table), there[table.name])
            number_on(connection, table)


def _fitted(table: Table, row: Mapping[str, Any], number: int, there: Rows) -> dict[str, Any]:
    """A real row in the columns that the table had then."""
    known = {**row, **_in_two_languages(row)}
    return {
        column.name: known[column.name] if column.name in known else _value(column, number, there)
        for column in table.columns
    }


def _in_two_languages(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is said by language, as it stood in columns of French and English (revision 0021)."""
    return {
        f"{what}_{lang}": row[several].get(lang, default)
        for what, several, default in (
            ("name", "names", ""),
            ("description", "descriptions", ""),
            ("synonyms", "synonyms", []),
            ("slug", "slugs", row.get("slug")),
        )
        if several in row
        for lang in ("en", "fr")
    }


def _made(table: Table, there: Rows) -> list[dict[str, Any]]:
    """Rows that differ in their keys, which may be those of few others."""
    made: dict[str, dict[str, Any]] = {}
    for number in range(1, MADE + 1):
        row = {column.name: _value(column, number, there) for column in table.columns}
        made.setdefault(repr([row[c.name] for c in table.primary_key.columns]), row)
    return list(made.values())


def _value(column: Column[Any], number: int, there: Rows) -> Any:
    for key in column.foreign_keys:
        parents = there.get(key.column.table.name, [])
        return parents[(number - 1) % len(parents)][key.column.name] if parents else None
    kind = column.type
    if isinstance(kind, JSON):
        return _json(column)
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, DateTime):
        return datetime(2026, 3, 1 + number % 28)  # noqa: DTZ001 — as every database takes it
    if isinstance(kind, (Integer, Float, Numeric)):
        return number
    if isinstance(kind, LargeBinary):
        return b"\0\xff" * number
    length = getattr(kind, "length", None) or 100
    return f"{number} {column.table.name}.{column.name}"[:length]


def _json(column: Column[Any]) -> Any:
    """What today's code begins with, where it has the column, for only that says the shape."""
    known = Base.metadata.tables.get(column.table.name)
    default = (
        known.columns[column.name].default if known is not None and column.name in known.c else None
    )
    if default is None or not default.is_callable:
        return []
    return default.arg(None)
