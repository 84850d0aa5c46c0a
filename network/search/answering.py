"""From a query to a page of results, over any index that can be read as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from network.lib.i18n import N_
from network.search import (
    analysis,
    asked,
    placing,
    scoring,
    spelling,
    terms,
)
from network.search import studies as studies_
from network.search.asked import Word
from network.search.lexicon import EMPTY, LANGUAGES, Lexicon
from network.search.postings import Floats, Mask
from network.search.query import Query, Side
from network.search.snippets import Highlighter
from network.search.studies import Library
from network.search.values import NEWEST, Filters, Hit, Message, Results

SHARE = 0.6
"""The share of the words asked for that a study must have: two of two or three, three of four."""

SOME = 0.35
"""… and below which nothing answers; of two words one is not enough where nobody has the other."""
HALF = 0.45

AT_HOME = 0.25
"""How common a word must be in a query’s language, beside the other, to be read in it alone."""

FURTHEST = 10_000
LARGEST_PAGE = 100

_SOME = N_("No study has all of these words; these have some of them.")
_SIMILAR = N_("No study has “%(words)s”; these have a similar word.")


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
    unknown = {
        w: spelling.similar(library, w.text) for w in words if not spelling.known(library, w)
    }
    better = {word.text: similar for word, similar in unknown.items() if similar}
    corrected = words
    if better:
        corrected = _understood(library, spelling.respelt(words, better), lexicon, lang)
    matched = scoring.match(library, corrected, asked.spoken_in(corrected, lang))
    study = library.documents.study
    near = allowed[study] & library.documents.live
    told = sum(word.text not in asked.STOPS for word in typed)
    chosen = matched.chosen(near, HALF if told == 2 else SOME)
    found = library.studies.from_documents(chosen, study) & allowed
    message: Message | None = (_SIMILAR, {"words": " ".join(better)}) if better else None
    if not (matched.shares[chosen] >= SHARE).any():
        message = (_SOME, {})
    if not found.any():
        return _Found(found, matched.scores, words)
    respelt = spelling.mended(library, query.text, better) if better else None
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
    language = library.documents.language
    having = language[library.postings("words", word.text).ids]
    held, all_ = (
        np.bincount(each, minlength=len(analysis.LANGUAGES)) for each in (having, language)
    )
    shares = dict(zip(analysis.LANGUAGES, held / np.maximum(1, all_), strict=True))
    ours, theirs = shares[spoken], max(shares[code] for code in LANGUAGES if code != spoken)
    at_home = spoken in LANGUAGES and ours > 0 and ours >= AT_HOME * theirs
    return lexicon.of_word(word.text, (spoken,) if at_home else LANGUAGES)


def _allowed(library: Library, query: Query) -> Mask:
    """The studies that the phrases, prefixes and exclusions of a query leave."""
    studies, study = library.studies, library.documents.study
    allowed = np.ones(studies.size, np.bool_)
    for phrase in query.wanted.phrases:
        allowed &= studies.from_documents(placing.phrase(library, phrase), study)
    for field, keys in (("place", query.wanted.cities), ("topic", query.wanted.topics)):
        if keys:
            allowed &= studies.from_documents(placing.having(library, field, keys), study)
    if query.excluded:
        excluded = _having(library, query.excluded)
        allowed &= ~studies.from_documents(excluded, study)
    return allowed


def _having(library: Library, side: Side) -> Mask:
    """The documents that hold any word or phrase of a side, or belong to its cities or topics."""
    found = placing.having(library, "place", side.cities)
    found |= placing.having(library, "topic", side.topics)
    for word in asked.words_of(side.words):
        found |= scoring.match(library, [word]).scores > 0
    for pieces in side.phrases:
        found |= placing.phrase(library, pieces)
    return found


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
    wanted = filters.chosen("language") or (*langs.values(),)
    score = {n: float(scores[n]) if scores is not None else 0.0 for n in langs}
    shown = min(langs, key=lambda n: (langs[n] not in wanted, langs[n][:2] != lang[:2], -score[n]))
    best = max(langs, key=lambda n: (score[n], n == shown))
    stored = library.stored(shown)
    summary, body = stored.get("summary", ""), stored.get("body", "")
    text = body if body.startswith(summary) else f"{summary}\n{body}"
    return Hit(
        study_key=library.name(shown, "study_key"),
        entry_id=library.name(shown, "entry_id"),
        lang=langs[shown],
        found_in=langs[best],
        score=float(by_score[number]) if by_score is not None else 0.0,
        title_html=highlighter.title(stored.get("title", ""), langs[shown]),
        snippet_html=highlighter.snippet(text, langs[shown]),
    )
