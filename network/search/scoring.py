"""How well each document answers a query: BM25F over pooled fields, whole posting lists at a time.

Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond” (2009). A document
is judged by the words of its own language's field, and by what its topics and city are called in
the others. Everything is arrays over documents, so that time grows with what a word matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from network.search import analysis, placing, terms
from network.search.asked import Word
from network.search.postings import Documents, Floats, Ids, Index, Mask, Postings

K1 = 1.2
B = 0.5
EXACT = 0.35
"""What the very form that was typed adds to a stem's score, at most."""

MARKED = 1.0
"""… and the very writing, where it takes signs or capitals: it makes a document longer."""

PARTED = 0.9
"""What two words as one count where they were typed apart."""

COMMON = 0.25
"""What a stop word counts where it stands in a title."""

MEANT = 1.1
"""What a word of the other language counts beside a stem of the word that was typed; a study that
has the very form counts more."""

NAMED = 1.0
"""What the name of a topic or city in another language counts, whatever its length."""

NAMED_SURELY = 0.8
"""How surely a study is about what its topic or city is called in another language."""

WEAK = 0.25
"""What words that say little count beside others."""

COVERAGE = 2.0
"""The power of the share of a query's words that a document has."""

PHRASED = 0.5
"""What it adds that the words follow each other as they were typed."""

TITLED = 1.0
"""What a title with all the words adds to a score."""

ENOUGH = 0.6
"""The share of what the best has that is enough."""

BEHIND = 0.15
"""The share of the best score below which nothing useful follows."""


@dataclass(slots=True)
class Matched:
    """Of every document: its score; plain: without what its words gain by their order; shares: of
    what is asked for, 0 to 1; whole: and of how it stands together."""

    scores: Floats
    plain: Floats
    shares: Floats
    whole: Floats

    def chosen(self, among: Mask, least: float = 0.0) -> Mask:
        """Documents that have enough of what is asked for, at least so much, and are not far
        behind the best of those that are looked among."""
        found = among & (self.scores > 0)
        best = self.whole[found].max(initial=0)
        found &= self.whole >= max(least, ENOUGH * best) - 1e-6
        found &= self.plain >= BEHIND * self.plain[found].max(initial=0)
        return found


def normalisation(lengths: Floats) -> Floats:
    """K1 ((1 − B) + B length / average length), which BM25F adds to a term's weight."""
    present = lengths[lengths > 0]
    # Exact in float64, so that the order of documents in an index changes no score.
    average = float(present.mean(dtype=np.float64)) if len(present) else 1.0
    return (K1 * (1 - B + B * lengths / average)).astype(np.float32)


def match(index: Index, words: Sequence[Word], spoken: str | None = None) -> Matched:
    """Score every document for the words, and tell how much of what they ask for it has.

    spoken: the language of the words; what is a stop word there is one everywhere.
    """
    documents = index.documents
    words = terms.named(index, words)
    versions = _versions(documents)
    scores = np.zeros(documents.size, np.float32)
    held = np.zeros(documents.size, np.float32)
    asked = np.zeros(len(analysis.LANGUAGES), np.float32)
    weights: dict[str, float] = {}
    for word, fields in zip(words, _fields(words, spoken), strict=True):
        if not fields:
            continue
        score, sure = _score(index, word, fields, versions)
        weight = _importance(documents, score)
        if word.weak and word.bound < 0:
            weight, score = WEAK * weight, WEAK * score
        scores += score
        held += weight * sure
        asked[[analysis.LANGUAGES.index(lang) for lang in fields]] += weight
        weights[word.text] = weight
    shares = np.minimum(1, held / np.maximum(1e-3, asked)[documents.language])
    _add_common(index, words, scores)
    told = [word for word in words if word.text in weights]
    placed = placing.placed(index, told, weights, scores * shares)
    whole = (held + placed.together) / np.maximum(1e-3, asked + placed.most)[documents.language]
    titled = np.minimum(1, placed.titled + _titled_elsewhere(index, told, weights, versions))
    plain = (scores * np.minimum(1, whole) ** COVERAGE * (1 + TITLED * titled)).astype(np.float32)
    scores = plain * (1 + PHRASED * placed.phrased)
    return Matched(scores.astype(np.float32), plain, shares, np.minimum(1, whole))


def _titled_elsewhere(
    index: Index,
    words: Sequence[Word],
    weights: Mapping[str, float],
    versions: Mapping[str, Mask],
) -> Floats:
    """What titles in the other language have of the words, of studies that lack theirs. Stems have
    no places: one that a document has as often as if in its title is what the study is about."""
    made = np.zeros(index.documents.size, np.float32)
    total = sum(weights.values())
    for word in words:
        best = np.zeros(index.documents.size, np.float32)
        for code, stem, apt in word.meanings:
            found = index.postings(code, stem)
            lacking = ~versions["en" if code == "fr" else "fr"][found.ids]
            counted = apt * (lacking & (found.weights >= analysis.TITLE_WEIGHT))
            best[found.ids] = np.maximum(best[found.ids], counted)
        made += weights[word.text] / total * best
    return made


def _importance(documents: Documents, score: Floats) -> float:
    """How much a word says of what is looked for: most where few documents have it, or none."""
    having = int(np.count_nonzero(score))
    total = int(np.count_nonzero(documents.live))
    return float(1 + np.log(1 + (total - having + 0.5) / (having + 0.5)))


