"""What every index keeps of documents, and its posting lists as arrays, whichever engine has it.

Results are equal on every engine because nothing else of one is asked about a document.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from network.search import analysis
from network.search.values import SearchDocument

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

CATEGORIES = ("lang", "city", "country", "size", "status", "year", "topics")
"""Columns of slugs; `topics` holds several, one a line."""

SCORED = (*analysis.LANGUAGES, "words")
"""Fields with lengths."""

TITLE_ENDS = 64
"""Places of a document before this one are of its title."""

NOWHERE = 0xFFFF
"""The place of what stands in no text: words of topics’ names, and what is too far behind."""


class Postings(NamedTuple):
    """The documents that hold a term, ascending, with the term's weight in each."""

    ids: Ids
    weights: Floats


class Documents(NamedTuple):
    """What is known of every document, by its number. norms: field → length normalisation, as
    the BM25 formula adds it to a term's weight. counts: field → documents that have it."""

    size: int
    live: Mask
    study: Ids
    language: NDArray[np.int8]
    norms: Mapping[str, Floats]
    counts: Mapping[str, int]


class Index(Protocol):
    """One state of an index, unchanging while it is read."""

    @property
    def documents(self) -> Documents:
        """The documents' arrays."""

    def postings(self, field: str, term: str) -> Postings:
        """The live documents that hold a term in a field, none when nobody does."""

    def knows(self, word: str) -> bool:
        """Whether any document has had this whole word."""

    def occurrences(self, word: str, among: Mask) -> Ids:
        """Every place of a whole word in some of the documents, as `document << 16 | position`,
        ascending."""


def join(parts: Sequence[Postings]) -> Postings:
    """Posting lists of ascending documents as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return EMPTY
    ids, weights = zip(*parts, strict=True)
    return Postings(np.concatenate(ids), np.concatenate(weights))


EMPTY = Postings(np.empty(0, np.int64), np.empty(0, np.float32))


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
