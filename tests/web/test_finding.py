"""Finding one's way: filters, orders, suggestions, ways out of nothing, studies like another."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from werkzeug.test import TestResponse

from network.catalogue import store
from network.catalogue.values import Facts, Link
from network.lib.db import db
from network.search import service as search
from tests.web.conftest import Node, Readers

LISTS = (
    "/en/case-studies/?",
    "/fr/etudes-de-cas/?",
    "/en/search?q=ville&",
    "/fr/recherche?q=ville&",
)
"""Where there are filters; every study of `vary` answers the query."""


def index(app: Flask) -> None:
    with app.app_context():
        search.reindex(db.session(), app.extensions["pioneer"].search)
        db.session.remove()


def vary(node: Node) -> None:
    """Studies of cities of several sizes in both languages, in the database and in the index."""
    pilot, running = Facts(status="pilot", start="2014"), Facts(status="running", start="2019")
    for number, (city, topic, facts) in enumerate(
        [
            ("paris", "open-data", pilot), ("madrid", "mobility", running),
            ("grenoble", "youth", pilot), ("reykjavik", "open-data", running),
            ("nantes", "open-data", pilot), (None, "youth", Facts()),
            ("milan", "open-data", running), ("new-york", "open-data", running),
        ], 1
    ):  # fmt: skip
        given = {"city": city, "topics": (topic,), "facts": facts, "inspired_by": ()}
        title = {"fr": f"La ville {number}", "en": f"The ville {number}"}
        node.publish(number, "fr", title=title["fr"], **given)
        if number % 2:
            node.publish(number, "en", title=title["en"], translation="human", **given)
    index(node.app)


@pytest.fixture
def reader(readers: Readers) -> FlaskClient:
    """A browser that has never been at various studies."""
    return readers(vary)


def total(answer: TestResponse) -> int:
    found = re.search(r'<h2 class="h-small">\s*(\d+)', answer.text)
    assert found is not None, answer.text
    return int(found[1])


def links(answer: TestResponse, path: str) -> list[tuple[str, str]]:
    """(text, address) of the links that an expression finds."""
    root = html.fromstring(answer.data)
    return [(" ".join(a.text_content().split()), a.get("href")) for a in root.xpath(path)]


# Filters and orders


@pytest.mark.parametrize("where", LISTS)
def test_every_count_is_the_total_of_the_page_that_it_leads_to(
    reader: FlaskClient, where: str
) -> None:
    for given in ("", "size=1m-5m&", "size=100k-500k&status=pilot&", "topic=open-data&"):
        page = reader.get(where + given)
        offered = links(page, '//section[contains(@class, "facet")]//a')
        assert len(offered) > 6
        for text, href in offered:
            count = int(re.search(r"(\d+) (?:case stud|études? de cas)", text)[1])
            assert total(reader.get(href)) == count, href


def test_a_band_of_inhabitants_is_named_as_each_language_writes_numbers(
    reader: FlaskClient,
) -> None:
    english, french = (reader.get(where).text for where in LISTS[:2])
    for text in ("100,000 to 500,000", "1 to 5 million", "Over 5 million"):
        assert f"<span>{text}</span>" in english
    for text in ("100\u202f000 à 500\u202f000", "1 à 5\u00a0millions", "Plus de 5\u00a0millions"):
        assert f"<span>{text}</span>" in french
    chosen = reader.get("/fr/etudes-de-cas/?size=100k-500k").text
    assert "Habitants\u00a0: 100\u202f000 à 500\u202f000" in chosen


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize("given", ["size=huge", "size=20k", "sort=best", "sort=newest&size=\ud800"])
def test_a_size_or_an_order_that_cannot_be_is_refused(
    reader: FlaskClient, where: str, given: str
) -> None:
    assert reader.get(f"{where}{given.encode('utf-8', 'replace').decode()}").status_code == 400


def test_feeds_keep_the_size(reader: FlaskClient) -> None:
    page = reader.get("/en/case-studies/?size=100k-500k")
    feed = re.search(r'href="(/en/feed\.json\?[^"]*)"', page.text)[1]
    items = reader.get(unescape(feed)).json["items"]
    assert {item["url"].rpartition("-")[2] for item in items} == {"3", "5"}


@pytest.mark.parametrize(
    ("where", "orders"),
    [
        ("/en/case-studies/?size=1m-5m&", ["Newest", "Most adopted", "Title"]),
        ("/fr/recherche?q=ville&size=1m-5m&", ["Plus pertinentes", "Plus récentes"]),
    ],
)
def test_orders_are_links_that_keep_the_rest_and_are_kept_by_it(
    reader: FlaskClient, where: str, orders: list[str]
) -> None:
    offered = links(reader.get(where), '//nav[@class="orders"]//a')
    assert [name for name, _ in offered] == orders
    last = reader.get(offered[-1][1])
    assert links(last, '//nav[@class="orders"]//a[@aria-current]')[0][0] == orders[-1]
    sort = parse_qs(urlsplit(offered[-1][1]).query)["sort"]
    kept = [
        *links(last, '//section[contains(@class, "facet")]//a'),
        *links(last, '//ul[@class="active-filters"]//a'),
        *links(last, '//a[contains(@class, "tools__lang")]'),
    ]
    assert len(kept) > 5
    for text, href in kept:
        assert parse_qs(urlsplit(href).query)["sort"] == sort, text
        assert reader.get(href).status_code == 200


def test_pages_keep_the_order_and_follow_each_other(client: FlaskClient, node: Node) -> None:
    for number in range(1, 24):
        node.publish(number, title=f"Étude {99 - number}", inspired_by=())
    first = client.get("/fr/etudes-de-cas/?sort=title")
    ((_, address),) = links(first, '//a[@rel="next"]')
    second = client.get(address)
    titles = [
        text for page in (first, second) for text, _ in links(page, '//h3[@class="card__title"]/a')
    ]
    assert titles == sorted(titles)
    assert len(titles) == 23
    assert links(second, '//a[@rel="prev"]')[0][1] == "/fr/etudes-de-cas/?sort=title"


def test_results_can_be_newest_first(client: FlaskClient, app: Flask, node: Node) -> None:
    node.publish(1, title="Budget budget budget", inspired_by=())
    node.publish(2, title="Autre", body_html="<p>Le budget</p>", inspired_by=())
    index(app)
    found = {
        sort: [text for text, _ in links(client.get(f"/fr/recherche?q=budget{sort}"), "//h3/a")]
        for sort in ("", "&sort=newest")
    }
    assert found[""] == ["Budget budget budget", "Autre"]
    assert found["&sort=newest"] == ["Autre", "Budget budget budget"]


# Suggestions


def suggested(client: FlaskClient, typed: str, lang: str = "fr") -> list[tuple[str, ...]]:
    where = {"fr": "/fr/recherche/suggestions", "en": "/en/search/suggestions"}[lang]
    answer = client.get(where, query_string={"q": typed})
    assert answer.status_code == 200
    assert answer.mimetype == "application/x-suggestions+json"
    echoed, *columns = json.loads(answer.data)
    assert len(echoed) <= 400
    assert len(columns) == 4
    return list(zip(*columns, strict=True))


def test_what_is_typed_is_completed_to_topics_cities_words_and_titles(reader: FlaskClient) -> None:
    assert suggested(reader, "montr") == []
    assert ("Nantes", "Ville · 1 étude de cas", "/fr/villes/nantes", "fr") in suggested(
        reader, "nan"
    )
    topic = (
        "Données ouvertes",
        "Thématique · 5 études de cas",
        "/fr/thematiques/donnees-ouvertes",
        "fr",
    )
    assert suggested(reader, "données ou")[0] == topic
    assert suggested(reader, "OUVER")[0] == topic
    assert suggested(reader, "open da")[0] == topic
    assert suggested(reader, "open da", "en")[0][0] == "Open data"
    titles = suggested(reader, "the vi", "en")
    assert ("The ville 1", "Case study · Paris", "/en/case-studies/paris/study-1", "en") in titles
    for text, _, address, _ in suggested(reader, "vil"):
        assert reader.get(address).status_code == 200, text


def test_each_suggestion_is_there_once(reader: FlaskClient) -> None:
    for typed in ("mad", "open", "ville", "ville 1", "données"):
        texts = [text.casefold() for text, *_ in suggested(reader, typed)]
        assert len(texts) == len(set(texts))


def test_a_withdrawn_title_is_not_suggested_although_the_index_is_behind(
    client: FlaskClient, app: Flask, node: Node
) -> None:
    version = node.publish(1, title="Coronavirus en ville", inspired_by=())
    index(app)
    assert any(url.endswith("/study-1") for *_, url, _ in suggested(client, "coro"))
    node.withdraw(version)
    assert not any(url.endswith("/study-1") for *_, url, _ in suggested(client, "coro"))
    index(app)
    assert suggested(client, "coro") == []


def test_suggestions_are_asked_again_and_sent_only_when_they_changed(reader: FlaskClient) -> None:
    first = reader.get("/en/search/suggestions?q=open")
    assert first.headers["Cache-Control"] == "no-cache"
    again = reader.get(
        "/en/search/suggestions?q=open", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "typed",
    ["", "a", "x" * 100_000, "*" * 1_000, "pa " * 30_000, '"' * 999, "(" * 5_000, "<script>a(1)",
     "%", "city:paris", "-ville", "l’" * 200, "\u202epar", "😀😀", "1 000"],
)  # fmt: skip
def test_whatever_is_typed_has_an_answer_of_some_length(reader: FlaskClient, typed: str) -> None:
    assert len(suggested(reader, typed, "en")) <= 11


def test_bytes_that_are_no_text_are_answered_or_refused(reader: FlaskClient) -> None:
    for raw, status in (("%ED%A0%80pa", 200), ("%00", 400), ("%FF%FE", 200)):
        for where in ("/en/search/suggestions", "/en/search"):
            assert reader.get(f"{where}?q={raw}").status_code == status, raw


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_browsers_can_add_the_search_of_each_language(client: FlaskClient, lang: str) -> None:
    page = html.fromstring(client.get(f"/{lang}/").data)
    (link,) = page.xpath('//link[@rel="search"]')
    answer = client.get(link.get("href"))
    assert answer.mimetype == link.get("type") == "application/opensearchdescription+xml"
    root = etree.fromstring(answer.data)
    space = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    assert len(root.findtext("o:ShortName", namespaces=space)) <= 16
    for kind in ("text/html", "application/x-suggestions+json"):
        (url,) = root.xpath(f'o:Url[@type="{kind}"]/@template', namespaces=space)
        assert url.startswith("http://paris.example/")
        path = url.removeprefix("http://paris.example").replace("{searchTerms}", "ville")
        assert client.get(path).mimetype == kind


# Nothing found


@pytest.mark.parametrize(
    "asked",
    [
        "q=ville&size=over-5m&status=pilot",
        "q=ville&language=en&city=madrid",
        'q="ville ville"&topic=open-data',
        "q=ville+-ville",
        "q=ville+city:nowhere",
        "q=zzz+-ville",
        "q=xyzzy+milan&size=under-20k",
    ],
)
@pytest.mark.parametrize("where", ["/en/search?", "/fr/recherche?"])
def test_every_way_out_of_nothing_finds_as_much_as_it_says(
    reader: FlaskClient, where: str, asked: str
) -> None:
    page = reader.get(where + asked)
    assert total(page) == 0
    root = html.fromstring(page.data)
    ways = root.xpath('//ul[@class="ways"]/li')
    assert bool(ways) != (asked == "q=zzz+-ville")
    for way in ways:
        count = int(way.xpath('string(span[@class="count"])').split()[0])
        assert total(reader.get(way.xpath("a")[0].get("href"))) == count > 0


def test_each_filter_can_be_taken_away_and_another_language_chosen(reader: FlaskClient) -> None:
    page = reader.get("/en/search?q=ville&city=madrid&language=en&sort=newest")
    texts = {text for text, _ in links(page, '//ul[@class="ways"]//a')}
    assert texts == {
        "Without “City: Madrid”",
        "Without “Language: English”",
        "Without any filter",
        "French",
    }
    for _, href in links(page, '//ul[@class="ways"]//a'):
        assert "sort=newest" in href


def test_the_nearest_topics_are_named_and_a_city_is_recognised_at_two_slips(
    reader: FlaskClient,
) -> None:
    page = reader.get("/en/search?q=opening+datasheets+xyzzy+-ville")
    assert "The nearest topics" in page.text
    assert ("Open data 5 case studies", "/en/topics/open-data") in links(
        page, '//ul[@class="topics"]//a'
    )
    page = reader.get("/en/search?q=rekyavik")
    assert links(page, "//a[b]") == [("Reykjavik", "/en/search?q=Reykjavik")]
    assert total(reader.get("/en/search?q=Reykjavik")) == 1
    assert "Or start from a topic" in page.text


def test_nothing_is_said_of_results_where_there_are_none(reader: FlaskClient) -> None:
    page = reader.get("/en/search?q=ville+zebra&size=under-20k")
    assert total(page) == 0
    assert "these have some of them" not in page.text


# Studies like another


def related(client: FlaskClient, address: str) -> list[tuple[str, str, str]]:
    """(title, address, reasons) of what a study's page ends with."""
    answer = client.get(address)
    assert answer.status_code == 200
    found = html.fromstring(answer.data).xpath('//section[@aria-labelledby="related"]//li')
    return [
        (
            item.xpath("string(.//h3)"),
            item.xpath(".//h3/a")[0].get("href"),
            " ".join(item.xpath('string(p[@class="why"])').split()),
        )
        for item in found
    ]


