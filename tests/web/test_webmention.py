"""The endpoint, how study pages name it, and the page on which people decide about mentions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from network.adoptions.models import Mention, SentMention
from network.adoptions.webmention import receiving
from network.case_studies import publish as publication
from network.catalogue.values import Link
from network.lib import clock
from network.lib.db import db
from tests.web.conftest import Node
from tests.web.officials import Official
from tests.writing import draft, publish_in

ENDPOINT = "http://paris.example/webmention"
NAMED = f'<{ENDPOINT}>; rel="webmention"'
SOURCE = "https://ghent.example/post"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def study(node: Node) -> str:
    """The address of a study's page."""
    return node.publish(1).url


@pytest.fixture
def editor(app: Flask) -> Official:
    return Official(app, "editor", "louis")


def path(address: str) -> str:
    return address.removeprefix("http://paris.example")


def mentions(app: Flask) -> list[Mention]:
    with app.app_context():
        return list(db.session.scalars(select(Mention)))


def post(client: FlaskClient, source: str, target: str, **headers: str) -> Any:
    return client.post("/webmention", data={"source": source, "target": target}, headers=headers)


def add(node: Node, number: int = 1, **values: Any) -> int:
    """A mention in the database, as if a worker had seen its source; gives its number."""
    given: dict[str, Any] = {
        "source": f"https://ghent.example/{number}", "target": "http://paris.example/x",
        "study_key": "http://paris.example/id/00000000-0000-4000-8000-000000000001",
        "host": "ghent.example", "state": "waiting", "title": f"Page {number}",
        "excerpt": "We did it too.", "digest": f"{number:064}", "received": clock.now(),
    } | values  # fmt: skip

    def do(session: Any) -> int:
        row = Mention(**given)
        session.add(row)
        session.flush()
        return row.id

    found: int = node.change(do)
    return found


