"""Reader feeds as readers, browsers, scripts and caches meet them."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import event
from werkzeug.test import TestResponse

from network.catalogue import store
from network.lib import clock
from network.lib.db import db
from network.log import service as log
from network.moderation import parts
from network.reading.discover import find_feeds
from network.web.pieces.conditional import LASTS, Changes
from tests.web.conftest import START, Node

ATOM = "{http://www.w3.org/2005/Atom}"


def titles(response: TestResponse) -> list[str]:
    assert response.status_code == 200, response.status
    if response.mimetype == "application/feed+json":
        return [item["title"] for item in json.loads(response.data)["items"]]
    read = feedparser.parse(io.BytesIO(response.data))
    assert not read.bozo, read.get("bozo_exception")
    return [entry.title for entry in read.entries]


def self_link(response: TestResponse) -> str:
    root = etree.fromstring(response.data)
    return next(e.get("href") for e in root.iter(f"{ATOM}link") if e.get("rel") == "self")


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("atom", "application/atom+xml; charset=utf-8"),
        ("rss", "application/rss+xml; charset=utf-8"),
        ("json", "application/feed+json; charset=utf-8"),
    ],
)
def test_each_language_has_its_feed_in_three_formats(
    client: FlaskClient, node: Node, form: str, media_type: str
) -> None:
    node.publish(1, "fr")
    node.publish(1, "en")
    node.publish(2, "fr")
    french, english = client.get(f"/fr/feed.{form}"), client.get(f"/en/feed.{form}")
    assert titles(french) == ["Étude 2", "Étude 1"]
    assert titles(english) == ["Study 1"]
    assert french.headers["Content-Type"] == media_type
    assert french.headers["Content-Language"] == "fr"
    assert "Set-Cookie" not in french.headers


def test_a_topics_and_a_citys_feed_are_under_their_pages_and_filters_combine(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1, city="paris", topics=("open-data",))
    node.publish(2, city="lisbon", topics=("open-data",))
    node.publish(3, city="lisbon", topics=("youth",))
    assert titles(client.get("/fr/thematiques/donnees-ouvertes/feed.atom")) == [
        "Étude 2",
        "Étude 1",
    ]
    assert titles(client.get("/fr/villes/lisbonne/feed.rss")) == ["Étude 3", "Étude 2"]
    both = ["Étude 2"]
    assert titles(client.get("/fr/villes/lisbonne/feed.json?topic=open-data")) == both
    assert titles(client.get("/fr/feed.atom?topic=donnees-ouvertes&city=lisbonne")) == both


def test_the_other_languages_slug_leads_to_this_ones(client: FlaskClient) -> None:
    moved = client.get("/fr/villes/lisbon/feed.atom?scope=own")
    assert moved.status_code == 301
    assert moved.location == "/fr/villes/lisbonne/feed.atom?scope=own"


def test_scope_own_leaves_followed_studies_out(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    node.receive(node.follow("Madrid"), 2)
    assert titles(client.get("/fr/feed.atom")) == ["Étude 2", "Étude 1"]
    assert titles(client.get("/fr/feed.atom?scope=network")) == ["Étude 2", "Étude 1"]
    assert titles(client.get("/fr/feed.atom?scope=own")) == ["Étude 1"]


def test_a_followed_study_keeps_its_address_and_says_where_it_is_from(
    client: FlaskClient, node: Node
) -> None:
    version = node.receive(node.follow("Madrid"), 7)
    entry = etree.fromstring(client.get("/fr/feed.atom").data).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == version.entry_id
    assert entry.findtext(f"{ATOM}source/{ATOM}title") == "Madrid"
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == version.url
    content = entry.findtext(f"{ATOM}content") or ""
    assert f'href="{version.url}#results"' in content


def test_a_blocked_sites_studies_are_in_no_feed(client: FlaskClient, node: Node) -> None:
    madrid = node.follow("Madrid")
    node.receive(madrid, 1)
    node.change(lambda session: store.show_source(session, madrid, False))
    assert titles(client.get("/fr/feed.atom")) == []


def test_the_nodes_licence_holds_for_its_own_studies_alone(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    node.receive(node.follow("Madrid"), 2)
    root = etree.fromstring(client.get("/fr/feed.atom").data)
    followed, own = [
        [e.get("href") for e in entry.iter(f"{ATOM}link") if e.get("rel") == "license"]
        for entry in root.iter(f"{ATOM}entry")
    ]
    assert own == ["https://creativecommons.org/licenses/by/4.0/"]
    assert followed == []


def test_a_date_in_the_future_is_not_passed_on(client: FlaskClient, node: Node) -> None:
    far = datetime(2999, 1, 1, tzinfo=UTC)
    node.receive(node.follow("Madrid"), 1, published=far, updated=far)
    read = feedparser.parse(io.BytesIO(client.get("/fr/feed.atom").data))
    assert read.entries[0].updated_parsed.tm_year < 2999
    assert read.feed.updated_parsed.tm_year < 2999


def test_one_feed_has_one_id_and_one_address_however_it_was_asked_for(client: FlaskClient) -> None:
    by_page = client.get("/fr/villes/lisbonne/feed.atom")
    by_query = client.get("/fr/feed.atom?city=lisbon")
    assert by_page.data == by_query.data
    assert self_link(by_page) == "http://paris.example/fr/villes/lisbonne/feed.atom"
    ids = {
        etree.fromstring(client.get(address).data).findtext(f"{ATOM}id")
        for address in ("/fr/feed.atom", "/en/feed.atom", "/fr/feed.atom?scope=own",
                        "/fr/villes/lisbonne/feed.atom", "/fr/thematiques/jeunesse/feed.atom")
    }  # fmt: skip
    assert len(ids) == 5
    assert self_link(client.get("/fr/feed.rss")) == "http://paris.example/fr/feed.rss"


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/fr/feed.atom?scope=everything", 400, "<html lang=\"fr\""),
        ("/en/feed.rss?city=atlantis", 404, "There is no such page"),
        ("/en/feed.rss?topic=alchemy", 404, "There is no such page"),
        ("/en/topics/alchemy/feed.json", 404, "There is no such page"),
        ("/en/cities/atlantis/feed.atom", 404, "There is no such page"),
        ("/en/feed.xml", 404, "There is no such page"),
    ],
)  # fmt: skip
def test_what_is_not_there_gets_a_page_that_says_so(
    reader: FlaskClient, address: str, status: int, says: str
) -> None:
    response = reader.get(address)
    assert response.status_code == status
    assert says in response.text


def test_an_unchanged_feed_is_304_and_nothing_is_read(
    client: FlaskClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.publish(1)
    first = client.get("/fr/feed.atom")
    monkeypatch.setattr("network.feeds.select.newest", unexpected)
    etag = first.headers["ETag"]
    for given in (etag, f"W/{etag}", f'"other", W/"x", {etag}', "*"):
        again = client.get("/fr/feed.atom", headers={"If-None-Match": given})
        assert again.status_code == 304, given
        assert again.data == b""
        assert "Content-Type" not in again.headers
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers[name] == first.headers[name], name
        assert again.headers["Access-Control-Allow-Origin"] == "*"


def unexpected(*_: Any, **__: Any) -> None:
    raise AssertionError("read although nothing changed")


def test_an_unchanged_feed_is_made_once_for_all_who_have_not_seen_it(
    client: FlaskClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.publish(1)
    first = client.get("/fr/feed.atom")
    with monkeypatch.context() as patched:
        patched.setattr("network.feeds.select.newest", unexpected)
        assert client.get("/fr/feed.atom").data == first.data
        later = time.monotonic() + LASTS + 1
        patched.setattr("time.monotonic", lambda: later)
        assert client.get("/fr/feed.atom").status_code == 500, "it is made again by then"
    node.publish(2)
    assert titles(client.get("/fr/feed.atom")) == ["Étude 2", "Étude 1"]


def test_any_visible_change_gives_a_new_etag(client: FlaskClient, node: Node) -> None:
    seen = [client.get("/fr/feed.atom").headers["ETag"]]
    version = node.publish(1)
    seen.append(client.get("/fr/feed.atom").headers["ETag"])
    node.publish(1, title="Un autre titre")
    seen.append(client.get("/fr/feed.atom").headers["ETag"])
    node.withdraw(version)
    seen.append(client.get("/fr/feed.atom").headers["ETag"])
    assert len(set(seen)) == 4
    stale = client.get("/fr/feed.atom", headers={"If-None-Match": ", ".join(seen[:3])})
    assert titles(stale) == []


def test_a_restored_catalogue_is_not_mistaken_for_the_one_before(
    client: FlaskClient, node: Node
) -> None:
    """After a restore the same version number stands for other content."""
    before = client.get("/fr/feed.atom").headers["ETag"]
    node.change(log.renew_epoch)
    assert client.get("/fr/feed.atom").headers["ETag"] != before


def test_each_feed_has_an_etag_of_its_own(client: FlaskClient) -> None:
    addresses = ["/fr/feed.atom", "/fr/feed.rss", "/en/feed.atom", "/fr/feed.atom?scope=own",
                 "/fr/villes/paris/feed.atom", "/fr/feed.json"]  # fmt: skip
    assert len({client.get(a).headers["ETag"] for a in addresses}) == len(addresses)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Hold the clock at so many seconds after a start."""

    def hold(seconds: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=100, seconds=seconds))

    return hold


