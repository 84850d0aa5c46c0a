"""Words to index terms: what each language takes as the same word, with a cache that makes it fast.

An index has one field of stems per language (`fr`, `en`, and `xx` for every other) and one field
of whole words, so that a reader's words are looked up as each language would understand them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import Stemmer

from network.search import folding, stopwords
from network.search.values import Named, SearchDocument

LANGUAGES = ("fr", "en", "xx")
"""The languages that the index tells apart; xx is every other, folded but not stemmed."""

VERSION = 3
"""Raised whenever the same text would give other terms, so that old indexes are built anew."""

TITLE_WEIGHT = 3
ABOUT_WEIGHT = 2
"""Of what says in a few words what a study is about: its summary, topics and city."""

LONGEST_BODY = 300_000
"""Characters of a body that are searched."""

_GAP = 20
_LAST_POSITION = 0xFFFF
_CACHED = 100_000
_CACHEABLE = 80
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
            if len(raw) <= _CACHEABLE:
                self._pieces[raw] = found
        return found

    def pieces(self, text: str) -> Iterator[Piece]:
        """The pieces of a text in this language."""
        return (self.piece(match[0]) for match in folding.scan(text))

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
    return _cached_piece(raw) if len(raw) <= _CACHEABLE else folding.piece(raw)


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


@dataclass(slots=True)
class Terms:
    """A document's terms by field. words: weight and positions of every whole word; stems:
    language → stem → weight."""

    words: dict[str, tuple[int, list[int]]]
    stems: dict[str, dict[str, int]]


def terms(document: SearchDocument) -> Terms:
    """What a document is found by.

    Its own language's field holds its text; the other languages' fields hold what its topics and
    its city are called in them, by which a reader of those finds it too.
    """
    collected = _Collector()
    own = language(document.lang)
    collected.add_title(document.title, own)
    collected.add(document.summary, own, ABOUT_WEIGHT)
    collected.add(document.body[:LONGEST_BODY], own)
    for lang, name in document.topic_words + document.city_words:
        collected.add(name, language(lang), ABOUT_WEIGHT)
    return collected.terms()


class _Collector:
    def __init__(self) -> None:
        self._words: dict[str, tuple[int, list[int]]] = {}
        self._stems: dict[str, dict[str, int]] = {code: {} for code in LANGUAGES}
        self._position = 0

    def add_title(self, text: str, lang: Language) -> None:
        """Add a title: weighty, and with its stop words, which tell short titles apart."""
        self._add(text, lambda raw: _piece(raw, lang, keep_stop=True), lang, TITLE_WEIGHT)

    def add(self, text: str, lang: Language, weight: int = 1) -> None:
        """Add a text."""
        self._add(text, lang.piece, lang, weight)

    def _add(self, text: str, read: Callable[[str], Piece], lang: Language, weight: int) -> None:
        """Each piece is looked at once, however often the text has it."""
        position = self._position
        seen: dict[str, tuple[Piece, list[int]]] = {}
        for match in folding.scan(text):
            raw = match[0]
            held = seen.get(raw)
            if held is None:
                held = seen[raw] = (read(raw), [])
            held[1].append(position)
            position += held[0].length
        self._position = position + _GAP  # phrases must not run from one field into the next
        words, stems = self._words, self._stems[lang.code]
        for (_, found), positions in seen.values():
            heavy = weight * len(positions)
            for word, offset, stem in found:
                places = [p + offset for p in positions] if offset else positions
                before = words.get(word)
                words[word] = (before[0] + heavy, before[1] + places) if before else (heavy, places)
                if stem:
                    stems[stem] = stems.get(stem, 0) + heavy

    def terms(self) -> Terms:
        """All that was added."""
        words = {word: (heavy, _bounded(places)) for word, (heavy, places) in self._words.items()}
        return Terms(words, self._stems)


def _bounded(positions: list[int]) -> list[int]:
    """Positions in order that fit into 16 bits, at least one of them."""
    positions.sort()  # “Eau” and “l’eau” are one word, and came one after the other
    if positions[-1] < _LAST_POSITION:
        return positions
    return [p for p in positions if p < _LAST_POSITION] or [_LAST_POSITION]


def keys(slugs: Iterable[str | None], names: Named) -> set[str]:
    """What `city:` and `topic:` find a document by."""
    return {folding.key(text) for text in (*slugs, *(name for _, name in names)) if text} - {""}
