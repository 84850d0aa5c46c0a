"""How a search document lies in a Whoosh index: its terms, its columns and its stored text."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import Stemmer
import whoosh
from whoosh import columns, fields, formats

from network.search import analysis
from network.search.columns import CATEGORIES, categories, completeness, encode, study_hash
from network.search.values import SearchDocument

FORMAT = f"3.{analysis.VERSION}-{whoosh.versionstring()}-{Stemmer.version()}"
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

Item = tuple[bytes, float, bytes]
"""A term of a document: bytes, weight, positions."""


class Fields(NamedTuple):
    """A document as our writer takes it. postings: by field; values: stored ones and columns."""

    postings: dict[str, list[Item]]
    values: dict[str, Any]


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


def to_fields(document: SearchDocument) -> Fields:
    """What is written of a document."""
    terms = analysis.terms(document)
    postings: dict[str, list[Item]] = {
        "entry": _exact([document.entry_id]),
        "study": _exact([document.study_key]),
        "place": _exact(analysis.keys([document.city], document.city_words)),
        "topic": _exact(analysis.keys(document.topics, document.topic_words)),
        "words": [
            (encode(word), weight, array("H", positions).tobytes())
            for word, (weight, positions) in terms.words.items()
        ],
    }
    for code, stems in terms.stems.items():
        postings[code] = [(encode(stem), weight, b"") for stem, weight in stems.items()]
    values: dict[str, Any] = {
        "entry_id": encode(document.entry_id),
        "study_key": encode(document.study_key),
        "facts": _facts(document),
        "title": _storable(document.title),
        "summary": _storable(document.summary),
        "body": _storable(document.body[: analysis.LONGEST_BODY]),
    }
    values |= {name: encode(value) for name, value in categories(document).items()}
    return Fields(postings, values)


def _exact(values: Iterable[str]) -> list[Item]:
    return [(encode(value), 1, b"") for value in values]


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
