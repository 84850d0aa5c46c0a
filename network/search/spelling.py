"""Better spellings for words that the index does not know, from the words that it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase

import numpy as np

from network.search import analysis, folding
from network.search.asked import Word
from network.search.lexicon import LANGUAGES
from network.search.postings import Index
from network.search.studies import Library

SHORTEST = 4
"""Letters from which a word is worth correcting; among shorter ones nearly all are neighbours.

Of just so many, with a letter in another's place it is mostly another word: tram, team."""

DERIVED = 4
"""Letters from which an ending makes another word rather than a form."""

_MOST = 3
_APOSTROPHE = re.compile("['’‘ʼ]")


def known(index: Index, word: Word) -> bool:
    """Whether any document has the word in one of its commonest forms, or what it may mean. A stem
    alone does not tell: that of a slip is often another word's (consulation, consul)."""
    languages = [analysis.language(code) for code in analysis.LANGUAGES]
    if (word.terms or word.meanings) and _may_be_a_form(word.text):
        return True
    for each in (*word.forms, *word.parts):
        for lang in languages:
            if each in lang.stop:
                return True
            if any(_stands(index, form) for form in analysis.forms(each, lang.code)):
                return True
    return False


def _stands(index: Index, word: str) -> bool:
    """Whether a document has the word: one of a withdrawn study may linger in the index's lists."""
    return index.knows(word) and len(index.postings("words", word).ids) > 0


def corrections(
    word: str, known: Callable[[str], bool], frequency: Callable[[str], int]
) -> list[str]:
    """Known words one slip away (a letter missing, added, wrong or swapped, or a space left out),
    the most frequent first; two words are given with a space between."""
    if len(word) < SHORTEST or not word.isalpha():
        return []
    near = {candidate for candidate in _one_slip(word) if known(candidate)}
    ranked = sorted(near, key=lambda candidate: (-frequency(candidate), candidate))
    return ranked[:_MOST] or list(_split(word, known))[:1]


def similar(library: Library, word: str) -> Sequence[str]:
    """Spellings that documents have; some are two words with a space between."""

    def frequency(candidate: str) -> int:
        return len(library.postings("words", candidate).ids)

    return corrections(word, lambda candidate: _stands(library, candidate), frequency)


def mended(library: Library, text: str, better: Mapping[str, Sequence[str]]) -> str:
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


def respelt(words: Sequence[Word], better: Mapping[str, Sequence[str]]) -> list[Word]:
    """The words of a query, unknown ones as they are better spelt, to be understood anew. The form
    that was typed still counts where its stem may be the word's own."""
    made: list[Word] = []
    for word in words:
        first, *rest = better.get(word.text) or [word.text]
        typed = (word.text,) if word.text != first and _may_be_a_form(word.text) else ()
        others = (*word.others, *rest, *typed)
        made += [
            replace(word, text=each, others=others, meanings=(), terms=(), bound=-1, tongue="")
            for each in first.split()
        ]
    return made


def _may_be_a_form(word: str) -> bool:
    """Whether a stemmer takes no more from it than makes a form."""
    languages = [analysis.language(code) for code in LANGUAGES]
    return any(len(word) - len(lang.stem(word)) < DERIVED for lang in languages)


def _one_slip(word: str) -> Iterator[str]:
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            if tail and len(word) > SHORTEST:
                yield head + letter + tail[1:]


def _split(word: str, known: Callable[[str], bool]) -> Iterator[str]:
    for i in range(3, len(word) - 2):
        if known(word[:i]) and known(word[i:]):
            yield f"{word[:i]} {word[i:]}"
