"""An administrator joins two cities that are one, and decides whose word on a city counts."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from network.cities.models import City
from network.lib import clock
from network.lib.db import db, writing
from network.subscriptions.models import Subscription, ToldCity
from tests.web.conftest import Node
from tests.web.officials import Official

pytestmark = pytest.mark.usefixtures("cheap_hashes")
JOIN = {"en": "/en/admin/cities/join", "fr": "/fr/admin/villes/reunir"}


@pytest.fixture
def boss(app: Flask) -> Official:
    return Official(app, "administrator", "camille")


@pytest.mark.parametrize("lang", JOIN)
def test_what_joining_means_is_shown_before_it_is_done(
    boss: Official, node: Node, lang: str
) -> None:
    node.publish(1, lang, city="lisbon", inspired_by=())
    page = boss.get(f"{JOIN[lang]}?goes=lisbon&stays=paris").text
    assert {"en": "This cannot be undone.", "fr": "Cette opération est définitive."}[lang] in page
    assert 'value="lisbon" selected' in page
    assert 'name="goes" value="lisbon"' in page
    with boss.app.app_context():
        assert db.session().get(City, "lisbon") is not None


def test_two_cities_become_one_and_the_old_addresses_lead_on(
    boss: Official, client: FlaskClient, node: Node
) -> None:
    node.publish(1, "fr", city="lisbon", inspired_by=(), title="Budget participatif")
    before = client.get("/fr/villes/lisbonne")
    assert before.status_code == 200
    answer = boss.post(JOIN["fr"], {"goes": "lisbon", "stays": "paris"})
    assert answer.headers["Location"] == "/fr/villes/paris"
    assert "« Lisbonne »".replace(" ", "\u00a0") in boss.get("/fr/villes/paris").text
    assert client.get("/fr/villes/lisbonne").headers["Location"] == "/fr/villes/paris"
    assert client.get("/en/cities/lisbon").headers["Location"] == "/en/cities/paris"
    assert "Budget participatif" in client.get("/fr/villes/paris").text
    assert "Budget participatif" in client.get("/fr/etudes-de-cas/?city=lisbonne").text


def test_a_wrong_choice_stays_in_the_form_with_the_reason(boss: Official) -> None:
    answer = boss.post(JOIN["en"], {"goes": "lisbon", "stays": "lisbon"})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#stays"' in answer.text
    assert 'value="lisbon" selected' in answer.text
    assert boss.get(f"{JOIN['fr']}?goes=atlantis&stays=paris").status_code == 422


@pytest.mark.parametrize("role", ["author", "editor"])
def test_only_administrators_join_cities(app: Flask, role: str) -> None:
    official = Official(app, role, "dominique")
    assert official.get(JOIN["en"]).status_code == 403
    assert official.post(JOIN["en"], {"goes": "lisbon", "stays": "paris"}).status_code == 403
    with app.app_context():
        assert db.session().get(City, "lisbon") is not None


@pytest.fixture
def claim(app: Flask) -> int:
    """A followed site that says to be Madrid's, while another one's word counts."""
    with app.app_context():
        session = db.session()
        now = clock.now()
        with writing(session):
            site = Subscription(
                url="https://madrid.example/feed.atom",
                kind="member",
                origin="https://madrid.example",
                title="Madrid",
                created=now,
                next_poll=now,
            )
            session.add(site)
            session.flush()
            told = ToldCity(subscription_id=site.id, slug="madrid", city="madrid", own=True)
            told.speaks = False
            session.add(told)
            session.get_one(City, "madrid").said_by = "fake.example"
        return site.id


@pytest.mark.parametrize(
    ("lang", "address"), [("en", "/en/admin/members/{}"), ("fr", "/fr/admin/membres/{}")]
)
def test_a_second_site_of_one_city_is_shown_with_whose_word_counts(
    boss: Official, claim: int, lang: str, address: str
) -> None:
    page = boss.get(address.format(claim)).text
    assert "fake.example" in page
    assert {"en": "Let this site speak for Madrid", "fr": "faire foi pour Madrid"}[lang] in page


def test_an_administrator_lets_the_other_site_speak(boss: Official, claim: int) -> None:
    boss.post(f"/en/admin/members/{claim}/city", {"slug": "madrid"})
    with boss.app.app_context():
        assert db.session().get_one(ToldCity, (claim, "madrid")).speaks
    page = boss.get(f"/en/admin/members/{claim}").text
    assert "Let this site speak" not in page
    assert "Has the last word on" in page
    answer = boss.post(f"/en/admin/members/{claim}/city", {"slug": "paris"})
    assert answer.status_code == 303
    assert "does not say that it is the site" in boss.get(f"/en/admin/members/{claim}").text
