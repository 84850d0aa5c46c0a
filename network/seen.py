"""Whether a reader would see anything of a text: asked of settings too, and so below every room."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN_KINDS = frozenset(("Cc", "Cf", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"))
"""Unicode's categories of what shows nothing by itself: controls, what only steers how other
characters stand, spaces, marks without a letter below them, and private use, of which nobody
elsewhere knows what it is."""
_UNSEEN = frozenset(
    "\u115f\u1160\u3164\uffa0"  # the fillers of Hangul, which are letters by category
    "\u2800\ufffc"  # Braille without a dot; the place of an object that is not there
    "\U0001d159\U00013441\U00013442"  # a note without a head; Egyptian blanks
)
_UNASSIGNED = re.compile("[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Shown as nothing although no character has that place. Any other unassigned place may have one
in a newer version of Unicode, so that it counts as seen, whatever the interpreter knows."""


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing of the text: the one judgement of emptiness.

    Words in any script have a character that is seen; joiners, marks of direction and variation
    selectors within them are their business.
    """
    if text[:1].isascii() and text[:1].isalnum():  # as most texts begin
        return False
    return not any(map(_is_seen, text))


def _is_seen(character: str) -> bool:
    if unicodedata.category(character) in _UNSEEN_KINDS or character in _UNSEEN:
        return False
    return not _UNASSIGNED.match(character) and ord(character) & 0xFFFE != 0xFFFE
