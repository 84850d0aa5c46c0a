"""Every feed, in both languages and all formats, has nothing against it in the specifications.

tests/feedcheck is our own reading of them: what the W3C feed validator calls an error or a warning,
JSON Feed 1.1 and OPML 2.0. Two things are left: our elements in the log, which no validator knows,
and languages of a study that change in the same second there, as the protocol has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from network.catalogue import store
from network.catalogue.values import Facts, Link
from network.feeds.addresses import uri
from network.lib import clock
from network.lib.sanitise import sanitise_html
from tests.feedcheck import atom, jsonfeed, opml, rss
from tests.web.conftest import START, Node, Readers, make_version

BASE = "http://paris.example"
CHECKERS: dict[str, Callable[..., list[str]]] = {
    "atom": atom.faults, "rss": rss.faults, "json": jsonfeed.faults,
}  # fmt: skip
MEDIA_TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
FEEDS = [
    "/fr/feed.{}", "/en/feed.{}", "/fr/feed.{}?scope=own",
    "/fr/thematiques/donnees-ouvertes/feed.{}",
    "/en/topics/open-data/feed.{}?scope=own", "/fr/villes/paris/feed.{}",
    "/en/cities/lisbon/feed.{}", "/fr/feed.{}?topic=donnees-ouvertes&city=paris",
    "/fr/feed.{}?topic=donnees-ouvertes&city=paris&scope=own", "/en/feed.{}?status=running",
    "/fr/thematiques/jeunesse/feed.{}", "/fr/feed.{}?country=FR&year=2014",
]  # fmt: skip
BODY = (
    '<p>Voir <a href="#results">plus bas</a>, <a href="/autre?a=1&b=2">ailleurs</a>, '
    '<a href="mailto:a@b.example">écrire</a>.</p><section id="results"><h2>Résultats</h2>'
    "<table><tr><th scope=col>A</th><td>1 &lt; 2</td></tr></table><details><summary>S</summary>x"
    '</details><script>alert(1)</script><img src="/p.png" alt="Plan"><iframe src="x"></iframe>'
    '<p style="color:red" onclick="x()" class="y">fin<br>&amp; suite</section>'
)
AWKWARD = "1 < 2 & « deux » > 0 ]]> 'un' \"deux\" &amp; &lt;b&gt; \u2028 é 😀"


def fill(node: Node) -> None:
    """Own and followed studies, plain and awkward, in both languages."""
    body = str(sanitise_html(BODY, f"{BASE}/fr/etudes-de-cas/paris/x"))
    same = START + timedelta(days=2)
    for number in (1, 2):
        for lang in ("fr", "en"):
            node.publish(number, lang, body_html=body, published=same, updated=same)
    node.publish(3, title=AWKWARD, summary=AWKWARD, facts=Facts(authors=("A & B <C>",)))
    node.publish(4, body_html="", facts=Facts(licence="CC-BY-4.0"))
    node.publish(5, title="x" * 500, city=None, facts=Facts(status="running"), topics=())
    node.publish(6, "en", city="lisbon", facts=Facts(status="running", licence="something else"))
    madrid = node.follow(
        "Madrid & <Co>", url="http://madrid.example/feed.atom", origin="http://madrid.example",
        site_url="http://madrid.example/é à",
    )  # fmt: skip
    awkward = 'http://madrid.example/é à/{x}|^`?q=a b&c="d"<>[1]%zz#ü'
    node.receive(
        madrid, 11, url=awkward, inspired_by=(Link("http://münchen.example/a b", "A & B"),)
    )
    node.receive(madrid, 12, "en", body_html=body, published=same, updated=same)
    blog = node.follow("", kind="foreign", url="http://blog.example/rss?a=1&b=2", site_url="")
    foreign: dict[str, Any] = {"city": None, "topics": (), "inspired_by": (), "facts": Facts()}
    for number, entry_id in enumerate(("12345", "tag:blog.example,2020:7", "Ã guid with spaces")):
        version = make_version("http://blog.example", 20 + number, "fr", **foreign)
        version = replace(version, entry_id=entry_id, study_key=entry_id, summary="", body_html="")
        node.change(
            lambda s, v=version: store.put(s, v, source_id=blog, received=v.published, country=None)
        )


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a year after what `fill` publishes."""
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=200))


@pytest.fixture
def filled(later: None, node: Node) -> Node:
    fill(node)
    return node


def publish_some(node: Node, number: int) -> None:
    for each in range(number):
        node.publish(each, "en", city="lisbon")


