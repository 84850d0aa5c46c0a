"""The names of the months in the languages of the world, from Unicode's CLDR (by Babel).

Those of a few languages are read first; the others take half a second, once, when a date is met
that those do not explain.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from babel import Locale

_COMMON = "en fr es pt it ca de nl sv".split()
_OTHERS = (
    "af am ar az be bg bn bs cs cy da el et eu fa fi fil ga gl gu ha he hi hr hu hy id is ja ka kk"
    " km kn ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nn no pa pl ps ro ru si sk sl so sq sr"
    " sr_Latn sw ta te th tr uk ur uz vi zh zu"
).split()


_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def plain_letters(text: str) -> str:
    """The text in small letters without marks, digits of any script as 0 to 9, spaces as one."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").replace("\u0131", "i"))
    kept = (c for c in decomposed if not unicodedata.combining(c) and c not in _UNSEEN)
    letters = "".join(str(unicodedata.digit(c, c)) for c in kept)
    return " ".join(letters.lower().replace("\u0131", "i").replace("\u2212", "-").split())


def month_named(word: str, language: str | None = None) -> int | None:
    """The month that a word names in the language, else in all languages that know the word; None
    when nobody knows it, or when languages differ (“listopad”). word: in plain letters.
    """
    primary = (language or "").partition("-")[0]
    for known in (_common().get(word, {}), _all().get(word, {})):
        if primary in known:
            return known[primary]
        if len(set(known.values())) == 1:
            return next(iter(known.values()))
    return None


def month_beginning(word: str) -> int | None:
    """The month whose name begins a word that has a case's ending after it (“urtarrilaren”)."""
    for length in range(len(word) - 1, 3, -1):
        if found := month_named(word[:length]):
            return found
    return None


@cache
def _common() -> dict[str, dict[str, int]]:
    return _months(_COMMON)


@cache
def _all() -> dict[str, dict[str, int]]:
    return _months([*_COMMON, *_OTHERS])


def _months(languages: list[str]) -> dict[str, dict[str, int]]:
    """word → language → month."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for language in languages:
        for number, name in _names(language):
            if len(name) >= 2 and not any(c.isdigit() for c in name):
                found[name].setdefault(language.partition("_")[0], number)
    return dict(found)


def _names(language: str) -> Iterator[tuple[int, str]]:
    months = Locale(language).months
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in months.get(context, {}).get(width, {}).items():
                yield number, plain_letters(name).strip(". ")