def _versions(documents: Documents) -> Mapping[str, Mask]:
    """language → the documents of whose study there is a version in that language."""
    found = {}
    studies = int(documents.study.max(initial=0)) + 1
    for number, code in enumerate(analysis.LANGUAGES):
        has = np.zeros(studies, np.bool_)
        has[documents.study[documents.live & (documents.language == number)]] = True
        found[code] = has[documents.study]
    return found


def _fields(words: Sequence[Word], spoken: str | None) -> Iterator[list[str]]:
    """For each word, the languages in which it is not a stop word (or all of the words are)."""
    stops = {code: analysis.language(code).stop for code in analysis.LANGUAGES}
    if spoken is not None:
        theirs = stops[spoken]
        stops = {code: stop | theirs for code, stop in stops.items()}
    only_stops = {c for c, stop in stops.items() if all(word.text in stop for word in words)}
    for word in words:
        yield [c for c, stop in stops.items() if c in only_stops or word.text not in stop]


def _score(
    index: Index, word: Word, fields: Iterable[str], versions: Mapping[str, Mask]
) -> tuple[Floats, Floats]:
    """One word's score in every document, and how surely each has it, 0 to 1."""
    documents = index.documents
    score = np.zeros(documents.size, np.float32)
    sure = np.zeros(documents.size, np.float32)
    exact = placing.as_typed(index, word)
    if word.parts:
        for number, code in enumerate(analysis.LANGUAGES):
            among = documents.live & (documents.language == number)
            _add_standing(index, score, sure, placing.compound(index, word, code, among), 1.0)
    for term in word.terms:
        _add_standing(index, score, sure, placing.term_places(index, term), term.weight)
    _add_forms(index, score, sure, word, fields, versions)
    _add_meanings(index, score, sure, word, versions)
    about = terms.about(index, word)
    score += about
    sure = np.maximum(sure, about > 0)
    score *= _rarity(documents, score)
    norm = documents.norms["words"][exact.ids]
    worth = MARKED if word.typed else EXACT
    score[exact.ids] *= 1 + worth * exact.weights / (exact.weights + norm)
    return score, sure


def _add_forms(
    index: Index,
    score: Floats,
    sure: Floats,
    word: Word,
    fields: Iterable[str],
    versions: Mapping[str, Mask],
) -> None:
    """Count the stems of the word in each language's field."""
    documents = index.documents
    exact = index.postings("words", word.text)
    for number, code in enumerate(analysis.LANGUAGES):
        if code not in fields or (word.tongue and code != word.tongue):
            continue
        lang = analysis.language(code)
        if word.text in lang.stop:  # nothing else was asked: look in the titles
            own = exact.ids[documents.language[exact.ids] == number]
            score[own] = sure[own] = 1
            continue
        own_ = index.postings(code, lang.stem(word.text)).ids
        for form in dict.fromkeys(word.forms):
            found = index.postings(code, lang.stem(form))
            weight = PARTED if form in word.beside else 1.0
            made = weight * _frequency(documents, code, found)
            if form in word.others:  # what was typed as one is rarer than its parts
                made *= _rarer(documents, len(found.ids), len(own_))
            # In the field of another language stand the names of topics and the city alone.
            named = documents.language[found.ids] != number
            made[named] = NAMED
            keep = ~(named & versions[code][found.ids])
            ids = found.ids[keep]
            score[ids] = np.maximum(score[ids], made[keep])
            sure[ids] = np.maximum(sure[ids], np.where(named[keep], NAMED_SURELY, 1.0))


def _add_meanings(
    index: Index, score: Floats, sure: Floats, word: Word, versions: Mapping[str, Mask]
) -> None:
    """Count what the word is in the other language, in studies that lack its own: of the others
    the version in that language tells better. A translation is had as fully as the word: how apt
    it is weighs in the score, and once is enough."""
    documents = index.documents
    nobody = not score.any()
    for code, stem, weight in word.meanings:
        found = index.postings(code, stem)
        asked_in = "en" if code == "fr" else "fr"
        lacking = ~versions[asked_in][found.ids] | nobody
        meant = lacking * MEANT * weight * _frequency(documents, code, found)
        score[found.ids] = np.maximum(score[found.ids], meant)
        sure[found.ids] = np.maximum(sure[found.ids], lacking)


def _add_standing(index: Index, score: Floats, sure: Floats, where: Ids, weight: float) -> None:
    """Count what stands at some places as a word of the field of whole words."""
    ids, times = np.unique(where >> 16, return_counts=True)
    found = Postings(ids, times.astype(np.float32))
    score[ids] = np.maximum(score[ids], weight * _frequency(index.documents, "words", found))
    sure[ids] = np.maximum(sure[ids], weight)


def _rarity(documents: Documents, score: Floats) -> np.float32:
    """How much it tells that a study has the word, in whichever form, language or name."""
    holding = _studies(documents, score > 0)
    return np.float32(_told_by(_studies(documents, documents.live), holding))


def _rarer(documents: Documents, form: int, word: int) -> float:
    """How much more a form tells than the word, by how many documents have either."""
    total = int(np.count_nonzero(documents.live))
    return _told_by(total, form) / _told_by(total, word)


def _told_by(total: int, holding: int) -> float:
    """How much it tells to be among so many that have a word, of all."""
    return float(np.log(1 + (max(0, total - holding) + 0.5) / (holding + 0.5)))


def _studies(documents: Documents, among: Mask) -> int:
    return int(np.count_nonzero(np.bincount(documents.study[among])))


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
