"""What people type of a city, in a form, on the command line or in a file, as the value it means.

Whatever cannot be understood is told with its field, all at once, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from babel.core import get_global

from network.cities import service
from network.cities.service import CityValue, by_field
from network.lib import i18n
from network.lib.errors import InvalidInput
from network.lib.i18n import ENGLISH_FIRST, LANGUAGES, N_, by_language
from network.lib.sanitise import web_url
from network.lib.text import clean, plain_letters, slug
from network.seen import is_blank

KINDS = ("city", "village", "district", "agglomeration", "county", "region")
"""What a place is; each is a city here."""
NAMES = tuple(f"name_{lang}" for lang in ENGLISH_FIRST)
PLAIN = tuple(field for field in service.FIELDS if field != "names")
FIELDS = (PLAIN[0], *NAMES, *PLAIN[1:])
"""What is typed of a city: its slug, its name in each language, and the rest."""
LONGEST_NAME = 200
LONGEST_WEBSITE = 500
MOST_INHABITANTS = 2_000_000_000
FIRST_YEAR = 1700

SHORT = {"geonames": "geonames_id", "wikidata": "wikidata_id", "year": "population_year"}
"""Other names for what a file says of a city."""

Typed = Mapping[str, str]
Problems = list[InvalidInput]


def read(typed: Typed, this_year: int) -> tuple[CityValue, Problems]:
    """The city that was typed, by FIELDS, and what is wrong with it.

    A name in one language is enough. slug: chosen by hand, else of the English name, or of another
    when that has no plain letters; empty when none has.
    """
    found: dict[str, Any] = {}
    problems: Problems = []
    for name in FIELDS:
        text = line(typed.get(name, ""))
        try:
            found[name] = _READ[name](text) if text else None
        except InvalidInput as error:
            found[name] = None
            problems.append(InvalidInput(error.message, name, **error.arguments))
    problems += _of_several(typed, found, this_year)
    names = by_language(found, "name")
    found["slug"] = found["slug"] or next(filter(None, map(slug, names.values())), "")
    found["kind"] = found["kind"] or "city"
    if names and not found["slug"] and not any(p.field == "slug" for p in problems):
        problems.append(InvalidInput(NO_LETTERS, "slug"))
    order = {name: number for number, name in enumerate(FIELDS)}
    problems.sort(key=lambda problem: order[problem.field or "slug"])
    return CityValue(names=names, **{name: found[name] for name in PLAIN}), problems


def write(value: CityValue, lang: str) -> dict[str, str]:
    """The inverse, as it stands in a form of a language."""
    typed = dict.fromkeys(FIELDS, "") | as_text(value)
    if value.population is not None:
        typed["population"] = i18n.number(value.population, lang)
    mark = i18n.decimal_mark(lang)
    return typed | {name: typed[name].replace(".", mark) for name in ("lat", "lon")}


def as_text(value: CityValue) -> dict[str, str]:
    """What a value says, by FIELDS, as `read` understands it in any language."""
    return {name: str(said) for name, said in by_field(value).items() if said is not None}


def from_file(given: Mapping[str, str]) -> dict[str, str]:
    """What a file says of a city by its own keys, by those of a city. `name` is in every language;
    what a city does not have is passed over."""
    known = {SHORT.get(key, key): text for key, text in given.items()}
    for name in NAMES:
        known.setdefault(name, given.get("name", ""))
    return {key: text for key, text in known.items() if key in FIELDS and text}


def line(text: str) -> str:
    """One line without what shows nothing; empty when a reader would see nothing of it."""
    plain = " ".join(clean(text).split())
    return "" if is_blank(plain) else plain


NO_LETTERS = N_(
    "Give a short name for addresses, in small letters without accents, such as “tokyo”: none can "
    "be made of the city’s name."
)


def _of_several(typed: Typed, found: Mapping[str, Any], this_year: int) -> Problems:
    problems = []
    if not any(line(typed.get(name, "")) for name in NAMES):
        problems.append(InvalidInput(N_("Give the city’s name."), NAMES[0]))
    for one, other in (("lat", "lon"), ("lon", "lat")):
        if not line(typed.get(one, "")) and found[other] is not None:
            text = N_("Give both latitude and longitude, or neither.")
            problems.append(InvalidInput(text, one))
    year = found["population_year"]
    if year is not None and not FIRST_YEAR <= year <= this_year:
        text = N_("Give a year from %(first)s to %(last)s, such as 2021.")
        problems.append(InvalidInput(text, "population_year", first=FIRST_YEAR, last=this_year))
    return problems


def _name(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise InvalidInput(
            N_("This has %(length)s characters; at most %(most)s fit."),
            length=len(text), most=LONGEST_NAME,
        )  # fmt: skip
    return text


def _slug(text: str) -> str:
    if len(text) > 80 or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise InvalidInput(N_("Use small letters without accents, digits and hyphens only."))
    return text


def country_code(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country given by code or by its name in a language of the pages."""
    wanted = _folded(text)
    known = countries("en")
    if text.upper() in known:
        return text.upper()
    others = get_global("territory_aliases").get(text.upper().replace(".", ""), [])
    if len(others) == 1 and others[0] in known:  # ISO’s three letters, and UK
        return str(others[0])
    names = {_folded(name): code for lang in LANGUAGES for code, name in countries(lang).items()}
    return names.get(wanted) or _ALSO_CALLED.get(wanted)


def countries(lang: str) -> dict[str, str]:
    """Code → name of every country, in a language."""
    named = i18n.locale(lang).territories.items()
    return {c: str(name) for c, name in named if re.fullmatch("[A-Z]{2}", c) and c not in _NONE}


