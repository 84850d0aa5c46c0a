"""The cities that a log writes about, as its head describes them: made from values, and read back.

An entry names its city as it did when it was published. What the city is called in each language,
where it is and how many live there may change without any study changing: the head alone says it,
as of now, outside of what is counted and proved (docs/protocol.md, “Cities”).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from network.cities.hearing import tidy
from network.cities.service import CityValue
from network.lib.languages import ENGLISH
from network.log.names import GEORSS, PC, XML, pc

MOST_PLACES = 1_000
"""Cities that a head describes; of more, the node's own and those that changed last."""

_TEXTS = ("country", "kind", "timezone", "website")
_NUMBERS = {"population": "population", "population-year": "population_year"}


@dataclass(frozen=True, slots=True)
class Place:
    """A city as a log describes it. own: whether the log's node is this city's own site."""

    city: CityValue
    own: bool = False


def place_xml(place: Place) -> etree._Element:
    """The `pc:place` of a head. What is not known is left out, but for an English name: whoever
    reads no other language has one."""
    city = place.city
    element = etree.Element(pc("place"), {"slug": city.slug}, nsmap={"georss": GEORSS, "pc": PC})
    if place.own:
        element.set("own", "true")
    given = {name: getattr(city, name) for name in _TEXTS}
    given |= {name: getattr(city, field) for name, field in _NUMBERS.items()}
    given |= {"geonames": city.geonames_id, "wikidata": city.wikidata_id}
    for name, value in given.items():
        if value:
            element.set(name, str(value))
    names = {**city.names, ENGLISH.code: city.name(ENGLISH.code)}
    for lang, text in sorted(names.items()):
        if text:
            etree.SubElement(element, pc("name"), {f"{{{XML}}}lang": lang}).text = text
    if city.lat is not None and city.lon is not None:
        point = etree.SubElement(element, f"{{{GEORSS}}}point")
        point.text = f"{city.lat:.5f} {city.lon:.5f}"
    return element


def places_of(feed: etree._Element) -> tuple[Place, ...]:
    """The cities that a head describes, by the order in which they stand there.

    What cannot be understood counts as missing, as with any fact; a city without a usable slug or
    name is passed over, and so is the second of a slug, the second that says to be the node's own,
    and what exceeds MOST_PLACES.
    """
    found: dict[str, Place] = {}
    has_own = False
    for place in _read(feed.iterchildren(pc("place"))):
        if len(found) == MOST_PLACES:
            break
        if place.city.slug not in found and not (place.own and has_own):
            found[place.city.slug] = place
            has_own = has_own or place.own
    return tuple(found.values())


def _read(elements: Iterable[etree._Element]) -> Iterator[Place]:
    for element in elements:
        given: dict[str, str | None] = {name: element.get(name) for name in ("slug", *_TEXTS)}
        given |= {field: element.get(name) for name, field in _NUMBERS.items()}
        given |= {"geonames_id": element.get("geonames"), "wikidata_id": element.get("wikidata")}
        names = dict[str, str]()
        for name in element.iterchildren(pc("name")):
            lang = name.get(f"{{{XML}}}lang", "")
            names[lang] = names.get(lang) or name.text or ""
        lat, _, lon = (element.findtext(f"{{{GEORSS}}}point") or "").strip().partition(" ")
        city = tidy(given | {"lat": lat, "lon": lon}, names)
        if city is not None:
            yield Place(city, element.get("own") == "true")