def test_a_studys_page_ends_with_cities_like_it_and_says_why(reader: FlaskClient) -> None:
    found = related(reader, "/en/case-studies/paris/study-1")
    assert [title for title, *_ in found] == ["The ville 7", "The ville 5", "La ville 8"]
    assert [why for *_, why in found] == [
        "In common: Open data · Similar size (1 to 5 million)",
        "In common: Open data · France",
        "In common: Open data",
    ]  # fmt: skip
    french = related(reader, "/fr/etudes-de-cas/paris/study-1")
    assert french[0][2] == (
        "Points communs : Données ouvertes · Taille comparable (1 à 5 millions)"
    )


def test_followed_studies_have_related_ones_too_and_are_among_them(
    client: FlaskClient, app: Flask, node: Node
) -> None:
    vary(node)
    madrid = node.follow()
    node.receive(madrid, 40, city="madrid", topics=("open-data",), inspired_by=(), slug="theirs")
    index(app)
    assert "/fr/etudes-de-cas/madrid/theirs" in [
        url for _, url, _ in related(client, "/fr/etudes-de-cas/paris/study-1")
    ]
    assert related(client, "/fr/etudes-de-cas/madrid/theirs")


def test_what_is_blocked_or_withdrawn_is_not_related_although_the_index_is_behind(
    client: FlaskClient, app: Flask, node: Node
) -> None:
    madrid = node.follow()
    node.publish(1, inspired_by=())
    gone = node.publish(2, city="nantes", inspired_by=())
    node.receive(madrid, 3, inspired_by=())
    index(app)
    address = "/fr/etudes-de-cas/paris/study-1"
    assert len(related(client, address)) == 2
    node.withdraw(gone)
    node.change(lambda s: store.show_source(s, madrid, False))
    assert related(client, address) == []


