"""What a reader may be about to type: words of the index, and studies whose titles may fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from network.search import analysis, asked, folding, scoring
from network.search import studies as studies_
from network.search.answering import SHARE
from network.search.postings import Floats, Ids, Mask
from network.search.query import MOST_WORDS, parse
from network.search.spelling import written
from network.search.studies import Library
from network.search.values import Completions

SHORTEST = 2
"""Letters from which a beginning says anything."""

LOOKED_AT = 24
"""Words with a beginning that are counted; the index gives those of most documents first."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """before: the text before the word that is being typed. head: the pieces in it."""

    before: str
    head: tuple[str, ...]
    beginning: str


def complete(library: Library, text: str, lang: str, limit: int) -> Completions:
    """At most `limit` queries and a few times as many studies; quotes, prefixes and exclusions are
    for readers who know what they want, and complete nothing."""
    typed = _typed(text)
    if typed is None:
        return Completions()
    among = _among(library, typed.head)
    candidates = library.beginning(typed.beginning, LOOKED_AT)
    found = {word: library.postings("words", word) for word in candidates}
    ids = {word: held.ids[among[held.ids]] for word, held in found.items()}
    words = _ranked(library, {w: i for w, i in ids.items() if len(i)}, typed.beginning, lang)
    queries = (typed.before + written(library, word, lang) for word in words[:limit])
    scores = np.zeros(library.documents.size, np.float32)
    for held in found.values():
        fits = among[held.ids] & (held.weights >= analysis.TITLE_WEIGHT)
        some = held.ids[fits]
        norm = library.documents.norms["words"][some]
        weights = held.weights[fits]
        scores[some] = np.maximum(scores[some], weights / (weights + norm))
    return Completions(tuple(queries), tuple(_studies(library, scores, lang, 6 * limit)))


def _typed(text: str) -> _Typed | None:
    query = parse(text)
    if query.excluded or query.wanted.phrases or query.wanted.cities or query.wanted.topics:
        return None
    pieces = list(islice(folding.scan(query.text), MOST_WORDS))
    if not pieces or not (words := analysis.piece(pieces[-1][0]).words):
        return None
    if len(words[-1]) < SHORTEST:
        return None
    last = pieces[-1]
    inside = max(last[0].rfind(mark) for mark in "'’-‐‑") + 1  # l’eau: what is typed is “eau”
    head = (*(piece[0] for piece in pieces[:-1]), *words[:-1])
    return _Typed(query.text[: last.start() + inside], head, words[-1])


def _among(library: Library, head: Sequence[str]) -> Mask:
    """The documents that have what stands before the word."""
    if not head:
        return library.documents.live
    matched = scoring.match(library, asked.words_of(head))
    return (matched.scores > 0) & (matched.shares >= SHARE)


def _ranked(library: Library, found: dict[str, Ids], beginning: str, lang: str) -> list[str]:
    """One word a stem: those of most documents in the reader's language first."""
    rules = analysis.language(lang)
    counts = {word: _native(library, word, ids, rules) for word, ids in found.items()}
    if not any(counts.values()):
        counts = {word: len(ids) for word, ids in found.items()}
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    kept = (w for w in ranked if counts[w] and w != beginning and w not in rules.stop)
    return list(_each_stem_once(kept, rules))


def _native(library: Library, word: str, ids: Ids, rules: analysis.Language) -> int:
    """How many documents have the word as one of the language, in text or names."""
    held = np.zeros(library.documents.size, np.bool_)
    held[library.postings(rules.code, rules.stem(word)).ids] = True
    return int(np.count_nonzero(held[ids]))


def _each_stem_once(words: Iterable[str], rules: analysis.Language) -> Iterable[str]:
    seen: set[str] = set()
    for word in words:
        stem = rules.stem(word)
        if stem not in seen:
            seen.add(stem)
            yield word


def _studies(library: Library, scores: Floats, lang: str, most: int) -> Iterable[str]:
    studies, documents = library.studies, library.documents
    native = documents.language == analysis.LANGUAGES.index(analysis.language(lang).code)
    weighed = studies_.weigh(studies, scores, documents.study, native & documents.live)
    for number in studies_.order(studies, weighed > 0, weighed, most):
        yield library.name(int(studies.of(int(number))[0]), "study_key")
