"""Dates as people type them: a year, a month or a day, with names or figures, in either language.

“01/03/2021” is the first of March to one person and the third of January to another: in French the
day stands first, in English it is asked about. Parts of a year, such as a season, are asked about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cache
from types import MappingProxyType

from network.facts.typed_figures import UNCLEAR, Unclear, either, spaced
from network.lib import i18n
from network.lib.i18n import N_, Worded

LONGEST = 60
"""Characters of a date with its words."""
PART = N_(
    "“%(text)s” is a part of a year. Enter a month, such as %(month)s, or the year alone: %(year)s."
)

_ISO = re.compile("[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_GAP = r"[ ./-]*"
_DAY, _MONTH, _YEAR = "(?P<day>[0-9]{1,2})", "(?P<month>[0-9]{1,2})", "(?P<year>[0-9]{4})"
_NAME = "(?P<name>[a-z]{3,9})"
_ORDINAL = "(?:er|st|nd|rd|th)?"
_SAID = tuple(
    re.compile(form)
    for form in (
        _YEAR,
        rf"{_YEAR}[-/.]{_MONTH}",
        rf"{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}",
        rf"{_MONTH}[-/. ]{_YEAR}",
        rf"{_NAME}[ ./-]*,? ?(?:of |de )?{_YEAR}",
        rf"{_YEAR}{_GAP}{_NAME}",
        rf"{_DAY} ?{_ORDINAL}{_GAP}(?:of )?{_NAME}{_GAP},? ?{_YEAR}",
        rf"{_NAME}{_GAP}{_DAY} ?{_ORDINAL},? ?{_YEAR}",
    )
)
_TWO_FIGURES = re.compile(rf"([0-9]{{1,2}}) ?[-/. ] ?([0-9]{{1,2}}) ?[-/. ] ?{_YEAR}")
_BEFORE = re.compile("(?:le|the|en|in|on) ")
_PARTS = MappingProxyType(
    {
        1: "(?:t|q)1|1(?:er|st)? (?:trimestre|quarter)|s1|h1|1(?:er|st)? (?:semestre|half)"
        "|premier (?:trimestre|semestre)|first (?:quarter|half)|debut|early|beginning|start",
        4: "(?:t|q)2|2(?:e|eme|nd)? (?:trimestre|quarter)|printemps|spring|second quarter"
        "|deuxieme trimestre",
        6: "mi|mid|milieu|middle",
        7: "(?:t|q)3|3(?:e|eme|rd)? (?:trimestre|quarter)|s2|h2|2(?:e|eme|nd)? (?:semestre|half)"
        "|ete|summer|second half|third quarter|troisieme trimestre|(?:second|deuxieme) semestre",
        10: "(?:t|q)4|4(?:e|eme|th)? (?:trimestre|quarter)|automne|autumn|fall|fourth quarter"
        "|last quarter|(?:quatrieme|dernier) trimestre",
        12: "fin|end|late|hiver|winter",
    }
)
"""Month that is proposed → what people call the part of a year around it."""
_PART = {
    month: re.compile(
        rf"(?:l'|the )?(?:{names})(?: of| de| du|)[ -]+(?:l'annee |annee |the year )?"
        r"(?P<a>[0-9]{4})"
        rf"|(?P<b>[0-9]{{4}})[ -]+(?:{names})"
    )
    for month, names in _PARTS.items()
}


def read(text: str, lang: str | None) -> str:
    """The partial ISO 8601 date that was typed: 2014, 2014-09 or 2014-09-23.

    lang: of the form, None to ask whatever any would ask. Raises Unclear, or ValueError when it is
    no date, or none that exists.
    """
    if len(text) > LONGEST:
        raise ValueError("a date was expected")
    plain = _plain(text)
    for first, form in _PART.items():
        if found := form.fullmatch(plain):
            year = found["a"] or found["b"]
            raise Unclear(PART, text=text, month=_reading(_iso(year, first)), year=year)
    if found := _TWO_FIGURES.fullmatch(plain):
        return _of_figures(text, found, lang)
    said = next((found for form in _SAID if (found := form.fullmatch(plain))), None)
    if said is None:
        raise ValueError("a date was expected")
    parts = said.groupdict()
    named = parts.get("name")
    month = str(_month_named(named)) if named else parts.get("month")
    return _iso(parts["year"], month, parts.get("day"))


def written(value: str, lang: str) -> str:
    """A partial date in full, as its language writes it; `read` reads it the same."""
    return i18n.partial_date(value, lang) if is_partial_date(value) and value >= "1000" else value


def is_partial_date(text: str) -> bool:
    """Whether it is 2014, 2014-09 or 2014-09-23 (ISO 8601), a date that exists."""
    try:
        return bool(_ISO.fullmatch(text)) and bool(_iso(*text.split("-")))
    except ValueError:
        return False


def _of_figures(text: str, found: re.Match[str], lang: str | None) -> str:
    """Of 01/03/2021 and 13/01/2021: whichever ways exist, and the day first in French."""
    one, two, year = found.groups()
    days = list(dict.fromkeys(_existing([(year, two, one), (year, one, two)])))
    if not days:
        raise ValueError("a date that exists was expected")
    if len(days) > 1 and lang != "fr":
        raise Unclear(UNCLEAR, text=text, readings=either(map(_reading, days)))
    return days[0]


def _existing(given: Iterable[tuple[str, str, str]]) -> Iterable[str]:
    for year, month, day in given:
        try:
            yield _iso(year, month, day)
        except ValueError:
            continue


def _reading(value: str) -> Worded:
    return Worded(lambda lang: i18n.partial_date(value, lang))


def _iso(year: str, month: str | int | None = None, day: str | int | None = None) -> str:
    """The date in ISO 8601; raises ValueError for one that does not exist."""
    whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
    return whole if day else whole[:7] if month else whole[:4]


def _month_named(name: str) -> int:
    month = _months().get(name)
    if month is None:
        raise ValueError("the name of a month was expected")
    return month


@cache
def _months() -> dict[str, int]:
    """Names and short names of months in both languages, without accents and points → 1 to 12."""
    names = {"sep": 9, "fev": 2, "juill": 7, "dec": 12}
    for lang in i18n.LANGUAGES:
        for given in i18n.locale(lang).months["format"].values():
            names |= {_plain(name).strip("."): month for month, name in given.items()}
    return {name: month for name, month in names.items() if len(name) > 2}


def _plain(text: str) -> str:
    """Small letters without accents; ᵉʳ is er, and no article before a date counts."""
    folded = unicodedata.normalize("NFKD", spaced(text)).casefold()
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return _BEFORE.sub("", plain, count=1) if _BEFORE.match(plain) else plain
