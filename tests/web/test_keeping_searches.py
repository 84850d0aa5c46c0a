"""Following a search: its feed, keeping it, and what the links of its e-mails do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from sqlalchemy import select

from network.app import create_app
from network.config import Settings
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import db
from network.saved_searches import service
from network.saved_searches.addresses import Addresses
from network.saved_searches.models import SavedSearch
from network.saved_searches.service import Wanted
from network.search import service as search
from network.web.entrance.context import services
from tests.feedcheck import atom, jsonfeed, rss
from tests.web.conftest import Node, Readers
from tests.web.officials import Official, token

CHECKERS: dict[str, Callable[..., list[str]]] = {
    "atom": atom.faults, "rss": rss.faults, "json": jsonfeed.faults,
}  # fmt: skip
BASE = "http://paris.example"
READER = "lea@mairie.example"
SAVE = "/en/searches/save?q=fontaine&topic=open-data"


def index(app: Flask) -> None:
    with app.app_context():
        search.reindex(db.session(), services().search)


def publish_fontaines(node: Node) -> None:
    """Two studies that a search finds, one in each language, and one that it does not find."""
    node.publish(1, "fr", title="Fontaine ancienne")
    node.publish(2, "en", title="A fontaine for all", city="lisbon")
    node.publish(3, "fr", title="Vélo", body_html="<p>Rien.</p>")
    index(node.app)


@pytest.fixture
def found(node: Node) -> None:
    publish_fontaines(node)


@pytest.fixture
def reader(readers: Readers) -> FlaskClient:
    """A browser of a node where these can be found, which stays so."""
    return readers(publish_fontaines)


@pytest.fixture
def posting(make_settings: Callable[..., Settings]) -> Iterator[Flask]:
    """A node with a mail server that nobody asks: the worker would."""
    values = {"smtp_host": "127.0.0.1", "smtp_from": "pionniers@paris.example"}
    made = create_app(make_settings(**values))
    made.testing = True
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("form", CHECKERS)
def test_a_search_is_a_valid_feed_newest_first(reader: FlaskClient, form: str) -> None:
    for address in (
        f"/fr/recherche.{form}?q=fontaine",
        f"/en/search.{form}?topic=open-data&q=fontaine",
    ):
        answer = reader.get(address)
        assert answer.status_code == 200
        faults = CHECKERS[form](answer.data, BASE + address, clock.now())
        assert faults == [], (address, faults)
        assert answer.text.index("A fontaine for all") < answer.text.index("Fontaine ancienne")
        assert "Vélo" not in answer.text
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        again = reader.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.usefixtures("found")
def test_a_feed_follows_the_index_as_soon_as_it_knows(
    client: FlaskClient, app: Flask, node: Node
) -> None:
    """The catalogue is ahead of the index for a moment: a feed of that moment is not kept."""
    node.publish(4, "fr", title="Fontaine neuve")
    before = client.get("/fr/recherche.atom?q=fontaine")
    assert "Fontaine neuve" not in before.text
    index(app)
    after = client.get(
        "/fr/recherche.atom?q=fontaine", headers={"If-None-Match": before.headers["ETag"]}
    )
    assert "Fontaine neuve" in after.text


@pytest.mark.parametrize(
    "q",
    ["x" * 100_000, "*" * 1000, '"', "a\ud800", "<script>&'\"", "(((", "a]]>b", "-", "é́"],
)
def test_a_hostile_search_is_a_feed_like_any_other(reader: FlaskClient, q: str) -> None:
    for form, faults in CHECKERS.items():
        answer = reader.get(f"/en/search.{form}", query_string={"q": q.encode("utf-8", "replace")})
        assert answer.status_code == 200, q[:20]
        own = answer.headers["Link"].partition(">")[0].removeprefix("<")
        assert faults(answer.data, own, clock.now()) == []
        assert len(answer.data) < 100_000


def test_without_words_the_feed_of_the_filters_answers(client: FlaskClient) -> None:
    answer = client.get("/fr/recherche.rss?city=lisbonne")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/fr/villes/lisbonne/feed.rss")


@pytest.mark.usefixtures("found")
def test_the_search_page_names_its_feeds_and_shows_how_to_follow(client: FlaskClient) -> None:
    page = html.fromstring(client.get("/fr/recherche?q=fontaine&city=paris").text)
    feeds = page.xpath('//head/link[@rel="alternate"][contains(@href, "recherche")]/@href')
    assert feeds == [
        f"/fr/recherche.{form}?city=paris&q=fontaine" for form in ("atom", "rss", "json")
    ]
    (shown,) = page.xpath('//section[@aria-labelledby="follow"]//code/text()')
    assert shown == f"http://paris.example{feeds[0]}"
    assert etree.fromstring(client.get(feeds[0]).data) is not None


def test_a_list_shows_how_to_follow_it(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    page = html.fromstring(client.get("/fr/etudes-de-cas/?city=paris").text)
    (shown,) = page.xpath('//section[@aria-labelledby="follow"]//code/text()')
    assert shown == "http://paris.example/fr/villes/paris/feed.atom"


def test_a_site_without_mail_says_so_and_offers_the_feed(client: FlaskClient, node: Node) -> None:
    page = client.get(SAVE).text
    assert "This site sends no e-mails" in page
    assert 'name="email"' not in page
    assert "http://paris.example/en/search.atom?topic=open-data&amp;q=fontaine" in page


def test_an_official_keeps_renames_and_deletes_a_search(app: Flask) -> None:
    person, other = Official(app, "author", "ines"), Official(app, "author", "luc")
    sent = person.post(SAVE, {"name": "Eau", "every": "daily"})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/en/desk/searches")
    page = person.get("/en/desk/searches").text
    assert ">Eau<" in page and "/en/search?topic=open-data&amp;q=fontaine" in page
    (row,) = rows(app)
    assert (row.every, row.due) == ("never", None)  # this node sends no mail
    act = {"handle": row.handle, "name": "L’eau", "every": "never"}
    assert other.post("/en/desk/searches", act).status_code == 404
    assert ">Eau<" not in other.get("/en/desk/searches").text
    assert person.post("/en/desk/searches", act).status_code == 303
    assert ">L’eau<" in person.get("/fr/bureau/recherches").text
    assert person.post("/en/desk/searches", act | {"name": " "}).status_code == 422
    assert other.post("/en/desk/searches", act | {"action": "remove"}).status_code == 404
    person.post("/en/desk/searches", act | {"action": "remove"})
    assert rows(app) == []


def rows(app: Flask) -> list[SavedSearch]:
    with app.app_context():
        return list(db.session.scalars(select(SavedSearch)))


def test_a_reader_is_asked_by_mail(posting: Flask) -> None:
    browser = posting.test_client()
    form = {"csrf_token": token(browser.get(SAVE)), "name": "Eau", "every": "weekly"}
    wrong = browser.post(SAVE, data=form | {"email": "nobody"})
    assert (
        wrong.status_code == 422 and "Enter a mailbox" in wrong.text and 'value="Eau"' in wrong.text
    )
    assert browser.post(SAVE, data=form | {"email": READER, "csrf_token": ""}).status_code == 400
    right = browser.post(SAVE, data=form | {"email": READER})
    assert right.status_code == 202 and "Look into your mailbox" in right.text
    (row,) = rows(posting)
    assert (row.email, row.confirmed, row.query) == (READER, None, "fontaine")
    assert row.filters == {"topic": "open-data"}
    assert "127.0.0.1" not in row.asked_from
    with posting.app_context():
        (job,) = db.session.scalars(select(Job).where(Job.kind == "search-confirm"))
    assert job.key == row.handle and READER not in repr(job.payload)


@pytest.fixture
def kept(posting: Flask, settings: Settings) -> Any:
    """Keeps a reader's search; gives its handle and its addresses."""

    def keep(name: str = "Eau", confirmed: bool = True, lang: str = "en") -> tuple[str, Addresses]:
        with posting.app_context():
            secret = posting.config["SECRET_KEY"]
            service.ask(db.session(), READER, Wanted(name, lang, "daily", "fontaine"), secret, "")
            (row,) = db.session.scalars(select(SavedSearch).where(SavedSearch.name == name))
            if confirmed:
                service.confirm(db.session(), row.handle)
            return row.handle, Addresses(services().settings, lang)

    return keep