def test_readers_without_etags_compare_dates(
    client: FlaskClient, node: Node, at: Callable[[int], None]
) -> None:
    at(0)
    node.publish(1)
    first = client.get("/fr/feed.atom")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    at(10)
    assert client.get("/fr/feed.atom", headers=since).status_code == 304
    assert client.get("/fr/feed.atom").headers["Last-Modified"] == first.headers["Last-Modified"]
    node.publish(2)
    changed = client.get("/fr/feed.atom", headers=since)
    assert titles(changed) == ["Étude 2", "Étude 1"]
    assert changed.last_modified > first.last_modified


def test_the_etag_decides_when_both_are_given(
    client: FlaskClient, node: Node, at: Callable[[int], None]
) -> None:
    """RFC 9110 section 13.2.2: If-Modified-Since is ignored beside If-None-Match."""
    at(0)
    node.publish(1)
    first = client.get("/fr/feed.atom")
    dated = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get("/fr/feed.atom", headers={**dated, "If-None-Match": '"x"'}).status_code == 200
    old = {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}
    both = {**old, "If-None-Match": first.headers["ETag"]}
    assert client.get("/fr/feed.atom", headers=both).status_code == 304


def test_two_changes_in_one_second_have_two_dates() -> None:
    changes = Changes()
    first = changes.since(1, START)
    assert first == START
    assert changes.since(2, START) is None, "its date would be in the future"
    assert changes.since(2, START + timedelta(seconds=5)) == START + timedelta(seconds=1)


