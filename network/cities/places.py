"""Places of the world that are proposed from a few typed letters: GeoNames’ (CC BY 4.0).

The file, made by benchmarks/shipped_places.py, has a member for each two letters that names begin
with, so that a question reads a few kilobytes and nothing stays in memory. It proposes; a place
that it lacks is typed by hand and is as good.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from network.cities.service import CityValue
from network.lib.i18n import LANGUAGES, country_name
from network.lib.text import plain_letters, slug

FILE = Path(str(files("network.cities"))) / "data" / "places.zip"
LETTERS = r"[^\W\d_]"
FEWEST = 2
"""Letters from which anything is proposed."""
VILLAGE = 2_000
"""Inhabitants below which a place is called a village, as statistics offices do."""
_TITLES = re.compile(
    r"^(?:city|town|village|municipality|commune|ville|mairie|municipio|ayuntamiento) (?:of|de|d) "
)
_SAINTS = (("st", "saint"), ("ste", "sainte"))
_NAMED_IN = ("en", "fr")
"""The languages of the names that the file gives, in their order."""
_ARTICLES = ("le", "la", "les", "l", "the")


class Place(NamedTuple):
    """A proposal. region: as GeoNames writes it, perhaps empty."""

    value: CityValue
    region: str

    @property
    def token(self) -> str:
        """By which `chosen` finds it again."""
        return f"{self.value.geonames_id}-{slug(self.value.name('en'))}"


def words(text: str) -> str:
    """A name as it is compared: small plain letters and digits, words between single spaces."""
    plain = unicodedata.normalize("NFKD", plain_letters(text.casefold()))
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", kept))


def keys_of(name: str) -> Iterator[str]:
    """What a name is found by: without spaces, St as Saint, and also without its article."""
    spoken = _TITLES.sub("", words(name))
    parts = [dict(_SAINTS).get(part, part) for part in spoken.split()]
    yield "".join(parts)
    if len(parts) > 1 and parts[0] in _ARTICLES:
        yield "".join(parts[1:])


def member(key: str) -> str:
    """The member of the file that has a key."""
    return key[:FEWEST]


def find(typed: str, most: int = 10) -> list[Place]:
    """Places whose name begins with what was typed, exact names first, then the largest.

    After a comma may stand a country, its code or a region, to tell places of one name apart.
    """
    return [place for _whole, place in _found(typed)[:most]]


def _found(typed: str) -> list[tuple[bool, Place]]:
    """These places, and whether one of their names is what was typed, and no longer."""
    name, _, narrower = typed.partition(",")
    key = next(keys_of(name), "")
    if len(key) < FEWEST:
        return []
    found = [place for place in _read(key) if not narrower or _lies_in(place[1], words(narrower))]
    return sorted(found, key=lambda place: not place[0])  # the file has the largest first


def is_exact(place: Place, typed: str) -> bool:
    """Whether a place is called just that, and not only found by another of its names."""
    key = next(keys_of(typed.partition(",")[0]), "")
    return any(key in keys_of(name) for name in place.value.names.values())


def meant(typed: str) -> list[Place]:
    """Places that are called what was typed, or else have that among their other names; one alone
    when it has ten times as many inhabitants as any other, because nobody means Paris in Texas who
    says no more than Paris. A name that only begins so is another: who says Bretagne does not mean
    Bretagne-de-Marsan."""
    named = [place for whole, place in _found(typed) if whole]
    exact = [place for place in named if is_exact(place, typed)] or named
    sizes = [place.value.population or 0 for place in exact]
    clear = len(exact) > 1 and sizes[0] >= 10 * max(sizes[1:])
    return exact[:1] if clear else exact


def chosen(token: str) -> Place | None:
    """The proposal with this token."""
    number, _, name = token.partition("-")
    key = next(keys_of(name), "")
    found = (place for _exact, place in _read(key) if str(place.value.geonames_id) == number)
    return next(found, None) if len(key) >= FEWEST else None


def _read(key: str) -> Iterator[tuple[bool, Place]]:
    """Places that have a name which begins with the key, and whether one is no longer than it."""
    with zipfile.ZipFile(FILE) as file:
        try:
            content = file.read(member(key)).decode()
        except KeyError:
            return
    for line in content.splitlines():
        keys = line[: line.index("\t")].split("|")
        if any(each.startswith(key) for each in keys):
            yield key in keys, _place(line.split("\t")[1:])


def _place(fields: list[str]) -> Place:
    number, *names, country, region, lat, lon, population, zone = fields
    inhabitants = int(population) if population else None
    value = CityValue(
        slug=slug(names[0]),
        names={lang: name or names[0] for lang, name in zip(_NAMED_IN, names, strict=True)},
        country=country,
        kind="village" if inhabitants is not None and inhabitants < VILLAGE else "city",
        geonames_id=int(number),
        lat=float(lat),
        lon=float(lon),
        population=inhabitants,
        timezone=zone or None,
    )
    return Place(value, region)


def _lies_in(place: Place, typed: str) -> bool:
    country = place.value.country or ""
    names = [words(country_name(country, lang)) for lang in LANGUAGES]
    starts = any(name.startswith(typed) for name in [*names, words(place.region)])
    return country.casefold() == typed or starts
