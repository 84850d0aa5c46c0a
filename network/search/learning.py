"""Teaches the search what words mean, from the studies that exist in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from network.search import analysis, folding, lexicon
from network.search.asked import is_compound
from network.search.lexicon import LANGUAGES, Lexicon, Pair

CERTAIN = 0.6
"""How well words that people wrote down as one thing stand for each other."""

Passage = tuple[str, str]
"""A piece of text in English and the same in French."""


def passages(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Passage]:
    """Texts of one study in both languages, each as title, summary and lines of its body.

    Lines are taken one by one where both have as many, for then they are each other's translation.
    """
    yield from zip(ours[:2], theirs[:2], strict=True)
    if len(ours) == len(theirs):
        yield from zip(ours[2:], theirs[2:], strict=True)


def learn(found: Iterable[Passage]) -> Lexicon:
    """A lexicon from passages."""
    return lexicon.learn((_stems(english, "en"), _stems(french, "fr")) for english, french in found)


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
