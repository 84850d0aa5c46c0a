"""Lists of studies in the database: what each filter leaves, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from network.catalogue import listing, queries, store
from network.catalogue.models import Study
from network.catalogue.queries import FACETS, Filter
from network.catalogue.values import Facts, Link, Version
from network.cities.models import City
from network.cities.sizes import BANDS, SIZES, size_of
from tests.web.conftest import START, make_version

HOME = "http://paris.example"
PEOPLE = {
    "hamlet": 19_999, "town": 20_000, "grown": 99_999, "large": 500_000, "million": 1_000_000,
    "metropolis": 5_000_000, "unknown": None,
}  # fmt: skip
PLACES = st.sampled_from([None, "nowhere-known", *PEOPLE])


@st.composite
def studies(draw: st.DrawFn) -> list[Version]:
    """Versions of some studies of all kinds."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        topics = draw(st.sets(st.sampled_from(["open-data", "housing-planning", "youth"])))
        status = draw(st.sampled_from([None, "idea", "running"]))
        start = draw(st.sampled_from(["", "2014", "2019-05"]))
        first = make_version(
            HOME, number, draw(st.sampled_from(["fr", "en", "es"])), city=draw(PLACES),
            topics=tuple(sorted(topics)), facts=Facts(status=status, start=start),
            slug=f"s-{number}",
        )  # fmt: skip
        made.append(first)
        if draw(st.booleans()):
            lang = "en" if first.lang == "fr" else "fr"
            made.append(replace(first, lang=lang, entry_id=f"{first.study_key}/{lang}"))
    return made


def fill(session: Session, versions: list[Version]) -> None:
    """Put the cities and these versions into the database of a transaction that is never kept."""
    for slug, people in PEOPLE.items():
        session.add(City(slug=slug, names={"en": slug}, population=people))
    for version in versions:
        country = "FR" if len(version.city or "") % 2 else None
        received = version.published
        store.put(session, version, source_id=None, received=received, country=country)
    session.flush()


@settings(max_examples=25)
@given(st.data())
def check_that_counts_are_totals(engine: Engine, data: st.DataObject) -> None:
    versions = data.draw(studies())
    with Session(engine) as session:
        fill(session, versions)
        filters = Filter()
        for name in data.draw(st.sets(st.sampled_from(FACETS), max_size=2)):
            if offered := queries.facet(session, name, filters):
                value = data.draw(st.sampled_from(sorted(offered)))
                chosen = int(value) if name == "year" else value
                filters = replace(filters, **{name: chosen})
        for name in FACETS:
            for value, count in queries.facet(session, name, filters).items():
                chosen = int(value) if name == "year" else value
                assert count == queries.total(session, replace(filters, **{name: chosen})) > 0
        session.rollback()


def test_every_facets_count_is_the_total_that_choosing_it_gives(engine: Engine) -> None:
    check_that_counts_are_totals(engine)


@pytest.mark.parametrize("band", BANDS)
def test_a_band_is_the_same_for_the_database_and_for_the_index(session: Session, band) -> None:
    fill(session, [make_version(HOME, n, "fr", city=c) for n, c in enumerate(PEOPLE)])
    shown = listing.browse(session, Filter(size=band.slug), "fr")
    expected = {city for city, people in PEOPLE.items() if size_of(people) == band.slug}
    assert {card.city for card in shown} == expected


def test_every_number_of_inhabitants_is_in_one_band() -> None:
    assert [size_of(band.least) for band in BANDS] == list(SIZES)
    assert [size_of(band.most - 1) for band in BANDS if band.most] == list(SIZES[:-1])
    assert size_of(None) is None


def listed(session: Session, order: str, lang: str = "fr", **filters: str) -> list[str]:
    """The studies of a list by the last digit of their numbers, page by page."""
    first, second = (
        listing.browse(session, Filter(**filters), lang, page, order) for page in (1, 2)
    )
    return [card.study_key[-1] for card in (*first, *second)]


def test_the_newest_come_first_by_default(session: Session) -> None:
    fill(session, [make_version(HOME, n, "fr") for n in (2, 3, 1)])
    assert listed(session, listing.NEWEST) == ["3", "2", "1"]


def test_titles_are_in_the_order_that_readers_expect_in_their_language(session: Session) -> None:
    titles = {
        1: "Zones calmes",
        2: "Écoles ouvertes",
        3: "« Eau » pour tous",
        4: "œuvres",
        5: "fin",
    }
    made = [make_version(HOME, n, "fr", title=title, slug=f"s{n}") for n, title in titles.items()]
    english = make_version(HOME, 1, "en", title="A quiet zone", translation="human")
    fill(session, [*made, english])
    assert listed(session, listing.TITLE, "fr") == ["3", "2", "5", "4", "1"]
    assert listed(session, listing.TITLE, "en") == ["1", "3", "2", "5", "4"]


