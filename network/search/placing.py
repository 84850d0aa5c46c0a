"""Where words stand, read off the places of whole words, and what it tells that they stand
together: in a phrase, a compound, a term, or a title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from network.search import analysis
from network.search.asked import SHORT, Term, Word
from network.search.postings import NOWHERE, TITLE_ENDS, Floats, Ids, Index, Mask, Postings

NEAR = 0.15
"""What two neighbours of a query that stand near each other tell, beside the commoner of them."""

BOUND = 1.0
"""… and two that are one thing together."""

NEUTRAL = 0.6
"""How near words count as standing where that cannot be told: in the other language."""

LOOKED_AT = 300
"""Documents in which places are looked at: the best without them."""

BETWEEN = 3
"""Places between two words that stand near each other: “réunions de notre quartier”."""

NONE = np.empty(0, np.int64)


class Placed(NamedTuple):
    """What the places of words tell of each document. together: what standing together adds to
    what it has of the words, at most `most`; titled: the share of the words that its title has;
    phrased: whether all of them follow each other as they were typed."""

    together: Floats
    titled: Floats
    phrased: Mask
    most: float


def placed(
    index: Index, words: Sequence[Word], weights: Mapping[str, float], scores: Floats
) -> Placed:
    """How the words stand in the best documents. scores: without all that."""
    documents = index.documents
    pairs = list(pairwise(words))
    most = sum(_worth(a, b, weights) for a, b in pairs)
    renamed = {w.bound: _renamed(index, w) for w in words if w.bound >= 0}
    together = np.full(documents.size, 0, np.float32)
    titled = np.zeros(documents.size, np.float32)
    phrased = np.zeros(documents.size, np.bool_)
    among = _best(scores)
    total = sum(weights.values())
    for number, code in enumerate(analysis.LANGUAGES):
        here = among & (documents.language == number)
        if not here.any():
            continue
        where = {word.text: _places(index, word, code, here) for word in words}
        for word in words:
            held = where[word.text]
            in_title = held[(held & 0xFFFF) < TITLE_ENDS] >> 16
            titled[np.unique(in_title)] += weights[word.text] / total
        for a, b in pairs:
            worth = _worth(a, b, weights)
            ids = near(where[a.text], where[b.text], max(1, b.place - a.place))
            if _bound(a, b):
                ids = np.union1d(ids, np.flatnonzero(renamed[a.bound] & here))
            together[ids] += worth
            if not _bound(a, b):
                lacking = here.copy()
                lacking[where[a.text] >> 16] = False
                lacking[where[b.text] >> 16] = False
                together[lacking] += NEUTRAL * worth
        if pairs:
            phrased[_following(words, where) >> 16] = True
    return Placed(np.minimum(together, most), titled, phrased, most)


def _following(words: Sequence[Word], where: Mapping[str, Ids]) -> Ids:
    """Where the first of the words stands with the others behind it at their distances."""
    starts = where[words[0].text]
    for word in words[1:]:
        starts = np.intersect1d(starts, where[word.text] - (word.place - words[0].place))
    return starts


def _bound(a: Word, b: Word) -> bool:
    """Whether two words are of one thing."""
    return a.bound == b.bound >= 0


def _worth(a: Word, b: Word, weights: Mapping[str, float]) -> float:
    """What it tells that two words stand together."""
    return (BOUND if _bound(a, b) else NEAR) * min(weights[a.text], weights[b.text])


def _renamed(index: Index, word: Word) -> Mask:
    """The documents that have another name of the same thing."""
    found = np.zeros(index.documents.size, np.bool_)
    for term in word.terms:
        found[term_places(index, term) >> 16] = True
    return found


def _best(scores: Floats) -> Mask:
    """The best documents, as many as are looked at."""
    found = scores > 0
    if np.count_nonzero(found) > LOOKED_AT:
        found &= scores >= np.partition(scores, -LOOKED_AT)[-LOOKED_AT]
    return found


def stands(index: Index, word: Word) -> bool:
    """Whether any document has the compound."""
    live, language = index.documents.live, index.documents.language
    return any(
        len(compound(index, word, code, live & (language == number)))
        for number, code in enumerate(analysis.LANGUAGES)
    )


def _places(index: Index, word: Word, code: str, among: Mask) -> Ids:
    """Where a word stands in documents of a language."""
    if word.parts:
        return compound(index, word, code, among)
    found = {form for each in word.forms for form in analysis.forms(each, code)}
    return places(index, found, among)


def comes_apart(index: Index, word: Word) -> bool:
    """Whether any document has a compound in several words."""
    live, language = index.documents.live, index.documents.language
    return any(
        len(_apart(index, word, code, live & (language == number)))
        for number, code in enumerate(analysis.LANGUAGES)
    )


def compound(index: Index, word: Word, code: str, among: Mask) -> Ids:
    """Where a compound stands, in one word or in several."""
    joined = places(index, analysis.forms(word.text, code), among)
    return np.union1d(_apart(index, word, code, among), joined)


def _apart(index: Index, word: Word, code: str, among: Mask) -> Ids:
    stop = analysis.language(code).stop
    slots = [
        (i, analysis.forms(part, code)) for i, part in enumerate(word.parts) if part not in stop
    ]
    return sequence(index, slots, among) if len(slots) > 1 else NONE


def as_typed(index: Index, word: Word) -> Postings:
    """The documents that have just what was typed, and how much."""
    if "-" not in word.typed:
        return index.postings("words", word.typed or word.text)
    found = index.postings("words", word.text)
    among = np.zeros(index.documents.size, np.bool_)
    among[found.ids] = True
    joined = index.occurrences(word.text, among)
    # In one word it stands where its first part does.
    inner = [places(index, [part], among) - i for i, part in enumerate(word.parts)]
    hyphened = np.unique(joined[np.isin(joined, np.concatenate(inner))] >> 16)
    keep = np.isin(found.ids, hyphened)
    return Postings(found.ids[keep], found.weights[keep])


def term_places(index: Index, term: Term) -> Ids:
    """Where a term stands, in the names of topics as well."""
    slots = [(place, analysis.forms(word, term.lang)) for place, word in term.words]
    documents = index.documents
    found = sequence(index, slots, documents.live)
    if len(slots) == 1:
        theirs = documents.language == analysis.LANGUAGES.index(term.lang)
        short = len(term.words[0][1]) <= SHORT
        return found[theirs[found >> 16]] if short else found
    joined = analysis.forms("".join(word for _, word in term.words), term.lang)
    return np.union1d(found, places(index, joined, index.documents.live))


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
        among = among & having(index, "words", filter(index.knows, words))
    if not among.any():
        return NONE
    starts: Ids | None = None
    for offset, words in slots:
        here = places(index, words, among) - (offset - slots[0][0])
        starts = here if starts is None else np.intersect1d(starts, here, assume_unique=True)
        if not len(starts):
            return NONE
    return NONE if starts is None else starts


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


def having(index: Index, field: str, keys: Iterable[str]) -> Mask:
    """The documents of any of these terms of a field: places, topics, whole words."""
    found = np.zeros(index.documents.size, np.bool_)
    for key in keys:
        found[index.postings(field, key).ids] = True
    return found


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
        starts = [index.occurrences(word, among) - (i - slots[0][0]) for i, word in slots]
        found[reduce(np.intersect1d, starts) >> 16] = True
    return found
