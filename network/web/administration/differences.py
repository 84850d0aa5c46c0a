"""What changed between two texts, word by word: pure, and bounded however long they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

Piece = tuple[Literal["same", "out", "in"], str]
Paragraph = list[Piece]

MOST = 250_000
"""Comparisons at most; texts that would take more are shown as replaced."""
_WORD = re.compile(r"\s*\S+\s*?")


def paragraphs(before: str, after: str) -> list[Paragraph]:
    """The lines of two texts that are not the same in both, each as pieces in reading order."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Paragraph] = []
    for kind, left, right in _opcodes(old, new):
        if kind == "replace" and len(left) == len(right):
            found += [_words(a, b) for a, b in zip(left, right, strict=True)]
        elif kind != "equal":
            found.extend([("out", line)] for line in left)
            found.extend([("in", line)] for line in right)
    return found


def _words(before: str, after: str) -> Paragraph:
    """One line as pieces; where most of it is new, as one text for another."""
    if before == after:
        return [("same", before)]
    pieces: Paragraph = []
    for kind, left, right in _opcodes(_WORD.findall(before), _WORD.findall(after)):
        if kind == "equal":
            pieces.append(("same", "".join(right)))
            continue
        if left:
            pieces.append(("out", "".join(left)))
        if right:
            pieces.append(("in", "".join(right)))
    return pieces


def _opcodes(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """What is equal, and what stands for what; beginning and end that are the same cost nothing."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if start:
        yield "equal", old[:start], new[:start]
    if len(left) * len(right) > MOST:
        yield "replace", left, right
    else:
        for kind, i1, i2, j1, j2 in SequenceMatcher(None, left, right, False).get_opcodes():
            yield kind, left[i1:i2], right[j1:j2]
    if end:
        yield "equal", old[len(old) - end :], new[len(new) - end :]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
