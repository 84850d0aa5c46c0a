"""How a search document lies in a Whoosh index: its terms, its columns and its stored text."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import whoosh
from whoosh import columns, fields, formats

from network.search import analysis
from network.search.postings import CATEGORIES, categories, completeness, encode, study_hash
from network.search.values import SearchDocument

FORMAT = f"3.{analysis.FORMAT}-{whoosh.versionstring()}"
"""Names what a reader must know to read an index; an index of another format is built anew."""


FACTS = np.dtype(
    [
        ("study", ">u8"),
        ("published", ">i8"),
        ("completeness", "u1"),
        ("mark", "u1"),
        ("fingerprint", "V16"),
    ]
)
"""A document's fixed-size record. study: hash of its key, by which versions find each other.
published: POSIX seconds. completeness: 0 to 255. mark: MARK, unless the file was damaged."""

MARK = 0xA5

_PACK_FACTS = struct.Struct(">QqBB16s").pack

_NO_ANALYSER: Any = None


class Prepared(fields.FieldType):
    """A field whose terms come ready-made, so that our analysis runs once for all fields."""

    def __init__(self, format_: formats.Format, scorable: bool = False) -> None:
        super().__init__(format_, _NO_ANALYSER, scorable=scorable)


def _schema() -> fields.Schema:
    made: dict[str, fields.FieldType]
    made = {name: Prepared(formats.Existence()) for name in ("entry", "study", "place", "topic")}
    made |= {code: Prepared(formats.Existence(), scorable=True) for code in analysis.LANGUAGES}
    made["words"] = Prepared(formats.Positions(), scorable=True)
    made |= {name: fields.COLUMN(columns.RefBytesColumn()) for name in CATEGORIES}
    made |= {name: fields.COLUMN(columns.VarBytesColumn()) for name in ("entry_id", "study_key")}
    made["facts"] = fields.COLUMN(columns.FixedBytesColumn(FACTS.itemsize))
    made |= {name: fields.STORED() for name in ("title", "summary", "body")}
    return fields.Schema(**made)


SCHEMA = _schema()


def values(document: SearchDocument) -> dict[str, Any]:
    """What is stored of a document, and its columns."""
    stored: dict[str, Any] = {
        "entry_id": encode(document.entry_id),
        "study_key": encode(document.study_key),
        "facts": _facts(document),
        "title": _storable(document.title),
        "summary": _storable(document.summary),
        "body": _storable(document.body[: analysis.LONGEST_BODY]),
    }
    return stored | {name: encode(value) for name, value in categories(document).items()}


def _facts(document: SearchDocument) -> bytes:
    return _PACK_FACTS(
        study_hash(document.study_key),
        int(document.published.timestamp()),
        completeness(document),
        MARK,
        document.fingerprint,
    )


def _storable(text: str) -> str:
    return encode(text).decode()
