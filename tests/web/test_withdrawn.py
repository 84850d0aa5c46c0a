"""Where a withdrawn study was: 410 in the reader's language, with the reason and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from network.case_studies import publish
from network.catalogue import tombstones
from network.catalogue.models import Withdrawn
from network.following import service
from network.lib.db import db
from tests.web.conftest import Node
from tests.web.officials import Official
from tests.writing import TextDraft, draft, publish_in

WHEN = datetime(2026, 11, 3, 8, tzinfo=UTC)
FRENCH = "/fr/etudes-de-cas/madrid/study-1"
ENGLISH = "/en/case-studies/madrid/study-1"


def bury(node: Node, entry_id: str, reason: str = "Données fausses.", lang: str | None = "fr"):
    node.change(lambda s: tombstones.bury(s, entry_id, WHEN, reason, lang))


@pytest.fixture
def madrid(node: Node) -> int:
    return node.follow("Madrid", site_url="http://madrid.example/")


def test_a_followed_study_says_who_withdrew_it_when_and_why_in_the_reader_s_language(
    node: Node, client: FlaskClient, madrid: int
) -> None:
    node.receive(madrid, 1, topics=("open-data",))
    bury(node, node.receive(madrid, 1, topics=("open-data",)).entry_id)
    said = {
        FRENCH: ("3 novembre 2026", "Cette étude de cas a été retirée"),
        ENGLISH: ("3 November 2026", "This case study was withdrawn"),
    }
    for path, (when, heading) in said.items():
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (410, "text/html")
        assert heading in answer.text
        assert when in answer.text
        assert "Données fausses." in answer.text
        assert "Madrid" in answer.text
        assert answer.headers["Content-Language"] == path[1:3]
        assert "no-store" not in answer.headers.get("Cache-Control", "")
    assert '<p lang="fr">Données fausses.' in client.get(ENGLISH).text
    assert '/en/cities/madrid"' in client.get(ENGLISH).text
    assert '/en/topics/open-data"' in client.get(ENGLISH).text
    assert client.get(f"{ENGLISH}/lineage").status_code == 410
    assert client.head(ENGLISH).status_code == 410


def test_no_title_and_no_text_is_left_anywhere(node: Node, client: FlaskClient, madrid: int):
    version = node.receive(madrid, 1, title="Nom de personne", summary="Résumé")
    bury(node, version.entry_id)
    assert "Nom de personne" not in client.get(FRENCH).text
    with node.app.app_context():
        row = db.session.scalars(select(Withdrawn)).one()
        kept = {c.name: getattr(row, c.name) for c in Withdrawn.__table__.columns}
    assert "Nom de personne" not in str(kept)
    assert "Résumé" not in str(kept)
    assert kept["slug"] == "study-1"


def test_a_reason_is_text_and_no_more(node: Node, client: FlaskClient, madrid: int) -> None:
    bury(node, node.receive(madrid, 1).entry_id, "<script>alert(1)</script> {{ 7*7 }}", 'x" y')
    text = client.get(FRENCH).text
    assert "<script>alert" not in text
    assert "{{ 7*7 }}" in text
    assert 'lang="x" y"' not in text


def test_without_a_reason_it_says_so(node: Node, client: FlaskClient, madrid: int) -> None:
    bury(node, node.receive(madrid, 1).entry_id, "")
    assert "No reason was given." in client.get(ENGLISH).text


def test_a_study_that_comes_back_lives_again_at_its_address(
    node: Node, client: FlaskClient, madrid: int
) -> None:
    bury(node, node.receive(madrid, 1).entry_id)
    assert client.get(FRENCH).status_code == 410
    node.receive(madrid, 1)
    assert client.get(FRENCH).status_code == 200
    with node.app.app_context():
        assert db.session.scalars(select(Withdrawn)).all() == []


def test_another_study_may_take_the_address(node: Node, client: FlaskClient, madrid: int) -> None:
    bury(node, node.receive(madrid, 1).entry_id)
    node.receive(madrid, 2, slug="study-1", title="Une autre")
    assert "Une autre" in client.get(FRENCH).text


def test_one_language_may_be_withdrawn_while_the_other_stays(
    node: Node, client: FlaskClient, madrid: int
) -> None:
    node.receive(madrid, 1, "fr", slug="etude")
    bury(node, node.receive(madrid, 1, "en", slug="study").entry_id)
    answer = client.get("/en/case-studies/madrid/study")
    assert answer.status_code == 410
    assert "Only the text in English was withdrawn." in answer.text
    assert 'href="/fr/etudes-de-cas/madrid/etude"' in answer.text
    assert client.get("/fr/etudes-de-cas/madrid/etude").status_code == 200


def test_what_was_never_shown_leaves_nothing(node: Node, client: FlaskClient, madrid: int) -> None:
    bury(node, "http://madrid.example/id/00000000-0000-4000-8000-000000000001/fr")
    assert client.get(FRENCH).status_code == 404
    with node.app.app_context():
        assert db.session.scalars(select(Withdrawn)).all() == []


def test_a_blocked_site_s_withdrawals_are_not_told_and_come_back_with_it(
    node: Node, client: FlaskClient, madrid: int
) -> None:
    bury(node, node.receive(madrid, 1).entry_id)
    for act, status in ((service.block, 404), (service.unblock, 410), (service.unfollow, 404)):
        with node.app.app_context():
            act(db.session(), madrid)
        assert client.get(FRENCH).status_code == status, act


def test_administrators_see_the_reason(node: Node, app: Flask, madrid: int) -> None:
    boss = Official(app, "administrator", "camille")
    bury(node, node.receive(madrid, 1).entry_id)
    text = boss.get(f"/en/admin/members/{madrid}").text
    assert "Withdrawn by this site" in text
    assert "Données fausses." in text


@pytest.fixture
def own(app: Flask, settings: Any) -> str:
    with app.app_context():
        english = TextDraft(title="Shared gardens", summary="S.", body="B.", translation="human")
        return publish_in(db.session(), settings, draft("Jardins partagés", texts={"en": english}))


def test_an_own_study_answers_the_same_at_its_pages_and_its_permanent_ids(
    app: Flask, client: FlaskClient, own: str
) -> None:
    with app.app_context():
        publish.withdraw(db.session(), None, own, "Des chiffres faux.", lang="fr")
    for path in ("/fr/etudes-de-cas/paris/jardins-partages", f"/id/{own}", f"/id/{own}/fr",
                 "/en/case-studies/paris/shared-gardens", f"/id/{own}/en"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 410, path
        assert "Des chiffres faux." in answer.text
        assert "Jardins" not in answer.text
        assert "Shared gardens" not in answer.text
    switch = re.search(r'tools__lang" href="([^"]+)"', client.get(
        "/fr/etudes-de-cas/paris/jardins-partages").text)  # fmt: skip
    assert switch
    assert switch[1] == "/en/case-studies/paris/shared-gardens"
    assert client.get(f"/id/{own}/es").status_code in (404, 410)
    log = client.get("/feed.atom").text
    assert 'xml:lang="fr">Des chiffres faux.' in log
    with app.app_context():
        publish.publish(db.session(), None, own, app.extensions["pioneer"].settings)
    assert client.get("/fr/etudes-de-cas/paris/jardins-partages").status_code == 200
    assert client.get(f"/id/{own}/fr").status_code == 303


def test_the_reason_is_in_the_language_of_the_desk(app: Flask, own: str) -> None:
    editor = Official(app, "editor", "louis")
    sent = editor.post(f"/en/desk/case-studies/{own}/withdraw", {"reason": "Wrong figures."})
    assert sent.status_code == 303
    with app.app_context():
        rows = db.session.scalars(select(Withdrawn)).all()
    assert {(row.lang, row.reason_lang, row.reason) for row in rows} == {
        ("fr", "en", "Wrong figures."),
        ("en", "en", "Wrong figures."),
    }
