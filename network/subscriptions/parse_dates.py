"""Dates as feeds of all makers write them, to aware UTC.

feedparser's own reading knows English months and American zones only and takes every other
zone's time for UTC, so the text of the date is read here.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

# The first four letters without accents, else the first three: en fr es pt it ca de nl sv.
_MONTHS = {
    1: "jan ene gen janv",
    2: "feb fev fevr",
    3: "mar marc marz mrt maar mars",
    4: "apr avr abr avri abri apri",
    5: "may mai maig mei maj mag maio mayo magg",
    6: "jun juin juny giu giug",
    7: "jul juil jull lug lugl",
    8: "aug aou aout ago agos agst",
    9: "sep sept set sett setm",
    10: "oct okt out ott outu octo",
    11: "nov nove",
    12: "dec dez dic des deze dici dese",
}
_MONTH = {word: number for number, words in _MONTHS.items() for word in words.split()}
_ZONES = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "met", "mez", "bst", "west"), 1),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "cat", "sast"), 2),
    **dict.fromkeys(("eest", "msk", "eat"), 3),
    **dict.fromkeys(("brt", "art", "adt", "clst"), -3),
    **dict.fromkeys(("ast", "edt"), -4),
    **dict.fromkeys(("est", "cdt", "pet", "cot"), -5),
    **dict.fromkeys(("cst", "mdt"), -6),
    **dict.fromkeys(("mst", "pdt"), -7),
    "pst": -8,
    "wib": 7,
    "kst": 9,
    "jst": 9,
    "get": 4,
}

_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?![\d-])|(\d{4})(\d{2})(\d{2})(?=t|\b)")
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:er|st|nd|rd|th|o|\.)?[\s-]+(?:de |d')?([a-z]{3,})\.?,?"
    r"[\s-]+(?:del? )?(\d{4}|\d{2})\b"
)
_MONTH_DAY = re.compile(r"\b([a-z]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_ASCTIME = re.compile(r"\b([a-z]{3,})\s+(\d{1,2})\s+\d\d?:\d\d.*?\s(\d{4})\b")
_SLASHES = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_TIME = re.compile(r"(?:^|[\s,t])(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(am|pm)?")
_OFFSET = re.compile(r"\s*(?:gmt|utc)?\s*([+-])(\d{1,2}):?(\d{2})?\b")
_ZONE = re.compile(r"\s*\(?([a-z]{1,5})\b")


def parse_date(text: str) -> datetime | None:
    """The moment that a feed's date means, or None if it cannot be told or is not within 1971–2200
    (the first day of 1970 is how software writes that it knows no date).

    RFC 822, RFC 3339, asctime, dates in words in nine languages, and day/month/year (the day first
    where both readings are possible, as in most of the world). A date without a time is midnight;
    without a zone, or with one that is unknown, UTC. Precision: seconds.
    """
    plain = _plain(text)
    if plain.isdigit() and len(plain) in (10, 13):
        return _plausible(datetime.fromtimestamp(int(plain[:10]), UTC))
    found = _day(plain)
    if not found:
        return None
    (year, month, day), rest = found
    hour, minute, second, offset = _time(rest)
    try:
        midnight = datetime(year, month, day, tzinfo=timezone(offset)).astimezone(UTC)
        moment = midnight + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        return None
    return _plausible(moment)


def _plausible(moment: datetime) -> datetime | None:
    return moment if 1971 <= moment.year <= 2200 else None


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text[:200].replace("’", "'"))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(plain.lower().replace("\u2212", "-").split())


def _day(plain: str) -> tuple[tuple[int, int, int], str] | None:
    """Year, month, day, and the text in which the time is to be found."""
    if m := _ISO.search(plain):
        numbers = [int(n) for n in m.groups() if n]
        return (numbers[0], numbers[1], [*numbers, 1][2]), plain[m.end() :]
    if (m := _DAY_MONTH.search(plain)) and (month := _month(m[2])):
        return (_full_year(m[3]), month, int(m[1])), plain[m.end() :]
    if (m := _MONTH_DAY.search(plain)) and (month := _month(m[1])):
        return (int(m[3]), month, int(m[2])), plain[m.end() :]
    if (m := _ASCTIME.search(plain)) and (month := _month(m[1])):
        return (int(m[3]), month, int(m[2])), plain[m.start() :]
    if m := _SLASHES.search(plain):
        first, second = int(m[1]), int(m[2])
        day, month = (second, first) if second > 12 else (first, second)
        return (int(m[3]), month, day), plain[m.end() :]
    return None


def _month(word: str) -> int | None:
    return _MONTH.get(word[:4]) or _MONTH.get(word[:3])


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= 70 else 2000)


def _time(rest: str) -> tuple[int, int, int, timedelta]:
    m = _TIME.search(rest)
    if not m:
        return 0, 0, 0, timedelta()
    hour, minute, second = int(m[1]), int(m[2]), int(m[3] or 0)
    if m[4]:
        hour = hour % 12 + (12 if m[4] == "pm" else 0)
    if hour > 24 or minute > 59 or second > 60:
        return 0, 0, 0, timedelta()
    return hour, minute, second, _offset(rest[m.end() :])


def _offset(rest: str) -> timedelta:
    if m := _OFFSET.match(rest):
        size = timedelta(hours=int(m[2]), minutes=int(m[3] or 0))
        return size if m[1] == "+" else -size
    if m := _ZONE.match(rest):
        return timedelta(hours=_ZONES.get(m[1], 0))
    return timedelta()
