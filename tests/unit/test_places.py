"""Cities as a log’s head describes them, and which city is meant by a description."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from network.cities import hearing
from network.cities.models import City
from network.cities.service import CityValue
from network.log.names import FEED_PREFIXES, atom
from network.log.places import MOST_PLACES, Place, place_xml, places_of
from tests.strategies import nasty

OZD = CityValue(
    "ozd",
    {"en": "Ózd", "fr": "Ozd"},
    "HU",
    "city",
    geonames_id=717902,
    wikidata_id="Q253768",
    lat=48.21706,
    lon=20.28886,
    population=32_000,
    population_year=2022,
    timezone="Europe/Budapest",
    website="https://www.ozd.hu/",
)


def head(*places: etree._Element) -> etree._Element:
    feed = etree.Element(atom("feed"), nsmap=FEED_PREFIXES)
    feed.extend(places)
    return etree.fromstring(etree.tostring(feed))


def read(**attributes: str) -> CityValue | None:
    """What is read of a city called Ózd that a head describes with these attributes."""
    element = place_xml(Place(CityValue("ozd", {"en": "Ózd"})))
    for name, value in attributes.items():
        element.set(name.replace("_", "-"), value)
    found = places_of(head(element))
    return found[0].city if found else None


def test_everything_that_is_known_of_a_city_travels() -> None:
    assert places_of(head(place_xml(Place(OZD, own=True)))) == (Place(OZD, own=True),)


def test_what_is_not_known_is_left_out() -> None:
    xml = etree.tostring(place_xml(Place(CityValue("ozd", {"en": "Ózd"}))), encoding="unicode")
    assert xml.count("=") == 4  # its slug, a language, two namespaces
    assert places_of(head(etree.fromstring(xml)))[0] == Place(CityValue("ozd", {"en": "Ózd"}))


names = nasty.map(lambda text: "Ó" + text)
values = st.builds(
    CityValue,
    slug=st.from_regex("[a-z0-9-]{1,100}", fullmatch=True),
    names=st.fixed_dictionaries({"en": names}, optional={"fr": names}),
    country=st.none() | st.sampled_from(["HU", "FR"]),
    kind=st.none() | st.sampled_from(["city", "village"]),
    geonames_id=st.none() | st.integers(1, 2**31 - 1),
    wikidata_id=st.none() | st.integers(1, 10**12 - 1).map("Q{}".format),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    population=st.integers(1, 2 * 10**9),
    population_year=st.none() | st.integers(1000, 2999),
    timezone=st.none() | st.sampled_from(["Europe/Paris", "America/Argentina/Buenos_Aires"]),
    website=st.none() | st.just("https://www.ozd.hu/?a=b&c=d"),
)


def cleaned(city: CityValue) -> CityValue:
    """The city as it can be written: names that XML can hold, places to five decimals."""
    return replace(
        city,
        names={lang: hearing.one_line(name) for lang, name in city.names.items()},
        lat=round(city.lat or 0.0, 5),
        lon=round(city.lon or 0.0, 5),
    )


@given(values, st.booleans())
def test_what_is_read_is_what_was_described(city: CityValue, own: bool) -> None:
    city = cleaned(city)
    assert places_of(head(place_xml(Place(city, own)))) == (Place(city, own),)


@given(
    st.dictionaries(st.sampled_from(hearing.FIELDS), st.none() | nasty | st.text()),
    st.dictionaries(st.sampled_from(["en", "fr", "xx", ""]), nasty | st.text()),
)
def test_whatever_is_said_of_a_city_gives_one_that_can_be_kept_or_none(
    said: dict[str, str | None], names: dict[str, str]
) -> None:
    city = hearing.tidy({"slug": "ozd"} | said, names)
    if city is not None:
        assert 1 <= len(city.name("en")) <= 200
        assert 1 <= len(city.name("fr")) <= 200
        assert (city.lat is None) == (city.lon is None)
        assert city.population is None or 0 < city.population <= hearing.MOST_PEOPLE
        assert city.population is not None or city.population_year is None
        again = {
            n: None if v is None else str(v) for n in hearing.FIELDS for v in [getattr(city, n)]
        }
        assert hearing.tidy(again, city.names) == city


@pytest.mark.parametrize(
    ("attribute", "value", "field"),
    [
        ("country", "Hungary", "country"),
        ("country", "hu", "country"),
        ("population", "0", "population"),
        ("population", "-5", "population"),
        ("population", "99999999999", "population"),
        ("population", "many", "population"),
        ("geonames", "0", "geonames_id"),
        ("geonames", "2147483648", "geonames_id"),
        ("wikidata", "Q0", "wikidata_id"),
        ("wikidata", "90", "wikidata_id"),
        ("timezone", "../../etc/passwd", "timezone"),
        ("timezone", "Europe/" + "x" * 60, "timezone"),
        ("website", "javascript:alert(1)", "website"),
        ("website", "https://ozd.hu/" + "x" * 500, "website"),
        ("kind", "<b>", "kind"),
    ],
)
def test_what_is_not_understood_of_a_city_counts_as_not_said(
    attribute: str, value: str, field: str
) -> None:
    city = read(**{attribute: value})
    assert city is not None
    assert getattr(city, field) is None


@pytest.mark.parametrize("point", ["91 0", "0 181", "nan 0", "1e3 5", "47", "", "47 19 5", "a b"])
def test_a_point_that_is_nowhere_is_no_point(point: str) -> None:
    element = place_xml(Place(replace(OZD, lat=1.0, lon=2.0)))
    element[-1].text = point
    (found,) = places_of(head(element))
    assert (found.city.lat, found.city.lon) == (None, None)


@pytest.mark.parametrize("slug", ["", "Ozd", "a b", "x" * 101, "../x"])
def test_a_city_without_a_usable_slug_is_passed_over(slug: str) -> None:
    assert read(slug=slug) is None


def test_a_city_without_a_name_is_passed_over_and_one_name_does_for_both_languages() -> None:
    nameless, french = place_xml(Place(OZD)), place_xml(Place(OZD))
    for name in nameless.iterchildren("{*}name"):
        name.text = "\u200b\x7f"[:0]
    french.remove(next(french.iterchildren("{*}name")))
    assert places_of(head(nameless)) == ()
    assert places_of(head(french))[0].city.name("en") == "Ozd"


def test_one_city_of_a_head_is_its_own_and_one_has_each_slug() -> None:
    other = replace(OZD, slug="eger")
    found = places_of(
        head(*(place_xml(Place(c, own=True)) for c in (OZD, replace(OZD, country="FR"), other)))
    )
    assert found == (Place(OZD, own=True),)


def test_a_head_that_describes_too_many_cities_is_read_to_the_limit() -> None:
    many = (place_xml(Place(replace(OZD, slug=f"c{n}"))) for n in range(MOST_PLACES + 5))
    assert len(places_of(head(*many))) == MOST_PLACES


def city(**values: Any) -> City:
    given = {"slug": "springfield", "names": {"en": "Springfield"}}
    return City(**given | {"kind": "city"} | values)


def said(**values: Any) -> CityValue:
    return CityValue("springfield", {"en": "Springfield"}, **values)


ILLINOIS: dict[str, Any] = {"lat": 39.80, "lon": -89.64}
NEARBY: dict[str, Any] = {"lat": 39.90, "lon": -89.60}
FIFTY_KM: dict[str, Any] = {"lat": 40.25, "lon": -89.64}
HUNDRED_KM: dict[str, Any] = {"lat": 40.70, "lon": -89.64}
TWO_HUNDRED_KM: dict[str, Any] = {"lat": 41.60, "lon": -89.64}
MISSOURI: dict[str, Any] = {"lat": 37.21, "lon": -93.30}


@pytest.mark.parametrize(
    ("here", "there", "other"),
    [
        ({}, {}, False),
        ({"country": "US"}, {"country": "US"}, False),
        ({"country": "US"}, {}, False),
        ({"country": "US"}, {"country": "CA"}, True),
        ({"country": "US", "geonames_id": 1}, {"country": "CA", "geonames_id": 1}, False),
        ({"geonames_id": 1}, {"geonames_id": 2}, True),
        ({"geonames_id": 1, **ILLINOIS}, {"geonames_id": 2, **NEARBY}, False),
        ({"geonames_id": 1, **ILLINOIS}, {"geonames_id": 2, **MISSOURI}, True),
        ({"geonames_id": 1, **ILLINOIS}, {"geonames_id": 2, **FIFTY_KM}, True),
        (ILLINOIS, HUNDRED_KM, False),
        (ILLINOIS, TWO_HUNDRED_KM, True),
        ({"wikidata_id": "Q1"}, {"wikidata_id": "Q2"}, True),
        ({"wikidata_id": "Q1", "geonames_id": 1}, {"wikidata_id": "Q2", "geonames_id": 1}, False),
        ({"geonames_id": 1}, {"wikidata_id": "Q2"}, False),
        (ILLINOIS, NEARBY, False),
        (ILLINOIS, MISSOURI, True),
        (ILLINOIS | {"kind": "region"}, MISSOURI, False),
        (ILLINOIS, MISSOURI | {"kind": "region"}, False),
        (ILLINOIS | {"lat": None}, MISSOURI, False),
    ],
)
def test_one_slug_is_two_cities_when_what_is_said_of_them_cannot_be_of_one(
    here: dict[str, Any], there: dict[str, Any], other: bool
) -> None:
    assert hearing.is_other(city(**here), said(**there)) is other
