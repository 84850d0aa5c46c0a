"""Followed sites on the pages: their pictures, names, files, and languages that we guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from sqlalchemy.orm import Session

from network.catalogue.values import Attachment
from network.following import queries
from network.following.queries import PeerView
from network.intake import troubles
from network.lib.db import db
from network.subscriptions.models import SourceIcon, Subscription
from network.web.readers import attachments
from tests.sites import Reply, Site
from tests.unit.test_icon import png
from tests.web.conftest import Node
from tests.web.officials import Official

pytestmark = pytest.mark.usefixtures("cheap_hashes")
RSS = "<rss version='2.0'><channel><title>{}</title><item><guid>a</guid><title>Un</title></item>"
FOLLOW = "/en/admin/members/follow"


@pytest.fixture
def boss(app: Flask) -> Official:
    return Official(app, "administrator", "camille")


def picture(node: Node, peer_id: int, content: bytes = png()) -> None:
    def do(session: Session) -> None:
        session.add(SourceIcon(subscription_id=peer_id, media_type="image/png", content=content))
        session.get_one(Subscription, peer_id).icon_mark = "abc"

    node.change(do)


def test_a_followed_site_s_picture_stands_beside_its_name_and_comes_from_us(
    client: FlaskClient, node: Node, boss: Official
) -> None:
    peer = node.follow()
    node.receive(peer)
    node.publish(2, topics=("mobility",), inspired_by=())
    picture(node, peer)
    for page in ("/fr/", "/fr/etudes-de-cas/", "/fr/etudes-de-cas/madrid/study-1"):
        (image,) = html.fromstring(client.get(page).text).xpath("//img[@class='source-icon']")
        assert image.get("src") == f"/icons/{peer}?v=abc"
        assert (image.get("alt"), image.get("width"), image.get("height")) == ("", "16", "16")
    for page in ("/en/admin/members", f"/en/admin/members/{peer}"):
        assert f'src="/icons/{peer}?v=abc"' in boss.get(page).text
    assert "source-icon" not in client.get("/fr/etudes-de-cas/paris/study-2").text


def test_a_picture_is_served_as_nothing_but_a_picture(client: FlaskClient, node: Node) -> None:
    peer = node.follow()
    assert client.get(f"/icons/{peer}").status_code == 404
    assert client.get("/icons/99999999999").status_code == 404
    picture(node, peer)
    lasting, current = client.get(f"/icons/{peer}?v=abc"), client.get(f"/icons/{peer}?v=old")
    assert lasting.data == current.data == png()
    assert "immutable" in lasting.headers["Cache-Control"]
    assert "immutable" not in current.headers["Cache-Control"]
    for answer in (lasting, current):
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    again = client.get(f"/icons/{peer}", headers={"If-None-Match": lasting.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_administrator_names_a_site_and_may_give_the_name_back(
    app: Flask, boss: Official
) -> None:
    def title() -> str:
        with app.app_context():
            return queries.peers(db.session())[0].title

    with Site() as site:
        site.answers["/rss"] = Reply(RSS.format("Feed of Lyon").encode() + b"</channel></rss>")
        boss.post(FOLLOW, {"address": f"{site.url}/rss"})
        assert title() == "Feed of Lyon"
        page = boss.get("/en/admin/members/1").text
        assert 'value="Feed of Lyon"' in page
        done = boss.post("/en/admin/members/1/name", {"title": " Lyon, the  city "})
        assert done.headers["Location"] == "/en/admin/members/1"
        assert "is called “Lyon, the city”" in boss.get("/en/admin/members/1").text
        site.answers["/rss"] = Reply(RSS.format("News").encode() + b"</channel></rss>")
        poll(app)
        assert title() == "Lyon, the city"
        boss.post("/en/admin/members/1/name", {"title": ""})
        poll(app)
        assert title() == "News"
        boss.post("/en/admin/members/1/name", {"title": "x" * 201})
        assert "at most 200 characters" in boss.get("/en/admin/members/1").text
        assert title() == "News"


def poll(app: Flask) -> None:
    from sqlalchemy.orm import sessionmaker

    from network.following import service
    from network.web.entrance.context import services, settings

    with app.app_context():
        service.poll(sessionmaker(db.engine), services().door, 1, settings())


SEVERAL = (
    b"<link rel=alternate type=application/rss+xml title='News (RSS)' href=/news.rss hreflang=fr>"
    b"<link rel=alternate type=application/atom+xml title='News Atom' href=news.atom hreflang=fr>"
    b"<link rel=alternate type=application/rss+xml title='Jobs <b>' href=/jobs.rss>"
    b"<link rel=alternate type=application/rss+xml title='Comments' href=/comments/feed/>"
)


@pytest.fixture
def several() -> Iterator[Site]:
    with Site() as site:
        site.answers["/"] = Reply(SEVERAL)
        for name in ("/jobs.rss", "/news.rss"):
            site.answers[name] = Reply(RSS.format(name).encode() + b"</channel></rss>")
        yield site


def test_a_page_with_several_feeds_offers_them_and_keeps_what_was_typed(
    app: Flask, boss: Official, several: Site
) -> None:
    sent = {"address": several.url, "city": "lisbon", "language": "en"}
    page = boss.post(FOLLOW, sent)
    assert page.status_code == 422
    document = html.fromstring(page.text)
    offered = [e.get("value") for e in document.xpath("//input[@name='feed']")]
    assert offered == [f"{several.url}/news.atom", f"{several.url}/jobs.rss"]
    assert document.get_element_by_id("address").get("value") == several.url
    assert document.xpath("//*[@id='city']/option[@selected]")[0].get("value") == "lisbon"
    assert document.xpath("//*[@class='error-summary']//a")[0].get("href") == "#feed"
    assert "Atom · French" in page.text
    assert "<b>" not in page.text
    hidden = {"feeds_of": document.xpath("//input[@name='feeds_of']")[0].get("value")}
    done = boss.post(FOLLOW, sent | hidden | {"feed": offered[1]})
    assert done.status_code == 303
    (found,) = peers(app)
    assert (found.url, found.city) == (offered[1], "lisbon")


def test_a_choice_is_forgotten_with_the_address_for_which_it_was_offered(
    app: Flask, boss: Official, several: Site
) -> None:
    sent = {"feeds_of": several.url, "feed": f"{several.url}/jobs.rss"}
    boss.post(FOLLOW, sent | {"address": f"{several.url}/news.rss"})
    assert [peer.url for peer in peers(app)] == [f"{several.url}/news.rss"]


def peers(app: Flask) -> list[PeerView]:
    with app.app_context():
        return queries.peers(db.session())


def test_a_language_that_nobody_said_is_shown_as_a_guess_everywhere(
    client: FlaskClient, node: Node
) -> None:
    peer = node.follow(kind="foreign")
    node.receive(peer, 1, "fr", lang_is_guess=True)
    node.receive(peer, 2, "und", title="42", slug="42")
    for page in ("/fr/", "/fr/etudes-de-cas/", "/fr/etudes-de-cas/madrid/study-1"):
        assert "langue supposée" in client.get(page).text, page
    assert "a guess" in client.get("/en/case-studies/").text
    assert "Langue inconnue" in client.get("/fr/etudes-de-cas/madrid/42").text
    (item,) = client.get("/fr/feed.json").get_json()["items"]
    assert item["_pioneer"]["language_is_guess"] is True
    links = etree.fromstring(client.get("/fr/feed.atom").data).iter("{*}link")
    (link,) = [ln for ln in links if ln.get("href", "").endswith("/paris/study-1")]
    assert link.get("hreflang") is None


FILES = (
    Attachment("https://v.example/a/rapport%20final.pdf", "application/pdf", 1_240_000),
    Attachment("https://v.example/son", "audio/mpeg", 340_000, "Écouter la séance"),
    Attachment("https://v.example/plan.webm", "application/octet-stream"),
    Attachment("https://v.example/x", "image", None, "Une fontaine <b>"),
    Attachment("https://v.example/", "", None),
)


def test_files_are_named_with_what_and_how_large_they_are(client: FlaskClient, node: Node) -> None:
    node.receive(node.follow(kind="foreign"), attachments=FILES)
    shown = {
        lang: [
            " ".join(item.text_content().split())
            for item in html.fromstring(client.get(page).text).xpath(
                "//*[@aria-labelledby='files']//li"
            )
        ]
        for lang, page in (
            ("fr", "/fr/etudes-de-cas/madrid/study-1"),
            ("en", "/en/case-studies/madrid/study-1"),
        )
    }
    assert shown["fr"] == [
        "rapport final.pdf (PDF, 1,2 Mo)",
        "Écouter la séance (Audio, 340 ko)",
        "plan.webm (Vidéo)",
        "Une fontaine <b> (Image)",
        "https://v.example/",
    ]
    assert shown["en"][0] == "rapport final.pdf (PDF, 1.2 MB)"


def test_files_travel_on_in_every_format_of_our_feeds(client: FlaskClient, node: Node) -> None:
    node.receive(node.follow(kind="foreign"), attachments=FILES)
    atom = etree.fromstring(client.get("/fr/feed.atom").data)
    links = [dict(e.attrib) for e in atom.iter("{*}link") if e.get("rel") == "enclosure"]
    assert links[0] == {
        "rel": "enclosure", "href": FILES[0].url, "type": "application/pdf", "length": "1240000",
    }  # fmt: skip
    assert links[1]["title"] == "Écouter la séance"
    assert links[4]["type"] == "application/octet-stream"
    (enclosure,) = etree.fromstring(client.get("/fr/feed.rss").data).iter("enclosure")
    assert dict(enclosure.attrib) == {
        "url": FILES[0].url, "length": "1240000", "type": "application/pdf",
    }  # fmt: skip
    (item,) = client.get("/fr/feed.json").get_json()["items"]
    assert item["attachments"][1] == {
        "url": FILES[1].url, "mime_type": "audio/mpeg", "title": "Écouter la séance",
        "size_in_bytes": 340_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "declared", "kind"),
    [
        ("https://a.example/a.pdf", "", "PDF"),
        ("https://a.example/a", "application/pdf; charset=binary", "PDF"),
        ("https://a.example/a.ods", "", "Spreadsheet"),
        ("https://a.example/a", "application/vnd.ms-excel", "Spreadsheet"),
        ("https://a.example/a", "text/csv", "Spreadsheet"),
        ("https://a.example/a", "text/plain", "Text"),
        ("https://a.example/a", "application/msword", "Document"),
        ("https://a.example/a", "application/vnd.oasis.opendocument.text", "Document"),
        ("https://a.example/a",
         "application/vnd.openxmlformats-officedocument.presentationml.presentation",
         "Presentation"),
        ("https://a.example/a.zip", "", "Archive"),
        ("https://a.example/a.exe", "application/x-msdownload", ""),
        ("https://a.example/", "nonsense", ""),
    ],
)  # fmt: skip
def test_a_file_s_kind_is_told_by_its_type_or_its_name(
    app: Flask, url: str, declared: str, kind: str
) -> None:
    with app.test_request_context("/en/"):
        app.preprocess_request()
        (shown,) = attachments.show([Attachment(url, declared)])
    assert shown.kind == kind


def test_items_that_are_not_as_they_should_be_are_named_on_the_feed_s_page(
    node: Node, boss: Official
) -> None:
    said = {"title": "Le <plan>", "url": "https://v.example/plan", "message": troubles.NOT_STORED}
    cut = {"title": "Le rapport", "url": "", "message": troubles.CUT, "id": "b"}
    since = {"since": "2026-03-01T12:00:00+00:00"}
    peer = node.follow(kind="foreign", troubles=[{**said, **since, "id": "a"}, {**cut, **since}])
    page = boss.get(f"/en/admin/members/{peer}").text
    assert "2 items of this feed are not as they should be" in page
    assert '<a href="https://v.example/plan" rel="external nofollow">Le &lt;plan&gt;</a>' in page
    assert "This node could not store it" in page
    assert "Le rapport – Its text is longer" in page
    assert "Since 1 March 2026" in page
    french = boss.get(f"/fr/admin/membres/{peer}").text
    assert "2 éléments de ce flux présentent un défaut" in french


UNDATED = "Date unknown · received on 3 March 2026"
SANS_DATE = "Date inconnue · reçue le 3 mars 2026"


def texts(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


@pytest.mark.parametrize(
    ("lang", "said", "studies", "frame"),
    [("en", UNDATED, "case-studies", "embed"), ("fr", SANS_DATE, "etudes-de-cas", "integrer")],
)
def test_a_date_that_nobody_knows_is_said_to_be_unknown_wherever_dates_are(
    client: FlaskClient, node: Node, lang: str, said: str, studies: str, frame: str
) -> None:
    came = datetime(2026, 3, 3, 9, 30, 5, tzinfo=UTC)
    peer = node.follow(kind="foreign")
    node.receive(peer, 1, lang, published=came, updated=came, date_is_unknown=True)
    for address in ("", f"{studies}/", f"{studies}/madrid/study-1", frame):
        page = texts(client.get(f"/{lang}/{address}").text)
        assert said in page, address
        assert "Published on" not in page
        assert "Publiée le" not in page
    assert said in client.get(f"/en/feeds?language={lang}").text  # what is to be pasted
    feed = etree.fromstring(client.get(f"/{lang}/feed.atom").data)
    (entry,) = feed.iter("{*}entry")
    assert entry.find("{*}published") is None
    assert entry.findtext("{*}updated") == "2026-03-03T09:30:05Z"
    assert "<pubDate>" not in client.get(f"/{lang}/feed.rss").text
    assert "date_published" not in client.get(f"/{lang}/feed.json").json["items"][0]


def test_a_date_that_nobody_knows_is_an_empty_cell(client: FlaskClient, node: Node) -> None:
    peer = node.follow(kind="foreign")
    node.receive(peer, 1, date_is_unknown=True)
    node.receive(peer, 2)
    answer = client.get("/en/case-studies.csv")
    dated, undated = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    answer.close()
    assert (undated["Published"], undated["Updated"]) == ("", "")
    assert (dated["Published"], dated["Updated"]) == ("2026-03-04", "2026-03-04")
