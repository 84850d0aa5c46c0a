"""Which words of one language stand for which of the other, learnt from the network's own
translations: every study that exists in both makes the search of all others better.

IBM model 1 (Brown and others, “The Mathematics of Statistical Machine Translation”, 1993) in both
directions over aligned paragraphs, as stems; what both directions agree on is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUNDS = 8
MOST = 6
"""Words that one word may stand for."""
LEAST = 0.06
"""The share of a word's uses that a translation must explain."""
LEAST_SEEN = 2
"""Paragraphs in which both words must have stood."""
LONGEST_PARAGRAPH = 60
"""Different stems of a paragraph that count; a longer one says little about any of them."""
MOST_PAIRS = 6_000_000
"""Pairs of stems that are learnt from: what fits into memory (some 100 MB) and seconds."""


class Meaning(NamedTuple):
    """A stem of the other language and how well it stands for the word, 0 to 1."""

    stem: str
    weight: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """words: language → stem → what it is in the other language, the best first."""

    words: Mapping[str, Mapping[str, Sequence[Meaning]]] = field(default_factory=dict)

    def meanings(self, lang: str, stem: str) -> Sequence[Meaning]:
        """What a stem of `lang` is in the other language."""
        return self.words.get(lang, {}).get(stem, ())


EMPTY = Lexicon()


def learn(
    languages: tuple[str, str], paragraphs: Iterable[tuple[Sequence[str], Sequence[str]]]
) -> Lexicon:
    """A lexicon from paragraphs that say the same, each as its stems in both languages."""
    corpus = _Corpus.of(paragraphs)
    if not len(corpus.left):
        return EMPTY
    forward = _model(corpus.segment, corpus.left, corpus.right, corpus.pair, corpus.pairs)
    backward = _model(corpus.segment, corpus.right, corpus.left, corpus.pair, corpus.pairs)
    agreed = np.sqrt(forward * backward)
    agreed[corpus.seen < LEAST_SEEN] = 0
    first, second = languages
    return Lexicon(
        {
            first: _best(corpus.pair_left, corpus.pair_right, agreed, corpus.lefts, corpus.rights),
            second: _best(corpus.pair_right, corpus.pair_left, agreed, corpus.rights, corpus.lefts),
        }
    )


Numbers = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(slots=True)
class _Corpus:
    """Every pair of stems that stand in paragraphs of one meaning, as arrays over such pairs.

    pair: which of the `pairs` different ones each is; pair_left, pair_right: of these; seen: in
    how many paragraphs.
    """

    lefts: list[str]
    rights: list[str]
    segment: Numbers
    left: Numbers
    right: Numbers
    pair: Numbers
    pair_left: Numbers
    pair_right: Numbers
    seen: Numbers
    pairs: int

    @classmethod
    def of(cls, paragraphs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> _Corpus:
        lefts, rights = _Numbering(), _Numbering()
        segments, left, right = [_NONE], [_NONE], [_NONE]
        total = 0
        for number, (ours, theirs) in enumerate(paragraphs):
            a = lefts.numbers(list(dict.fromkeys(ours))[:LONGEST_PARAGRAPH])
            b = rights.numbers(list(dict.fromkeys(theirs))[:LONGEST_PARAGRAPH])
            total += len(a) * len(b)
            if total > MOST_PAIRS:
                break
            left.append(np.repeat(a, len(b)))
            right.append(np.tile(b, len(a)))
            segments.append(np.full(len(a) * len(b), number, np.int64))
        left_, right_ = np.concatenate(left), np.concatenate(right)
        width = max(1, len(rights.names))
        keys, pair, seen = np.unique(
            left_ * width + right_, return_inverse=True, return_counts=True
        )
        return cls(
            lefts.names, rights.names, np.concatenate(segments), left_, right_,
            pair, keys // width, keys % width, seen, len(keys),
        )  # fmt: skip


_NONE = np.empty(0, np.int64)


class _Numbering:
    """Numbers for names, in the order in which they are met."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def numbers(self, names: Sequence[str]) -> Numbers:
        for name in names:
            if name not in self._numbers:
                self._numbers[name] = len(self.names)
                self.names.append(name)
        return np.array([self._numbers[name] for name in names], np.int64)


def _model(segment: Numbers, given: Numbers, made: Numbers, pair: Numbers, pairs: int) -> Shares:
    """t(made | given) of every pair, by expectation maximisation from equal shares."""
    # The explainers of one stem in one paragraph share it between them.
    explained = np.unique(segment * (int(made.max()) + 1) + made, return_inverse=True)[1]
    share = np.full(pairs, 1.0)
    for _ in range(ROUNDS):
        weight = share[pair]
        weight /= np.bincount(explained, weight)[explained]
        count = np.bincount(pair, weight, minlength=pairs)
        total = np.bincount(given, weight)
        share = count / total[_first(pair, given, pairs)]
    return share


def _first(pair: Numbers, values: Numbers, pairs: int) -> Numbers:
    """The value that each different pair has."""
    found = np.zeros(pairs, np.int64)
    found[pair] = values
    return found


def _best(
    given: Numbers, made: Numbers, share: Shares, names: Sequence[str], others: Sequence[str]
) -> dict[str, Sequence[Meaning]]:
    """For each stem, the few that stand for it."""
    kept = np.flatnonzero(share >= LEAST)
    order = kept[np.lexsort((made[kept], -share[kept], given[kept]))]
    found: dict[str, list[Meaning]] = {}
    for i in order:
        meanings = found.setdefault(names[given[i]], [])
        if len(meanings) < MOST:
            meanings.append(Meaning(others[made[i]], round(float(share[i]), 3)))
    return {name: tuple(meanings) for name, meanings in found.items()}


def merged(first: Lexicon, second: Lexicon) -> Lexicon:
    """Both, the first's word counting where both know one."""
    words = {lang: dict(second.words.get(lang, {})) for lang in {*first.words, *second.words}}
    for lang, known in first.words.items():
        words[lang].update(known)
    return Lexicon(words)
