"""Which documents hold a phrase, a term of a field, or any of what a query excludes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from network.search import analysis
from network.search.asked import words_of
from network.search.postings import Ids, Index, Mask
from network.search.query import Side
from network.search.scoring import match


def phrase(index: Index, pieces: Sequence[str]) -> Mask:
    """The documents in which the pieces' words follow each other, as whole words."""
    words = [word for raw in pieces for word in analysis.piece(raw).words]
    documents = index.documents
    found = np.zeros(documents.size, np.bool_)
    for number, code in enumerate(analysis.LANGUAGES):
        stop = analysis.language(code).stop
        slots = [(i, w) for i, w in enumerate(words) if w not in stop] or list(enumerate(words))
        among = documents.live & (documents.language == number)
        for word in {word for _, word in slots}:
            among &= having(index, "words", [word])
        found[_following(index, slots, among)] = True
    return found


def _following(index: Index, slots: Sequence[tuple[int, str]], among: Mask) -> Ids:
    """Those of some documents that hold all the words in which they stand at these distances."""
    starts: NDArray[np.int64] | None = None
    for offset, word in slots:
        here = index.occurrences(word, among) - (offset - slots[0][0])
        starts = here if starts is None else np.intersect1d(starts, here, assume_unique=True)
        if not len(starts):
            break
    return np.empty(0, np.int64) if starts is None else np.unique(starts >> 16)


def having(index: Index, field: str, keys: Iterable[str]) -> Mask:
    """The documents of any of these terms of a field: places, topics, whole words."""
    found = np.zeros(index.documents.size, np.bool_)
    for key in keys:
        found[index.postings(field, key).ids] = True
    return found


def holding(index: Index, side: Side) -> Mask:
    """The documents that hold any word or phrase of a side, or belong to its cities or topics."""
    found = having(index, "place", side.cities) | having(index, "topic", side.topics)
    for word in words_of(side.words):
        found |= match(index, [word]).scores > 0
    for pieces in side.phrases:
        found |= phrase(index, pieces)
    return found
