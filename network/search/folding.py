"""Text to comparable words, in the same way whether it is indexed, asked for or highlighted.

Reader and writer rarely type the same bytes: accents, ligatures, typographic apostrophes, thin
spaces in numbers and soft hyphens pasted from a PDF all have to stop mattering.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_WORD = 60
"""Letters of a word that count; the rest of a longer one is dropped, here and in the query."""

_IGNORED = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f"
_LETTER = rf"[\w{_MARKS}{_IGNORED}]"
_APOSTROPHES = "'’‘ʼ＇′´`"
_HYPHENS = "\\-‐‑"
_SPACES = " \u00a0\u2007\u2009\u202f"

_THOUSANDS = "|".join(rf"(?:{re.escape(mark)}\d{{3}})+" for mark in f"{_SPACES}{_APOSTROPHES},.")

PIECE = rf"""
    (?<!\w)[1-9]\d{{0,2}}(?:{_THOUSANDS})(?:[.,]\d+)?(?!\d|[.,]\d)      # 1 000  1,000.50
  | (?<![\w.,])\d+[.,]\d+(?!\w|[.,]\d)                                  # 3,5
  | (?<!\w)(?:[^\W\d_]\.){{2,}}(?:[^\W\d_](?!\w))?                      # S.N.C.F.
  | (?<!\w)[^\W\d_]\s?&\s?[^\W\d_](?!\w)                                # R & D
  | {_LETTER}+(?:[{_APOSTROPHES}{_HYPHENS}&]{_LETTER}+){{0,15}}           # porte-parole  l’eau
    """
_PLAIN = rf"[^\W\d_]{{3,}}+(?![\w{_MARKS}{_IGNORED}{_APOSTROPHES}{_HYPHENS}&])"

SCANNER = re.compile(f"(?={_LETTER})(?:{_PLAIN} | {PIECE})", re.VERBOSE)
"""Finds the pieces of text that become words. No alternative can run over the same text twice. That
each begins with a letter or digit is asked first, and the first alternative, letters and nothing
else, finds what the last one would: both only make it quicker. It has no group, so that `findall`
gives the pieces themselves.
"""

_STRIPPED = re.compile(f"[{_MARKS}{_IGNORED}]")
_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    | dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys("‐‑", "-")
)
_ELISION = re.compile(r"(?:jusqu|lorsqu|puisqu|quoiqu|qu|[cdjlmnst])'(?=.)")
_ENDING = re.compile(r"'(?:s|ll|re|ve|d|m)$")
_GROUPED = re.compile(rf"\d{{1,3}}(?:[{_SPACES}{_APOSTROPHES},.]\d{{3}})+(?![\d])")
_NUMBER = re.compile(rf"\d[\d{_SPACES}{_APOSTROPHES},.]*")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}(?:[^\W\d_])?")
_SPLIT = re.compile(r"[-_&/]+")
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")


class Piece(NamedTuple):
    """A piece of text as words: its parts in order and, when hyphenated, all parts in one word."""

    words: tuple[str, ...]
    joined: str | None = None


def scan(text: str) -> Iterator[re.Match[str]]:
    """The pieces of a text that carry words, with their places in it."""
    return SCANNER.finditer(text)


def fold(text: str) -> str:
    """Small letters without accents, ligatures or invisible characters; folding twice is the same.

    Compatibility forms are undone too (NFKD, Unicode Standard Annex 15).
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    text = text.translate(_LIGATURES)  # before NFKD, which takes some apostrophes for accents
    previous = None
    while text != previous:  # case folding can make new marks, and the other way about
        previous = text
        text = unicodedata.normalize("NFKD", text.casefold())
        text = _STRIPPED.sub("", text).translate(_LIGATURES)
    return text


def piece(raw: str) -> Piece:
    """The words of one piece that `scan` found."""
    if _NUMBER.fullmatch(raw):
        return Piece((_number(raw),))
    folded = fold(raw)
    if _INITIALS.fullmatch(folded):
        return Piece((folded.replace(".", ""),))
    if "&" in folded and (short := _ampersand(folded)):
        return Piece((short,))
    parts = tuple(word for part in _SPLIT.split(folded) for word in _words(part))
    joined = "".join(parts) if 1 < len(parts) <= 3 and "&" not in folded else None
    return Piece(parts, joined[:LONGEST_WORD] if joined else None)


def _number(raw: str) -> str:
    """Digits alone, with a point before decimals that are not nought."""
    grouped = _GROUPED.match(raw) if raw[0] != "0" else None
    head = grouped[0] if grouped else re.match(r"\d+", raw)[0]  # type: ignore[index]
    decimals = re.sub(r"\D", "", raw[len(head) :]).rstrip("0")
    whole = fold(re.sub(r"\D", "", head))
    return (f"{whole}.{fold(decimals)}" if decimals else whole)[:LONGEST_WORD]


def _ampersand(folded: str) -> str | None:
    """“R&D” and “R & D” as one word; None for words that merely stand beside an ampersand."""
    parts = [part.strip() for part in folded.split("&")]
    return "&".join(parts) if all(0 < len(part) <= 2 for part in parts) else None


def _words(part: str) -> Iterator[str]:
    """A part without what elision or the English genitive adds; in rare scripts several words."""
    for _ in range(3):  # qu’aujourd’hui, d’aujourd’hui
        if not (elided := _ELISION.match(part)):
            break
        part = part[elided.end() :]
    part = _ENDING.sub("", part).replace("'", "")
    for word in _WORD.findall(part):
        yield word[:LONGEST_WORD]


def key(name: str) -> str:
    """A name or slug for exact comparison: “New York”, “new-york” and “NEW YORK” are one.

    Lone letters do not count: a slug keeps those that elision takes from a name.
    """
    words = [word for found in scan(name) for word in piece(found[0]).words]
    return "-".join([word for word in words if len(word) > 1] or words)