def test_kin_that_the_page_lists_and_the_same_study_again_are_left_out(
    client: FlaskClient, app: Flask, node: Node
) -> None:
    source = node.publish(1, city="milan", inspired_by=())
    read = node.publish(2, inspired_by=(Link(source.study_key, "Milan"),))
    key = f"{read.study_key}/fr"
    node.publish(3, city="nantes", title="Fille", inspired_by=(Link(read.study_key),))
    node.publish(4, city="lisbon", title="Sœur", topics=(), inspired_by=(Link(source.study_key),))
    node.publish(
        5, "en", city="madrid", title="Same elsewhere", alternates=(("fr", key),), inspired_by=()
    )
    node.publish(6, city="seoul", title=read.title, inspired_by=())
    node.publish(7, city="vienna", title="Cousine", inspired_by=())
    index(app)
    found = related(client, "/fr/etudes-de-cas/paris/study-2")
    assert [title for title, *_ in found] == ["Sœur", "Cousine"]
    assert found[0][2] == "Points communs : Également inspirée par Milan"


def test_without_an_index_the_page_stands(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    assert related(client, "/fr/etudes-de-cas/paris/study-1") == []


@pytest.mark.parametrize(
    ("address", "said"),
    [("/fr/recherche?q=", "Vouliez-vous dire"), ("/en/search?q=", "Did you mean")],
)
def test_a_misspelt_city_after_its_prefix_is_respelt(
    reader: FlaskClient, address: str, said: str
) -> None:
    page = reader.get(f"{address}city:pariss").text
    assert said in page
    (link,) = [
        a for a in html.fromstring(page).xpath("//main//a") if a.text_content() == "city:Paris"
    ]
    found = html.fromstring(reader.get(link.get("href")).text).xpath("//main//article")
    assert len(found) == 1


def test_a_result_says_how_it_was_translated(reader: FlaskClient) -> None:
    """Human translations too: only an original needs no label."""
    found = {}
    for card in html.fromstring(reader.get("/en/search?q=ville").text).xpath("//main//article"):
        title = card.xpath("string(.//h2|.//h3)").strip()
        found[title] = "Translated by a person" in card.text_content()
    assert found["The ville 1"] is True
    assert found["La ville 2"] is False
