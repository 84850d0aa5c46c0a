"""Documents to posting lists, many at once.

Most of what an index costs is looking at each word of each text. Here a word is looked at once for
a whole batch: texts become numbers of their pieces, and counting and sorting is left to arrays.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from threading import local
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.search import analysis, folding
from network.search.postings import NOWHERE, SCORED, TITLE_ENDS
from network.search.values import SearchDocument

AT_ONCE = 1_000_000
"""Characters of a batch, about: enough that a word is met often, in some 50 MB."""

_GAP = TITLE_ENDS
"""Places between two texts of a document, so that no phrase runs from one into the next, and the
first places are the title's."""


_WORDS = SCORED.index("words")
_NO_STEM = -1
_NONE = np.empty(0, np.uint32)

_MOST_PIECES = 200_000
"""Pieces of a vocabulary, at some 300 bytes each."""

Numbers = NDArray[np.int64]


class Inverted(NamedTuple):
    """Posting lists. terms: field and term; starts: where the postings of each begin, and at last
    the end. documents: a posting's document by its number within the batch, ascending within a
    term. places: where the positions of each posting begin, and at last the end."""

    terms: Sequence[tuple[str, str]]
    starts: Numbers
    documents: NDArray[np.uint32]
    weights: NDArray[np.uint32]
    places: Numbers
    positions: NDArray[np.uint16]


class Batch(NamedTuple):
    """What some documents are found by. words: whole words, the one field with positions; stems:
    of their language's field; keys: what is looked up exactly, with a weight of 1. lengths: by
    document, of the fields of SCORED."""

    words: Inverted
    stems: Inverted
    keys: Inverted
    lengths: Numbers


def batches(documents: Iterable[SearchDocument]) -> Iterator[list[SearchDocument]]:
    """Documents in groups of a size that suits `invert`; none is empty."""
    batch: list[SearchDocument] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.body)
        if characters >= AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def invert(documents: Sequence[SearchDocument]) -> Batch:
    """What documents are found by.

    A document's own language's field holds its text; the other languages' fields hold what its
    city is called in them, by which a reader of those finds it too. Names of topics are whole
    words, for spelling, and are looked up as a whole, for they say nothing of the text.
    """
    reader = _Reader(_vocabulary())
    for number, document in enumerate(documents):
        own = analysis.language(document.lang)
        reader.read(number, document.title, own, analysis.TITLE_WEIGHT, title=True)
        reader.read(number, document.summary, own, analysis.ABOUT_WEIGHT)
        reader.read(number, document.body[: analysis.LONGEST_BODY], own)
        for lang, name in document.city_words:
            reader.read(number, name, analysis.language(lang), analysis.ABOUT_WEIGHT)
        for lang, name in document.topic_words:
            reader.read(number, name, analysis.language(lang), said=False)
    return reader.batch(len(documents), _looked_up(documents))


def _looked_up(documents: Sequence[SearchDocument]) -> Inverted:
    """What documents are looked up by exactly."""
    numbering, term, owner = _Numbering(), array("q"), array("q")
    for number, document in enumerate(documents):
        noted = [("entry", document.entry_id), ("study", document.study_key)]
        noted += [("place", key) for key in analysis.keys(document.city, document.city_words)]
        noted += [("topic", key) for key in analysis.keys(document.topics, document.topic_words)]
        noted += [("topic", key) for key in analysis.named(document.topics, document.topic_words)]
        term.extend([numbering[each] for each in noted])
        owner.extend([number] * len(noted))
    return _inverted(numbering, _numbers(term), _numbers(owner), np.ones(len(term), np.int64))


class _Numbering(dict[tuple[str, str], int]):
    """Terms by their number in order of appearance; one that is asked for has one."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[tuple[str, str]] = []

    def __missing__(self, term: tuple[str, str]) -> int:
        number = self[term] = len(self.terms)
        self.terms.append(term)
        return number


class _Pieces(dict[str, int]):
    """Pieces of text by their number, of one language."""

    def __init__(self, vocabulary: _Vocabulary, code: str, title: bool) -> None:
        super().__init__()
        language = analysis.language(code)
        self._read = language.title_piece if title else language.piece
        self._vocabulary, self._code = vocabulary, code

    def __missing__(self, raw: str) -> int:
        number = self._vocabulary.add(self._read(raw), self._code)
        if len(raw) <= analysis.CACHEABLE:
            self[raw] = number
        return number


class _Vocabulary:
    """Pieces that have been met and their words, in columns. Batches that follow each other use
    the same one, for nearly all has been met before; one that is full is left behind.

    lengths: positions that a piece takes; firsts, sizes: where its words are in the columns.
    word, stem: by number in words and stems; field: of the stem; offset: within the piece.
    """

    def __init__(self) -> None:
        self.words, self.stems = _Numbering(), _Numbering()
        self.lengths, self.firsts, self.sizes = array("q"), array("q"), array("q")
        self.word, self.offset, self.stem, self.field = (array("q") for _ in range(4))
        self._pieces: dict[tuple[str, bool], _Pieces] = {}

    @property
    def full(self) -> bool:
        """Whether it holds enough."""
        return len(self.lengths) >= _MOST_PIECES

    def pieces(self, lang: analysis.Language, title: bool) -> _Pieces:
        """A language's pieces."""
        held = self._pieces.get((lang.code, title))
        if held is None:
            held = self._pieces[lang.code, title] = _Pieces(self, lang.code, title)
        return held

    def add(self, found: analysis.Piece, code: str) -> int:
        """A new piece; gives its number."""
        self.lengths.append(found.length)
        self.firsts.append(len(self.word))
        self.sizes.append(len(found.words))
        for word, offset, stem in found.words:
            self.word.append(self.words["words", word])
            self.offset.append(offset)
            self.stem.append(self.stems[code, stem] if stem else _NO_STEM)
            self.field.append(SCORED.index(code))
        return len(self.lengths) - 1