def test_a_page_of_our_own_study_names_the_endpoint_in_header_and_head(
    client: FlaskClient, study: str
) -> None:
    for _ in range(3):  # made, and kept
        answer = client.get(path(study))
        assert NAMED in answer.headers.getlist("Link")
        links = html.fromstring(answer.data).xpath('//head/link[@rel="webmention"]/@href')
        assert links == [ENDPOINT]
    etag = answer.headers["ETag"]
    unchanged = client.get(path(study), headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    assert client.head(path(study)).headers.getlist("Link").count(NAMED) == 1


def test_who_is_signed_in_is_told_as_well(study: str, editor: Official) -> None:
    assert NAMED in editor.get(path(study)).headers.getlist("Link")


def test_pages_of_followed_studies_and_other_pages_name_none(
    client: FlaskClient, node: Node, study: str
) -> None:
    followed = node.receive(node.follow(), 2, slug="followed", city="madrid")
    client.get(path(study))
    for address in (
        f"/fr/etudes-de-cas/madrid/{followed.slug}",
        "/fr/",
        "/fr/nothing",
        "/feed.atom",
    ):
        answer = client.get(address)
        assert "webmention" not in answer.headers.get("Link", "")
        assert 'rel="webmention"' not in answer.text


def test_a_withdrawn_study_answers_410_and_names_the_endpoint(
    app: Flask, client: FlaskClient, settings: Any
) -> None:
    with app.app_context():
        study_id = publish_in(db.session(), settings, draft())
        publication.withdraw(db.session(), None, study_id, "Une erreur.")
    for address in (f"/id/{study_id}", f"/id/{study_id}/fr",
                    "/fr/etudes-de-cas/paris/budget-participatif"):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 410
        assert NAMED in answer.headers.getlist("Link")


def test_a_study_page_links_to_the_very_address_that_inspired_it(
    client: FlaskClient, node: Node
) -> None:
    known = node.receive(node.follow(), 2, slug="followed", city="madrid")
    links = (Link(known.study_key, "Madrid"), Link("https://lisbon.example/a?b=1&c=2", ""))
    page = client.get(path(node.publish(3, inspired_by=links).url))
    found = html.fromstring(page.data).xpath("//a[contains(@rel, '#inspired-by')]")
    assert [a.get("href") for a in found] == [link.href for link in links]
    assert all("urn:pioneer-cities:1#inspired-by" in a.get("rel").split() for a in found)


def test_a_study_page_lists_the_pages_elsewhere_that_are_shown(
    client: FlaskClient, node: Node, study: str
) -> None:
    add(node, 1, state="shown", site="Ghent <b>blogs</b>", title="We & they", lang="en")
    add(node, 2, state="shown", kind="syndication", title="", source="https://ghent.example/2?a&b")
    add(node, 3, state="shown", kind="adoption")
    for number, state in enumerate(("waiting", "refused", "gone", "new"), 4):
        add(node, number, state=state)
    add(node, 8, state="shown", study_key="http://paris.example/id/another")
    found = html.fromstring(client.get(path(study)).data)
    (section,) = found.xpath('//section[@aria-labelledby="elsewhere"]')
    assert section.xpath("./h2/text()") == ["Sur d’autres sites"]
    links = section.xpath(".//a")
    assert [a.get("href") for a in links] == ["https://ghent.example/2?a&b",
                                              "https://ghent.example/1"]  # fmt: skip
    assert [a.text for a in links] == ["https://ghent.example/2?a&b", "We & they"]
    assert [a.get("lang") for a in links] == [None, "en"]
    assert all({"external", "nofollow", "ugc"} <= set(a.get("rel").split()) for a in links)
    assert section.xpath(".//b/text()") == ["ghent.example", "Ghent <b>blogs</b>"]
    assert "Republication" in section.text_content()


def test_more_pages_elsewhere_than_a_page_holds_are_counted(
    client: FlaskClient, node: Node, study: str
) -> None:
    for number in range(12):
        add(node, number, state="shown")
    page = client.get(path(study)).text
    assert page.count("https://ghent.example/") == 10
    assert "Et 2 autres." in page


def test_what_an_editor_accepts_is_on_the_studys_page_at_once(
    client: FlaskClient, node: Node, study: str, editor: Official
) -> None:
    number = add(node, 1)
    for decision, there in (("accepted", True), ("refused", False), ("accepted", True)):
        before = client.get(path(study)).text
        assert (("https://ghent.example/1" in before), 'id="elsewhere"' in before) == (
            not there,
        ) * 2
        editor.post("/fr/admin/mentions/decider", {"mention": number, "decision": decision})
        assert ("https://ghent.example/1" in client.get(path(study)).text) is there


def test_the_endpoint_takes_a_form_without_a_token_and_answers_202(
    app: Flask, client: FlaskClient, study: str
) -> None:
    answer = post(client, SOURCE, study)
    assert answer.status_code == 202
    assert answer.mimetype == "text/plain"
    assert [(m.source, m.target) for m in mentions(app)] == [(SOURCE, study)]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain"),
        ("*/*", "text/plain"),
        ("application/json", "application/json"),
        (BROWSER["Accept"], "text/html"),
    ],
)
def test_the_answer_is_in_the_form_that_was_asked_for(
    client: FlaskClient, study: str, accept: str, media_type: str
) -> None:
    good = post(client, SOURCE, study, Accept=accept)
    bad = post(client, SOURCE, "http://paris.example/fr/", Accept=accept)
    assert (good.status_code, good.mimetype) == (202, media_type)
    assert (bad.status_code, bad.mimetype) == (400, media_type)
    if media_type != "text/html":
        assert "not the address of a case study that this site published (target)" in bad.text


@pytest.mark.parametrize(
    "form", [{}, {"source": SOURCE}, {"target": "x"}, {"source": "a", "target": "b"}]
)
def test_a_form_without_two_addresses_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    answer = client.post("/webmention", data=form)
    assert answer.status_code == 400
    assert re.search(r"\((source|target)\)", answer.text)


