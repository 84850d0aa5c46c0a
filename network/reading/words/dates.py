"""Dates as feeds of all makers write them, to aware UTC.

feedparser's own reading knows English months and American zones only and takes every other
zone's time for UTC, so the text of the date is read here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from network.reading.words.months import month_beginning, month_named, plain_letters

# The first four letters without accents, else the first three: en fr es pt it ca de nl sv.
_MONTHS = {
    1: "jan ene gen janv",
    2: "feb fev fevr",
    3: "mar marc marz mrz mrt maar mars",
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
    **dict.fromkeys(("cet", "met", "mez", "bst", "west", "wat"), 1),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "cat", "sast"), 2),
    **dict.fromkeys(("eest", "msk", "eat", "trt", "idt"), 3),
    **dict.fromkeys(("gst", "get", "azt", "amt", "samt"), 4),
    **dict.fromkeys(("pkt", "uzt", "yekt", "mvt"), 5),
    **dict.fromkeys(("bdt", "almt", "omst"), 6),
    **dict.fromkeys(("wib", "ict", "novt", "krat"), 7),
    **dict.fromkeys(("sgt", "hkt", "awst", "pht", "phst", "myt", "wita", "irkt", "bnt"), 8),
    **dict.fromkeys(("kst", "jst", "wit", "yakt"), 9),
    **dict.fromkeys(("aest", "vlat", "chst", "pgt"), 10),
    **dict.fromkeys(("aedt", "magt", "sbt", "nct"), 11),
    **dict.fromkeys(("nzst", "fjt", "pett"), 12),
    **dict.fromkeys(("nzdt", "phot", "tot"), 13),
    **dict.fromkeys(("azot", "cvt"), -1),
    **dict.fromkeys(("brt", "art", "adt", "clst", "uyt", "gft"), -3),
    **dict.fromkeys(("ast", "edt", "clt", "bot", "vet", "gyt"), -4),
    **dict.fromkeys(("est", "cdt", "pet", "cot", "ect"), -5),
    **dict.fromkeys(("cst", "mdt", "galt"), -6),
    **dict.fromkeys(("mst", "pdt"), -7),
    **dict.fromkeys(("pst", "akdt"), -8),
    **dict.fromkeys(("akst", "hdt"), -9),
    **dict.fromkeys(("hst", "taht"), -10),
    "sst": -11,
    **dict.fromkeys(("ist", "slst"), 5.5),
    **dict.fromkeys(("acdt", "lhst"), 10.5),
    "acst": 9.5,
    "npt": 5.75,
    "mmt": 6.5,
    "irst": 3.5,
    "aft": 4.5,
    "nst": -3.5,
    "ndt": -2.5,
}
"""Hours from UTC; of names that several zones share, that of the zone with the most people."""

_YEAR = re.compile(r"\s*(\d{4})\s*")
_WEEK = re.compile(r"\b(\d{4})-?w(\d{2})(?:-?([1-7]))?\b")
_DAY_OF_YEAR = re.compile(r"\b(\d{4})-(\d{3})(?![\d-])")
_ERAS = MappingProxyType(
    {
        "明治": 1867,
        "大正": 1911,
        "昭和": 1925,
        "平成": 1988,
        "令和": 2018,
        "民國": 1911,
        "民国": 1911,
    }
)
"""The year before the first of an era, as authorities of Japan and Taiwan count."""
_ERA = re.compile(f"({'|'.join(_ERAS)})\\s?(\\d{{1,3}}|元)\\s?年")
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?![\d-])")
_COMPACT = re.compile(r"\b(\d{4})([01]\d)([0-3]\d)(?=t|\b|[0-2]\d[0-5]\d(?:[0-5]\d)?\b)")
_YEAR_FIRST = re.compile(r"\b(\d{4})([/.])\s?(\d{1,2})\2\s?(\d{1,2})\b")
_YEAR_LAST = re.compile(r"\b(\d{1,2})([/.-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\b")
_SIGNS = re.compile(
    r"(\d{4})\s?(?:年|Y)\s?(\d{1,2})\s?(?:月|M)\s?(\d{1,2})\s?(?:日|号|號|D)".replace(
        "Y", plain_letters("년")
    )
    .replace("M", plain_letters("월"))
    .replace("D", plain_letters("일"))
)
_NUMBERED = re.compile(r"\b(\d{1,2})\s+thang\s+(\d{1,2}),?\s+(?:nam\s+)?(\d{4})\b")
_ASCTIME = re.compile(r"\b([a-z]{3,})\s+(\d{1,2})\s+(\d\d?:\d\d.*?\s(\d{4})\b.*)")
_BETWEEN = re.compile(r"[\s,;()/-]+")
_NUMBER = re.compile(r"(\d{1,4})(?:er|st|nd|rd|th|re|a|o|e)?\.?")
_TIME = re.compile(
    r"(?:^|[\s,t(\D])(\d{1,2})(?:[:.]|\s?h\s?)(\d{2})(?:[:.m](\d{2})(?:[.,]\d+)?)?(?!\d)\s*"
    r"(am\b|pm\b|a\.m\.|p\.m\.)?"
)
_HOUR = re.compile(r"(?:^|[\s,t(])(\d{1,2})()()\s?(?:h\b|uhr\b|(am\b|pm\b|a\.m\.|p\.m\.))")
_COMPACT_TIME = re.compile(r"^t?(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?(?!\d)()")
_SIGNED_TIME = re.compile(
    plain_letters("(\\d{1,2})\\s?(?:時|时|点|點|시)")
    + r"\s?(?:(\d{1,2})\s?"
    + plain_letters("(?:分|분)")
    + r")?(?:\s?(\d{1,2}))?()"
)
_AFTERNOON = re.compile("|".join(map(plain_letters, ("오후", "下午", "午後", "晚上"))))
_OFFSET = re.compile(r"\s*(?:gmt|utc)?\s*([+-])(\d{1,2}):?(\d{2})?\b")
_ZONE = re.compile(r"\s*\(?([a-z]{1,5})\b(?!/)")
_PLACE = re.compile(r"\s*[\[(]?([a-z_]+(?:/[a-z0-9_+-]+){1,2})")


def parse_date(text: str, language: str | None = None) -> datetime | None:
    """The moment that a feed's date means, or None if it cannot be told or is not within 1971–2200
    (the first day of 1970 is how software writes that it knows no date).

    RFC 822, ISO 8601, asctime, numbers in all usual orders (the day first where both readings are
    possible, as in most of the world), and dates in words in the languages of the CLDR; language
    decides where a word names different months. A date without a time is midnight; without a zone,
    or with one that is unknown, UTC. Precision: seconds.
    """
    plain = plain_letters(text[:200])
    seconds = plain.partition(".")[0]
    if seconds.isdigit() and len(seconds) in (10, 13):
        return _plausible(datetime.fromtimestamp(int(seconds[:10]), UTC))
    found = _day(plain, language)
    if not found:
        return None
    (year, month, day), rest = found
    if 2400 <= year <= 2700:  # the era of Buddha
        year -= 543
    since_midnight, zone = _time(rest)
    try:
        local = datetime(year, month, day, tzinfo=UTC) + since_midnight
        moment = local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return _plausible(moment)


def _plausible(moment: datetime) -> datetime | None:
    return moment if 1971 <= moment.year <= 2200 else None


def _day(plain: str, language: str | None) -> tuple[tuple[int, int, int], str] | None:
    """Year, month, day, and the text in which the time is to be found."""
    if m := _YEAR.fullmatch(plain):
        return (int(m[1]), 1, 1), ""
    if m := _WEEK.search(plain) or _DAY_OF_YEAR.search(plain):
        return _counted(m), plain[m.end() :]
    plain = _ERA.sub(_of_our_era, plain)
    if m := _ISO.search(plain) or _COMPACT.search(plain):
        return (int(m[1]), int(m[2]), int(m[3] or 1)), plain[m.end() :]
    if m := _SIGNS.search(plain):
        return (int(m[1]), int(m[2]), int(m[3])), plain[m.end() :]
    if m := _YEAR_FIRST.search(plain):
        return (int(m[1]), int(m[3]), int(m[4])), plain[m.end() :]
    if m := _YEAR_LAST.search(plain):
        first, second = int(m[1]), int(m[3])
        day, month = (second, first) if second > 12 else (first, second)
        return (_full_year(m[4]), month, day), plain[m.end() :]
    if m := _NUMBERED.search(plain):
        return (int(m[3]), int(m[2]), int(m[1])), plain[m.end() :]
    if (m := _ASCTIME.search(plain)) and (named := _month(m[1], language)):
        return (int(m[4]), named, int(m[2])), f" {m[3]}"
    return _in_words(plain, language)


def _counted(found: re.Match[str]) -> tuple[int, int, int]:
    """The day of a week or of a year that is counted by numbers (ISO 8601); 0 if there is none."""
    year, number = int(found[1]), int(found[2])
    try:
        if found.re is _WEEK:
            day = date.fromisocalendar(year, number, int(found[3] or 1))
            return day.year, day.month, day.day
        day = date(year, 1, 1) + timedelta(days=number - 1)
    except (ValueError, OverflowError):
        return year, 0, 0
    return (year, day.month, day.day) if day.year == year else (year, 0, 0)


def _of_our_era(found: re.Match[str]) -> str:
    number = 1 if found[2] == "元" else int(found[2])
    return f"{_ERAS[found[1]] + number}年"


def _in_words(plain: str, language: str | None) -> tuple[tuple[int, int, int], str] | None:
    """A date with the month's name: the year is the number of four digits, and the day the one
    beside the month, before it or after it."""
    time = _TIME.search(plain) or _HOUR.search(plain)
    words = [w for w in _BETWEEN.split(plain[: time.start()] if time else plain) if w]
    numbers = [m[1] if (m := _NUMBER.fullmatch(word)) else None for word in words]
    named = [(at, month) for at, word in enumerate(words) if (month := _month(word, language))]
    if not named:
        return None
    # "mar." is a Tuesday and a March: the month has numbers on both sides, or on one at least.
    at, month = max(named, key=lambda each: _neighbours(numbers, each[0]))
    before = [number for number in reversed(numbers[:at]) if number is not None]
    after = [number for number in numbers[at + 1 :] if number is not None]
    beside = (*before, *after)
    years = [n for n in beside if len(n) == 4] or [n for n in beside if int(n) > 31] or after[-1:]
    if not years:
        return None
    days = [number for number in beside if number not in years] or ["1"]
    return (_full_year(years[0]), month, int(days[0])), plain[time.start() :] if time else ""


def _neighbours(numbers: list[str | None], at: int) -> int:
    beside = (*numbers[max(at - 1, 0) : at], *numbers[at + 1 : at + 2])
    return sum(number is not None for number in beside)


def _month(word: str, language: str | None) -> int | None:
    """The month that a word means, with a particle before it (“d'avril”, “בינואר”) or a point
    after it."""
    name = word.rpartition("'")[2].strip(".").removeprefix("ב")
    if len(name) < 2 or any(c.isdigit() for c in name):
        return None
    by_hand = _MONTH.get(name) or month_named(name, language)
    return by_hand or month_beginning(name) or _MONTH.get(name[:4]) or _MONTH.get(name[:3])


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= 70 else 2000)


def _time(rest: str) -> tuple[timedelta, tzinfo]:
    m = _COMPACT_TIME.match(rest) or _SIGNED_TIME.search(rest) or _TIME.search(rest)
    m = m or _HOUR.search(rest)
    if not m:
        return timedelta(), UTC
    hour, minute, second = int(m[1]), int(m[2] or 0), int(m[3] or 0)
    if m[4] or _AFTERNOON.search(rest, 0, m.start() + 1):
        hour = hour % 12 + (0 if (m[4] or "p").startswith("a") else 12)
    if hour > 24 or minute > 59 or second > 60:
        return timedelta(), UTC
    return timedelta(hours=hour, minutes=minute, seconds=second), _zone(rest[m.end() :])


def _zone(rest: str) -> tzinfo:
    if m := _OFFSET.match(rest):
        size = timedelta(hours=int(m[2]), minutes=int(m[3] or 0))
        return timezone(size if m[1] == "+" else -size) if size < timedelta(days=1) else UTC
    if m := _ZONE.match(rest):
        return timezone(timedelta(hours=_ZONES.get(m[1], 0)))
    if (m := _PLACE.match(rest)) and (name := _places().get(m[1])):
        return ZoneInfo(name)
    return UTC


@cache
def _places() -> dict[str, str]:
    """The names of IANA's time zones, by themselves in small letters."""
    return {name.lower(): name for name in available_timezones()}
