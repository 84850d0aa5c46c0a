"""The words of a query, each with everything that a document may hold in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from network.search import analysis, folding
from network.search.word_tables import WEAK

_PRONOUNS = frozenset(
    "je tu il elle on nous vous ils elles ce moi toi lui leur le la les y en t ci".split()
)
"""What French ties to a verb with a hyphen: “peut-on”, “y a-t-il” are no compounds."""


_SEAMS = re.compile(
    r"(?<=[^\W\d_][a-zà-öø-ÿœ])(?=[A-ZÀ-ÖØ-ÞŒ][^\W\d_])|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)"
)
"""Where words were run together: OpenGov, PM10."""

SHORT = 4
"""Letters of an abbreviation, which may be a word of the other language: FOI, foi."""


STOPS = frozenset[str]().union(*(analysis.language(code).stop for code in analysis.LANGUAGES))


class Term(NamedTuple):
    """Words of a language that stand in this order, and how well they stand for what was typed."""

    lang: str
    words: tuple[tuple[int, str], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word asked for. place: where it stands in the query.

    others: spellings that count as well: joined as it was typed (porte-parole), or corrected.
    beside: joined with a neighbour from which it was typed apart; that counts a little less.
    parts: of a compound, which then is `text`: they must stand together.
    meanings: (language, stem, weight) of what it is in the other one. terms: several words that
    mean the same; bound: the number that words share which are one thing together, else -1.
    tongue: the only language that an abbreviation is looked up in, else empty. typed: how it was
    written, where that says more than the text: citoyen·ne, xiiie, bike-lane. topics: keys of the
    names of topics that it is part of.
    """

    text: str
    place: int = 0
    others: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    meanings: tuple[tuple[str, str, float], ...] = ()
    terms: tuple[Term, ...] = ()
    bound: int = -1
    tongue: str = ""
    typed: str = ""
    topics: tuple[str, ...] = ()

    @property
    def weak(self) -> bool:
        """Whether it says little beside others."""
        return self.text in WEAK

    @property
    def forms(self) -> tuple[str, ...]:
        """Every spelling that counts as the word."""
        return (self.text, *self.others, *self.beside)


def words_of(pieces: Sequence[str]) -> list[Word]:
    """The words of pieces in order; neighbours may also stand as one word in a document."""
    found: list[Word] = []
    place = 0
    for raw in pieces:
        found += _words(raw, place)
        place += max(1, len(analysis.piece(raw).words))
    made: dict[str, Word] = {}
    for i, word in enumerate(found):
        near = [made for size in (2, 3) for made in _run_together(found, i, size)]
        held = made.get(word.text, word)
        made[word.text] = Word(
            word.text,
            held.place,
            tuple(dict.fromkeys((*held.others, *word.others))),
            tuple(dict.fromkeys((*held.beside, *near))),
            word.parts,
            typed=word.typed,
        )
    return list(made.values())


def _run_together(found: Sequence[Word], i: int, size: int) -> Iterator[str]:
    """So many neighbours, this word among them, as one word."""
    for start in range(max(0, i - size + 1), min(i, len(found) - size) + 1):
        run = found[start : start + size]
        if run[-1].place == run[0].place + size - 1 and not any(word.others for word in run):
            yield "".join(word.text for word in run)


def _words(raw: str, place: int) -> Iterator[Word]:
    words, joined = analysis.piece(raw)
    if joined and is_compound(words):
        single = words[0].removesuffix("s") + "".join(words[1:])  # plates-formes
        yield Word(
            joined, place, (single,) * (single != joined), parts=words, typed="-".join(words)
        )
        return
    run = words if joined else tuple(map(folding.fold, _SEAMS.split(raw)))
    if "".join(run) == (joined or "".join(words)) and _is_run(run):
        yield Word("".join(run), place, parts=run)
        return
    for i, word in enumerate(words):
        # “e-petition” is a petition, and the e alone is nothing.
        if not (joined and len(word) == 1 and word.isalpha() and len(words) > 1):
            marked = (joined or "") * (len(words) == 1)
            yield Word(word, place + i, (joined,) if joined else (), typed=marked)


def is_compound(words: Sequence[str]) -> bool:
    """Whether hyphenated words are one thing, as sans-abri is."""
    return (
        len(words) > 1
        and all(word.isalpha() for word in words)
        and len(words[0]) > 1 < len(words[-1])
        and words[-1] not in _PRONOUNS
        and not all(word in STOPS for word in words)
    )


def _is_run(parts: Sequence[str]) -> bool:
    """Whether a word is its parts run together, as OpenGov, PM10 and 30km/h are, and 13e is not."""
    return (
        len(parts) > 1
        and not (parts[0] in STOPS or parts[-1] in STOPS)
        and (any(part[0].isdigit() for part in parts) or min(map(len, parts)) > 1)
        and analysis.language("xx").stem("".join(parts)) == "".join(parts)
    )


def opened(word: Word) -> Iterator[Word]:
    """The compounds that a long word may be when it is written apart: day care, bike lane."""
    text = word.text if word.text.isalpha() and not word.parts else ""
    for i in range(3, len(text) - 2):
        parts = text[:i], text[i:]
        if not any(part in STOPS for part in parts):
            yield replace(word, parts=parts)


def apart(word: Word) -> list[Word]:
    """The parts of a compound that no document has, as words of their own; the compound itself
    where it says one twice (porte-à-porte)."""
    if len({*word.parts}) < len(word.parts):
        return [word]
    return [
        Word(part, word.place + i, (word.text,), terms=word.terms, bound=word.place)
        for i, part in enumerate(word.parts)
        if part not in STOPS
    ]


def spoken_in(words: Sequence[Word], lang: str) -> str:
    """The language that the words are probably of: the reader's, unless their stop words tell."""
    theirs = analysis.language(lang).code
    stops = {code: analysis.language(code).stop for code in analysis.LANGUAGES}
    return max(
        analysis.LANGUAGES,
        key=lambda code: sum(word.text in stops[code] for word in words) + 1.5 * (code == theirs),
    )
