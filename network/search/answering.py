"""From a query to a page of results, over any index that can be read as arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from network.lib.i18n import N_
from network.search import (
    analysis,
    asked,
    folding,
    holding,
    meaning,
    placing,
    scoring,
    spelling,
    terms,
)
from network.search import studies as studies_
from network.search.asked import Word
from network.search.engine import NEWEST
from network.search.lexicon import EMPTY, LANGUAGES, Lexicon
from network.search.postings import Floats, Index, Mask
from network.search.query import Query
from network.search.snippets import Highlighter
from network.search.studies import Studies
from network.search.values import Filters, Hit, Message, Results

SHARE = 0.6
"""The share of the words asked for that a study must have: two of two or three, three of four."""

SOME = 0.35
"""… and below which nothing answers; of two words one is not enough where nobody has the other."""
HALF = 0.45

AT_HOME = 0.25
"""How common a word must be in a query’s language, beside the other, to be read in it alone."""

FURTHEST = 10_000
LARGEST_PAGE = 100

_APOSTROPHE = re.compile("['’‘ʼ]")

_SOME = N_("No study has all of these words; these have some of them.")
_SIMILAR = N_("No study has “%(words)s”; these have a similar word.")


class Library(Index, Protocol):
    """An index together with what is shown of it."""

    @property
    def studies(self) -> Studies:
        """The studies' arrays."""

    def stored(self, number: int) -> dict[str, str]:
        """A document's title, summary and body."""

    def name(self, number: int, column: str) -> str:
        """A document's `entry_id`, `study_key` or `lang`."""

    def beginning(self, prefix: str, most: int) -> Sequence[str]:
        """At most so many of the whole words that begin so, those of most documents first; some
        may be of documents that have gone."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Studies that answer a query, why (scores of documents), and by which words."""

    studies: Mask
    scores: Floats | None
    words: Sequence[Word]
    message: Message | None = None
    did_you_mean: str | None = None


def answer(
    library: Library,
    query: Query,
    filters: Filters,
    lang: str,
    offset: int,
    limit: int,
    sort: str,
    lexicon: Lexicon = EMPTY,
) -> Results:
    """One page of the studies that answer a query; see SearchEngine.search."""
    studies, documents = library.studies, library.documents
    found = _find(library, query, lang, lexicon)
    chosen, facets = studies_.select(studies, found.studies, filters)
    by_score = None
    if found.scores is not None:
        native = documents.language == analysis.LANGUAGES.index(analysis.language(lang).code)
        by_score = studies_.weigh(studies, found.scores, documents.study, native & documents.live)
    start = min(max(0, offset), FURTHEST)
    end = start + min(max(0, limit), LARGEST_PAGE)
    ordered = studies_.order(studies, chosen, None if sort == NEWEST else by_score, end)
    highlighter = _highlighter(found.words)
    return Results(
        total=int(np.count_nonzero(chosen)),
        hits=[
            _hit(library, int(n), found.scores, by_score, highlighter, filters, lang)
            for n in ordered[start:]
        ],
        facets=facets,
        did_you_mean=found.did_you_mean,
        message=query.message or found.message,
    )


def _find(library: Library, query: Query, lang: str, lexicon: Lexicon) -> _Found:
    """The studies with enough of the words; failing that, with similar words, or with any."""
    pieces = (*query.wanted.words, *(raw for phrase in query.wanted.phrases for raw in phrase))
    typed = asked.words_of(pieces)
    words = _understood(library, typed, lexicon, lang)
    allowed = _allowed(library, query)
    if not words:
        return _Found(allowed, None, words)
    unknown = {w: _similar(library, w.text) for w in words if not spelling.known(library, w)}
    better = {word.text: similar for word, similar in unknown.items() if similar}
    corrected = words
    if better:
        corrected = _understood(library, spelling.respelt(words, better), lexicon, lang)
    matched = scoring.match(library, corrected, asked.spoken_in(corrected, lang))
    study = library.documents.study
    near = allowed[study] & library.documents.live
    chosen = matched.chosen(near, HALF if len(asked.told(typed)) == 2 else SOME)
    found = library.studies.from_documents(chosen, study) & allowed
    message: Message | None = (_SIMILAR, {"words": " ".join(better)}) if better else None
    if not (matched.shares[chosen] >= SHARE).any():
        message = (_SOME, {})
    if not found.any():
        return _Found(found, matched.scores, words)
    respelt = _respelt(library, query.text, better) if better else None
    return _Found(found, matched.scores, corrected, message, respelt)


def _understood(library: Library, words: Sequence[Word], lexicon: Lexicon, lang: str) -> list[Word]:
    """The words with all that they may be called; compounds that nobody has, in parts."""
    given = terms.shipped().widen(words, asked.spoken_in(words, lang))
    parted: list[Word] = []
    for word in given:
        if word.parts and not placing.stands(library, word):
            parted += asked.apart(word)
        else:
            opened = (each for each in asked.opened(word) if placing.comes_apart(library, each))
            parted.append(next(opened, word))
    spoken = asked.spoken_in(words, lang)
    return [
        replace(word, meanings=() if word.tongue else _meanings(library, word, lexicon, spoken))
        for word in parted
    ]


