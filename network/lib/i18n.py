"""Message catalogues, and dates, numbers and money as each language writes them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError, dates, numbers, units
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from network.lib import languages
from network.lib.places import folder
from network.lib.text import slug

LANGUAGES = tuple(language.code for language in languages.LANGUAGES)
"""The codes of the languages of the pages."""
ENGLISH_FIRST = tuple(sorted(LANGUAGES, key=lambda code: code != languages.ENGLISH.code))
"""The same in the order in which names are asked for and written: the one first of which the others
make do where they have none."""


def by_language(given: Mapping[str, str], what: str) -> dict[str, str]:
    """Language → what is given as `what_en`, `what_fr` and so on, without what is empty."""
    return {lang: text for lang in ENGLISH_FIRST if (text := given.get(f"{what}_{lang}"))}


def N_(message: str) -> str:  # noqa: N802 — gettext's own name for it
    """Mark a message for the catalogues without translating it yet."""
    return message


@cache
def catalogue(lang: str) -> Translations:
    """The catalogue of a language, compiled from its .po file in memory so that none is stale."""
    path = folder("translations") / lang / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return Translations()
    with path.open("rb") as file:
        messages = read_po(file, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


@dataclass(frozen=True, slots=True)
class Worded:
    """An argument of a message that each language writes in its own way, such as a number."""

    write: Callable[[str], str]

    def __str__(self) -> str:
        """In English, where nobody knows the reader's language."""
        return self.write("en")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as an argument of a message: 1,000,000 in English, 1 000 000 in French."""

    value: int | Decimal

    def write(self, lang: str) -> str:
        """In a language."""
        return number(self.value, lang)

    def __str__(self) -> str:
        """In English, where nobody knows the reader's language."""
        return self.write("en")


def translate(lang: str, message: str, arguments: Mapping[str, Any] | None = None) -> str:
    """A message with %(name)s arguments in a language."""
    text = catalogue(lang).gettext(message)
    given = {
        name: value.write(lang) if isinstance(value, Worded | Figure) else value
        for name, value in (arguments or {}).items()
    }
    return text % given if given else text


def locale(lang: str) -> Locale:
    """Babel's locale for a language of the pages."""
    return languages.row(lang).locale


@lru_cache(4096)
def long_date(value: date | datetime, lang: str) -> str:
    """23 novembre 2026, 1er novembre 2026, 23 November 2026."""
    text = dates.format_date(value, "long", locale=locale(lang))
    return "1er" + text[1:] if lang == "fr" and value.day == 1 else text


def long_moment(value: datetime, lang: str, zone: str = "UTC") -> str:
    """A date with the time in a zone: 23 novembre 2026 à 16 h 07 (heure de Paris)."""
    there = in_zone(value, zone)
    clock = f"à {there.hour}\u00a0h\u00a0{there:%M}" if lang == "fr" else f"at {there:%H:%M}"
    return f"{long_date(there.date(), lang)} {clock} ({_zone_name(there, lang)})"


def short_moment(value: datetime, lang: str, zone: str = "UTC") -> str:
    """The same in figures, as on a terminal: 2026-11-23 16:07 Paris time."""
    there = in_zone(value, zone)
    return f"{there:%Y-%m-%d %H:%M} {_zone_name(there, lang)}"


def in_zone(value: datetime, zone: str) -> datetime:
    """The moment as clocks show it in a zone of the IANA database; in UTC where that is none."""
    try:
        return value.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return value


def _zone_name(there: datetime, lang: str) -> str:
    """“heure de Paris”, “Paris time”; with the offset in the hour that clocks show twice a year."""
    key = getattr(there.tzinfo, "key", "UTC")
    if "/" not in key or key.startswith("Etc/"):
        return _offset(there)
    location = dates.get_timezone_location(there.tzinfo, locale=locale(lang), return_city=True)
    city = location.rpartition("/")[2]
    of = "d’" if slug(city).startswith(tuple("aeiou")) else "de "
    name = f"heure {of}{city}" if lang == "fr" else f"{city} time"
    twice = there.replace(fold=1).utcoffset() != there.replace(fold=0).utcoffset()
    return f"{name}, {_offset(there)}" if twice else name


def _offset(there: datetime) -> str:
    """UTC, UTC+2, UTC−3:30."""
    minutes = int((there.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "\u2212" if minutes < 0 else "+"
    return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"


def ago(value: datetime, now: datetime, lang: str) -> str:
    """“il y a 5 minutes”, “5 minutes ago”; “dans 2 heures” for what is to come."""
    if abs((value - now).total_seconds()) < 2:
        return translate(lang, N_("just now") if value <= now else N_("at any moment"))
    return dates.format_timedelta(value - now, add_direction=True, locale=locale(lang))


@lru_cache(4096)
def partial_date(value: str, lang: str) -> str:
    """A partial ISO 8601 date: 2014, septembre 2014, 23 septembre 2014."""
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 1:
        return value
    if len(parts) == 2:
        return dates.format_skeleton("yMMMM", date(parts[0], parts[1], 1), locale=locale(lang))
    return long_date(date(parts[0], parts[1], parts[2]), lang)


@lru_cache(4096, typed=True)
def number(value: int | Decimal | float, lang: str) -> str:
    """1 000 in French (narrow no-break space), 1,000 in English."""
    return numbers.format_decimal(value, locale=locale(lang))


@cache
def decimal_mark(lang: str) -> str:
    """What stands before the decimals: a comma in French, a point in English."""
    return numbers.get_decimal_symbol(locale(lang))


@lru_cache(4096)
def file_size(count: int, lang: str) -> str:
    """Bytes in the unit that people know: 340 ko, 1,2 Mo; 340 kB, 1.2 MB. Two digits are enough."""
    units_ = ("kilobyte", "megabyte", "gigabyte", "terabyte")
    power = next((n for n in (1, 2, 3) if count < 999.5 * 1000**n), 4)
    value = count / 1000**power
    shown = max(round(value, 1), 0.1) if value < 9.95 else round(value)
    return units.format_unit(shown, f"digital-{units_[power - 1]}", "short", locale=locale(lang))


@lru_cache(4096)
def language_name(tag: str, lang: str | None = None) -> str:
    """A language's name in `lang`, by default its own as a link says it (Français, English)."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name(lang or tag) or tag
        return name if lang else name[:1].upper() + name[1:]
    except (UnknownLocaleError, ValueError):
        return tag


@lru_cache(4096)
def country_name(code: str, lang: str) -> str:
    """A country's name by its ISO 3166-1 alpha-2 code."""
    return locale(lang).territories.get(code, code)


def sort_key(text: str) -> str:
    """Orders names as a reader expects: é beside e, capitals beside small letters."""
    return slug(text) or text.casefold()
