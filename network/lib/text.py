"""Small questions about text that several rooms ask."""

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

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "o", "’": " "}
    | {"ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th"}
    | {"ı": "i", "ħ": "h", "Ħ": "h", "ə": "e", "Ə": "e", "ŋ": "n", "ŧ": "t"}
)
"""Letters that Unicode does not take apart into a plain one and its mark."""


def plain_letters(text: str) -> str:
    """The text with those letters as plain ones; accents stay."""
    return text.translate(_LIGATURES)


def slug(text: str, longest: int = 80) -> str:
    """The text as a piece of an address: lower-case ASCII words and hyphens, perhaps empty."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    joined = "-".join(re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower()))
    if len(joined) <= longest:
        return joined
    return joined[: longest + 1].rpartition("-")[0] or joined[:longest]


def sortable(text: str) -> str:
    """What a list of texts is put in order by: small letters without accents or what goes before
    the first of them."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        text = plain.encode("ascii", "ignore").decode() or text
    return text.lower().lstrip(" \"'([{<-.")


def clean(text: str) -> str:
    """The text without characters that no database or XML 1.0 document holds (NUL, surrogates)."""
    kept = text.encode("utf-8", "ignore").decode("utf-8")
    return re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", kept)


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing of the text: the one judgement of emptiness.

    Words in any script have a character that is seen; joiners, marks of direction and variation
    selectors within them are their business.
    """
    return not any(map(_is_seen, text))


def said(text: str) -> str:
    """The text, or nothing when a reader would see nothing of it."""
    return "" if is_blank(text) else text


def _is_seen(character: str) -> bool:
    if unicodedata.category(character) in _UNSEEN_KINDS or character in _UNSEEN:
        return False
    return not _UNASSIGNED.match(character) and ord(character) & 0xFFFE != 0xFFFE