def test_head_says_what_get_would(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    got, head = client.get("/en/feed.rss"), client.head("/en/feed.rss")
    assert head.status_code == 200
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Cache-Control"):
        assert head.headers[name] == got.headers[name]


def test_feeds_are_public_to_caches_and_to_the_scripts_of_any_site(client: FlaskClient) -> None:
    response = client.get("/en/feed.json", headers={"Origin": "https://other.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in response.headers.get("Vary", "")
    asked = client.options("/en/feed.json")
    assert asked.status_code == 200
    assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]


def test_a_browser_gets_a_feed_that_explains_itself(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    shown = client.get("/fr/feed.rss", headers={"Sec-Fetch-Dest": "document"})
    read = client.get("/fr/feed.rss")
    assert shown.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert shown.data == read.data
    assert shown.headers["ETag"] != read.headers["ETag"]
    assert shown.headers["Vary"] == read.headers["Vary"] == "Sec-Fetch-Dest"
    instruction = re.search(rb'<\?xml-stylesheet type="text/css" href="([^"]+)"\?>', shown.data)
    assert instruction
    style = client.get(instruction[1].decode())
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    assert style.text.count('content: "') == 3


def test_every_page_names_the_log_for_nodes_and_feeds_for_readers(client: FlaskClient) -> None:
    page = client.get("/en/topics/open-data")
    log_link, atom, rss, json_feed = find_feeds(
        page.data, "http://paris.example/en/topics/open-data"
    )
    assert log_link.is_log
    assert log_link.url == "http://paris.example/feed.atom"
    assert atom.url == "http://paris.example/en/topics/open-data/feed.atom"
    assert [rss.type, json_feed.type] == ["application/rss+xml", "application/feed+json"]
    assert atom.title == "Pioneer Cities – Open data (Atom)"
    (only,) = find_feeds(client.get("/fr/accessibilite").data, "http://paris.example/")
    assert only.is_log


def test_the_picker_turns_choices_into_addresses(client: FlaskClient, node: Node) -> None:
    node.publish(1, city="lisbon")
    page = client.get("/en/feeds?language=fr&topic=open-data&city=lisbon&scope=own").text
    base = "http://paris.example/fr/feed"
    query = "topic=donnees-ouvertes&amp;city=lisbonne&amp;scope=own"
    for form in ("atom", "rss", "json"):
        assert f"<code>{base}.{form}?{query}</code>" in page
    assert '<option value="lisbon" selected>Lisbon</option>' in page
    assert "http://paris.example/network.opml" in page
    kept = "topic=donnees-ouvertes&amp;city=lisbonne&amp;language=fr&amp;scope=own"
    assert f'href="/fr/flux?{kept}"' in page
    for address in re.findall(r"<code>(http://paris.example[^<]+)</code>", page):
        path = address.replace("&amp;", "&").removeprefix("http://paris.example")
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("query", ["scope=all", "language=de", "language=<script>"])
def test_the_picker_refuses_choices_that_it_does_not_offer(client: FlaskClient, query: str) -> None:
    assert client.get(f"/en/feeds?{query}").status_code == 400


def test_the_list_of_sites_is_opml(client: FlaskClient, node: Node) -> None:
    node.follow("Madrid", language="es")
    node.follow("Blog", kind="foreign", url="http://blog.example/rss?a=1&b=2")
    node.follow("Quarrel", state="blocked")
    node.follow("Gone", state="gone")
    response = client.get("/network.opml")
    assert response.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    root = etree.fromstring(response.data)
    assert root.get("version") == "2.0"
    members, others = root.findall("body/outline")
    assert [o.get("text") for o in members] == ["Villes pionnières", "Madrid"]
    assert [o.get("xmlUrl") for o in members] == [
        "http://paris.example/feed.atom",
        "http://madrid.example/feed.atom",
    ]
    assert members[1].get("htmlUrl") == "http://madrid.example/"
    assert [o.get("xmlUrl") for o in others] == ["http://blog.example/rss?a=1&b=2"]
    assert {o.get("type") for group in (members, others) for o in group} == {"rss"}
    again = client.get("/network.opml", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_a_feed_costs_the_same_number_of_questions_however_much_it_holds(
    client: FlaskClient, node: Node
) -> None:
    asked: list[str] = []
    with node.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def cost() -> int:
        asked.clear()
        assert client.get("/fr/feed.atom").status_code == 200
        return len(asked)

    madrid = node.follow("Madrid")
    node.publish(1)
    node.receive(madrid, 1)
    few = cost()
    for number in range(2, 12):
        node.publish(number)
        node.receive(madrid, number)
    assert cost() == few


@pytest.mark.parametrize(
    ("path", "kind", "slug"),
    [
        ("/fr/villes/barcelone/feed.atom", "city", "barcelona"),
        ("/en/feed.atom?city=barcelona&scope=own", "city", "barcelona"),
        ("/fr/thematiques/budget-participatif/feed.atom", "topic", "participatory-budgeting"),
        ("/fr/feed.atom?city=barcelona&topic=mobility", None, None),
        ("/fr/feed.atom", None, None),
        ("/fr/recherche.atom?q=barcelone", None, None),
    ],
)
def test_a_feed_says_what_it_was_narrowed_to_in_words_that_the_log_knows(
    client: FlaskClient, node: Node, path: str, kind: str | None, slug: str | None
) -> None:
    node.publish(1, "fr", city="barcelona")
    log_, feed_ = client.get("/feed.atom").data, client.get(path).data
    part = parts.read(feed_, log_, f"{node.base_url}/feed.atom")
    assert (part and (part.kind, part.slug)) == (kind and (kind, slug))
    if part and kind == "city":
        assert part.city is not None
        assert part.city.name("fr") == "Barcelone"
