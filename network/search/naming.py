"""Which topics the words of a query name: by a whole name or synonym, in either language.

That a study has a topic tells what it is about, though its text may say it otherwise; a word of a
topic's name alone (“public”, “open”) tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from network.search import analysis
from network.search.asked import Word
from network.search.lexicon import LANGUAGES
from network.search.postings import Floats, Index

OWN = 1.4
"""What it counts beside words of a text that a study has the topic of this name: as much as
standing in its summary."""

SYNONYM = 0.5
"""… and that the topic is called so as well: less than a word of the text."""

LONGEST = 4
"""Words of a name."""


def named(index: Index, words: Sequence[Word]) -> list[Word]:
    """The words of a query, with the names of topics that they make, the longest first."""
    found: dict[int, dict[str, None]] = {i: {} for i in range(len(words))}
    for lang in LANGUAGES:
        language = analysis.language(lang)
        told = [
            (i, language.stem(w.text)) for i, w in enumerate(words) if w.text not in language.stop
        ]
        start = 0
        while start < len(told):
            size = _longest(index, lang, [stem for _, stem in told[start : start + LONGEST]])
            names = [stem for _, stem in told[start : start + size]]
            for i, _ in told[start : start + size]:
                found[i] |= dict.fromkeys(_known(index, lang, names))
            start += max(1, size)
        for i, word in enumerate(words):
            found[i] |= dict.fromkeys(_in_one_word(index, lang, word))
    for i, word in enumerate(words):
        for term in word.terms:
            stems = [analysis.language(term.lang).stem(text) for _, text in term.words]
            found[i] |= dict.fromkeys(_known(index, term.lang, stems))
    return [replace(word, topics=tuple(found[i])) for i, word in enumerate(words)]


def about(index: Index, word: Word) -> Floats:
    """What each document has of a word by being of a topic that is called so."""
    made = np.zeros(index.documents.size, np.float32)
    for key in word.topics:
        ids = index.postings("topic", key).ids
        made[ids] = np.maximum(made[ids], OWN if analysis.OWN_NAME in key else SYNONYM)
    return made


def _in_one_word(index: Index, lang: str, word: Word) -> Iterator[str]:
    """The names that a word makes with what it stands beside in one word: e-government."""
    for other in word.others:
        if other != word.text:
            yield from _known(index, lang, [analysis.language(lang).stem(other)])


def _longest(index: Index, lang: str, stems: Sequence[str]) -> int:
    sizes = range(len(stems), 0, -1)
    return next((n for n in sizes if any(_known(index, lang, stems[:n]))), 0)


def _known(index: Index, lang: str, stems: Sequence[str]) -> Iterator[str]:
    for own in (True, False):
        key = analysis.name_key(lang, stems, own)
        if len(index.postings("topic", key).ids):
            yield key
