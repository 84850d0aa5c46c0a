"""What a word that somebody typed may be in the other language."""

from __future__ import annotations

from collections.abc import Collection

from network.search import analysis
from network.search.lexicon import LANGUAGES, Lexicon


def of(
    lexicon: Lexicon, word: str, read_in: Collection[str] = LANGUAGES
) -> tuple[tuple[str, str, float], ...]:
    """(language, stem, weight) of what a word may be, read as a word of these languages.

    The best that is learnt weighs 1: how sure a translation is says little of how apt it is.
    """
    found: dict[tuple[str, str], float] = {}
    for lang, other in (LANGUAGES, LANGUAGES[::-1]):
        rules = analysis.language(lang)
        if lang in read_in and word not in rules.stop:
            learnt = lexicon.meanings(lang, rules.stem(word))
            for meaning in learnt:
                found[other, meaning.stem] = meaning.weight / learnt[0].weight
    return tuple((*place, weight) for place, weight in found.items())
