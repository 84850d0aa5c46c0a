"""What the index adds to what readers ask: completions, better spellings, studies like another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network.search.engine import SearchEngine
from network.search.values import Completions, Likeness
from tests.searching import document, key, names, put, search

READ = Likeness(("open-data", "youth"), "paris", "FR", "1m-5m", "en")


@pytest.fixture
def engine(open_index: Callable[..., SearchEngine]) -> SearchEngine:
    """Each engine."""
    return open_index()


# Completions


@pytest.mark.parametrize(
    ("typed", "lang", "queries"),
    [
        ("secu", "fr", ("sécurité",)),
        ("SÉCU", "fr", ("sécurité",)),
        ("l’ea", "fr", ("l’eau",)),
        ("qualité de l'ea", "fr", ("qualité de l'eau",)),
        ("porte-par", "fr", ("porte-parole",)),
        ("oeuv", "fr", ("œuvre",)),
        ("eau sécu", "fr", ()),
        ("s", "fr", ()),
        ("", "fr", ()),
        ("xyz", "fr", ()),
        ("sécurité", "fr", ()),
        ('"secu', "fr", ('"sécurité',)),
        ("secu -eau", "fr", ()),
        ("city:par", "fr", ()),
    ],
)
def test_the_last_word_is_completed_as_documents_write_it(
    engine: SearchEngine, typed: str, lang: str, queries: tuple[str, ...]
) -> None:
    put(
        engine,
        document("a", "fr", title="Sécurité routière"),
        document("b", "fr", title="La qualité de l’eau"),
        document("c", "fr", title="Un porte-parole", body="Une œuvre"),
    )
    assert engine.complete(typed, lang, 5).queries == queries


def test_completions_are_of_the_readers_language_and_each_stem_is_there_once(
    engine: SearchEngine,
) -> None:
    put(
        engine,
        document("a", "en", body="budget budgets budgeting budgetary"),
        document("b", "en", body="budget"),
        document("c", "fr", body="budgétaire"),
        document("d", "fr", body="budgétaire"),
    )
    english = engine.complete("budg", "en", 5).queries
    assert english[0] == "budget"
    assert "budgétaire" not in english
    assert "budgets" not in english
    assert engine.complete("budg", "fr", 5).queries == ("budgétaire",)


def test_nothing_of_a_withdrawn_study_is_suggested(engine: SearchEngine) -> None:
    put(engine, document("a", title="Coronavirus"), document("b", title="Corridors"))
    engine.replace({key("a"): []})
    found = engine.complete("coro", "en", 5)
    assert found == Completions()
    assert engine.complete("corr", "en", 5).studies == (key("b"),)


def test_studies_are_suggested_by_their_titles_the_readers_language_first(
    engine: SearchEngine,
) -> None:
    put(
        engine,
        document("text", "en", title="Something", body="participation"),
        document("fr", "fr", title="Participation"),
        document("en", "en", title="Participation"),
        document("both", "en", title="A participation budget"),
    )
    assert set(engine.complete("partic", "en", 5).studies) == {key(n) for n in ("fr", "en", "both")}
    assert engine.complete("partic", "en", 5).studies[0] == key("en")
    assert engine.complete("budget partic", "en", 5).studies == (key("both"),)


def test_without_an_index_nothing_is_suggested_and_nothing_is_related(
    engine: SearchEngine,
) -> None:
    assert engine.complete("parks", "en", 5) == Completions()
    assert engine.related(READ, 5) == []


HOSTILE = [
    "a" * 100_000, "* " * 1000, '"' * 999, "parks\0", "\ud800pa\udfff", "(" * 5000, "l'" * 200,
    "pa\u0301" * 300, "a-" * 200, "😀" * 400, "city:" * 80, "\u202epar", "par&", "%s {0}", "1 00",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_is_answered(engine: SearchEngine, typed: str) -> None:
    put(engine, document("a", title="Parks and 1 000 trees"), document("b", "fr", title="Parcs"))
    found = engine.complete(typed, "en", 3)
    assert len(found.queries) <= 3
    assert len(found.studies) <= 18


WORDS = (
    "park",
    "parks",
    "parking",
    "paris",
    "pâté",
    "l’eau",
    "eaux",
    "porte-parole",
    "1 000",
    "R&D",
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_query_that_is_suggested_finds_something(
    engine: SearchEngine, data: st.DataObject
) -> None:
    texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
    bodies = data.draw(st.lists(texts, min_size=1, max_size=6))
    made = [document(f"s{n}", ("fr", "en")[n % 2], title=text) for n, text in enumerate(bodies)]
    engine.rebuild(made)
    gone = data.draw(st.integers(0, len(made) - 1))
    engine.replace({made[gone].study_key: []})
    typed = data.draw(texts)
    typed = typed[: data.draw(st.integers(1, len(typed)))]
    found = engine.complete(typed, data.draw(st.sampled_from(["fr", "en"])), 5)
    assert made[gone].study_key not in found.studies
    for query in found.queries:
        assert search(engine, query).total > 0


# Spelling


def test_one_wrong_word_among_right_ones_is_respelt(engine: SearchEngine) -> None:
    put(engine, document("a", "fr", title="Sécurité routière des écoliers"))
    results = search(engine, "sécurité routère écoliers", lang="fr")
    assert names(results) == ["a"]
    assert results.did_you_mean == "sécurité routière écoliers"


def test_two_words_without_their_space_are_respelt_as_two(engine: SearchEngine) -> None:
    put(engine, document("a", title="Budget for the city"))
    results = search(engine, "citybudget")
    assert (names(results), results.did_you_mean) == (["a"], "city budget")


@pytest.mark.parametrize("gone", ["Budget", "City"])
def test_neither_half_of_a_spelling_is_a_withdrawn_studys_word(
    engine: SearchEngine, gone: str
) -> None:
    put(engine, document("a", title="Budget"), document("b", title="City"), document("c"))
    engine.replace({key("a" if gone == "Budget" else "b"): []})
    results = search(engine, "citybudget")
    assert (results.total, results.did_you_mean) == (0, None)


@pytest.mark.parametrize(("typed", "meant"), [("logment", "logement"), ("reykjavk", "reykjavik")])
def test_the_names_of_topics_and_cities_are_spellings_too(
    engine: SearchEngine, typed: str, meant: str
) -> None:
    topic, city = (("en", "Housing"), ("fr", "Logement")), (("en", "Reykjavik"),)
    put(engine, document("a", title="Homes", topic_words=topic, city_words=city))
    assert search(engine, typed).did_you_mean in (meant, meant.capitalize())


# Studies like another


def alike(study: str, **given: object) -> object:
    """A study of another city with the topic of the one that is read."""
    return document(study, **({"topics": ("open-data",), "city": f"city-of-{study}"} | given))


def test_studies_of_the_topics_come_first_then_size_country_and_language(
    engine: SearchEngine,
) -> None:
    put(
        engine,
        alike("topics", topics=("open-data", "youth")),
        alike("size", size="1m-5m"),
        alike("country", country="FR"),
        alike("language"),
        alike("spanish", lang="es"),
        alike("other", topics=("mobility",), size="1m-5m", country="FR"),
    )
    expected = ["topics", "size", "country", "language", "spanish"]
    assert engine.related(READ, 9) == [key(study) for study in expected]
    assert engine.related(READ, 2) == [key(study) for study in expected[:2]]


def test_a_city_is_there_once_with_its_newest_and_never_the_one_that_is_read(
    engine: SearchEngine,
) -> None:
    new = datetime(2025, 1, 1, tzinfo=UTC)
    put(
        engine,
        alike("old", city="milan"),
        alike("new", city="milan", published=new),
        alike("own", city="paris"),
        alike("nowhere", city=None),
        alike("nowhere-else", city=None),
    )
    found = engine.related(READ, 9)
    assert set(found) == {key("new"), key("nowhere"), key("nowhere-else")}


def test_versions_of_one_study_are_one_and_a_withdrawn_one_is_none(engine: SearchEngine) -> None:
    put(engine, alike("a", lang="en"), alike("a", lang="fr"), alike("b"))
    engine.replace({key("b"): []})
    assert engine.related(READ, 9) == [key("a")]


def test_nothing_is_like_a_study_without_topics(engine: SearchEngine) -> None:
    put(engine, alike("a", size="1m-5m", country="FR"))
    assert engine.related(Likeness((), "paris", "FR", "1m-5m", "en"), 9) == []
