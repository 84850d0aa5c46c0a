"""A query that speaks of the size of cities leads to the filter by size."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.web.conftest import Readers
from tests.web.test_finding import links, total, vary

SECTION = '//section[@aria-labelledby="sizes"]'
WHERE = {"en": "/en/search", "fr": "/fr/recherche"}
BANDS = {
    "en": ["100,000 to 500,000", "1 to 5 million", "Over 5 million"],
    "fr": ["100\u202f000 à 500\u202f000", "1 à 5\u00a0millions", "Plus de 5\u00a0millions"],
}
"""Those of more than 100,000 inhabitants that have studies on open data."""
SAID = {
    "en": "Searched for “open data”, without the size",
    "fr": "Recherche effectuée pour «\u00a0open data\u00a0», sans la taille\u00a0:",
}
QUERIES = [
    ("en", "open data in cities over 100,000 inhabitants"),
    ("en", "open data, villes de plus de 100\u202f000\u00a0habitants"),
    ("fr", "open data, villes de plus de 100\u202f000\u00a0habitants"),
    ("fr", "open data cities over 100k"),
]


@pytest.fixture
def reader(readers: Readers) -> FlaskClient:
    """A browser that has never been at various studies."""
    return readers(vary)


def offered(answer: TestResponse) -> list[tuple[str, str]]:
    """The bands on offer, and their addresses."""
    return links(answer, SECTION + "//a")


def told(answer: TestResponse) -> str:
    (section,) = html.fromstring(answer.data).xpath(SECTION)
    return section.text_content()


def query(href: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(href).query).items()}


@pytest.mark.parametrize(("lang", "asked"), QUERIES)
def test_the_filter_is_offered_with_true_counts_and_the_rest_is_searched_for(
    reader: FlaskClient, lang: str, asked: str
) -> None:
    plain = reader.get(WHERE[lang], query_string={"q": "open data"})
    page = reader.get(WHERE[lang], query_string={"q": asked})
    assert total(page) == total(plain) == 5
    assert SAID[lang] in told(page)
    bands = offered(page)
    assert [" ".join(name.split()) for name, _ in bands] == [
        " ".join(b.split()) for b in BANDS[lang]
    ]
    assert re.findall(r"\((\d+)\)", told(page)) == ["2", "2", "1"]
    for (_, href), count in zip(bands, (2, 2, 1), strict=True):
        assert query(href)["q"] == "open data"
        assert total(reader.get(href)) == count
    (box,) = html.fromstring(page.data).xpath('//main//input[@name="q"]')
    assert box.get("value") == asked


def test_the_other_filters_and_the_order_are_kept_and_a_chosen_band_is_not_offered_again(
    reader: FlaskClient,
) -> None:
    given = {"q": QUERIES[0][1], "status": "running", "sort": "newest", "size": "1m-5m"}
    page = reader.get("/en/search", query_string=given)
    assert total(page) == 1
    bands = offered(page)
    kept = {"q": "open data", "status": "running", "sort": "newest"}
    assert [query(href) for _, href in bands] == [
        kept | {"size": "100k-500k"},
        kept | {"size": "over-5m"},
    ]
    assert [total(reader.get(href)) for _, href in bands] == [1, 1]


@pytest.mark.parametrize(
    ("lang", "asked", "where"),
    [
        ("en", "City under 300,000 inhabitants", "/en/case-studies/"),
        ("fr", "petites et moyennes villes", "/fr/etudes-de-cas/"),
    ],
)
def test_a_size_alone_leads_to_the_list_of_studies(
    reader: FlaskClient, lang: str, asked: str, where: str
) -> None:
    page = reader.get(WHERE[lang], query_string={"q": asked, "status": "pilot"})
    assert page.status_code == 200
    assert not links(page, "//h3/a")
    bands = offered(page)
    assert [query(href)["size"] for _, href in bands] == ["100k-500k"]
    facets = links(page, '//section[contains(@class, "facet")]//a')
    assert len(facets) > 4
    for _, href in (*bands, *facets):
        assert urlsplit(href).path == where
        assert "q" not in query(href)
    assert total(reader.get(bands[0][1])) == int(re.findall(r"\((\d+)\)", told(page))[0])


@pytest.mark.parametrize(
    ("lang", "asked", "said"),
    [
        ("en", "open data towns under 20k", "There is no case study here"),
        (
            "fr",
            "open data, villages de moins de 20\u202f000 habitants",
            "Il n’y a pas ici d’étude",
        ),
    ],
)
def test_a_band_without_studies_is_not_offered(
    reader: FlaskClient, lang: str, asked: str, said: str
) -> None:
    page = reader.get(WHERE[lang], query_string={"q": asked})
    assert total(page) == 5
    assert not offered(page)
    assert said in told(page)


@pytest.mark.parametrize("lang", WHERE)
def test_what_is_typed_beside_a_size_is_escaped(reader: FlaskClient, lang: str) -> None:
    page = reader.get(WHERE[lang], query_string={"q": "<i>open</i> data small towns"})
    assert "<i>open" not in page.text
    assert "<i>open</i> data" in told(page)


@pytest.mark.parametrize("asked", ["open data", "1\u202f000 arbres", '"small towns" data'])
def test_other_queries_say_nothing_of_sizes(reader: FlaskClient, asked: str) -> None:
    page = reader.get("/en/search", query_string={"q": asked})
    assert not html.fromstring(page.data).xpath(SECTION)


def test_the_feed_of_such_a_search_finds_what_the_page_does(reader: FlaskClient) -> None:
    asked = {"q": QUERIES[0][1]}
    feed = reader.get("/en/search.json", query_string=asked).json
    assert len(feed["items"]) == 5
    assert feed["home_page_url"].endswith("/en/search?q=open+data")
    page = reader.get("/en/search", query_string=asked)
    assert "/en/search.atom?q=open+data" in page.text


def test_where_the_size_is_chosen_already_nobody_is_told_that_there_is_none(
    reader: FlaskClient,
) -> None:
    given = {"q": "open data in cities of 100k-500k", "size": "100k-500k"}
    page = reader.get("/en/search", query_string=given)
    assert total(page) == 2
    assert not offered(page)
    assert "There is no case study" not in told(page)


@pytest.mark.parametrize(("lang", "asked"), QUERIES)
def test_a_search_for_studies_to_compare_leaves_the_size_out_too(
    reader: FlaskClient, lang: str, asked: str
) -> None:
    where = {"en": "/en/compare", "fr": "/fr/comparer"}[lang]

    def found(words: str) -> list[tuple[str, str]]:
        return links(reader.get(where, query_string={"q": words}), "//h3/a")

    assert len(found("open data")) == 5
    assert [name for name, _ in found(asked)] == [name for name, _ in found("open data")]