def test_a_reader_without_a_version_gets_the_original_and_not_a_machines_translation(
    session: Session,
) -> None:
    """A Spanish original stands before a machine’s English, also in the order of titles."""
    spanish = make_version(HOME, 1, "es", title="Agua")
    machines = make_version(HOME, 1, "en", title="Water", translation="machine")
    fill(session, [machines, spanish, make_version(HOME, 2, "fr", title="Bus", slug="bus")])
    for order, titles in ((listing.NEWEST, ["Bus", "Agua"]), (listing.TITLE, ["Agua", "Bus"])):
        assert [card.title for card in listing.browse(session, Filter(), "fr", 1, order)] == titles
    assert [card.title for card in listing.newest(session, Filter(), "en", 2)] == ["Bus", "Water"]


def test_without_an_original_english_or_french_stand_before_other_translations(
    session: Session,
) -> None:
    made = [
        make_version(HOME, 1, lang, title=lang, translation="human") for lang in ("de", "en", "it")
    ]
    fill(session, made)
    assert [card.title for card in listing.newest(session, Filter(), "fr", 1)] == ["en"]
    assert [card.title for card in listing.newest(session, Filter(), "it", 1)] == ["it"]


def test_a_study_whose_date_moves_back_moves_in_the_list(session: Session) -> None:
    made = [make_version(HOME, n, "fr") for n in (1, 2, 3)]
    fill(session, made)
    moved = replace(made[2], published=made[0].published - timedelta(days=1))
    store.put(session, moved, source_id=None, received=START, country=None)
    session.flush()
    assert listed(session, listing.NEWEST) == ["2", "1", "3"]


@pytest.mark.parametrize(
    ("facts", "legal_basis", "share"),
    [
        (Facts(), "", 0),
        (Facts(status="idea"), "", 1),
        (Facts(start="2014"), "", 1),
        (Facts(budget_amount=Decimal(0)), "", 1),
        (Facts(people_reached=0), "", 1),
        (Facts(staff=Decimal(0)), "", 1),
        (Facts(evidence=(Link("http://a.example/"),)), "", 1),
        (Facts(contact_email="a@b.example"), "", 1),
        (Facts(partners=("Eau de Paris",)), "", 1),
        (Facts(), "Loi", 1),
        (Facts(end="2015", budget_currency="EUR", sdgs=(1,), authors=("A",), licence="CC0"), "", 0),
        (Facts(status="idea", start="2014", partners=("B",)), "Loi", 4),
    ],
)
def test_a_studys_row_says_how_much_of_the_sheet_is_filled(
    session: Session, facts: Facts, legal_basis: str, share: int
) -> None:
    version = make_version(HOME, 1, "fr", facts=facts, legal_basis=legal_basis)
    fill(session, [version])
    row = session.scalars(select(Study)).one()
    assert row.completeness == pytest.approx(share / 9)


def test_the_most_adopted_come_first_whichever_address_their_adopters_name(
    session: Session,
) -> None:
    made = [make_version(HOME, n, "fr", slug=f"s{n}", inspired_by=()) for n in range(1, 6)]
    page, key = Link(made[0].url), Link(f"{made[1].study_key}/fr")
    links = {3: (page,), 4: (page, key, Link(made[0].study_key)), 2: (key,)}
    made = [replace(v, inspired_by=links.get(n, ())) for n, v in enumerate(made, 1)]
    fill(session, made)
    # 1 was adopted twice; 2 once and, as it says, by itself; the others by nobody.
    assert listed(session, listing.ADOPTED) == ["1", "2", "5", "4", "3"]
    assert listed(session, listing.ADOPTED, topic="open-data") == ["1", "2", "5", "4", "3"]


def test_what_a_blocked_city_adopted_does_not_count(session: Session) -> None:
    source = make_version(HOME, 1, "fr", inspired_by=())
    other = make_version(HOME, 2, "fr", slug="other", inspired_by=())
    adopter = make_version(HOME, 3, "fr", slug="third", inspired_by=(Link(source.study_key),))
    fill(session, [source, other])
    received = adopter.published
    store.put(session, adopter, source_id=7, received=received, shown=False)
    assert listed(session, listing.ADOPTED) == ["2", "1"]
    store.put(session, adopter, source_id=7, received=received, shown=True)
    assert listed(session, listing.ADOPTED) == ["1", "3", "2"]
