"""What an engine knows of every document as columns, and the arrays that answering makes of them.

Whatever keeps the columns, a Whoosh index or a PostgreSQL database, the same arrays come of them;
results are equal on every engine because nothing else of an engine is asked about a document.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.search import analysis
from network.search.postings import Documents, Floats, Ids, Mask
from network.search.scoring import normalisation
from network.search.studies import Facet, Studies, make_facet
from network.search.values import SearchDocument

CATEGORIES = ("lang", "city", "country", "size", "status", "year", "topics")
"""Columns of slugs; `topics` holds several, one a line."""

SCORED = (*analysis.LANGUAGES, "words")
"""Fields with lengths."""

_FACETS = {
    "topic": "topics", "city": "city", "country": "country", "size": "size", "status": "status",
    "year": "year", "language": "lang",
}  # fmt: skip


class Column(NamedTuple):
    """A category: `values[codes[document]]`."""

    values: Sequence[str]
    codes: Ids


class Columns(NamedTuple):
    """Every document by its number. live: those that are not deleted. study: hash of its key, by
    which versions find each other. published: POSIX seconds. completeness: 0 to 255. lengths: of
    SCORED fields."""

    live: Mask
    study: NDArray[np.uint64]
    published: Ids
    completeness: NDArray[np.uint8]
    categories: Mapping[str, Column]
    lengths: Mapping[str, Floats]

    def arrays(self) -> tuple[Documents, Studies]:
        """What answering reads."""
        keys, study = np.unique(self.study[self.live], return_inverse=True)
        of_document = np.zeros(len(self.live), np.int64)
        of_document[self.live] = study
        return _documents(self, of_document), _studies(self, keys, of_document)


def encode(text: str) -> bytes:
    """Text as index bytes, even when it holds what UTF-8 cannot."""
    return text.encode("utf-8", "replace")


def study_hash(study_key: str) -> int:
    """64 bits that stand for a study's key in arrays."""
    return int.from_bytes(hashlib.blake2b(encode(study_key), digest_size=8).digest(), "big")


def completeness(document: SearchDocument) -> int:
    """A document's completeness from 0 to 255."""
    return round(255 * min(1.0, max(0.0, document.completeness)))


def categories(document: SearchDocument) -> dict[str, str]:
    """A document's values of CATEGORIES."""
    return {
        "lang": document.lang,
        "city": document.city or "",
        "country": document.country or "",
        "size": document.size or "",
        "status": document.status or "",
        "year": "" if document.year is None else str(document.year),
        "topics": "\n".join(document.topics),
    }


LENGTHS = [round((1.033**n - 1) * 27) for n in range(256)]
"""The lengths of fields that are told apart, as Whoosh keeps them in a byte."""


def rounded(length: int) -> int:
    """A field's length as every engine keeps it: the next one of LENGTHS."""
    return LENGTHS[min(bisect_left(LENGTHS, length), len(LENGTHS) - 1)]


def _documents(columns: Columns, study: Ids) -> Documents:
    lengths = {name: np.where(columns.live, held, 0) for name, held in columns.lengths.items()}
    tags, codes = columns.categories["lang"]
    known = [analysis.LANGUAGES.index(analysis.language(tag).code) for tag in tags]
    return Documents(
        size=len(columns.live),
        live=columns.live,
        study=study,
        language=np.array(known or [0], np.int8)[codes],
        norms={name: normalisation(held) for name, held in lengths.items()},
        counts={name: int(np.count_nonzero(held)) for name, held in lengths.items()},
    )


def _studies(columns: Columns, keys: NDArray[np.uint64], study: Ids) -> Studies:
    numbers = np.flatnonzero(columns.live)
    versions = numbers[np.argsort(study[numbers], kind="stable")]
    counts = np.bincount(study[numbers], minlength=len(keys))
    published = np.full(len(keys), np.iinfo(np.int64).min)
    np.maximum.at(published, study[numbers], columns.published[numbers])
    complete = np.zeros(len(keys), np.float32)
    held = columns.completeness[numbers].astype(np.float32) / 255
    np.maximum.at(complete, study[numbers], held)
    return Studies(
        size=len(keys),
        versions=versions,
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        published=published,
        completeness=complete,
        key=keys,
        facets={
            name: _facet(columns.categories[column], column, columns.live, study)
            for name, column in _FACETS.items()
        },
    )


def _facet(category: Column, name: str, live: Mask, study: Ids) -> Facet:
    values, codes = category
    if name != "topics":
        return make_facet(values, study[live], codes[live])
    table = {topic: i for i, topic in enumerate(sorted({t for v in values for t in v.split()}))}
    pairs = [np.array([table[t] for t in value.split()], np.int64) for value in values]
    counts = np.array([len(p) for p in pairs] or [0])
    offsets = np.concatenate([[0], np.cumsum(counts)])
    flat = np.concatenate([np.empty(0, np.int64), *pairs])
    each = counts[codes[live]]
    within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    value = flat[np.repeat(offsets[codes[live]], each) + within]
    return make_facet(list(table), np.repeat(study[live], each), value)
