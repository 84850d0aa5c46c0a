"""What a list, a card and an address select in the database, each filter and each limit alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue import listing, queries, store
from network.catalogue.listing import ADOPTED, NEWEST, PAGE, TITLE
from network.catalogue.models import Study
from network.catalogue.queries import FACETS, Card, Filter
from network.catalogue.values import Facts, Link, Version
from network.cities.models import City
from network.lib.db import writing
from tests.web.conftest import START, make_version

HOME = "http://paris.example"


def put(session: Session, version: Version, country: str | None = "FR", **given: bool) -> None:
    source = None if version.study_key.startswith(f"{HOME}/") else 7
    with writing(session):
        store.put(session, version, source_id=source, received=version.published, country=country,
                  **given)  # fmt: skip


def study(number: int, lang: str = "fr", base_url: str = HOME, **changes: object) -> Version:
    given = {"slug": f"s{number}", "inspired_by": ()} | changes
    return make_version(base_url, number, lang, **given)


@pytest.fixture
def filled(session: Session) -> Session:
    """1: plain. 2: Lisbon’s, in two languages. 3: Madrid’s, followed. 4: of a blocked site."""
    with writing(session):
        for slug, people in (("paris", 2_000_000), ("lisbon", 500_000)):
            session.get_one(City, slug).population = people
    put(session, study(1, facts=Facts(status="idea", start="2014")))
    lisbon = study(2, "pt", city="lisbon", topics=("youth", "water"), translation="original")
    put(session, lisbon, "PT")
    english = replace(lisbon, lang="en", entry_id=f"{lisbon.study_key}/en", translation="machine",
                      title="Water", topics=("youth", "water"))  # fmt: skip
    put(session, english, "PT")
    put(session, study(3, base_url="http://madrid.example", city="madrid"), "ES")
    put(session, study(4, base_url="http://lyon.example", city="lyon"), shown=False)
    return session


def numbers(cards: list[Card]) -> list[int]:
    return [int(card.study_key[-4:]) for card in cards]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [3, 2, 1]),
        ({"topic": "youth"}, [2]),
        ({"city": "paris"}, [1]),
        ({"country": "PT"}, [2]),
        ({"size": "500k-1m"}, [2]),
        ({"status": "idea"}, [1]),
        ({"year": 2014}, [1]),
        ({"language": "en"}, [2]),
        ({"scope": "own"}, [2, 1]),
        ({"city": "lyon"}, []),
        ({"country": "FR", "topic": "youth"}, []),
    ],
)
def test_a_filter_leaves_what_it_says_in_every_list(
    filled: Session, filters: dict, expected: list[int]
) -> None:
    chosen = Filter(**filters)
    assert numbers(listing.browse(filled, chosen, "fr")) == expected
    assert sorted(numbers(listing.browse(filled, chosen, "fr", 1, ADOPTED))) == sorted(expected)
    assert sorted(numbers(listing.browse(filled, chosen, "fr", 1, TITLE))) == sorted(expected)
    assert numbers(listing.newest(filled, chosen, "fr", 5)) == expected
    assert [int(s.study_key[-4:]) for s, _version in listing.every(filled, chosen, "fr")] == (
        expected
    )
    assert queries.total(filled, chosen) == len(expected)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("topic", {"open-data": 2, "youth": 1, "water": 1}),
        ("city", {"paris": 1, "lisbon": 1, "madrid": 1}),
        ("country", {"FR": 1, "PT": 1, "ES": 1}),
        ("status", {"idea": 1}),
        ("year", {"2014": 1}),
        ("language", {"fr": 2, "pt": 1, "en": 1}),
    ],
)
def test_a_facet_counts_studies_that_are_shown(
    filled: Session, name: str, counts: dict[str, int]
) -> None:
    assert queries.facet(filled, name, Filter()) == counts
    own = queries.facet(filled, name, Filter(scope="own"))
    assert sum(own.values()) < sum(counts.values()) or name in ("status", "year")


def test_a_facet_counts_under_the_others_and_not_under_itself(filled: Session) -> None:
    chosen = Filter(city="lisbon", topic="youth")
    assert queries.facet(filled, "topic", chosen) == {"youth": 1, "water": 1}
    assert queries.facet(filled, "city", chosen) == {"lisbon": 1}
    assert queries.facet(filled, "language", chosen) == {"pt": 1, "en": 1}
    assert queries.facet(filled, "size", chosen) == {"500k-1m": 1}
    assert "scope" not in FACETS


def test_a_card_says_what_its_version_says_and_in_which_languages_the_study_is(
    filled: Session,
) -> None:
    (card,) = queries.cards(filled, [study(2).study_key], "en")
    assert (card.title, card.lang, card.langs, card.translation) == (
        "Water", "en", ("en", "pt"), "machine",
    )  # fmt: skip
    assert (card.city, card.country, card.place, card.slug) == ("lisbon", "PT", "lisbon", "s2")
    assert (card.topics, card.published, card.source_id) == (
        ("youth", "water"), START + timedelta(days=2), None,
    )  # fmt: skip
    (card,) = queries.cards(filled, [study(2).study_key], "fr")
    assert card.lang == "pt"


def test_cards_stand_in_the_order_that_was_asked_for_without_what_is_not_shown(
    filled: Session,
) -> None:
    wanted = [study(1).study_key, "http://nowhere.example/", study(2).study_key]
    hidden = study(4, base_url="http://lyon.example").study_key
    assert numbers(queries.cards(filled, [hidden, *wanted], "fr")) == [1, 2]
    assert queries.cards(filled, [], "fr") == []


def test_a_study_is_had_with_its_texts_or_without_unless_it_is_hidden(filled: Session) -> None:
    key = study(2).study_key
    for bodies in (True, False):
        filled.expunge_all()
        found = queries.study(filled, key, bodies=bodies)
        assert found is not None
        unloaded = {name for v in found.versions for name in v.__dict__}
        assert ("body_html" in unloaded) is bodies
        assert sorted(v.lang for v in found.versions) == ["en", "pt"]
    filled.expunge_all()
    found = queries.study(filled, key)
    assert found is not None and "body_html" in found.versions[0].__dict__
    assert queries.study(filled, study(4, base_url="http://lyon.example").study_key) is None


def many(session: Session, number: int) -> None:
    """Own studies from 1 on."""
    versions = [study(n, title=f"{n:04}") for n in range(1, number + 1)]
    with writing(session):
        arrivals = [store.Arrival(each, "FR", each.published) for each in versions]
        store.put_many(session, arrivals, source_id=None, received=START)


def test_lists_go_on_page_by_page(session: Session) -> None:
    many(session, 2 * PAGE + 3)
    for order in (NEWEST, ADOPTED):
        pages = [numbers(listing.browse(session, Filter(), "fr", p, order)) for p in (1, 2, 3, 4)]
        assert pages == [
            list(range(43, 23, -1)), list(range(23, 3, -1)), [3, 2, 1], [],
        ]  # fmt: skip
    pages = [numbers(listing.browse(session, Filter(), "fr", p, TITLE)) for p in (1, 3)]
    assert pages == [list(range(1, 21)), [41, 42, 43]]
    assert numbers(listing.newest(session, Filter(), "fr", 2)) == [43, 42]
    assert numbers(listing.browse(session, Filter(), "fr")) == list(range(43, 23, -1))


def adopt(session: Session, number: int, source: Version) -> None:
    """Madrid says that it was inspired by a study."""
    adopter = study(number, base_url="http://madrid.example", city="madrid",
                    inspired_by=(Link(source.study_key),))  # fmt: skip
    put(session, adopter, "ES")


def test_the_most_adopted_fill_pages_and_the_others_follow_them_once(session: Session) -> None:
    many(session, 50)
    for n in range(1, PAGE + 3):  # more than a page of them, 1 twice
        adopt(session, 100 + n, study(n))
    adopt(session, 200, study(1))
    own = Filter(scope="own")
    pages = [numbers(listing.browse(session, own, "fr", p, ADOPTED)) for p in (1, 2, 3, 4)]
    expected = [1, *range(PAGE + 2, 1, -1), *range(50, PAGE + 2, -1)]
    assert pages == [expected[:20], expected[20:40], expected[40:], []]


def test_of_those_adopted_equally_often_the_newest_comes_first(session: Session) -> None:
    many(session, 3)
    put(session, study(4, published=START))
    for n in (2, 4):
        adopt(session, 100 + n, study(n))
    own = Filter(scope="own")
    assert numbers(listing.browse(session, own, "fr", 1, ADOPTED)) == [2, 4, 3, 1]


def test_the_most_adopted_are_shown_in_the_readers_language(filled: Session) -> None:
    (card,) = listing.browse(filled, Filter(topic="youth"), "en", 1, ADOPTED)
    assert card.title == "Water"


def test_of_studies_of_one_moment_the_order_is_always_the_same(session: Session) -> None:
    for number in (2, 3, 1):
        put(session, study(number, published=START))
    assert numbers(listing.browse(session, Filter(), "fr")) == [3, 2, 1]
    assert numbers(listing.newest(session, Filter(), "fr", 3)) == [3, 2, 1]
    assert [s.study_key[-1] for s, _v in listing.every(session, Filter(), "fr")] == ["3", "2", "1"]


def test_every_study_is_read_a_few_at_a_time_in_its_best_version(
    filled: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "AT_A_TIME", 2)
    found = [(s.study_key[-1], v.lang) for s, v in listing.every(filled, Filter(), "en")]
    assert found == [("3", "fr"), ("2", "en"), ("1", "fr")]
    assert not [each for each in filled if isinstance(each, Study)]


def test_titles_are_sorted_as_they_are_shown(session: Session) -> None:
    for number, titles in enumerate(
        [
            {"it": "Acqua", "de": "Zoo"},
            {"de": "Bahn", "en": "Yard"},
            {"es": "Casa", "pt": "Xis"},
            {"de": "Abri", "fr": "Wagon"},
        ],
        1,
    ):
        for lang, title in titles.items():
            kind = "original" if lang == "es" else "human"
            put(session, study(number, lang, title=title, translation=kind))

    def shown(lang: str) -> list[str]:
        return [card.title for card in listing.browse(session, Filter(), lang, 1, TITLE)]

    assert shown("sv") == ["Casa", "Wagon", "Yard", "Zoo"]
    assert shown("it") == ["Acqua", "Casa", "Wagon", "Yard"]
    assert shown("pt") == ["Wagon", "Xis", "Yard", "Zoo"]


def test_a_study_is_at_its_address_in_the_readers_words_first(session: Session) -> None:
    put(session, study(1, "fr", slug="eau"))
    put(session, study(2, "en", slug="eau"))
    keys = {n: study(n).study_key for n in (1, 2)}
    assert queries.key_at(session, "paris", "eau", "fr") == keys[1]
    assert queries.key_at(session, "paris", "eau", "en") == keys[2]
    assert queries.key_at(session, "paris", "eau", "es") in keys.values()
    assert queries.key_at(session, "lyon", "eau", "fr") is None
    assert queries.key_at(session, "paris", "air", "fr") is None


def test_a_study_is_found_where_it_was_before_unless_another_is_there(session: Session) -> None:
    put(session, study(1, "fr", slug="eau"))
    put(session, study(1, "fr", slug="eaux"))
    key = study(1).study_key
    assert [queries.key_at(session, "paris", s, "fr") for s in ("eau", "eaux")] == [key, key]
    put(session, study(2, "fr", slug="eau"))
    assert queries.key_at(session, "paris", "eau", "fr") == study(2).study_key


def test_a_study_is_known_by_its_uuid_on_its_own_site(session: Session) -> None:
    put(session, study(1))
    uuid = study(1).study_key.rpartition("/")[2]
    assert queries.key_of_uuid(session, HOME, uuid) == study(1).study_key
    assert queries.key_of_uuid(session, "http://lyon.example", uuid) is None


def test_a_study_under_two_keys_is_known_from_both(session: Session) -> None:
    put(session, study(1))
    madrid = study(2, "es", base_url="http://madrid.example", city="madrid",
                   alternates=(("fr", study(1).entry_id),))  # fmt: skip
    put(session, madrid, "ES")
    assert queries.renditions(session, madrid.study_key) == {study(1).study_key}
    assert queries.renditions(session, study(1).study_key) == {madrid.study_key}
    assert queries.renditions(session, study(3).study_key) == set()


def test_the_nodes_cities_are_those_of_its_own_studies_what_changed_last_first(
    filled: Session,
) -> None:
    with writing(filled):
        days = {"paris": None, "lisbon": 1, "milan": 2, "madrid": 3, "seoul": 4}
        for slug, day in days.items():
            filled.get_one(City, slug).updated = day and START + timedelta(days=day)
    put(filled, study(5, city="milan"))
    put(filled, study(6, city="seoul"), shown=False)
    assert [city.slug for city in queries.own_cities(filled)] == ["milan", "lisbon", "paris"]


def test_each_visible_change_is_a_new_version_of_the_catalogue(session: Session) -> None:
    before = queries.version(session)
    put(session, study(1))
    assert queries.version(session) > before
    assert session.scalars(select(Study)).one().study_key == study(1).study_key
