"""Words that name one thing together: other names of it, and the topics that they name.

Words of city administration that mean the same, also where one language needs several for them,
are known to every node (`data/terms.tsv`): a line is one thing, its names in English and in French.

Topics are named by a whole name or synonym, in either language. That a study has a topic tells what
it is about, though its text may say it otherwise; a word of a topic's name alone (“public”, “open”)
tells nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files

import numpy as np

from network.lib.i18n import ENGLISH_FIRST
from network.search import analysis, folding
from network.search.asked import Term, Word
from network.search.lexicon import LANGUAGES
from network.search.postings import Floats, Index

SAME = 0.7
"""How well another name in the same language stands for what was typed."""
TRANSLATED = 0.9
"""… and one in the other language."""

OWN = 1.4
"""What it counts beside words of a text that a study has the topic of this name: as much as
standing in its summary."""

SYNONYM = 0.5
"""… and that the topic is called so as well: less than a word of the text."""

LONGEST = 4
"""Words of a name."""

Key = tuple[str, ...]
"""The stems of a name, without its stop words."""


@dataclass(frozen=True, slots=True)
class Terms:
    """names: language → key → the other names of the same thing. longest: stems of a key.

    short: language → abbreviations, which may well be words of the other language.
    """

    names: Mapping[str, Mapping[Key, Sequence[Term]]]
    longest: int
    short: Mapping[str, Collection[Key]]

    def widen(self, words: Sequence[Word], spoken: str) -> list[Word]:
        """The words of a query, with other names of what they say together: the longest first."""
        parts = [(i, part) for i, word in enumerate(words) for part in word.parts or (word.text,)]
        found: dict[int, dict[Term, None]] = defaultdict(dict)
        bound: dict[int, int] = {}
        tongue: dict[int, str] = {}
        languages = sorted(LANGUAGES, key=lambda lang: lang != spoken)
        for lang in languages:
            language = analysis.language(lang)
            told = [(i, language.stem(p)) for i, p in parts if p not in language.stop]
            for run, key in _runs(told, self.names[lang].__contains__, self.longest):
                for i in run:
                    found[i] |= dict.fromkeys(self.names[lang][key])
                    if lang == spoken and key in self.short[lang]:
                        tongue.setdefault(i, lang)
                    if len(run) > 1:
                        bound.setdefault(i, run[0])
        return [
            replace(
                word,
                terms=tuple(found[i]),
                bound=bound.get(i, -1),
                tongue=tongue.get(i, ""),
            )
            for i, word in enumerate(words)
        ]


def _runs(
    told: Sequence[tuple[int, str]], known: Callable[[Key], object], most: int
) -> Iterator[tuple[list[int], Key]]:
    """The stems of words that follow each other and are a name together, the longest first, with
    the numbers of these words. told: number and stem of each; most: stems of a name."""
    start = 0
    while start < len(told):
        numbers, stems = zip(*told[start : start + most], strict=True)
        size = next((n for n in range(len(stems), 0, -1) if known(stems[:n])), 0)
        if size:
            yield list(numbers[:size]), stems[:size]
        start += max(1, size)


@cache
def shipped() -> Terms:
    """The terms that every node knows."""
    text = (files("network.search") / "data" / "terms.tsv").read_text("utf-8")
    names: dict[str, dict[Key, dict[Term, None]]] = {lang: defaultdict(dict) for lang in LANGUAGES}
    short: dict[str, set[Key]] = {lang: set() for lang in LANGUAGES}
    for line in text.splitlines():
        sides = zip(LANGUAGES, line.split("\t"), strict=True)
        things = [
            (lang, n.strip(), *_name(n, lang)) for lang, side in sides for n in side.split(";")
        ]
        for lang, name, key, _ in things:
            names[lang][key] |= {
                Term(other, words, SAME if other == lang else TRANSLATED): None
                for other, _, theirs, words in things
                if theirs != key
            }
            if name.isupper() and len(name.split()) == 1:
                short[lang].add(key)
    longest = max(len(key) for known in names.values() for key in known)
    return Terms(
        {lang: {k: tuple(t) for k, t in n.items()} for lang, n in names.items()}, longest, short
    )


def _name(name: str, lang: str) -> tuple[Key, tuple[tuple[int, str], ...]]:
    """A name's key, and its words with their places."""
    language = analysis.language(lang)
    words = [word for found in folding.scan(name) for word in analysis.piece(found[0]).words]
    told = tuple((i, word) for i, word in enumerate(words) if word not in language.stop)
    return tuple(language.stem(word) for _, word in told), told


def named(index: Index, words: Sequence[Word]) -> list[Word]:
    """The words of a query, with the names of topics that they make, the longest first; a word also
    makes one with what it stands beside in one word: e-government."""
    found: dict[int, dict[str, None]] = {i: {} for i in range(len(words))}
    for lang in ENGLISH_FIRST:
        language = analysis.language(lang)
        told = [(i, w.text) for i, w in enumerate(words) if w.text not in language.stop]
        stems = [(i, language.stem(text)) for i, text in told]
        runs = _runs(stems, partial(_known, index, lang), LONGEST)
        joined = [(i, other) for i, w in enumerate(words) for other in w.others if other != w.text]
        for numbers, key in [*runs, *(([i], (language.stem(each),)) for i, each in joined)]:
            for i in numbers:
                found[i] |= dict.fromkeys(_known(index, lang, key))
    for i, word in enumerate(words):
        for term in word.terms:
            key = tuple(analysis.language(term.lang).stem(text) for _, text in term.words)
            found[i] |= dict.fromkeys(_known(index, term.lang, key))
    return [replace(word, topics=tuple(found[i])) for i, word in enumerate(words)]


def about(index: Index, word: Word) -> Floats:
    """What each document has of a word by being of a topic that is called so."""
    made = np.zeros(index.documents.size, np.float32)
    for key in word.topics:
        ids = index.postings("topic", key).ids
        made[ids] = np.maximum(made[ids], OWN if analysis.OWN_NAME in key else SYNONYM)
    return made


def _known(index: Index, lang: str, stems: Key) -> list[str]:
    """The keys by which documents are found whose topics are called so."""
    keys = (analysis.name_key(lang, stems, own) for own in (True, False))
    return [key for key in keys if len(index.postings("topic", key).ids)]