_ALSO_CALLED = MappingProxyType(
    {
        "birmanie": "MM", "burma": "MM", "czech-republic": "CZ", "republique-tcheque": "CZ",
        "congo-rdc": "CD", "rdc": "CD", "dr-congo": "CD", "great-britain": "GB",
        "grande-bretagne": "GB", "hong-kong": "HK", "holland": "NL", "hollande": "NL",
        "ivory-coast": "CI", "macao": "MO", "macau": "MO", "macedonia": "MK", "macedoine": "MK",
        "palestine": "PS", "swaziland": "SZ", "turkey": "TR",
    }
)  # fmt: skip
"""What people call countries of which CLDR gives another name, as they are folded."""
_NONE = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Codes of what is no country."""


def _folded(text: str) -> str:
    return slug(plain_letters(text))


def _country(text: str) -> str:
    code = country_code(text)
    if code is None:
        raise InvalidInput(N_("“%(typed)s” is not a country that we know."), typed=text)
    return code


def _kind(text: str) -> str:
    if text not in KINDS:
        kinds = ", ".join(KINDS)
        raise InvalidInput(N_("Choose one of these: %(choices)s."), choices=kinds)
    return text


_UNIT = re.compile(r"\s*(?:inhabitants|habitants|people|hab\.?|inh\.?)$", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[\s.,'’])\d{3}(?:(?P=mark)\d{3})*)?|\d+")


def _population(text: str) -> int | None:
    plain = _UNIT.sub("", text)
    number = int(re.sub(r"\D", "", plain)) if _GROUPED.fullmatch(plain) else -1
    if not 0 <= number <= MOST_INHABITANTS:
        raise InvalidInput(N_("Give the number of inhabitants in digits, such as 52,000."))
    return number or None  # where nobody lives nobody tries things: lists write 0 for unknown


def _year(text: str) -> int:
    if not re.fullmatch(r"\d{4}", text):
        raise InvalidInput(N_("Give the year in four digits, such as 2021."))
    return int(text)


_ANGLE = re.compile(
    r"(?P<sign>[-+−]?)(?P<degrees>\d{1,3}(?:[.,]\d{1,15})?)\s*[°º]?"
    r"(?:\s*(?P<minutes>[0-5]?\d(?:[.,]\d{1,12})?)\s*[′'’])?"
    r"(?:\s*(?P<seconds>[0-5]?\d(?:[.,]\d{1,9})?)\s*(?:[″\"”]|''|’’))?\s*(?P<way>[NSEWO]?)"
)
"""Degrees, perhaps with minutes and seconds, and a sign or the letter of a direction."""


def _degrees(most: int, ways: Mapping[str, int]) -> Callable[[str], float]:
    """A reader of angles. ways: the letters of its directions → 1, or -1 for south and west."""

    def read(text: str) -> float:
        match = _ANGLE.fullmatch(text.upper())
        way = match["way"] if match else ""
        if match is None or (way and (way not in ways or match["sign"])):
            raise InvalidInput(DEGREES, most=most)
        parts = (match[name] or "0" for name in ("degrees", "minutes", "seconds"))
        degrees, minutes, seconds = (float(part.replace(",", ".")) for part in parts)
        value = degrees + minutes / 60 + seconds / 3600
        if value > most:
            raise InvalidInput(DEGREES, most=most)
        return value * ways.get(way, -1 if match["sign"] in ("-", "−") else 1)

    return read


DEGREES = N_("Give degrees from −%(most)s to %(most)s, such as 48.85.")


_NO_PLACES = frozenset({"localtime", "Factory"})
"""What the database of a machine has beside the zones."""


def timezone(text: str) -> str:
    """A zone of the IANA database as it is spelt there. Raises InvalidInput."""
    zones = {zone.casefold(): zone for zone in available_timezones() - _NO_PLACES}
    zone = zones.get(text.replace(" ", "_").casefold())
    if zone is None:
        raise InvalidInput(
            N_("“%(typed)s” is not a time zone that we know. Give one such as Europe/Paris."),
            typed=text,
        )
    return zone


_HOST = re.compile(r"https?://(?:[^\s./?#:%<>\"]+\.)+[^\s./?#:%<>\"]+(?:[/?#:]|$)", re.I)
"""A host that a browser would look for: labels with points between them, none of them empty."""


def _website(text: str) -> str:
    address = web_url(text if "://" in text else f"https://{text}")
    host = _HOST.match(address or "")
    if address is None or host is None or len(address) > LONGEST_WEBSITE:
        raise InvalidInput(N_("Give the address of a website, such as https://www.city.example/."))
    return address


def _geonames(text: str) -> int:
    match = re.fullmatch(
        r"(?:https?://(?:www\.)?(?:sws\.)?geonames\.org/)?(\d{1,9})(?:/\S*)?", text
    )
    if match is None or not int(match[1]):
        raise InvalidInput(N_("Give the place’s number at GeoNames, such as 2988507."))
    return int(match[1])


def _wikidata(text: str) -> str:
    match = re.fullmatch(
        r"(?:https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/)?(Q[1-9]\d{0,11})", text
    )
    if match is None:
        raise InvalidInput(N_("Give the place’s identifier at Wikidata, such as Q90."))
    return match[1]


_READ: Mapping[str, Callable[[str], Any]] = {
    "slug": _slug,
    **dict.fromkeys(NAMES, _name),
    "country": _country,
    "kind": _kind,
    "geonames_id": _geonames,
    "wikidata_id": _wikidata,
    "lat": _degrees(90, {"N": 1, "S": -1}),
    "lon": _degrees(180, {"E": 1, "W": -1, "O": -1}),
    "population": _population,
    "population_year": _year,
    "timezone": timezone,
    "website": _website,
}