def path(address: str) -> str:
    return address.removeprefix("http://paris.example")


def test_opening_a_link_changes_nothing_and_pressing_its_button_does(
    posting: Flask, kept: Any
) -> None:
    handle, addresses = kept(confirmed=False)
    link, browser = path(addresses.confirm(handle)), posting.test_client()
    for _again in range(2):
        assert "Yes, send me news" in browser.get(link).text
        assert rows(posting)[0].confirmed is None
    assert "The search is confirmed" in browser.post(link).text
    first = rows(posting)[0]
    assert first.confirmed and first.due and first.asked_from == ""
    assert browser.post(link).status_code == 200
    assert rows(posting)[0].confirmed == first.confirmed


def test_one_click_ends_the_mails_and_forgets_the_mailbox(posting: Flask, kept: Any) -> None:
    handle, addresses = kept(lang="fr")
    link = path(addresses.unsubscribe(handle))
    page = posting.test_client().get(link)
    assert "Se désabonner" in page.text and '<html lang="fr"' in page.text
    assert len(rows(posting)) == 1
    sent = posting.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
    assert sent.status_code == 200 and "Set-Cookie" not in sent.headers
    assert rows(posting) == []
    assert posting.test_client().post(link).status_code == 200


def test_a_reader_manages_all_searches_of_the_mailbox(posting: Flask, kept: Any) -> None:
    handle, addresses = kept("Eau")
    other, _addresses = kept("Bois")
    link, browser = path(addresses.manage(handle)), posting.test_client()
    page = browser.get(link).text
    assert ">Eau<" in page and ">Bois<" in page and READER not in page
    browser.post(link, data={"handle": other, "name": "Forêt", "every": "weekly"})
    assert {(r.name, r.every) for r in rows(posting)} == {("Eau", "daily"), ("Forêt", "weekly")}
    moved = browser.post(link, data={"handle": handle, "action": "remove"})
    assert moved.status_code == 303
    assert ">Forêt<" in browser.get(moved.headers["Location"]).text
    assert browser.get(link).status_code == 410
    last = browser.post(moved.headers["Location"], data={"handle": other, "action": "remove"})
    assert "You are unsubscribed" in last.text
    assert rows(posting) == []