def test_a_body_that_is_no_form_is_refused(client: FlaskClient, study: str) -> None:
    sent = client.post("/webmention", json={"source": SOURCE, "target": study})
    assert sent.status_code == 400


def test_too_many_are_told_when_to_come_back(
    client: FlaskClient, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "NEW_PER_HOUR", 1)
    assert post(client, SOURCE, study).status_code == 202
    refused = post(client, f"{SOURCE}2", study)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_a_blocked_site_is_refused(client: FlaskClient, node: Node, study: str) -> None:
    node.follow("Ghent", origin="https://ghent.example", state="blocked")
    assert post(client, SOURCE, study).status_code == 403


def test_the_endpoint_leads_a_person_to_the_form_in_their_language(client: FlaskClient) -> None:
    for lang, words in (("fr", "Avez-vous repris une pratique"), ("en", "Have you taken up")):
        moved = client.get("/webmention", headers={"Accept-Language": lang})
        assert (moved.status_code, moved.location) == (302, f"/{lang}/webmention")
        assert "Accept-Language" in moved.headers["Vary"]
        page = client.get(moved.location)
        assert page.status_code == 200
        assert words in page.text
        assert "Set-Cookie" not in page.headers


def test_a_study_page_leads_to_the_form_with_its_address_filled_in(
    client: FlaskClient, study: str
) -> None:
    (link,) = html.fromstring(client.get(path(study)).data).xpath(
        "//a[starts-with(@href, '/fr/webmention')]/@href"
    )
    (field,) = html.fromstring(client.get(link).data).xpath("//input[@name='target']/@value")
    assert field == study


def test_a_person_sees_what_is_wrong_beside_the_field_with_the_input_kept(
    client: FlaskClient, study: str
) -> None:
    typed = "ghent<script>"
    page = post(client, typed, study, **BROWSER)
    form = html.fromstring(page.data)
    assert page.status_code == 400
    assert form.xpath("//input[@name='source']/@value") == [typed]
    assert form.xpath("//input[@name='source']/@aria-invalid") == ["true"]
    assert form.xpath("//*[@role='alert']//a/@href") == ["#source"]
    assert "<script>" not in page.text.partition("<main")[2]


def test_waiting_mentions_come_first_with_all_that_a_decision_needs(
    node: Node, study: str, editor: Official
) -> None:
    add(node, kind="adoption", site="Ville de Gand", lang="nl")
    add(node, 2, state="shown", title="Shown page")
    page = editor.get("/en/admin/mentions")
    assert page.status_code == 200
    for part in ("Page 1", "https://ghent.example/1", "Adoption", "Ville de Gand",
                 "We did it too.", "Étude 1", 'lang="nl"'):  # fmt: skip
        assert part in page.text
    assert "Shown page" not in page.text
    assert "Shown page" in editor.get("/en/admin/mentions?state=shown").text


def test_a_decision_can_be_taken_back_at_once(
    app: Flask, node: Node, study: str, editor: Official
) -> None:
    number = add(node)
    for decision, state in (("accepted", "shown"), ("refused", "refused")):
        sent = editor.post("/en/admin/mentions/decide", {"mention": number, "decision": decision})
        assert sent.status_code == 303
        assert mentions(app)[0].state == state
        page = editor.get(sent.location)
        (undo,) = html.fromstring(page.data).xpath("//form[.//input[@name='undone'][@value='1']]")
        fields = {i.get("name"): i.get("value") for i in undo.xpath(".//input")}
        editor.post("/en/admin/mentions/decide", fields)
        assert mentions(app)[0].state == "waiting"


def test_all_of_one_site_are_accepted_together(
    app: Flask, node: Node, study: str, editor: Official
) -> None:
    add(node, 1)
    assert "Show all" not in editor.get("/en/admin/mentions").text
    add(node, 2)
    add(node, 3, host="other.example")
    assert "Show all 2 of ghent.example" in editor.get("/en/admin/mentions").text
    editor.post("/fr/admin/mentions/accepter-le-site", {"host": "ghent.example"})
    assert sorted(m.state for m in mentions(app)) == ["shown", "shown", "waiting"]