_held = local()


def _vocabulary() -> _Vocabulary:
    """This thread's."""
    found: _Vocabulary | None = getattr(_held, "vocabulary", None)
    if found is None or found.full:
        found = _held.vocabulary = _Vocabulary()
    return found


class _Reader:
    """A batch as it is read."""

    def __init__(self, vocabulary: _Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokens = array("q")
        # By text: its tokens, its document, its weight, whether it says it.
        self._sizes, self._owners, self._weights = array("q"), array("q"), array("q")
        self._said = array("q")

    def read(
        self,
        number: int,
        text: str,
        lang: analysis.Language,
        weight: int = 1,
        title: bool = False,
        said: bool = True,
    ) -> None:
        """Add a text of a document. A title keeps its stop words, which tell short ones apart.

        said: whether the document says it, or has its words for spelling alone.
        """
        pieces, before = self._vocabulary.pieces(lang, title), len(self._tokens)
        self._tokens.extend(map(pieces.__getitem__, folding.SCANNER.findall(text)))
        self._sizes.append(len(self._tokens) - before)
        self._owners.append(number)
        self._weights.append(weight)
        self._said.append(said)

    def batch(self, documents: int, keys: Inverted) -> Batch:
        """All that was added. keys: see Batch."""
        held, tokens = self._vocabulary, _numbers(self._tokens)
        text = np.repeat(np.arange(len(self._sizes)), _numbers(self._sizes))
        counts = _numbers(held.sizes)[tokens]
        # An occurrence is a word at a place: most tokens are one, some none or several.
        token = np.repeat(np.arange(len(tokens)), counts)
        which = _within(counts) + _numbers(held.firsts)[tokens][token]
        owner = _numbers(self._owners)[text][token]
        weight = _numbers(self._weights)[text][token]
        said = _numbers(self._said)[text][token] == 1
        position = self._places(tokens, text, documents)[token] + _numbers(held.offset)[which]
        position = np.where(said, position, NOWHERE)
        stem = _numbers(held.stem)[which]
        stemmed = said & (stem != _NO_STEM)
        cell = owner * len(SCORED)
        cells = np.concatenate([cell + _WORDS, (cell + _numbers(held.field)[which])[stemmed]])
        weights = np.concatenate([weight, weight[stemmed]])
        lengths = np.bincount(cells, weights, documents * len(SCORED)).astype(np.int64)
        return Batch(
            _inverted(held.words, _numbers(held.word)[which], owner, weight, position),
            _inverted(held.stems, stem[stemmed], owner[stemmed], weight[stemmed]),
            keys,
            lengths.reshape(documents, len(SCORED)),
        )

    def _places(self, tokens: Numbers, text: Numbers, documents: int) -> Numbers:
        """The position of each token in its document."""
        lengths = _numbers(self._vocabulary.lengths)[tokens]
        before = np.cumsum(lengths) - lengths
        owners, sizes = _numbers(self._owners), _numbers(self._sizes)
        texts_before = np.searchsorted(owners, np.arange(documents))
        first = (np.cumsum(sizes) - sizes)[texts_before]
        offset = np.concatenate([before, [lengths.sum()]])[first]
        gaps = np.arange(len(owners)) - texts_before[owners]
        return before + (_GAP * gaps - offset[owners])[text]


def _inverted(
    numbering: _Numbering,
    term: Numbers,
    document: Numbers,
    weight: Numbers,
    position: Numbers | None = None,
) -> Inverted:
    """Occurrences, in the order of their places, as posting lists."""
    # Sorting numbers that hold where they came from is far quicker than sorting stably.
    bits = len(term).bit_length()
    documents = int(document.max(initial=0)) + 1
    packed = np.sort((term * documents + document) << bits | np.arange(len(term)))
    order, posting = packed & ((1 << bits) - 1), packed >> bits
    new = np.diff(posting, prepend=-1) != 0
    first = np.flatnonzero(new)
    terms, starts = np.unique(posting[first] // documents, return_index=True)
    if position is None:
        places, kept = np.zeros(len(first) + 1, np.int64), np.empty(0, np.int64)
    else:
        places, kept = _bounded(position[order], new, first)
    return Inverted(
        [numbering.terms[number] for number in terms.tolist()],
        np.append(starts, len(first)),
        document[order[first]].astype(np.uint32),
        np.add.reduceat(weight[order], first).astype(np.uint32) if len(first) else _NONE,
        places,
        kept.astype(np.uint16),
    )


def _bounded(position: Numbers, new: NDArray[np.bool_], first: Numbers) -> tuple[Numbers, Numbers]:
    """Positions that fit into 16 bits, at least one of each posting; and where each begins."""
    kept = new | (position < NOWHERE)
    places = np.concatenate([[0], np.cumsum(kept)])[np.append(first, len(position))]
    return places, np.minimum(position[kept], NOWHERE)


def _numbers(held: array[int]) -> Numbers:
    return np.array(held, np.int64)  # a copy: an array that lends its memory cannot grow


def _within(counts: Numbers) -> Numbers:
    """0, 1, 2… for each count."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
