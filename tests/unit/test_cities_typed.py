"""What people type of a city, and the places that are proposed to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.cities import places, typed
from network.cities.typed import FIELDS, CityValue

YEAR = 2026


def read(**given: str) -> CityValue:
    value, problems = typed.read({"name_en": "X"} | given, YEAR)
    assert problems == []
    return value


def wrong(**given: str) -> list[str | None]:
    return [problem.field for problem in typed.read({"name_en": "X"} | given, YEAR)[1]]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("52000", 52_000), ("52 000", 52_000), ("52\u202f000", 52_000), ("52.000", 52_000),
        ("52,000 inhabitants", 52_000), ("2 145 906 habitants", 2_145_906), ("7", 7), ("0", None),
        ("1'234'567", 1_234_567), ("", None),
    ],
)  # fmt: skip
def test_inhabitants_are_read_as_people_group_them(text: str, number: int | None) -> None:
    assert read(population=text).population == number


@pytest.mark.parametrize(
    "text", ["many", "-5", "1,5", "12.5", "1.234,567", "2,1 M", "1e6", "nan", "99 999 999 999"]
)
def test_what_is_no_number_of_inhabitants_is_said_and_never_guessed(text: str) -> None:
    assert wrong(population=text) == ["population"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("fr", "FR"), ("France", "FR"), ("Allemagne", "DE"), ("Germany", "DE"), ("corée du sud", "KR"),
     ("Côte d’Ivoire", "CI"), ("reunion", "RE"), ("USA", "US"), ("U.S.A.", "US"), ("UK", "GB"),
     ("FRA", "FR"), ("Turkey", "TR"), ("Hong Kong", "HK"), ("Palestine", "PS"), ("XK", "XK"),
     ("République tchèque", "CZ"), ("Czech Republic", "CZ"), ("Grande-Bretagne", "GB")],
)  # fmt: skip
def test_a_country_is_known_by_code_and_by_either_name(text: str, code: str) -> None:
    assert read(country=text).country == code


@pytest.mark.parametrize("text", ["EU", "ZZ", "Atlantis", "150"])
def test_what_is_no_country_is_refused(text: str) -> None:
    assert wrong(country=text) == ["country"]


@pytest.mark.parametrize(
    ("lat", "lon", "place"),
    [("48.85", "2,35", (48.85, 2.35)), ("33,45° S", "70.66 W", (-33.45, -70.66)),
     ("48.85 N", "2.35 O", (48.85, -2.35)), ("−33.4", "-70", (-33.4, -70.0)),
     ("48°51′24″N", "2° 21' 36\" E", (48.856666666666666, 2.36)), ("33° 27’ S", "70°30'O",
     (-33.45, -70.5)), ("-0° 30'", "-0.5", (-0.5, -0.5)), ("90°", "180 E", (90, 180)),
     ("", "", (None, None))],
)  # fmt: skip
def test_degrees_are_read_with_comma_or_point_and_a_direction(
    lat: str, lon: str, place: tuple[float | None, float | None]
) -> None:
    value = read(lat=lat, lon=lon)
    assert (value.lat, value.lon) == place


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"lat": "91", "lon": "0"}, ["lat"]), ({"lat": "48"}, ["lon"]), ({"lon": "181"}, ["lon"]),
        ({"lat": "nan", "lon": "inf"}, ["lat", "lon"]),
        ({"lat": "48 E", "lon": "2 N"}, ["lat", "lon"]), ({"lat": "-33 S", "lon": "0"}, ["lat"]),
        ({"lat": "89° 61'", "lon": "0"}, ["lat"]), ({"lat": "90° 0' 1\"", "lon": "0"}, ["lat"]),
        ({"timezone": "localtime"}, ["timezone"]), ({"timezone": "Factory"}, ["timezone"]),
        *[({"website": text}, ["website"]) for text in
          ("city .example", "a.example b.example", ".", "n/a.", "city.", "https://.example",
           "https://city..example", "<city.example>", "https://city/a.b")],
        ({"population_year": "21"}, ["population_year"]),
        ({"population_year": "2027"}, ["population_year"]),
        ({"population_year": "1699"}, ["population_year"]),
        ({"geonames_id": "0"}, ["geonames_id"]), ({"timezone": "Paris"}, ["timezone"]),
        ({"website": "ftp://x.example"}, ["website"]), ({"website": "town hall"}, ["website"]),
        ({"geonames_id": "Paris"}, ["geonames_id"]), ({"wikidata_id": "90"}, ["wikidata_id"]),
        ({"kind": "planet"}, ["kind"]), ({"slug": "Été"}, ["slug"]),
        ({"name_fr": "x" * 201}, ["name_fr"]),
        ({"name_en": "東京"}, ["slug"]), ({"name_en": "\u200b\u2060"}, ["name_en"]),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_told_by_its_field(
    given: dict[str, str], fields: list[str]
) -> None:
    assert wrong(**given) == fields


def test_addresses_of_the_lists_are_as_good_as_their_numbers() -> None:
    value = read(
        geonames_id="https://www.geonames.org/2996944/lyon.html",
        wikidata_id="https://www.wikidata.org/wiki/Q456",
        website="www.lyon.fr",
        timezone="europe/paris",
    )
    assert (value.geonames_id, value.wikidata_id) == (2996944, "Q456")
    assert (value.website, value.timezone) == ("https://www.lyon.fr", "Europe/Paris")


def test_a_village_needs_no_more_than_a_name_in_one_language() -> None:
    value = typed.read({"name_fr": "Trifouillis-les-Oies", "kind": "village"}, YEAR)[0]
    assert (value.name("en"), value.name("fr")) == ("Trifouillis-les-Oies", "Trifouillis-les-Oies")
    assert (value.slug, value.kind, value.population) == ("trifouillis-les-oies", "village", None)


def test_letters_that_are_one_sign_in_unicode_stay_in_the_slug() -> None:
    assert read(name_en="Łódź").slug == "lodz"
    assert read(name_en="Đà Nẵng").slug == "da-nang"
    assert read(name_en="東京", slug="tokyo").slug == "tokyo"


def test_the_year_of_a_figure_may_be_this_one_and_the_first_there_are_figures_of() -> None:
    assert [read(population="7", population_year=y).population_year for y in ("1700", "2026")] == [
        1700,
        YEAR,
    ]


def test_a_french_name_makes_the_slug_where_the_english_one_has_no_letters() -> None:
    assert read(name_en="東京", name_fr="Tokyo").slug == "tokyo"


texts = st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40))


@given(texts)
def test_whatever_is_typed_gives_a_city_or_says_what_is_wrong(given: dict[str, str]) -> None:
    value, problems = typed.read(given, YEAR)
    assert all(problem.field in FIELDS for problem in problems)
    if not problems:
        assert value.name("en") and value.name("fr") and value.slug
        again, more = typed.read(typed.write(value, "fr"), YEAR)
        assert (again, more) == (value, [])


@given(st.text(max_size=30))
def test_any_letters_can_be_looked_for(text: str) -> None:
    for place in places.find(text, 3):
        assert places.chosen(place.token) == place


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("lyon", "Lyon", "FR"), ("LYON", "Lyon", "FR"), ("Ville de Lyon", "Lyon", "FR"),
        ("münchen", "Munich", "DE"), ("Munchen", "Munich", "DE"), ("Gand", "Ghent", "BE"),
        ("Londres", "London", "GB"), ("st denis, reunion", "Saint-Denis", "RE"),
        ("Saint Denis, France", "Saint-Denis", "FR"), ("newyork", "New York", "US"),
        ("havre", "Le Havre", "FR"), ("San José, CR", "San José", "CR"), ("lodz", "Łódź", "PL"),
        ("Springfield, Illinois", "Springfield", "US"),
        ("'s-hertogenbosch", "'s-Hertogenbosch", "NL"),
    ],
)  # fmt: skip
def test_a_place_is_found_however_its_name_is_written(text: str, name: str, country: str) -> None:
    found = places.find(text)[0].value
    assert (found.name("en"), found.country) == (name, country)


def test_a_proposal_says_all_that_a_form_asks() -> None:
    lyon = places.find("lyon")[0]
    assert lyon.region == "Auvergne-Rhône-Alpes"
    assert lyon.value.population is not None and lyon.value.population > 500_000
    assert (lyon.value.timezone, lyon.value.geonames_id) == ("Europe/Paris", 2996944)
    assert typed.read(typed.write(lyon.value, "en"), YEAR) == (lyon.value, [])


def test_one_letter_proposes_nothing() -> None:
    assert places.find("l") == [] and places.find("") == [] and places.find(", France") == []


def test_a_name_means_one_place_only_where_it_is_clear() -> None:
    assert [p.value.country for p in places.meant("lyon")] == ["FR"]
    assert len(places.meant("springfield")) > 10
    assert {p.value.country for p in places.meant("San Jose")} >= {"CR", "US"}
    assert places.meant("xyzzy") == []


@pytest.mark.parametrize("name", ["Bretagne", "La Réunion", "Ivry", "Saint-Éti", "Lond", "Ouaga"])
def test_the_beginning_of_a_name_is_proposed_and_never_taken_for_it(name: str) -> None:
    assert places.find(name)
    assert places.meant(name) == []


@pytest.mark.parametrize(
    ("name", "place"), [("Bombay", "Mumbai"), ("Luik", "Liège"), ("Saigon", "Ho Chi Minh City")]
)
def test_another_name_of_a_place_means_it(name: str, place: str) -> None:
    assert [each.value.name("en") for each in places.meant(name)] == [place]


def test_a_population_of_none_is_unknown() -> None:
    assert all(p.value.population != 0 for p in places.find("saint", 5000))