def test_a_token_is_for_its_own_purpose_and_of_this_node(posting: Flask, kept: Any) -> None:
    handle, addresses = kept()
    browser = posting.test_client()
    confirming = addresses.confirm(handle).rpartition("/")[2]
    managing = addresses.manage(handle).rpartition("/")[2]
    for address in (
        f"/en/searches/manage/{confirming}", f"/searches/unsubscribe/{confirming}",
        f"/en/searches/confirm/{managing}", f"/en/searches/manage/{handle}",
        f"/en/searches/manage/{handle}.x", "/searches/unsubscribe/x",
    ):  # fmt: skip
        assert browser.get(address).status_code == 404, address
        assert browser.post(address).status_code == 404, address
    assert len(rows(posting)) == 1


def test_somebody_elses_search_is_not_managed(posting: Flask, kept: Any) -> None:
    handle, addresses = kept()
    with posting.app_context():
        service.ask(db.session(), "x@y.example", Wanted("Z", "en", "daily", "z"), "s", "")
        (row,) = db.session.scalars(select(SavedSearch).where(SavedSearch.name == "Z"))
    sent = posting.test_client().post(
        path(addresses.manage(handle)), data={"handle": row.handle, "action": "remove"}
    )
    assert sent.status_code == 404
    assert len(rows(posting)) == 2


def test_pages_whose_address_is_a_secret_are_kept_by_nobody(posting: Flask, kept: Any) -> None:
    handle, addresses = kept()
    for address in (
        addresses.manage(handle),
        addresses.confirm(handle),
        addresses.unsubscribe(handle),
    ):
        answer = posting.test_client().get(path(address))
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_addresses_in_mails_are_those_of_the_pages(
    posting: Flask, kept: Any, node: Node, lang: str
) -> None:
    node.publish(1, lang, city="lisbon")
    handle, addresses = kept(lang=lang)
    with posting.app_context():
        from network.catalogue import queries
        from network.cities import service as cities

        key = f"{node.base_url}/id/00000000-0000-4000-8000-{1:012}"
        (card,) = queries.cards(db.session(), [key], lang)
        study = addresses.study(card, cities.by_slug(db.session(), "lisbon"))
    browser = posting.test_client()
    for address in (
        study, addresses.home(), addresses.search("eau", {"city": "lisbon"}),
        addresses.search("", {"city": "lisbon"}), addresses.manage(handle),
        addresses.confirm(handle), addresses.unsubscribe(handle),
    ):  # fmt: skip
        assert browser.get(path(address)).status_code == 200, address


def test_keeping_nothing_leads_to_the_search(client: FlaskClient) -> None:
    assert client.get("/fr/recherches/enregistrer").headers["Location"] == "/fr/recherche"


def test_the_network_address_is_kept_as_a_hash(tmp_path: Path) -> None:
    assert service.hashed("a" * 32, "192.0.2.1") != service.hashed("b" * 32, "192.0.2.1")


def test_one_line_is_one_place_whichever_of_its_addresses_it_uses() -> None:
    secret, line = "a" * 32, service.hashed("a" * 32, "2001:db8:1:2::1")
    assert service.hashed(secret, "2001:db8:1:2:ffff::9") == line
    assert service.hashed(secret, "2001:db8:1:3::1") != line
    assert service.hashed(secret, "192.0.2.1") != service.hashed(secret, "192.0.2.2")
