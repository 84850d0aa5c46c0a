"""Which words of one language stand for which of the other, learnt from the network's own
translations: every study that exists in both makes the search of all others better.

IBM model 1 (Brown and others, “The Mathematics of Statistical Machine Translation”, 1993) in both
directions over aligned paragraphs, as stems; what both directions agree on is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.search import analysis, folding
from network.search.asked import is_compound

ROUNDS = 8
MOST = 6
"""Words that one word may stand for."""
LEAST = 0.06
"""The share of a word's uses that a translation must explain."""
LEAST_SEEN = 2
"""Paragraphs in which both words must have stood."""
LONGEST_PARAGRAPH = 60
"""Different stems of a paragraph that count; a longer one says little about any of them."""
MOST_PAIRS = 4_000_000
"""Pairs of stems that are learnt from: some 200 MB for some seconds."""
CERTAIN = 0.6
"""How well words that people wrote down as one thing stand for each other."""
LANGUAGES = ("en", "fr")


class Meaning(NamedTuple):
    """A stem of the other language and how well it stands for the word, 0 to 1."""

    stem: str
    weight: float


Pair = tuple[str, str, float]
"""An English stem, a French one, and how well each stands for the other."""

Passage = tuple[str, str]
"""A piece of text in English and the same in French."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """words: language → stem → what it is in the other language, the best first."""

    words: Mapping[str, Mapping[str, Sequence[Meaning]]] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Lexicon:
        """A lexicon of pairs; of those that are given twice, the better."""
        best: dict[tuple[str, str], float] = {}
        for english, french, weight in pairs:
            best[english, french] = max(weight, best.get((english, french), 0))
        words: dict[str, dict[str, list[Meaning]]] = {language: {} for language in LANGUAGES}
        for (english, french), weight in sorted(best.items(), key=lambda item: (-item[1], item[0])):
            for lang, stem, other in (("en", english, french), ("fr", french, english)):
                meanings = words[lang].setdefault(stem, [])
                if len(meanings) < MOST:
                    meanings.append(Meaning(other, weight))
        return cls(words)

    def of_word(
        self, word: str, read_in: Collection[str] = LANGUAGES
    ) -> tuple[tuple[str, str, float], ...]:
        """(language, stem, weight) of what a word may be, read as a word of these languages.

        The best that is learnt weighs 1: how sure a translation is says little of how apt it is.
        """
        found: dict[tuple[str, str], float] = {}
        for lang, other in (LANGUAGES, LANGUAGES[::-1]):
            rules = analysis.language(lang)
            if lang in read_in and word not in rules.stop:
                learnt = self.words.get(lang, {}).get(rules.stem(word), ())
                for meaning in learnt:
                    found[other, meaning.stem] = meaning.weight / learnt[0].weight
        return tuple((*place, weight) for place, weight in found.items())

    def pairs(self) -> list[Pair]:
        """All that it holds, in order."""
        found = {
            (english, meaning.stem): meaning.weight
            for english, meanings in self.words.get("en", {}).items()
            for meaning in meanings
        }
        for french, meanings in self.words.get("fr", {}).items():
            found |= {(meaning.stem, french): meaning.weight for meaning in meanings}
        return [(english, french, weight) for (english, french), weight in sorted(found.items())]


EMPTY = Lexicon()


def passages(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Passage]:
    """Texts of one study in both languages, each as title, summary and lines of its body.

    Lines are taken one by one where both have as many, for then they are each other's translation.
    """
    yield from zip(ours[:2], theirs[:2], strict=True)
    if len(ours) == len(theirs):
        yield from zip(ours[2:], theirs[2:], strict=True)


def learn(found: Iterable[Passage]) -> Lexicon:
    """A lexicon from passages; no more of them are asked for than there is room for."""
    corpus = _Corpus.of((_stems(english, "en"), _stems(french, "fr")) for english, french in found)
    if not len(corpus.pair):
        return EMPTY
    forward = _model(corpus.left.stem, corpus.right, corpus.pair, corpus.english)
    backward = _model(corpus.right.stem, corpus.left, corpus.pair, corpus.french)
    agreed = np.sqrt(forward * backward)
    kept = np.flatnonzero((agreed >= LEAST) & (corpus.seen >= LEAST_SEEN))
    english, french = corpus.left.stems, corpus.right.stems
    return Lexicon.of(
        (english[corpus.english[i]], french[corpus.french[i]], round(float(agreed[i]), 3))
        for i in kept
    )


def _stems(text: str, lang: str) -> list[str]:
    """The words that mean something; figures are the same in every language."""
    language, found = analysis.language(lang), []
    for raw in folding.SCANNER.findall(text):
        words, joined = analysis.piece(raw)
        if joined and is_compound(words):  # sans-abri is neither sans nor abri
            found.append(language.stem(joined))
        else:
            read = language.piece(raw).words
            found += [stem for word, _, stem in read if stem and not word.isdigit()]
    return found


def concepts(lines: Iterable[str]) -> Iterator[Pair]:
    """Pairs of lines of words that mean one thing: `bike, bicycle <tab> vélo, bicyclette`."""
    for line in lines:
        sides = zip(line.split("\t"), LANGUAGES, strict=True)
        english, french = (_stems(words, lang) for words, lang in sides)
        yield from ((one, other, CERTAIN) for one in english for other in french)


Numbers = NDArray[np.int32]
Shares = NDArray[np.float64]


@dataclass(slots=True)
class _Side:
    """One language of a corpus: its stems, and for every pair which stem it has and at which place
    (a stem in a paragraph)."""

    stems: list[str]
    stem: Numbers
    place: Numbers


class _Collecting:
    """A side while it is collected."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._stems: list[Numbers] = []
        self._places: list[Numbers] = []
        self._size = 0

    def numbers(self, stems: Iterable[str]) -> Numbers:
        """The stems of a paragraph as numbers, each once."""
        known = self._numbers
        chosen = list(dict.fromkeys(stems))[:LONGEST_PARAGRAPH]
        return np.array([known.setdefault(stem, len(known)) for stem in chosen], np.int32)

    def add(self, numbers: Numbers, order: Numbers) -> None:
        """Take in a paragraph's pairs. order: which of its stems each pair has."""
        self._stems.append(numbers[order])
        self._places.append(order + np.int32(self._size))
        self._size += len(numbers)

    def side(self) -> _Side:
        """All that was added."""
        stems, places = (np.concatenate([_NONE, *part]) for part in (self._stems, self._places))
        return _Side(list(self._numbers), stems, places)


