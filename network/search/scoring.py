"""How well each document answers a query: BM25F over pooled fields, whole posting lists at a time.

Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond” (2009). A document
is judged by the words of its own language's field, and by what its topics and city are called in
the others. Everything is arrays over documents, so that time grows with what a word matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.search import analysis
from network.search.postings import Documents, Floats, Ids, Index, Mask, Postings
from network.search.query import Side

K1 = 1.2
B = 0.5
EXACT = 0.35
"""What the very form that was typed adds to a stem's score, at most."""

APART = 0.9
"""What two words as one count where they were typed apart."""

COMMON = 0.25
"""What a stop word counts where it stands in a title."""

MEANT = 1.1
"""What a word of the other language counts beside a stem of the word that was typed; a study that
has the very form counts more."""

COVERAGE = 2.0
"""The power of the share of a query's words that a document has."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word asked for. others: spellings that count as well: joined as it was typed
    (porte-parole), or corrected. beside: joined with a neighbour from which it was typed apart;
    that counts a little less. meanings: (language, stem, weight) of what it is in the other."""

    text: str
    others: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    meanings: tuple[tuple[str, str, float], ...] = ()


@dataclass(slots=True)
class Matched:
    """scores and shares (of the words asked for, 0 to 1) of every document."""

    scores: Floats
    shares: Floats

    def chosen(self, share: float) -> Mask:
        """Documents that have this share of the words."""
        return (self.scores > 0) & (self.shares >= share - 1e-6)


def normalisation(lengths: Floats) -> Floats:
    """K1 ((1 − B) + B length / average length), which BM25F adds to a term's weight."""
    present = lengths[lengths > 0]
    # Exact in float64, so that the order of documents in an index changes no score.
    average = float(present.mean(dtype=np.float64)) if len(present) else 1.0
    return (K1 * (1 - B + B * lengths / average)).astype(np.float32)


def words_of(pieces: Sequence[str]) -> list[Word]:
    """The words of pieces in order; neighbours may also stand as one word in a document."""
    found: list[tuple[str, str | None]] = []
    singles: list[bool] = []
    for raw in pieces:
        words, joined = analysis.piece(raw)
        found += [(word, joined) for word in words]
        singles += [len(words) == 1] * len(words)
    others: dict[str, list[str]] = {}
    beside: dict[str, list[str]] = {}
    for i, (word, joined) in enumerate(found):
        others.setdefault(word, []).extend([joined] if joined else [])
        near = beside.setdefault(word, [])
        if singles[i] and i + 1 < len(found) and singles[i + 1]:
            near.append(word + found[i + 1][0])
        if singles[i] and i > 0 and singles[i - 1]:
            near.append(found[i - 1][0] + word)
    return [
        Word(word, tuple(dict.fromkeys(others[word])), tuple(dict.fromkeys(beside[word])))
        for word in others
    ]


def match(index: Index, words: Sequence[Word], spoken: str | None = None) -> Matched:
    """Score every document for the words, and tell how many of them it has.

    spoken: the language of the words; what is a stop word there is one everywhere.
    """
    documents = index.documents
    scores = np.zeros(documents.size, np.float32)
    held = np.zeros(documents.size, np.float32)
    asked = np.zeros(len(analysis.LANGUAGES), np.float32)
    for word, fields in zip(words, _fields(words, spoken), strict=True):
        score = _score(index, word, fields)
        scores += score
        held += score > 0
        asked[[analysis.LANGUAGES.index(lang) for lang in fields]] += 1
    shares = np.minimum(1, held / np.maximum(1, asked)[documents.language])
    _add_common(index, words, scores)
    return Matched((scores * shares**COVERAGE).astype(np.float32), shares)


def spoken_in(words: Sequence[Word], lang: str) -> str:
    """The language that the words are probably of: the reader's, unless their stop words tell."""

    def likeness(code: str) -> float:
        stops = sum(word.text in analysis.language(code).stop for word in words)
        return stops + 1.5 * (code == analysis.language(lang).code)

    return max(analysis.LANGUAGES, key=likeness)


def _fields(words: Sequence[Word], spoken: str | None) -> Iterator[list[str]]:
    """For each word, the languages in which it is not a stop word (or all of the words are)."""
    stops = {code: analysis.language(code).stop for code in analysis.LANGUAGES}
    if spoken is not None:
        theirs = stops[spoken]
        stops = {code: stop | theirs for code, stop in stops.items()}
    only_stops = {c for c, stop in stops.items() if all(word.text in stop for word in words)}
    for word in words:
        yield [c for c, stop in stops.items() if c in only_stops or word.text not in stop]


def _score(index: Index, word: Word, fields: Iterable[str]) -> Floats:
    """One word's score in every document: its best stem, more where it stands exactly so."""
    score = np.zeros(index.documents.size, np.float32)
    exact = index.postings("words", word.text)
    for code in fields:
        lang = analysis.language(code)
        if word.text in lang.stop:  # nothing else was asked: look in the titles
            own = exact.ids[index.documents.language[exact.ids] == analysis.LANGUAGES.index(code)]
            score[own] = 1
            continue
        own = index.postings(code, lang.stem(word.text))
        for form in dict.fromkeys((word.text, *word.others, *word.beside)):
            found = index.postings(code, lang.stem(form))
            # What was typed apart is as rare as its part; what was typed as one is rarer.
            rarity = _rarity(index.documents, code, own if form in word.beside else found)
            weight = APART if form in word.beside else 1.0
            made = weight * rarity * _frequency(index.documents, code, found)
            score[found.ids] = np.maximum(score[found.ids], made)
    for code, stem, weight in word.meanings:
        found = index.postings(code, stem)
        meant = MEANT * weight * _bm25(index.documents, code, found)
        score[found.ids] = np.maximum(score[found.ids], meant)
    norm = index.documents.norms["words"][exact.ids]
    score[exact.ids] *= 1 + EXACT * exact.weights / (exact.weights + norm)
    return score


def _bm25(documents: Documents, field: str, found: Postings) -> Floats:
    return _rarity(documents, field, found) * _frequency(documents, field, found)


def _rarity(documents: Documents, field: str, found: Postings) -> np.float32:
    """How much it tells that a document has the term."""
    total, holding = documents.counts[field], len(found.ids)
    return np.float32(np.log(1 + (max(0, total - holding) + 0.5) / (holding + 0.5)))


def _frequency(documents: Documents, field: str, found: Postings) -> Floats:
    """What the number of times that each document has the term comes to, K1 + 1 at most."""
    norm = documents.norms[field][found.ids]
    made: Floats = (K1 + 1) * found.weights / (found.weights + norm)
    return made.astype(np.float32)


def _add_common(index: Index, words: Sequence[Word], scores: Floats) -> None:
    """Stop words tell titles apart (“What we heard”), among documents found otherwise."""
    for word in words:
        if any(word.text in analysis.language(code).stop for code in analysis.LANGUAGES):
            ids = index.postings("words", word.text).ids
            scores[ids] += COMMON * (scores[ids] > 0)


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


def known(index: Index, word: Word) -> bool:
    """Whether any document has the word, in any form or language that would count."""
    if len(index.postings("words", word.text).ids):
        return True
    if any(len(index.postings(code, stem).ids) for code, stem, _ in word.meanings):
        return True
    forms = (word.text, *word.others, *word.beside)
    return any(
        word.text in analysis.language(code).stop
        or any(len(index.postings(code, analysis.language(code).stem(f)).ids) for f in forms)
        for code in analysis.LANGUAGES
    )


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
