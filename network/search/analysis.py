"""Words to index terms: what each language takes as the same word, with a cache that makes it fast.

An index has one field of stems per language (`fr`, `en`, and `xx` for every other) and one field
of whole words, so that a reader's words are looked up as each language would understand them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from importlib import metadata
from threading import Lock
from typing import NamedTuple

import Stemmer

from network.search import folding
from network.search.forms import Rules
from network.search.values import Named
from network.search.word_tables import RULES, WEAK

LANGUAGES = (*RULES, "xx")
"""The languages that the index tells apart; xx is every other, folded but not stemmed."""

VERSION = 5
"""Raised whenever the same text would give other terms, so that old indexes are built anew."""

STEMMER = metadata.version("PyStemmer")
"""Stemmers change while `Stemmer.version()` stays the same, so it is the package’s that counts."""

FORMAT = f"{VERSION}-{STEMMER}-{'.'.join(LANGUAGES)}"
"""What an index is made by: one that another makes is built anew."""

TITLE_WEIGHT = 3
ABOUT_WEIGHT = 2
"""Of what says in a few words what a study is about: its summary, topics and city."""

LONGEST_BODY = 300_000
"""Characters of a body that are searched."""

_CACHED = 100_000
CACHEABLE = 80
"""Letters of a piece of text that is remembered; longer ones are rarely met twice."""
_PLAIN = re.compile(r"[a-z]{2,}")
OWN_NAME = "="
"""What tells the key of a topic's name from a synonym's."""
_HALVES = re.compile(" (?:and|et) ")
_ORDINAL = re.compile(r"(\d+)(?:ers?|eres?|res?|e|es|i?emes?|n?des?|nds?|st|th|rd)")
"""1er, 2nd, 13e, 13ème: one word in every language."""
_ROMAN = re.compile(r"((?=[iv]*x)[ivx]{2,}|v?i{2,3}|iv)(?:i?emes?|es?|th)")
"""XXIe, however it is written; what may be another word, as vie, is told by its capitals alone."""
_ENDING = re.compile("(?:es|s|x|e)$")
_ENDINGS = ("", "s", "e", "es", "x")


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
        known = {*given, *given.values()}
        return [form for form in known if self.stem(form) in stems]

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
        if ordinal := _ORDINAL.fullmatch(word):
            return f"{ordinal[1]}e"
        if ordinal := _ROMAN.fullmatch(word):
            return f"{folding.roman(ordinal[1])}e"
        rules, stemmer = self._rules, self._stemmer
        if rules is None or stemmer is None or not _PLAIN.fullmatch(word):
            return word
        known = rules.irregular
        word = known.get(word) or known.get(word.removesuffix("s")) or word
        if rules.whole.fullmatch(word):
            return word.removesuffix("s")
        for pattern, replacement in rules.rewrites:
            word = pattern.sub(replacement, word)
        return str(stemmer.stemWord(word))


_LANGUAGES = {code: Language(code, RULES.get(code)) for code in LANGUAGES}

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
    # “Sans-abri” is not “sans”.
    compound = joined and len(parts) > 1
    kept = [i for i, word in enumerate(parts) if not (compound and word in WEAK)]
    places = [(parts[i], i) for i in kept] + ([(joined, 0)] if joined else [])
    if compound and lang.stem(parts[0]) == lang.stem(single := parts[0].removesuffix("s")) != "":
        places += [("".join((single, *parts[1:])), 0)] * (single != parts[0])  # plates-formes
    stems = [(word, i, "" if word in lang.stop else lang.stem(word)) for word, i in places]
    if joined and len(parts) == 1 and stems[0][2] == stems[1][2] != "":
        return Piece(1, (stems[0], (joined, 0, "")))  # XIIIe counts once as 13e
    return Piece(len(parts), tuple(each for each in stems if each[2] or keep_stop))


@lru_cache(maxsize=10_000)
def forms(word: str, code: str) -> tuple[str, ...]:
    """The commonest forms that the language takes for the same word."""
    lang = language(code)
    stem, base = lang.stem(word), _ENDING.sub("", word)
    bases = {word, base, *lang.irregular([stem])}
    if base.endswith("al"):
        bases.add(base[:-1] + "u")
    if base.endswith("if"):
        bases.add(base[:-1] + "v")
    if base.endswith("iv"):
        bases.add(base[:-1] + "f")
    made = {each + ending for each in bases for ending in _ENDINGS}
    return tuple(sorted(form for form in made if lang.stem(form) == stem))


@lru_cache(maxsize=10_000)
def keys(slugs: str | tuple[str, ...] | None, names: Named) -> frozenset[str]:
    """What `city:` and `topic:` find a document by, of its slugs and what they are called."""
    given = (slugs,) if isinstance(slugs, str) else slugs or ()
    texts = (*given, *(name for _, name in names))
    return frozenset(folding.key(text) for text in texts if text) - {""}


@lru_cache(maxsize=10_000)
def named(slugs: tuple[str, ...], names: Named) -> frozenset[str]:
    """What words of a query find a document by, of the names of its topics: the stems of each, or
    of each half (“Housing and urban planning”); and that it is a topic's own name, no synonym."""
    own, found = keys(slugs, ()), set()
    for lang, name in names:
        for part in _HALVES.split(name):
            stems = [stem for each in language(lang).pieces(part) for stem in _whole(each)]
            if any(stems):
                found.add(name_key(lang, stems, folding.key(name) in own))
    return frozenset(found)


def _whole(piece: Piece) -> list[str]:
    """The stems of a piece of a name; of a hyphened one, which is its words and all of them in
    one, that alone."""
    stems = [stem for _, _, stem in piece.words]
    joined = [stem for _, place, stem in piece.words[1:] if place == 0]
    return joined[-1:] if len(stems) > 2 and joined else stems


def name_key(lang: str, stems: Iterable[str], own: bool = False) -> str:
    """How the stems of a name are looked up among what documents are about."""
    return f"{lang}{OWN_NAME if own else '/'}{'-'.join(stems)}"
