"""What partners paste: a frame that any site may show, and HTML without script or style."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import event

from network.catalogue import store
from network.lib.db import db
from tests.web.conftest import Node
from tests.web.officials import Official

BASE = "http://paris.example"
NASTY = "<script>alert(1)</script>\"'&{{ 7*7 }}</textarea></iframe>"


def shown(client: FlaskClient, address: str) -> list[str]:
    page = client.get(address)
    assert page.status_code == 200
    return [a.text for a in html.fromstring(page.data).xpath("//li/a")]


def policy(response) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {part.split(" ", 1)[0]: part.split(" ", 1)[1] for part in parts}


def test_the_frame_shows_the_newest_in_its_language_under_its_filters(
    client: FlaskClient, node: Node
) -> None:
    for number in range(1, 8):
        node.publish(number, city="lisbon" if number % 2 else "paris")
    node.publish(7, "en", city="lisbon")
    assert shown(client, "/fr/integrer") == [f"Étude {n}" for n in (7, 6, 5, 4, 3)]
    assert shown(client, "/fr/integrer?count=3&city=lisbonne") == ["Étude 7", "Étude 5", "Étude 3"]
    assert shown(client, "/fr/integrer?topic=donnees-ouvertes&count=20")[-1] == "Étude 1"
    assert shown(client, "/fr/integrer?topic=jeunesse") == []
    assert shown(client, "/en/embed") == ["Study 7"]


def test_a_followed_study_is_shown_with_its_place_and_leads_to_its_origin(
    client: FlaskClient, node: Node
) -> None:
    madrid = node.follow("Madrid")
    version = node.receive(madrid, 1)
    page = client.get("/fr/integrer")
    (link,) = html.fromstring(page.data).xpath("//li/a")
    assert link.get("href") == version.url
    assert "Madrid · <time" in page.text
    assert shown(client, "/fr/integrer?scope=own") == []
    node.change(lambda session: store.show_source(session, madrid, False))
    assert shown(client, "/fr/integrer") == []


def test_only_the_frame_may_stand_on_other_sites_and_it_carries_nothing(
    app: Flask, client: FlaskClient, node: Node
) -> None:
    node.publish(1)
    response = client.get("/fr/integrer", headers={"Referer": f"{BASE}/en/feeds"})
    assert policy(response) == {
        "default-src": "'none'",
        "style-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "*",
    }
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for element in ("script", "form", "img", "iframe", "base"):
        assert html.fromstring(response.data).xpath(f"//{element}") == []
    for page in ("/fr/", "/fr/flux", "/fr/compte/connexion"):
        assert policy(client.get(page))["frame-ancestors"] == "'none'", page


def test_who_is_signed_in_sees_the_same_frame_as_everybody(
    app: Flask, client: FlaskClient, node: Node
) -> None:
    node.publish(1)
    boss = Official(app, "administrator", "camille").get("/fr/integrer")
    assert boss.data == client.get("/fr/integrer").data
    assert boss.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in boss.headers


def test_every_link_leaves_the_frame_safely(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    links = html.fromstring(client.get("/en/embed?count=3").data).xpath("//a")
    links += html.fromstring(client.get("/fr/integrer").data).xpath("//a")
    assert len(links) >= 4
    for link in links:
        assert (link.get("target"), link.get("rel")) == ("_top", "noopener")
        assert link.get("href").startswith(BASE)


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_frame_is_light_dark_or_as_the_reader_has_it(reader: FlaskClient, theme: str) -> None:
    page = html.fromstring(reader.get(f"/en/embed?theme={theme}").data)
    assert page.get("data-theme") == theme
    scheme = page.xpath("//meta[@name='color-scheme']/@content")
    assert scheme == ["light dark" if theme == "auto" else theme]


@pytest.mark.parametrize(
    "query",
    ["theme=neon", "count=0", "count=21", "count=-1", "count=", "count=٣", "count=1e3",
     "count=99999999999", "scope=all", "status=unknown", "year=19"],
)  # fmt: skip
def test_what_is_not_offered_is_refused(reader: FlaskClient, query: str) -> None:
    assert reader.get(f"/en/embed?{query}").status_code == 400


def test_an_unchanged_frame_is_304_and_nothing_is_read(
    client: FlaskClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.publish(1)
    first = client.get("/fr/integrer")
    monkeypatch.setattr("network.feeds.select.newest", None)
    again = client.get("/fr/integrer", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    monkeypatch.undo()
    node.publish(2)
    again = client.get("/fr/integrer", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200


def test_whatever_others_write_stays_text(client: FlaskClient, node: Node) -> None:
    madrid = node.follow(NASTY, url="http://m.example/feed.atom", origin="http://m.example",
                         site_url="http://m.example/")  # fmt: skip
    node.receive(madrid, 1, title=NASTY, city=None, url="http://m.example/?a=1&b=\"'<x>")
    node.receive(madrid, 2, title="No page", city=None, url="javascript:alert(1)")
    page = client.get("/fr/integrer")
    assert "<script" not in page.text
    assert shown(client, "/fr/integrer") == [NASTY]
    assert "javascript:" not in page.text
    picker = client.get("/en/feeds?language=fr")
    document = html.fromstring(picker.data)
    (code,) = document.xpath("//textarea[@id='snippet']")
    pasted = html.fragment_fromstring(code.text.strip())
    assert pasted.xpath("//script") == []
    assert [a.text for a in pasted.xpath("//li/a")] == [NASTY]
    assert "<script>alert" not in picker.text


def test_the_picker_offers_both_for_the_choices_made(client: FlaskClient, node: Node) -> None:
    for number in range(1, 5):
        node.publish(number, city="lisbon")
    page = client.get(
        "/en/feeds?language=fr&topic=open-data&city=lisbon&scope=own&count=3&theme=dark"
    )
    document = html.fromstring(page.data)
    (frame,) = html.fragments_fromstring(document.xpath("//textarea[@id='frame']")[0].text.strip())
    query = "topic=donnees-ouvertes&city=lisbonne&scope=own&count=3&theme=dark"
    assert frame.get("src") == f"{BASE}/fr/integrer?{query}"
    assert frame.get("title") == "Villes pionnières – Données ouvertes, Lisbonne, Ce site seulement"
    assert frame.get("lang") == "fr"
    (preview,) = document.xpath("//iframe")
    assert frame.get("src") == BASE + preview.get("src")
    assert preview.get("title")
    assert policy(page)["frame-src"] == "'self'"
    pasted = html.fragment_fromstring(document.xpath("//textarea[@id='snippet']")[0].text.strip())
    assert pasted.get("lang") == "fr"
    assert len(pasted.xpath("//li")) == 3
    assert pasted.xpath("//time/@datetime")[0] == "2026-03-06"
    for element in pasted.iter():
        assert not {"style", "class", "id", "onclick"} & set(element.attrib)
    kept = "count=3&amp;theme=dark"
    assert re.search(rf'href="/fr/flux\?[^"]*{kept}"', page.text)
    assert shown(client, preview.get("src")) == ["Étude 4", "Étude 3", "Étude 2"]


def test_the_picker_in_one_language_stays_in_it(client: FlaskClient, node: Node) -> None:
    node.publish(1)
    page = client.get("/en/feeds?language=fr")
    assert 'lang="en"' in page.text[:200]
    document = html.fromstring(page.data)
    (pasted,) = document.xpath("//textarea[@id='snippet']")
    assert "Toutes les études de cas" in pasted.text
    assert "Feeds" in document.xpath("//h1")[0].text


def test_a_frame_costs_the_same_number_of_questions_however_much_it_holds(
    client: FlaskClient, node: Node
) -> None:
    asked: list[str] = []
    with node.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def cost() -> int:
        asked.clear()
        assert client.get("/fr/integrer?count=20").status_code == 200
        return len(asked)

    node.publish(1)
    few = cost()
    for number in range(2, 12):
        node.publish(number)
    assert cost() == few
