"""Tables as lines of JSON that any kind of database can take back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

import network
from network.lib.db import Base, Json, Moment

INDEX = frozenset(
    f"search_{name}" for name in ("state", "text", "word", "fresh", "removal", "block", "posting")
)
"""Tables of the search index, which the worker builds from the others."""

LEFT_OUT = frozenset({"user_session", "sign_in_count", "sign_in_link", "lease", "lexicon"}) | INDEX
"""Tables that no backup has: who was signed in then must not be again, nobody leads, and what words
mean is learnt again."""

TYPES: dict[str, TypeEngine[Any]] = {
    "moment": Moment(),
    "json": Json,
    "bytes": LargeBinary(),
    "boolean": Boolean(),
    "integer": Integer(),
    "real": Double(),
    "text": Text(),
}
"""What a backup calls the kinds of columns, and how a database is given them."""
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (Moment, "moment"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "real"),
    (String, "text"),
)
Columns = Sequence[tuple[str, str]]
"""(name, kind) in order."""


def tables() -> list[Table]:
    """Every table of the node, those that others refer to first."""
    for path in sorted(Path(network.__file__).parent.glob("*/models.py")):
        import_module(f"network.{path.parent.name}.models")
    return list(Base.metadata.sorted_tables)


def columns_of(table: Table) -> Columns:
    """The table's columns."""
    return [(column.name, _kind(column)) for column in table.columns]


def _kind(column: Column[Any]) -> str:
    for type_, kind in _KINDS:
        if isinstance(column.type, type_):
            return kind
    raise TypeError(f"a backup does not know how to keep {column}")


def encoder(columns: Columns) -> Callable[[Sequence[Any]], bytes]:
    """What makes a line of a row."""
    makers = [_ENCODE.get(kind) for _name, kind in columns]

    def encode(row: Sequence[Any]) -> bytes:
        values = [
            value if make is None or value is None else make(value)
            for make, value in zip(makers, row, strict=True)
        ]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    return encode


def decoder(columns: Columns) -> Callable[[bytes], dict[str, Any]]:
    """What makes a row of a line; the inverse. It raises ValueError or TypeError for another."""
    makers = [_DECODE.get(kind) for _name, kind in columns]
    names = [name for name, _kind in columns]

    def decode(line: bytes) -> dict[str, Any]:
        values = json.loads(line)
        if not isinstance(values, list):
            raise ValueError("not a row")
        return {
            name: value if make is None or value is None else make(value)
            for name, make, value in zip(names, makers, values, strict=True)
        }

    return decode


_ENCODE: dict[str, Callable[[Any], Any]] = {
    "moment": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode("ascii"),
}
_DECODE: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "bytes": lambda value: base64.b64decode(value, validate=True),
}