def _meanings(
    library: Library, word: Word, lexicon: Lexicon, spoken: str
) -> tuple[tuple[str, str, float], ...]:
    """What a word may be in the other language. One that is at home in the language of the query
    is not read as a word of the other."""
    documents = library.documents
    having = documents.language[library.postings("words", word.text).ids]

    def share(code: str) -> float:
        number = analysis.LANGUAGES.index(code)
        held = int(np.count_nonzero(documents.language == number))
        return int(np.count_nonzero(having == number)) / max(1, held)

    ours = share(spoken)
    theirs = max(share(code) for code in LANGUAGES if code != spoken)
    at_home = spoken in LANGUAGES and ours > 0 and ours >= AT_HOME * theirs
    return meaning.of(lexicon, word.text, (spoken,) if at_home else LANGUAGES)


def _allowed(library: Library, query: Query) -> Mask:
    """The studies that the phrases, prefixes and exclusions of a query leave."""
    studies, study = library.studies, library.documents.study
    allowed = np.ones(studies.size, np.bool_)
    for phrase in query.wanted.phrases:
        allowed &= studies.from_documents(holding.phrase(library, phrase), study)
    for field, keys in (("place", query.wanted.cities), ("topic", query.wanted.topics)):
        if keys:
            allowed &= studies.from_documents(holding.having(library, field, keys), study)
    if query.excluded:
        excluded = holding.holding(library, query.excluded)
        allowed &= ~studies.from_documents(excluded, study)
    return allowed


def _similar(library: Library, word: str) -> Sequence[str]:
    """Spellings that documents have; some are two words with a space between."""

    def frequency(candidate: str) -> int:
        return len(library.postings("words", candidate).ids)

    def known(candidate: str) -> bool:
        # A word of a withdrawn study may linger in the index's lists: it must not be suggested.
        return library.knows(candidate) and frequency(candidate) > 0

    return spelling.corrections(word, known, frequency)


def _respelt(library: Library, text: str, better: Mapping[str, Sequence[str]]) -> str:
    """The query with each unknown word as a document writes the one that is like it."""
    made, place = [], 0
    for piece in folding.scan(text):
        parts = analysis.piece(piece[0]).words
        if any(part in better for part in parts):
            mended = [
                written(library, word) if part in better else word
                for part in parts
                for word in (better[part][0].split() if part in better else [part])
            ]
            made += [text[place : piece.start()], " ".join(mended)]
            place = piece.end()
    return "".join([*made, text[place:]])


def written(library: Library, word: str, lang: str | None = None) -> str:
    """A folded word with the accents that a document gives it, one in this language if possible."""
    ids, documents = library.postings("words", word).ids, library.documents
    native = documents.language[ids]
    if lang:
        native = native != analysis.LANGUAGES.index(analysis.language(lang).code)
    # Any will do, but the same one in every process, however its index numbers the documents.
    key = library.studies.key[documents.study[ids]]
    number = int(ids[np.lexsort((key, native))[0]])
    for text in library.stored(number).values():
        for piece in folding.scan(text):
            if analysis.piece(piece[0]).words == (word,):
                shown = _bare(piece[0], word)
                return shown if shown.isupper() else shown.lower()
    return word


def _bare(raw: str, word: str) -> str:
    """A piece without what stands before or after an apostrophe and is no part of the word."""
    parts = _APOSTROPHE.split(raw)
    return next((part for part in parts if analysis.piece(part).words == (word,)), raw)


def _highlighter(words: Sequence[Word]) -> Highlighter:
    forms = {form for word in words for form in (*word.forms, *word.parts)}
    stems = {
        code: {analysis.language(code).stem(form) for form in forms} for code in analysis.LANGUAGES
    }
    for word in words:
        for code, stem, _ in word.meanings:
            stems[code].add(stem)
    return Highlighter(forms, stems)


def _hit(
    library: Library,
    number: int,
    scores: Floats | None,
    by_score: Floats | None,
    highlighter: Highlighter,
    filters: Filters,
    lang: str,
) -> Hit:
    """A study as it is shown: in the reader's language when it can be, and marked."""
    langs = {int(n): library.name(int(n), "lang") for n in library.studies.of(number)}
    wanted = filters.chosen("language")

    def score(document: int) -> float:
        return float(scores[document]) if scores is not None else 0.0

    def reluctance(document: int) -> tuple[bool, bool, float]:
        tag = langs[document]
        return bool(wanted) and tag not in wanted, tag[:2] != lang[:2], -score(document)

    shown = min(langs, key=reluctance)
    best = max(langs, key=lambda n: (score(n), n == shown))
    stored = library.stored(shown)
    return Hit(
        study_key=library.name(shown, "study_key"),
        entry_id=library.name(shown, "entry_id"),
        lang=langs[shown],
        found_in=langs[best],
        score=float(by_score[number]) if by_score is not None else 0.0,
        title_html=highlighter.title(stored.get("title", ""), langs[shown]),
        snippet_html=highlighter.snippet(_text(stored), langs[shown]),
    )


def _text(stored: dict[str, str]) -> str:
    summary, body = stored.get("summary", ""), stored.get("body", "")
    return body if body.startswith(summary) else f"{summary}\n{body}"
