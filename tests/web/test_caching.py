"""Pages kept for visitors without a session: never stale, never somebody else’s, cheap."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from network.cities import hearing
from network.cities.service import CityValue
from network.lib import clock
from network.lib.db import db
from network.subscriptions.models import Subscription
from network.web.entrance import page_cache
from tests.web.conftest import Node

PAGES = (
    "/en/",
    "/fr/",
    "/en/case-studies/",
    "/fr/etudes-de-cas/paris/study-1",
    "/fr/etudes-de-cas/paris/study-1/filiation",
    "/en/topics/",
    "/en/topics/open-data",
    "/en/cities/",
    "/en/cities/paris",
)


@pytest.fixture
def reads(app: Flask) -> Iterator[list[str]]:
    """The statements that the database has been asked since."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def _lasting(answer: TestResponse) -> dict[str, str]:
    """Every header but the second in which the answer was given."""
    return {name: value for name, value in answer.headers.items() if name != "Date"}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asked_for_again_costs_one_question_and_is_the_same(
    client: FlaskClient, node: Node, reads: list[str], address: str
) -> None:
    node.publish(1)
    first = client.get(address)
    reads.clear()
    again = client.get(address)
    assert first.status_code == again.status_code == 200
    assert again.data == first.data
    assert _lasting(again) == _lasting(first)
    assert len(reads) == 1
    assert "catalogue_state" in reads[0]


@pytest.mark.parametrize("address", PAGES)
def test_who_has_the_page_is_told_that_it_has_not_changed(
    client: FlaskClient, node: Node, address: str
) -> None:
    node.publish(1)
    tag = client.get(address).headers["ETag"]
    unchanged = client.get(address, headers={"If-None-Match": tag})
    assert unchanged.status_code == 304
    assert unchanged.data == b""
    assert "Cookie" in unchanged.headers["Vary"]
    node.publish(2, title="Une autre étude", inspired_by=())
    node.publish(3, lang="en", title="Another study", topics=("open-data",))
    changed = client.get(address, headers={"If-None-Match": tag})
    assert changed.status_code == (304 if "study-1" in address else 200)


def test_a_change_shows_at_once(client: FlaskClient, node: Node) -> None:
    version = node.publish(1, title="Avant")
    address = "/fr/etudes-de-cas/paris/study-1"
    assert "Avant" in client.get(address).text
    node.publish(1, title="Après")
    assert "Après" in client.get(address).text
    node.withdraw(version)
    assert client.get(address).status_code == 404
    assert client.get("/fr/etudes-de-cas/").text.count("Après") == 0


def test_what_a_page_says_of_another_site_is_not_shown_for_long(
    client: FlaskClient, node: Node
) -> None:
    source = node.follow("Madrid")
    node.receive(source, 7)

    def rename(database: Session) -> None:
        found = database.get(Subscription, source)
        assert found is not None
        found.title = "Ayuntamiento"

    assert "Madrid" in client.get("/fr/").text
    node.change(rename)
    later = page_cache.time.monotonic() + page_cache.LASTS + 1
    with patch.object(page_cache.time, "monotonic", return_value=later):
        assert "Ayuntamiento" in client.get("/fr/").text


def test_a_city_that_arrives_has_its_name_on_pages_made_before(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1)
    client.get("/en/cities/")
    node.change(
        lambda database: hearing.meet(database, CityValue("ozd", {"en": "Ózd"}), clock.now())
    )
    node.publish(2, lang="en", city="ozd", inspired_by=())
    assert "Ózd" in client.get("/en/cities/").text


def test_people_with_a_session_get_their_own_page_and_leave_nothing(
    app: Flask, node: Node, reads: list[str]
) -> None:
    node.publish(1)
    visitor, official = app.test_client(), app.test_client()
    official.get("/en/account/sign-in")
    mine = official.get("/en/case-studies/")
    assert mine.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in mine.headers
    reads.clear()
    official.get("/en/case-studies/")
    assert len(reads) > 1
    reads.clear()
    visitor.get("/en/case-studies/")
    assert len(reads) > 1, "the first visitor without a session got what was made for another"


def test_no_form_token_and_no_message_is_ever_kept(app: Flask, node: Node) -> None:
    node.publish(1)

    def with_token() -> str:
        session["csrf_token"] = "secret"
        return "<p>secret</p>"

    app.add_url_rule("/with-token", view_func=page_cache.cached(with_token))
    for client in (app.test_client(), app.test_client()):
        answer = client.get("/with-token")
        assert "Set-Cookie" in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers


def test_a_cookie_for_the_language_goes_to_who_switched_alone(app: Flask, node: Node) -> None:
    node.publish(1)
    switched = app.test_client().get("/en/", headers={"Referer": "http://localhost/fr/"})
    assert "lang=en" in switched.headers["Set-Cookie"]
    assert switched.headers["Cache-Control"] == "private, no-store"
    plain = app.test_client().get("/en/")
    assert "Set-Cookie" not in plain.headers
    assert plain.headers["Cache-Control"] == "no-cache"
    assert plain.data == switched.data


def test_an_address_with_an_escaped_question_mark_is_another(
    client: FlaskClient, node: Node
) -> None:
    node.publish(1)
    assert client.get("/en/cities/paris?x").status_code == 200
    assert client.get("/en/cities/paris%3Fx").status_code == 404


def test_few_pages_are_kept_and_no_long_address(app: Flask, client: FlaskClient) -> None:
    for number in range(page_cache.PAGES + 5):
        client.get(f"/en/topics/?{number}")
    client.get("/en/topics/?" + "x" * page_cache.LONGEST_ADDRESS)
    kept = app.extensions["pioneer-pages"]
    assert len(kept) == page_cache.PAGES
    assert all(len(key[-1]) < page_cache.LONGEST_ADDRESS for key in kept)
