"""Better spellings for words that the index does not know, from the words that it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import ascii_lowercase

SHORTEST = 4
"""Letters from which a word is worth correcting; among shorter ones nearly all are neighbours."""

_MOST = 3


def corrections(
    word: str, known: Callable[[str], bool], frequency: Callable[[str], int]
) -> list[str]:
    """Known words one slip away (a letter missing, added, wrong or swapped, or a space left out),
    the most frequent first; two words are given with a space between."""
    if len(word) < SHORTEST or not word.isalpha():
        return []
    near = {candidate for candidate in _one_slip(word) if known(candidate)}
    ranked = sorted(near, key=lambda candidate: (-frequency(candidate), candidate))
    return ranked[:_MOST] or list(_split(word, known))[:1]


def _one_slip(word: str) -> Iterator[str]:
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def _split(word: str, known: Callable[[str], bool]) -> Iterator[str]:
    for i in range(3, len(word) - 2):
        if known(word[:i]) and known(word[i:]):
            yield f"{word[:i]} {word[i:]}"
