"""A member and an ordinary feed that mean harm: whatever they send, no page and no feed of ours
carries a script, a tracking pixel, or a link that is none (attacks 28–32)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from lxml import etree, html
from sqlalchemy.orm import Session

from network.catalogue.values import Facts, Link
from network.config import Settings
from network.following import service as subscriptions
from network.lib.db import db, writing
from network.log import service as log
from network.log.entry import entry_xml
from network.subscriptions.policy import open_door
from tests.sites import Node as Member
from tests.sites import Reply, Site
from tests.web.officials import Official

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>"
BODY = (
    f"{SCRIPT}<p onclick=alert(1) style='position:fixed'>Words</p>"
    '<a href="javascript:alert(1)">a</a><a href="data:text/html,x">b</a><a href="//evil">c</a>'
    '<iframe src="https://evil.example"></iframe><form action="https://evil.example"><input></form>'
    '<img src="https://evil.example/pixel.gif" width=1 height=1 alt="">'
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>"
)
TITLE = f"Title {SCRIPT}"
URLS = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
        "java\tscript:alert(1)", "https://user:pass@evil.example/")  # fmt: skip


def check_page(text: str, where: str) -> None:
    """Nothing in a page runs, tracks or frames but what is ours."""
    for element in html.fromstring(text).iter(etree.Element):
        tag = element.tag
        assert tag not in ("object", "embed", "base", "style", "math", "frame"), where
        if tag == "script":
            assert element.get("src", "").startswith("/static/"), where
            assert not (element.text or "").strip(), where
        for name, value in element.items():
            assert not name.startswith("on"), (where, name)
            assert name != "style" or tag == "svg", (where, value)
            if name in ("href", "src", "action", "formaction"):
                check_address(value, where)
            if name == "src":
                ours = ("/en/embed", "/fr/integrer") if tag == "iframe" else ("/static/",)
                assert value.startswith(ours), (where, value)
            if name in ("action", "formaction"):
                assert value.startswith("/"), (where, value)


def check_address(value: str, where: str) -> None:
    parts = urlsplit(value)
    assert parts.scheme in ("", "http", "https", "mailto"), (where, value)
    assert "@" not in parts.netloc, (where, value)


def check_fragment(text: str, where: str) -> None:
    check_page(f"<div>{text}</div>", where)


@pytest.fixture
def member(tmp_path: Path) -> Iterator[Member]:
    """A member whose entry says the worst in every place, with a digest that is right."""
    with Member(tmp_path, "Evil", "evilville") as site:
        version = site.version(
            1, "en", title=TITLE, summary=TITLE, city="evilville",
            facts=Facts(
                partners=(TITLE,), authors=(TITLE,), evidence=(Link("http://a.example/e", TITLE),),
                licence="http://a.example/l",
            ),
            inspired_by=(Link("http://a.example/i", TITLE),),
            contact_role=TITLE, legal_basis=TITLE,
        )  # fmt: skip
        xml = entry_xml(version, TITLE)
        for place, url in zip(("e", "l", "i"), URLS, strict=False):
            assert f"http://a.example/{place}".encode() in xml
            xml = xml.replace(f"http://a.example/{place}".encode(), _escaped(url))
        xml = xml.replace(version.url.encode(), _escaped(URLS[0]))
        xml = xml.replace(b"&lt;p&gt;All about practice 1.&lt;/p&gt;", _escaped(BODY))
        assert _escaped(BODY) in xml
        with Session(site.engine) as session, writing(session):
            log.record(session, version.entry_id, f"{version.updated:%Y-%m-%dT%H:%M:%SZ}", xml)
        site.publish(2, title=TITLE, summary=TITLE, body_html=BODY)
        site.name = TITLE
        yield site


def _escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace(
        '"', "&quot;").replace("\t", "&#9;").encode()  # fmt: skip


@pytest.fixture
def feed() -> Iterator[Site]:
    """An RSS feed that says the worst in every place."""
    items = "".join(
        f"<item><title><![CDATA[{TITLE}]]></title><link>{_escaped(url).decode()}</link>"
        f"<guid isPermaLink='true'>{_escaped(url).decode()}#{number}</guid>"
        f"<author>a@b.example (<![CDATA[{TITLE}]]>)</author>"
        f"<category><![CDATA[{TITLE}]]></category>"
        f"<description><![CDATA[{BODY}]]></description>"
        f"<enclosure url='{_escaped(url).decode()}' type='audio/mpeg' length='1'/></item>"
        for number, url in enumerate(URLS)
    )
    document = (
        f"<rss version='2.0'><channel><title><![CDATA[{TITLE}]]></title>"
        f"<link>javascript:alert(1)</link><description><![CDATA[{BODY}]]></description>"
        f"<image><url>javascript:alert(1)</url></image>{items}</channel></rss>"
    )
    with Site() as site:
        site.answers["/rss"] = Reply(
            document.encode(), headers={"Content-Type": "application/rss+xml"}
        )
        yield site


@pytest.fixture
def infected(app: Flask, settings: Settings, member: Member, feed: Site) -> Flask:
    """A node that follows both."""
    with app.app_context(), open_door(settings) as door:
        session: Session = db.session()
        for address in (f"{member.url}/feed.atom", f"{feed.url}/rss"):
            found = subscriptions.follow(session, door, address, settings)
            assert found.error is None or "alert" not in found.error
    return app


def addresses(app: Flask) -> list[str]:
    """Every page and feed that may show what the peers sent."""
    client = app.test_client()
    lists = [
        f"/{lang}/{page}" if lang == "en" else f"/fr/{french}"
        for lang in ("en", "fr")
        for page, french in (
            ("", ""), ("case-studies/", "etudes-de-cas/"), ("topics/", "thematiques/"),
            ("cities/", "villes/"), ("about", "a-propos"), ("feeds", "flux"),
            ("search?q=title", "recherche?q=title"), ("embed?count=20", "integrer?count=20"),
        )
    ]  # fmt: skip
    studies = {
        link
        for page in ("/en/case-studies/", "/fr/etudes-de-cas/")
        for link in html.fromstring(client.get(page).text).xpath("//article//a/@href")
        if len(link.split("/")) > 4
    }
    assert studies, "something was taken in"
    lineages = {s + ("/lineage" if s.startswith("/en") else "/filiation") for s in studies}
    return [*lists, *sorted(studies), *sorted(lineages)]


def test_no_page_shows_more_than_words(infected: Flask) -> None:
    client = infected.test_client()
    for address in addresses(infected):
        answer = client.get(address)
        assert answer.status_code == 200, address
        check_page(answer.text, address)
        assert "evil.example/pixel" not in answer.text, address


def test_no_page_of_an_administrator_does_either(infected: Flask) -> None:
    boss = Official(infected, "administrator", "camille")
    for address in ("/en/admin/members", "/en/admin/members/1", "/en/admin/members/2",
                    "/en/admin/members/1/unfollow", "/fr/admin/taches", "/fr/bureau/"):  # fmt: skip
        answer = boss.get(address)
        assert answer.status_code == 200, address
        check_page(answer.text, address)


def test_our_feeds_pass_nothing_of_it_on(infected: Flask) -> None:
    client = infected.test_client()
    for lang in ("en", "fr"):
        for form in ("atom", "rss"):
            document = client.get(f"/{lang}/feed.{form}").data
            for element in etree.fromstring(document).iter(etree.Element):
                where = f"{form} {element.tag}"
                name = etree.QName(element).localname
                if name in ("link", "enclosure", "content", "id", "guid", "comments"):
                    for value in (element.get("href"), element.get("url"), element.get("src")):
                        check_address(value or "", where)
                if name == "link" and element.text:
                    check_address(element.text.strip(), where)
                if element.get("type") == "html" or name in ("description", "encoded"):
                    check_fragment(element.text or "", where)
        check_json(json.loads(client.get(f"/{lang}/feed.json").data))
    opml = etree.fromstring(client.get("/network.opml").data)
    for outline in opml.iter("outline"):
        for name in ("xmlUrl", "htmlUrl"):
            check_address(outline.get(name, ""), name)


def check_json(value: Any, name: str = "") -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            check_json(inner, key)
    elif isinstance(value, list):
        for inner in value:
            check_json(inner, name)
    elif name in ("url", "external_url", "home_page_url", "feed_url"):
        check_address(str(value), name)
    elif name == "content_html":
        check_fragment(str(value), name)
