"""Posting lists as arrays: what ranking needs of an index, whichever engine keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


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
