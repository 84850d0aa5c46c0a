"""Text to comparable words, in the same way whether it is indexed, asked for or highlighted.

Reader and writer rarely type the same bytes: accents, ligatures, typographic apostrophes, thin
spaces in numbers and soft hyphens pasted from a PDF all have to stop mattering.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
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

_DOTS = "·•‧∙⋅"

_MEASURE = r"""
    (?i:(?<![\w.,])\d+(?:[.,]\d+)?
        (?:[kmg]?w[hcp]?|[kcm]?m[23²³]?|ha|h|min|[ap]m|t|l|kg|mg|µg|db|ppm|hab|[mgtk]o|[mgtk]b|[mg]bit|k€?|m€|mds?€?)
        (?:/(?:h|s|min|an|j|l|ha|hab|kg|m[23²³]?))?(?!\w))                    # 30km/h  1,5M€
  | (?<![\w.,])\d+[.,]\d+[^\W\d_]{1,6}(?!\w)                             # 2,5t
  | (?i:(?<!\w)(?:[km]m|[mg]bit|kwh|[mµ]?g|[mtl])/(?:h|s|an|j|l|ha|m[23²³]?)(?!\w))   # km/h
  | (?<!\w)[012]?\dh[0-5]\d(?!\w)                                           # 8h30
    """
"""Figures and their units, however they are spaced."""

_ENDING_OF_A_WOMAN = """(?:e|[flnstv]e|[cq]?[hu]e|i?(?:[eè]|e\u0300)re|[dt]?rice|ice|euse|i?enne
    |v?elle|lle|nne|tte|ive|ale|sse|esse|eresse|ine)"""
_ELIDED = rf"(?:[^\W\d_]{{1,7}}[{_APOSTROPHES}])?"
_INCLUSIVE = rf"""
    {_ELIDED}[^\W\d_]{{2,}}(?:[{_DOTS}]{_LETTER}+){{1,3}}                       # citoyen·ne·s
  | (?i:{_ELIDED}[^\W\d_]{{2,}}\((?:{_ENDING_OF_A_WOMAN}s?|s|x)\)(?:s|\(s\))?(?!\w))  # agent(e)s
  | (?<![\w.@/]){_ELIDED}[^\W\d_]{{2,}}\.{_ENDING_OF_A_WOMAN}(?:\.?s)?(?!\w|\.\w)     # agent.e.s
  | (?<![\w/]){_ELIDED}[^\W\d_]{{3,}}/{_ENDING_OF_A_WOMAN}(?:/?s)?(?![\w/])           # usager/ère
    """

PIECE = rf"""
    {_MEASURE} | {_INCLUSIVE}
  | (?<!\w)[1-9]\d{{0,2}}(?:{_THOUSANDS})(?:[.,]\d+)?(?!\d|[.,]\d)      # 1 000  1,000.50
  | (?<![\w.,])\d+[.,]\d+(?!\w|[.,]\d)                                  # 3,5
  | (?<!\w)\d{{1,2}}[{_SPACES}](?i:i?(?:[eè]|e\u0300)mes?)(?!\w)             # 13 ème
  | (?<!\w)(?:[^\W\d_]\.){{2,}}(?:[^\W\d_](?!\w))?                      # S.N.C.F.
  | (?<!\w)[nN][°º](?=[{_SPACES}]?\d)                                     # n° 5
  | (?<!\w)[^\W\d_]\s?&\s?[^\W\d_](?!\w)                                # R & D
  | {_LETTER}+(?:[{_APOSTROPHES}{_HYPHENS}&]{_LETTER}+){{0,15}}           # porte-parole  l’eau
    """
_PLAIN = rf"[^\W\d_]{{3,}}+(?![\w{_MARKS}{_IGNORED}{_APOSTROPHES}{_HYPHENS}&{_DOTS}(/]|\.\w)"

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
_SPLIT = re.compile(rf"[-_&/{_DOTS}]+")
_SPACED_ORDINAL = re.compile(r"\d+\si?emes?")
_ROMAN_ORDINAL = re.compile(r"([IVX]+)(?:er|i?[eè]re|re|i?[eè]mes?|es?|nde?|th)")
_GERMANIC = re.compile("[äöåøÄÖÅØ]|(?<![gq])[üÜ]")
_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
    | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)
"""Köln is Koeln where there is no such key."""
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")
_SAINTS = {"st": "saint", "ste": "sainte"}
_MEASURES = re.compile(_MEASURE, re.VERBOSE)
_MEASURED = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:[23](?!\d))?")
_MARKED = re.compile(rf"[{_DOTS}.()/-]+")
_ENDINGS = re.compile(_ENDING_OF_A_WOMAN, re.VERBOSE)
_ENDINGS_AFTER_A_HYPHEN = re.compile("e|[nstv]e|i?ere|[dt]?rice|euse|ive|ale|sse")
"""Fewer, for pronouns stand there as well: dit-elle, prenez-le."""


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
    if named := _capitals(raw, folded):
        return named
    if _MEASURES.fullmatch(raw):
        return _joined(
            _number(part) if part[0].isdigit() else part for part in _MEASURED.findall(folded)
        )
    if "&" in folded and (short := _ampersand(folded)):
        return Piece((short,))
    if inclusive := _inclusive(folded):
        return inclusive
    parts = tuple(word for part in _SPLIT.split(folded) for word in _words(part))
    joined = "".join(parts) if 1 < len(parts) <= 3 and "&" not in folded else None
    if len(parts) == 2 and parts[0][:3] == parts[1][:3] and min(map(len, parts)) > 3:
        joined = None  # citoyens-citoyennes, copain·copine: two words
    if len(parts) == 1 and _GERMANIC.search(composed := unicodedata.normalize("NFC", raw)):
        joined = "".join(_words(fold(composed.translate(_SPELT_OUT))))
    return Piece(parts, joined[:LONGEST_WORD] if joined else None)


def _capitals(raw: str, folded: str) -> Piece | None:
    """What capitals alone tell: abbreviations and their plurals, and ordinals in Roman numerals."""
    if raw[0].lower() == "n" and raw[1:] in ("°", "º"):
        return Piece(("numero",))
    if _SPACED_ORDINAL.fullmatch(folded):
        return Piece((re.sub(r"\s", "", folded),))
    written = _INITIALS.fullmatch(folded) is not None
    short = raw.replace(".", "") if written else raw
    if short == "US":  # a small word otherwise
        return Piece(("usa",))
    if len(short) > 2 and short[-1] == "s" and short[:-1].isupper() and short[:-1].isalpha():
        word = fold(short)[:LONGEST_WORD]
        return Piece((word.removesuffix("s"),), word)
    if written:
        return Piece((fold(short)[:LONGEST_WORD],))
    ordinal = _ROMAN_ORDINAL.fullmatch(unicodedata.normalize("NFKC", raw))
    return Piece((f"{roman(ordinal[1].lower())}e",), folded) if ordinal else None


def roman(numeral: str) -> int:
    """The number that small letters i, v and x say."""
    values = ["ivx".index(letter) for letter in numeral]
    amounts = [(1, 5, 10)[value] for value in values]
    return sum(
        -one if one < following else one
        for one, following in zip(amounts, [*amounts[1:], 0], strict=True)
    )


def _joined(parts: Iterable[str]) -> Piece:
    words = tuple(parts)
    return Piece(words, "".join(words)[:LONGEST_WORD])


def _inclusive(folded: str) -> Piece | None:
    """A word that speaks of men and women at once, as the word for men, and as it is marked."""
    start, *marked = [part for part in _MARKED.split(folded) if part] or [""]
    if not marked:
        return None
    base = "".join(_words(start))
    known = _ENDINGS_AFTER_A_HYPHEN if "-" in folded else _ENDINGS
    endings = [part.removesuffix("s") for part in marked if part not in ("s", "x")]
    if len(endings) > 1 or len(base) < 2 or not base.isalpha():
        return None
    if not all(known.fullmatch(ending) for ending in endings):
        return None
    plural = next((part[-1] for part in marked if part[-1] in "sx"), "")
    many = base if base.endswith(("s", "x")) else base + plural
    return Piece((many[:LONGEST_WORD],), "·".join([base, *marked])[:LONGEST_WORD])


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
    if not part[:1].isdigit():  # 1990’s
        part = _ENDING.sub("", part)
    part = part.replace("'", "")
    for word in _WORD.findall(part):
        yield word[:LONGEST_WORD]


def key(name: str) -> str:
    """A name or slug for exact comparison: “New York”, “new-york” and “NEW YORK” are one.

    Lone letters do not count: a slug keeps those that elision takes from a name.
    """
    words = [_SAINTS.get(word, word) for found in scan(name) for word in piece(found[0]).words]
    return "-".join([word for word in words if len(word) > 1] or words)