_NONE = np.empty(0, np.int32)


@dataclass(slots=True)
class _Corpus:
    """Every pair of stems that stand in paragraphs of one meaning.

    pair: which of the different pairs each is; of these: english, french, and seen, in how many
    paragraphs.
    """

    left: _Side
    right: _Side
    pair: Numbers
    english: Numbers
    french: Numbers
    seen: Numbers

    @classmethod
    def of(cls, paragraphs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> _Corpus:
        left, right = _Collecting(), _Collecting()
        total = 0
        for ours, theirs in paragraphs:
            a, b = left.numbers(ours), right.numbers(theirs)
            total += len(a) * len(b)
            if total > MOST_PAIRS:
                break
            left.add(a, np.repeat(np.arange(len(a), dtype=np.int32), len(b)))
            right.add(b, np.tile(np.arange(len(b), dtype=np.int32), len(a)))
        return cls._numbered(left.side(), right.side())

    @classmethod
    def _numbered(cls, left: _Side, right: _Side) -> _Corpus:
        width = max(1, len(right.stems))
        keys = left.stem.astype(np.int64) * width + right.stem
        different, pair, seen = np.unique(keys, return_inverse=True, return_counts=True)
        english, french = (
            (different // width).astype(np.int32),
            (different % width).astype(np.int32),
        )
        return cls(left, right, pair.astype(np.int32), english, french, seen)


def _model(given: Numbers, made: _Side, pair: Numbers, given_of_pair: Numbers) -> Shares:
    """t(made | given) of every different pair, by expectation maximisation from equal shares."""
    share = np.ones(len(given_of_pair))
    for _ in range(ROUNDS):
        # The explainers of one stem in one paragraph share it between them.
        weight = share[pair]
        weight /= np.bincount(made.place, weight)[made.place]
        count = np.bincount(pair, weight, minlength=len(share))
        share = count / np.bincount(given, weight)[given_of_pair]
    return share
