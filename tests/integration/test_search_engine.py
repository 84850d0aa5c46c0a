"""What a reader finds in the index, and in what order, whichever engine keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from network.search.engine import SearchEngine
from network.search.query import parse
from network.search.values import FACETS, NEWEST, Filters, SearchDocument
from tests.searching import document, key, name, names, put, search

HOUSING = (("en", "Housing"), ("en", "social housing"), ("fr", "Logement"), ("fr", "HLM"))
PARIS = (("en", "Paris"), ("fr", "Paris"), ("en", "France"), ("fr", "France"))


@pytest.fixture
def engine(open_index: Callable[[], SearchEngine]) -> SearchEngine:
    """An engine of each kind with a place of its own."""
    return open_index()


# Words


@pytest.mark.parametrize(
    ("lang", "written", "asked"),
    [
        ("fr", "Le cœur de la ville", "coeur"),
        ("fr", "Le coeur de la ville", "cœur"),
        ("fr", "Œuvre d’art", "oeuvres"),
        ("fr", "L’été à l'école", "ete"),
        ("fr", "e\u0301te\u0301 de\u0301mocratie", "démocratie"),
        ("fr", "La qualité de l’eau", "eau"),
        ("fr", "La qualité de l'eau", "l’eau"),
        ("fr", "Jusqu’aujourd’hui", "aujourd'hui"),
        ("fr", "Son porte-parole", "porte-parole"),
        ("fr", "Son porte-parole", "porte parole"),
        ("fr", "Son porte-parole", "porteparole"),
        ("fr", "Son porte parole", "porte-parole"),
        ("fr", "Son porteparole", "porte-parole"),
        ("fr", "Son porteparole", "porte parole"),
        ("fr", "Les vice-présidentes", "vice-présidente"),
        ("fr", "La vice-présidente", "vice présidente"),
        ("en", "International co-operation", "cooperation"),
        ("en", "International cooperation", "co-operation"),
        ("fr", "1\u202f000 arbres", "1000 arbres"),
        ("fr", "1\u00a0000 arbres", "1 000"),
        ("fr", "1 000 arbres", "1,000"),
        ("en", "1,000 trees", "1 000"),
        ("en", "1000 trees", "1,000"),
        ("fr", "3,5 %", "3.5"),
        ("en", "3.5 %", "3,5"),
        ("en", "R&D policy", "R & D"),
        ("fr", "La S.N.C.F.", "sncf"),
        ("fr", "La SNCF", "S.N.C.F."),
        ("fr", "co\u00adopération", "coopération"),
        ("fr", "dévelop\u200bpement", "développement"),
        ("fr", "Les grands travaux", "travail"),
        ("fr", "Le travail", "travaux"),
        ("fr", "Les citoyennes", "citoyenne"),
        ("en", "Cities and citizens", "city citizen"),
        ("en", "Organization of neighborhoods", "organisation neighbourhood"),
        ("es", "Presupuestos en São Paulo", "presupuestos sao paulo"),
    ],
)
def test_a_study_is_found_however_it_and_the_query_are_typed(
    engine: SearchEngine, lang: str, written: str, asked: str
) -> None:
    decoy = document("decoy", lang, title="Autre chose entirely")
    put(engine, decoy, document("it", lang, body=written))
    assert names(search(engine, asked, lang="fr")) == ["it"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("vélo", {"a", "b"}),
        ("vélo piste", {"a"}),
        ("vélo -piste", {"b"}),
        ("-piste", {"b", "c"}),
        ('"piste cyclable"', {"a"}),
        ('"cyclable piste"', set()),
        ("« piste cyclable »", {"a"}),
        ('vélo -"piste cyclable"', {"b"}),
        ("city:paris", {"a", "c"}),
        ("ville:Paris vélo", {"a"}),
        ("-city:paris", {"b"}),
        ("city:paris city:milan", {"a", "b", "c"}),
        ("topic:logement", {"c"}),
        ('topic:"social housing"', {"c"}),
        ("topic:housing-planning", {"c"}),
        ("city:nowhere", set()),
        ("", {"a", "b", "c"}),
        ("   ", {"a", "b", "c"}),
    ],
)
def test_the_readers_syntax(engine: SearchEngine, asked: str, found: set[str]) -> None:
    paris = {"city": "paris", "city_words": PARIS}
    put(
        engine,
        document("a", "fr", title="Vélo", body="Une piste cyclable de plus.", **paris),
        document("b", "fr", title="Vélo", body="En location.", city="milan"),
        document(
            "c", "fr", title="HLM", topics=("housing-planning",), topic_words=HOUSING, **paris
        ),
    )
    assert set(names(search(engine, asked, lang="fr"))) == found


def test_a_phrase_may_span_its_stop_words(engine: SearchEngine) -> None:
    put(
        engine,
        document("a", "fr", body="le droit de la ville"),
        document("b", "fr", body="droit ville"),
    )
    assert names(search(engine, '"droit de la ville"', lang="fr")) == ["a"]


def test_a_phrase_does_not_run_from_the_title_into_the_text(engine: SearchEngine) -> None:
    put(engine, document("a", title="Open", body="data"), document("b", body="open data"))
    assert names(search(engine, '"open data"')) == ["b"]


def test_a_title_of_stop_words_alone_is_found(engine: SearchEngine) -> None:
    put(engine, document("a", title="Who we are"), document("b", title="What it is"))
    assert names(search(engine, "who we are"))[0] == "a"


# Order


def test_the_exact_form_comes_before_another_form_of_the_word(engine: SearchEngine) -> None:
    put(
        engine,
        document("plural", "fr", body="des budgets"),
        document("exact", "fr", body="un budget"),
    )
    assert names(search(engine, "budget", lang="fr")) == ["exact", "plural"]
    assert names(search(engine, "budgets", lang="fr")) == ["plural", "exact"]


def test_the_title_weighs_more_than_the_text(engine: SearchEngine) -> None:
    put(
        engine,
        document("text", title="Trees and parks", body="cycling"),
        document("title", title="Cycling in parks", body="trees"),
    )
    assert names(search(engine, "cycling")) == ["title", "text"]


@pytest.mark.parametrize("place", ["summary", "topic_words", "city_words"])
def test_what_a_study_is_about_weighs_more_than_the_text(engine: SearchEngine, place: str) -> None:
    def made(study: str, about: str, body: str, year: int) -> SearchDocument:
        said = about if place == "summary" else (("en", about),)
        published = datetime(year, 1, 1, tzinfo=UTC)
        topics = (about,) if place == "topic_words" else ()
        values = {"topics": topics, "published": published, place: said}
        return document(study, title="Streets", body=body, **values)

    put(engine, made("text", "zebra", "cycling", 2025), made("about", "cycling", "zebra", 2015))
    assert names(search(engine, "cycling")) == ["about", "text"]


def test_recency_and_completeness_break_ties(engine: SearchEngine) -> None:
    then, now = datetime(2015, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    put(
        engine,
        document("old", body="parks", published=then),
        document("new", body="parks", published=now),
        document("full", body="parks", published=now - timedelta(days=9), completeness=1.0),
    )
    assert names(search(engine, "parks")) == ["full", "new", "old"]


def test_newest_first_on_request_and_without_words(engine: SearchEngine) -> None:
    dates = {"b": 2019, "c": 2024, "a": 2021}
    put(
        engine,
        *(
            document(n, body="parks " * i, published=datetime(year, 1, 1, tzinfo=UTC))
            for i, (n, year) in enumerate(dates.items(), 1)
        ),
    )
    assert names(search(engine, "")) == ["c", "a", "b"]
    assert names(engine.search(parse("parks"), Filters(), "en", sort=NEWEST)) == ["c", "a", "b"]


def test_pages_follow_each_other_without_gap_or_repetition(engine: SearchEngine) -> None:
    put(engine, *(document(f"s{i}", body="parks") for i in range(25)))
    query, found = parse("parks"), []
    for offset in range(0, 30, 10):
        page = engine.search(query, Filters(), "en", offset=offset, limit=10)
        assert page.total == 25
        found += names(page)
    assert sorted(found) == sorted(f"s{i}" for i in range(25))


def test_three_of_four_words_are_enough_but_two_are_not(engine: SearchEngine) -> None:
    put(
        engine,
        document("four", body="red green blue black"),
        document("three", body="red green blue"),
        document("two", body="red green"),
    )
    assert names(search(engine, "red green blue black")) == ["four", "three"]


def test_when_nothing_has_the_words_together_those_that_have_some_are_shown(
    engine: SearchEngine,
) -> None:
    put(engine, document("a", body="red"), document("b", body="blue"))
    results = search(engine, "red blue")
    assert set(names(results)) == {"a", "b"}
    assert results.message is not None


# Languages


def test_versions_of_a_study_are_one_result_in_the_readers_language(engine: SearchEngine) -> None:
    put(
        engine,
        document("a", "fr", title="Budget participatif"),
        document("a", "en", title="Participatory budget"),
    )
    for lang, title in (("fr", "Budget participatif"), ("en", "Participatory budget")):
        results = search(engine, "budget", lang=lang)
        assert results.total == 1
        assert [hit.lang for hit in results.hits] == [lang]
        assert results.hits[0].title_html.replace("<mark>", "").replace("</mark>", "") == title


def test_a_study_found_in_the_other_language_is_shown_in_the_readers(engine: SearchEngine) -> None:
    put(engine, document("a", "fr", title="Pistes"), document("a", "en", title="Cycle lanes"))
    (hit,) = search(engine, "pistes", lang="en").hits
    assert (hit.lang, hit.found_in) == ("en", "fr")


def test_a_study_in_the_other_language_alone_is_found_and_says_so(engine: SearchEngine) -> None:
    put(engine, document("a", "fr", title="Le métro de nuit"))
    (hit,) = search(engine, "métro", lang="en").hits
    assert (hit.lang, hit.found_in) == ("fr", "fr")


@pytest.mark.parametrize("asked", ["logement", "logements", "hlm"])
def test_a_study_is_found_by_what_its_topic_is_called_in_the_readers_language(
    engine: SearchEngine, asked: str
) -> None:
    put(engine, document("a", "en", title="Vienna", topic_words=HOUSING), document("b", title="X"))
    results = search(engine, asked, lang="fr")
    assert names(results) == ["a"]
    assert results.hits[0].lang == "en"


def test_the_readers_language_comes_first(engine: SearchEngine) -> None:
    put(engine, document("fr", "fr", title="Transport"), document("en", "en", title="Transport"))
    assert names(search(engine, "transport", lang="fr")) == ["fr", "en"]
    assert names(search(engine, "transport", lang="en")) == ["en", "fr"]


def test_an_excluded_word_excludes_the_study_in_every_language(engine: SearchEngine) -> None:
    put(engine, document("a", "fr", body="métro vélo"), document("a", "en", body="metro bicycle"))
    assert names(search(engine, "metro -vélo", lang="en")) == []


# Help


def test_a_misspelt_word_finds_the_right_one_and_is_respelt_with_its_accents(
    engine: SearchEngine,
) -> None:
    put(engine, document("a", "fr", title="Sécurité routière"), document("b", "fr", title="Autre"))
    results = search(engine, "sécurté routière", lang="fr")
    assert names(results) == ["a"]
    assert results.did_you_mean == "sécurité routière"
    assert results.message is not None


def test_a_word_that_exists_is_not_respelt(engine: SearchEngine) -> None:
    put(engine, document("a", "fr", title="Mairie"), document("b", "fr", title="Maire"))
    assert search(engine, "maire", lang="fr").did_you_mean is None


def test_the_words_of_a_withdrawn_study_are_not_suggested(engine: SearchEngine) -> None:
    put(engine, document("a", "fr", title="Coronavirus"), document("b", "fr", title="Autre"))
    engine.replace({key("a"): []})
    results = search(engine, "coronavirsu", lang="fr")
    assert (results.total, results.did_you_mean) == (0, None)


def test_words_are_marked_and_everything_else_is_escaped(engine: SearchEngine) -> None:
    put(engine, document("a", title="<b>Parks</b>", body="</mark><script>parks()</script> & more"))
    (hit,) = search(engine, "park").hits
    assert hit.title_html == "&lt;b&gt;<mark>Parks</mark>&lt;/b&gt;"
    assert hit.snippet_html == (
        "&lt;/mark&gt;&lt;script&gt;<mark>parks</mark>()&lt;/script&gt; &amp; more"
    )


# Filters and facets


@pytest.fixture
def varied(engine: SearchEngine) -> SearchEngine:
    """Studies of all kinds, some with a translation."""
    made = []
    for i in range(24):
        made.append(
            document(
                f"s{i}",
                "fr" if i % 3 else "en",
                body="parks" if i % 2 else "trees",
                topics=("open-data",) if i % 4 else ("open-data", "youth"),
                city=f"city-{i % 5}" if i % 5 else None,
                country="FR" if i % 2 else None,
                size=("20k-100k", "1m-5m", None)[i % 5 % 3],
                status=("idea", "running", None)[i % 3],
                year=2010 + i % 4 if i % 4 else None,
            )
        )
        if i % 5 == 0:
            other = "en" if made[-1].lang == "fr" else "fr"
            made.append(replace(made[-1], lang=other, entry_id=f"{made[-1].study_key}/{other}"))
    put(engine, *made)
    return engine


@pytest.mark.parametrize("asked", ["", "parks", "trees -parks", "topic:youth"])
@pytest.mark.parametrize(
    "filters", [{}, {"status": "idea"}, {"size": "1m-5m"}, {"topic": "youth", "language": "en"}]
)
def test_a_facets_count_is_what_choosing_it_gives(
    varied: SearchEngine, asked: str, filters: dict[str, str]
) -> None:
    results = search(varied, asked, **filters)
    assert set(results.facets) == set(FACETS)
    for facet, counts in results.facets.items():
        for value, count in counts.items():
            assert search(varied, asked, **(filters | {facet: value})).total == count
            assert count > 0


def test_filters_keep_only_what_has_the_value(varied: SearchEngine) -> None:
    one, other = (search(varied, "", year=year).total for year in ("2011", "2012"))
    assert search(varied, "", year=("2011", "2012")).total == one + other
    assert search(varied, "", country="XX").total == 0


def test_a_language_filter_shows_that_language(varied: SearchEngine) -> None:
    results = search(varied, "", lang="en", language="fr")
    assert {hit.lang for hit in results.hits} == {"fr"}


def test_every_study_is_listed_once(varied: SearchEngine) -> None:
    found = names(search(varied, ""))
    assert len(found) == len(set(found)) == 24


# Hostile queries


HOSTILE: list[Callable[[], str]] = [
    lambda: "(" * 5000,
    lambda: "*" * 1000,
    lambda: "a* " * 500,
    lambda: "parks " * 20_000,
    lambda: "x" * 100_000,
    lambda: '"' * 999,
    lambda: '"parks',
    lambda: "«“" * 200,
    lambda: "-" * 400,
    lambda: "-parks " * 100,
    lambda: "parks\0",
    lambda: "\ud800parks\udfff",
    lambda: "[a TO z] {* TO *}",
    lambda: "title:parks AND (NOT x) OR ~2 ^5",
    lambda: "city:" * 80,
    lambda: "topic:\u200b",
    lambda: "\u0301" * 400,
    lambda: "1 000" * 80,
    lambda: "&" * 400,
    lambda: "a-" * 200,
    lambda: "l'" * 200,
    lambda: "\u202e\u2066parks",
    lambda: "😀" * 400,
    lambda: "'; DROP TABLE study; --",
    lambda: "<script>alert(1)</script>",
    lambda: "%s %(x)s {0} {}",
]


@pytest.mark.parametrize("make", HOSTILE)
def test_no_query_can_break_the_search(engine: SearchEngine, make: Callable[[], str]) -> None:
    put(engine, document("a", title="Parks"), document("b", "fr", title="Parcs"))
    results = engine.search(parse(make()), Filters(), "en", offset=-5, limit=10**9)
    assert results.ready
    assert results.total <= 2


def test_text_that_no_database_holds_can_be_indexed(engine: SearchEngine) -> None:
    put(engine, document("a", title="Parks \ud800\0", body="\udfff" * 10, city="\ud800"))
    assert names(search(engine, "parks")) == ["a"]


def test_ids_and_names_come_back_as_given(engine: SearchEngine) -> None:
    put(engine, document("é/…", "fr-CA", title="Parcs"))
    (hit,) = search(engine, "parcs", lang="fr").hits
    assert (name(hit), hit.entry_id, hit.lang) == ("…", f"{key('é/…')}/fr-CA", "fr-CA")


def test_a_slip_in_a_study_that_is_gone_is_a_slip_again(engine: SearchEngine) -> None:
    put(engine, document("slip", body="bugdet"), document("a", body="budget"))
    assert names(search(engine, "bugdet")) == ["slip"]
    engine.replace({key("slip"): []})
    found = search(engine, "bugdet")
    assert (names(found), found.did_you_mean) == (["a"], "budget")