def got(client: FlaskClient, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.data


@pytest.mark.parametrize("form", CHECKERS)
@pytest.mark.parametrize("address", FEEDS)
def test_every_feed_is_free_of_faults(
    later: None, readers: Readers, address: str, form: str
) -> None:
    path = address.format(form)
    answer = readers(fill).get(path)
    assert answer.headers["Content-Type"] == MEDIA_TYPES[form]
    assert CHECKERS[form](answer.data, BASE + path, clock.now()) == []


@pytest.mark.parametrize("form", CHECKERS)
@pytest.mark.parametrize("address", ["/fr/feed.{}", "/en/cities/lisbon/feed.{}?scope=own"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_feed_without_entries_or_with_one_is_free_of_faults(
    readers: Readers, number: int, address: str, form: str
) -> None:
    path = address.format(form)
    assert CHECKERS[form](got(readers(publish_some, number), path), BASE + path, clock.now()) == []


def test_the_newest_come_first_and_fifty_at_most(client: FlaskClient, node: Node) -> None:
    node.publish_many(range(53))
    document = got(client, "/fr/feed.atom")
    assert atom.faults(document, f"{BASE}/fr/feed.atom", clock.now()) == []
    dates = [
        e.text for e in etree.fromstring(document).iter("{http://www.w3.org/2005/Atom}published")
    ]
    assert len(dates) == 50
    assert dates == sorted(dates, reverse=True)


def test_entries_of_one_second_get_dates_of_their_own_that_stay(
    client: FlaskClient, filled: Node
) -> None:
    def dates() -> dict[str, str]:
        feed = etree.fromstring(got(client, "/fr/feed.atom"))
        space = {"a": "http://www.w3.org/2005/Atom"}
        return {
            e.findtext("a:id", "", space): e.findtext("a:updated", "", space)
            for e in feed.findall("a:entry", space)
        }

    first = dates()
    assert len(set(first.values())) == len(first)
    filled.publish(50)
    assert {id_: date for id_, date in dates().items() if id_ in first} == first


def test_a_followed_entry_says_its_source_in_every_format(later: None, readers: Readers) -> None:
    client = readers(fill)
    feed = etree.fromstring(got(client, "/fr/feed.atom"))
    sources = [
        (s.findtext("{*}id"), s.findtext("{*}title"), s.find("{*}updated") is not None)
        for s in feed.iter("{http://www.w3.org/2005/Atom}source")
    ]
    assert ("http://madrid.example/feed.atom", "Madrid & <Co>", True) in [
        (i, (t or "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), u)
        for i, t, u in sources
    ]
    assert len(sources) == 4
    items = etree.fromstring(got(client, "/fr/feed.rss")).findall("channel/item/source")
    assert sorted({item.get("url") for item in items}) == [
        "http://blog.example/rss?a=1&b=2",
        "http://madrid.example/feed.atom",
    ]
    followed = [i for i in client.get("/fr/feed.json").get_json(force=True)["items"]
                if "source" in i["_pioneer"]]  # fmt: skip
    assert len(followed) == 4
    assert all(item["external_url"] == item["url"] for item in followed)


def test_what_is_blocked_or_withdrawn_is_in_no_feed(client: FlaskClient, node: Node) -> None:
    madrid = node.follow("Madrid")
    node.receive(madrid, 1, title="Kept back")
    gone = node.publish(2, title="Taken down")
    node.change(lambda session: store.show_source(session, madrid, False))
    node.withdraw(gone)
    for form in CHECKERS:
        for lang in ("fr", "en"):
            text = got(client, f"/{lang}/feed.{form}").decode()
            assert "Kept back" not in text
            assert "Taken down" not in text


def test_the_log_is_free_of_faults(client: FlaskClient, filled: Node) -> None:
    for number, lang in product((1, 2), ("fr", "en")):  # no two of the log have one date
        at = START + timedelta(days=2, seconds=2 * number + (lang == "en"))
        filled.publish(number, lang, published=at, updated=at)
    for number in range(60, 170):
        version = filled.publish(number)
        if number % 7 == 0:
            filled.withdraw(version, "Publié <b>par</b> erreur & « à tort »")
    address = "/feed.atom"
    seen = []
    while address:
        document = got(client, address)
        assert atom.faults(document, BASE + address, clock.now(), log=True) == [], address
        feed = etree.fromstring(document)
        seen.append(address)
        links = feed.iterchildren("{http://www.w3.org/2005/Atom}link")
        previous = [link.get("href") for link in links if link.get("rel") == "prev-archive"]
        address = previous[0].removeprefix(BASE) if previous else ""
    assert len(seen) >= 2
    assert client.get("/feed.atom").headers["Content-Type"] == MEDIA_TYPES["atom"]


def test_an_empty_log_is_free_of_faults(client: FlaskClient) -> None:
    found = atom.faults(got(client, "/feed.atom"), f"{BASE}/feed.atom", clock.now(), log=True)
    assert found == []


def test_the_list_of_sites_is_free_of_faults(client: FlaskClient, filled: Node) -> None:
    filled.follow("Seoul", language="ko", city="seoul", url="http://seoul.example/feed.atom")
    filled.follow("Gone", state="gone", url="http://gone.example/feed.atom")
    filled.follow("Blocked", state="blocked", url="http://blocked.example/feed.atom")
    answer = client.get("/network.opml")
    assert answer.headers["Content-Type"] == "text/x-opml; charset=utf-8"
    assert opml.faults(answer.data, clock.now()) == []
    outlines = list(etree.fromstring(answer.data).iter("outline"))
    listed = {o.get("xmlUrl"): o for o in outlines if o.get("xmlUrl")}
    assert list(listed) == [
        f"{BASE}/feed.atom", "http://madrid.example/feed.atom", "http://seoul.example/feed.atom",
        "http://blog.example/rss?a=1&b=2",
    ]  # fmt: skip
    assert listed[f"{BASE}/feed.atom"].get("category") == "pioneer-cities,/city/paris"
    assert listed["http://seoul.example/feed.atom"].get("category") == "pioneer-cities,/city/seoul"
    assert listed["http://blog.example/rss?a=1&b=2"].get("category") is None
    assert listed["http://seoul.example/feed.atom"].get("language") == "ko"
    assert client.get("/network.opml").data == answer.data
    assert b"<dateModified>" in answer.data
    assert b"<ownerId>http://paris.example/</ownerId>" in answer.data


def test_a_list_of_this_site_alone_is_free_of_faults(client: FlaskClient) -> None:
    assert opml.faults(got(client, "/network.opml"), clock.now()) == []


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("https://a.example/x?y=1&z=2#w", "https://a.example/x?y=1&z=2#w"),
        ("https://a.example/a b", "https://a.example/a%20b"),
        ("https://a.example/é%20%C3%A9%zz", "https://a.example/%C3%A9%20%C3%A9%25zz"),
        ("https://münchen.example:8080/", "https://xn--mnchen-3ya.example:8080/"),
        ('https://a.example/?q=[1]|"<>', "https://a.example/?q=%5B1%5D%7C%22%3C%3E"),
        ("", ""),
    ],
)
def test_addresses_are_written_in_the_characters_of_a_uri(given: str, written: str) -> None:
    assert uri(given) == written
    assert uri(written) == written


# The checkers themselves can find something


GOOD = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        ("atom", b"<updated>", b"<updated>x"), ("atom", b'rel="self"', b'rel="selv"'),
        ("atom", b"/fr/feed.atom", b"/en/feed.atom"), ("atom", b"<title", b"<titel"),
        ("atom", b"&lt;p&gt;", b"&lt;script&gt;&lt;/script&gt;&lt;p&gt;"),
        ("atom", b"&lt;p&gt;", b"&lt;p onclick='x'&gt;"),
        ("atom", b'&lt;a href="http', b'&lt;a href="/x'), ("atom", b"&lt;/p&gt;", b""),
        ("atom", b'xml:lang="fr"', b'xml:lang="xx"'), ("atom", b"<id>http", b"<id> http"),
        ("atom", b'hreflang="fr"', b'hreflang="francais"'), ("atom", b"48.85", b"148.85"),
        ("rss", b"<pubDate>", b"<pubDate>Mon, "), ("rss", b"GMT", b"CET"),
        ("rss", b'isPermaLink="false"', b'isPermaLink="no"'), ("rss", b'version="2.0"', b""),
        ("rss", b"<guid ", b"<quid "), ("rss", b'rel="self"', b'rel="alternate"'),
        ("rss", b"<item>\n<title>", b"<item>\n<title>&lt;b&gt;x&lt;/b&gt;"),
        ("json", b'"id":', b'"di":'), ("json", b"version/1.1", b"version/1"),
        ("json", b'"content_html":"', b'"content_html":"<style>'),
        ("json", b'"date_published":"', b'"date_published":"on '),
        ("json", b'"_pioneer"', b'"pioneer"'), ("json", b'"language":"fr"', b'"language":1'),
    ],
)  # fmt: skip
def test_a_fault_that_is_put_into_a_feed_is_found(
    readers: Readers, form: str, old: bytes, new: bytes
) -> None:
    document = got(readers(Node.publish, 1), f"/fr/feed.{form}")
    assert old in document
    try:
        broken = document.replace(old, new)
        found = CHECKERS[form](broken, f"{BASE}/fr/feed.{form}", GOOD)
    except etree.XMLSyntaxError as error:
        found = [str(error)]
    assert found