def test_nonsense_in_a_decision_changes_nothing(
    app: Flask, node: Node, study: str, editor: Official
) -> None:
    number = add(node)
    for form in ({}, {"mention": "x"}, {"mention": "9" * 12}, {"mention": number + 1},
                 {"mention": number, "decision": "maybe"}):  # fmt: skip
        assert editor.post("/en/admin/mentions/decide", form).status_code == 404
    assert editor.post("/en/admin/mentions/send-again", {"mention": "7"}).status_code == 404
    assert mentions(app)[0].state == "waiting"
    for query in ("?state=new", "?state=x", "?page=2"):
        assert editor.get(f"/en/admin/mentions{query}").status_code == 404


def test_the_lists_are_paged(node: Node, study: str, editor: Official) -> None:
    for number in range(25):
        add(node, number + 1)
    first, second = (editor.get(f"/en/admin/mentions?page={page}") for page in (1, 2))
    assert len(html.fromstring(first.data).xpath("//li[@class='card']")) == 20
    assert len(html.fromstring(second.data).xpath("//li[@class='card']")) == 5
    assert "/en/admin/mentions?state=waiting&amp;page=2" in first.text or "page=2" in first.text


def test_what_a_page_says_of_itself_cannot_run(node: Node, study: str, editor: Official) -> None:
    evil = "<script>alert(1)</script>"
    add(node, title=evil, site=evil, excerpt=evil)
    page = editor.get("/en/admin/mentions").text
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_what_others_were_told_is_said_in_plain_words(
    node: Node, study: str, editor: Official
) -> None:
    key = "http://paris.example/id/00000000-0000-4000-8000-000000000001"
    rows = [
        {"state": "accepted", "status": 202, "sent_at": clock.now()},
        {"state": "accepted", "status": 200, "present": False, "sent_at": clock.now()},
        {"state": "none"},
        {"state": "failed", "error": "%(host)s answered with an error (%(status)s).",
         "error_arguments": {"host": "x.example", "status": 400}},
        {"state": "waiting", "failures": 2, "error": "%(host)s could not be reached.",
         "error_arguments": {"host": "y.example"}, "next_try": clock.now()},
        {"state": "waiting"},
    ]  # fmt: skip

    def do(session: Any) -> None:
        for number, values in enumerate(rows):
            session.add(SentMention(
                digest=f"{number:064}", study_key=key, source=study,
                target=f"https://target{number}.example/", **values,
            ))  # fmt: skip

    node.change(do)
    page = editor.get("/en/admin/mentions/sent").text
    for words in ("Étude 1", "Accepted", "(202)", "Told that the link is gone", "Takes no mentions",
                  "x.example answered with an error (400).", "y.example could not be reached.",
                  "Next try", "Under way"):  # fmt: skip
        assert words in page, words
    assert editor.get("/fr/admin/mentions/envoyees").status_code == 200


def test_editors_find_the_page_and_administrators_find_it_among_theirs(
    app: Flask, editor: Official
) -> None:
    boss = Official(app, "administrator", "camille")
    assert "/en/admin/mentions" in editor.get("/en/").text
    assert "/en/admin/members" not in editor.get("/en/admin/mentions").text
    assert "/en/admin/mentions" in boss.get("/en/admin/members").text
    assert "/en/admin/members" in boss.get("/en/admin/mentions").text


def test_the_form_answers_in_its_own_language(client: FlaskClient, study: str) -> None:
    english = {**BROWSER, "Accept-Language": "en"}
    for source, status, words in ((SOURCE, 202, "Merci"), ("x", 400, "doit commencer par")):
        page = client.post(
            "/fr/webmention", data={"source": source, "target": study}, headers=english
        )
        assert page.status_code == status
        assert words in page.text
