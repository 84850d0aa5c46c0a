"""Which words stand next to each other, and in titles: read off the places of whole words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from network.search import analysis
from network.search.postings import Ids, Index, Mask

BETWEEN = 3
"""Places between two words that stand near each other: “réunions de notre quartier”."""

TITLE_ENDS = 64
"""Places of a document before this one are of its title; see inverting."""

NOWHERE = 0xFFFF
"""The place of what stands in no text: words of topics’ names, and what is too far behind."""

_ENDING = re.compile("(?:es|s|x|e)$")
_ENDINGS = ("", "s", "e", "es", "x")
NONE = np.empty(0, np.int64)


@lru_cache(maxsize=10_000)
def forms(word: str, code: str) -> tuple[str, ...]:
    """The commonest forms that the language takes for the same word."""
    language = analysis.language(code)
    stem, base = language.stem(word), _ENDING.sub("", word)
    bases = {word, base, *language.irregular([stem])}
    if base.endswith("al"):
        bases.add(base[:-1] + "u")
    if base.endswith("if"):
        bases.add(base[:-1] + "v")
    if base.endswith("iv"):
        bases.add(base[:-1] + "f")
    made = {each + ending for each in bases for ending in _ENDINGS}
    return tuple(sorted(form for form in made if language.stem(form) == stem))


def places(index: Index, words: Iterable[str], among: Mask) -> Ids:
    """Where any of these whole words stands, as `document << 16 | position`, ascending."""
    found = [index.occurrences(word, among) for word in words if index.knows(word)]
    if not found:
        return NONE
    held = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
    return held[(held & 0xFFFF) != NOWHERE]


def sequence(index: Index, slots: Sequence[tuple[int, Sequence[str]]], among: Mask) -> Ids:
    """Where words stand at these distances from the first: each is any of some forms. Places are
    read of those documents alone that have all of them, for most that are looked for have not."""
    for _, words in slots:
        among = among & _having(index, words)
    if not among.any():
        return NONE
    starts: Ids | None = None
    for offset, words in slots:
        here = places(index, words, among) - (offset - slots[0][0])
        starts = here if starts is None else np.intersect1d(starts, here, assume_unique=True)
        if not len(starts):
            return NONE
    return NONE if starts is None else starts


def _having(index: Index, words: Iterable[str]) -> Mask:
    """The documents that have any of these whole words."""
    found = np.zeros(index.documents.size, np.bool_)
    for word in words:
        if index.knows(word):
            found[index.postings("words", word).ids] = True
    return found


def near(one: Ids, other: Ids, distance: int) -> Ids:
    """The documents in which the other word follows within some places more than in the query, or
    comes just before."""
    behind = _any_within(other, one + 1, one + distance + BETWEEN - 1)
    before = _any_within(other, one - 2, one - 1)
    return np.unique(one[behind | before] >> 16)


def _any_within(where: Ids, least: Ids, most: Ids) -> Mask:
    """For each two bounds, whether any of some ascending places is between them."""
    next_ = np.searchsorted(where, least)
    found = next_ < len(where)
    found[found] = where[next_[found]] <= most[found]
    return found


def in_titles(where: Ids) -> Ids:
    """The documents in whose title a word stands, of all its places."""
    return np.unique(where[(where & 0xFFFF) < TITLE_ENDS] >> 16)
