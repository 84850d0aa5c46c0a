"""Words to index terms: what each language takes as the same word, with a cache that makes it fast.

An index has one field of stems per language (`fr`, `en`, and `xx` for every other) and one field
of whole words, so that a reader's words are looked up as each language would understand them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import Stemmer

from network.search import folding, stopwords
from network.search.values import Named

LANGUAGES = ("fr", "en", "xx")
"""The languages that the index tells apart; xx is every other, folded but not stemmed."""

VERSION = 3
"""Raised whenever the same text would give other terms, so that old indexes are built anew."""

TITLE_WEIGHT = 3
ABOUT_WEIGHT = 2
"""Of what says in a few words what a study is about: its summary, topics and city."""

LONGEST_BODY = 300_000
"""Characters of a body that are searched."""

_CACHED = 100_000
CACHEABLE = 80
"""Letters of a piece of text that is remembered; longer ones are rarely met twice."""
_PLAIN = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Rules:
    """How one language changes its words. irregular: forms that the stemmer cannot know of."""

    stemmer: str
    stop: frozenset[str]
    irregular: dict[str, str]
    rewrites: tuple[tuple[re.Pattern[str], str], ...]


_FRENCH = Rules(
    "french",
    stopwords.FRENCH,
    {
        "travaux": "travail", "vitraux": "vitrail", "baux": "bail", "yeux": "oeil",
        "cieux": "ciel", "milieux": "milieu", "cheveux": "cheveu",
    },
    # Snowball's French wants accents, which folding took: give it the endings that it would see.
    (
        (re.compile(r"(?<=[a-z]{2})ees?$"), "e"),
        (re.compile(r"(?<=[a-z]{2})ieres?$"), "ier"),
        (re.compile(r"^([a-z]{1,3}[eo]u)x$"), r"\1"),
        # It also takes the plural of élu and vélo for a part of the word.
        (re.compile(r"(?<=[a-z]{2}[ou])s$"), ""),
    ),
)  # fmt: skip
_ENGLISH = Rules(
    "english",
    stopwords.ENGLISH,
    {
        "men": "man", "women": "woman", "children": "child", "people": "person", "feet": "foot",
        "criteria": "criterion", "indices": "index", "centers": "centre", "center": "centre",
        "theater": "theatre", "theaters": "theatre", "program": "programme",
        "programs": "programme", "license": "licence", "licenses": "licence", "gray": "grey",
        "defense": "defence", "tire": "tyre", "tires": "tyre",
    },
    # American and British spelling are one word.
    (
        (re.compile(r"(?<=[a-z]{3})i[sz](?=(?:e|es|ed|er|ers|ing|ation|ations|ational)$)"), "is"),
        (re.compile(r"^(neighb|col|lab|behavi|harb|fav|hon|hum|end?eav)our"), r"\1or"),
    ),
)  # fmt: skip


class Language:
    """One language's stop words and stems."""

    def __init__(self, code: str, rules: Rules | None) -> None:
        self.code = code
        self.stop = rules.stop if rules else frozenset()
        self._rules = rules
        # Our own cache serves all threads; the stemmer's own would not be safe among them.
        self._stemmer = Stemmer.Stemmer(rules.stemmer, 0) if rules else None
        self._lock = Lock()
        self._stems: dict[str, str] = {}
        self._pieces: dict[str, Piece] = {}

    def stem(self, word: str) -> str:
        """What the word shares with its other forms; the word itself where there is none."""
        if self._stemmer is None:
            return word
        stem = self._stems.get(word)
        if stem is None:
            with self._lock:
                if len(self._stems) >= _CACHED:  # a text full of noise must not fill the memory
                    self._stems.clear()
                stem = self._stems[word] = self._derive(word)
        return stem

    def irregular(self, stems: Collection[str]) -> list[str]:
        """Forms that have one of these stems and need not begin like it."""
        given = self._rules.irregular if self._rules else {}
        return [form for form in given if self.stem(form) in stems]

    def piece(self, raw: str) -> Piece:
        """A piece of a text in this language; nearly all have been seen before."""
        found = self._pieces.get(raw)
        if found is None:
            found = _piece(raw, self, keep_stop=False)
            if len(self._pieces) >= _CACHED:
                self._pieces.clear()
            if len(raw) <= CACHEABLE:
                self._pieces[raw] = found
        return found

    def title_piece(self, raw: str) -> Piece:
        """A piece of a title, which keeps its stop words: they tell short titles apart."""
        return _piece(raw, self, keep_stop=True)

    def pieces(self, text: str) -> Iterator[Piece]:
        """The pieces of a text in this language."""
        return map(self.piece, folding.SCANNER.findall(text))

    def _derive(self, word: str) -> str:
        rules, stemmer = self._rules, self._stemmer
        if rules is None or stemmer is None or not _PLAIN.fullmatch(word):
            return word
        word = rules.irregular.get(word, word)
        for pattern, replacement in rules.rewrites:
            word = pattern.sub(replacement, word)
        return str(stemmer.stemWord(word))


_LANGUAGES = {
    "fr": Language("fr", _FRENCH),
    "en": Language("en", _ENGLISH),
    "xx": Language("xx", None),
}

_cached_piece = lru_cache(maxsize=_CACHED)(folding.piece)


def piece(raw: str) -> folding.Piece:
    """The words of a piece of text that folding.scan found."""
    return _cached_piece(raw) if len(raw) <= CACHEABLE else folding.piece(raw)


def language(tag: str) -> Language:
    """The rules for a BCP 47 tag."""
    return _LANGUAGES.get(tag[:2].lower(), _LANGUAGES["xx"])


class Piece(NamedTuple):
    """A piece of text as a document in some language holds it.

    length: positions that it takes. words: (word, position within, stem), stop words left out, or
    without a stem where they stay. A joined word (porteparole) stands where its first part does.
    """

    length: int
    words: tuple[tuple[str, int, str], ...]


def _piece(raw: str, lang: Language, keep_stop: bool) -> Piece:
    parts, joined = piece(raw)
    places = [(word, i) for i, word in enumerate(parts)] + ([(joined, 0)] if joined else [])
    stems = ((word, i, "" if word in lang.stop else lang.stem(word)) for word, i in places)
    return Piece(len(parts), tuple(each for each in stems if each[2] or keep_stop))


@lru_cache(maxsize=10_000)
def keys(slugs: str | tuple[str, ...] | None, names: Named) -> frozenset[str]:
    """What `city:` and `topic:` find a document by, of its slugs and what they are called."""
    given = (slugs,) if isinstance(slugs, str) else slugs or ()
    texts = (*given, *(name for _, name in names))
    return frozenset(folding.key(text) for text in texts if text) - {""}
