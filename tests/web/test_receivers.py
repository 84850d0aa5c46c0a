"""What administrators read about push: of the sites that are followed, and of who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from network.feeds.models import HubSubscription, HubTopic
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import db
from network.subscriptions.models import PushLease
from tests.web.conftest import Node
from tests.web.officials import Official


@pytest.fixture
def boss(app: Flask) -> Official:
    return Official(app, "administrator", "camille")


def lease(node: Node, **values: Any) -> int:
    """Follow a site that has a lease; gives the site's number."""
    number = node.follow()
    given = {"hub": "http://madrid.example/hub", "topic": "http://madrid.example/feed.atom"}
    given |= {"token": "t", "secret": "a secret of ours", "due": clock.now()} | values
    node.change(lambda session: session.add(PushLease(subscription_id=number, **given)))
    return number


ACTIVE = {"state": "active", "until": clock.now() + timedelta(days=5)}
REFUSED = {"state": "refused", "said": "Members <only>"}


@pytest.mark.parametrize(
    ("values", "en", "fr"),
    [
        (ACTIVE, "Active until", "Actives jusqu’au"),
        ({}, "has not confirmed yet", "n’a pas encore confirmé"),
        (ACTIVE | {"until": clock.now() - timedelta(days=1)}, "has not confirmed", "pas encore"),
        (REFUSED, "Refused by the site’s hub: Members &lt;only&gt;", "Members &lt;only&gt;"),
        ({"error": "%(host)s could not be reached.", "error_arguments": {"host": "x.example"}},
         "x.example could not be reached", "x.example"),
    ],
)  # fmt: skip
def test_a_sites_page_says_in_words_how_push_stands(
    node: Node, boss: Official, values: dict[str, Any], en: str, fr: str
) -> None:
    number = lease(node, **values)
    english = boss.get(f"/en/admin/members/{number}").text
    assert en in english
    assert fr in boss.get(f"/fr/admin/membres/{number}").text
    assert "a secret of ours" not in english
    assert "Instant updates" in boss.get("/en/admin/members").text


def test_a_site_that_offers_none_says_so(node: Node, boss: Official) -> None:
    number = node.follow()
    assert "Not offered by this site" in boss.get(f"/en/admin/members/{number}").text
    assert "Instant updates: not offered" in boss.get("/en/admin/members").text


def subscriber(node: Node, **values: Any) -> None:
    def do(session: Any) -> None:
        topic = HubTopic(path="/feed.atom")
        session.add(topic)
        session.flush()
        now = clock.now()
        given = {"until": now + timedelta(days=5), "wanted_at": now, "host": "seoul.example"}
        given |= {"callback": "http://seoul.example/secret-callback", "secret": "their secret"}
        given |= {"topic": "http://paris.example/feed.atom", "digest": "d", "topic_id": topic.id}
        session.add(HubSubscription(**given | values))

    node.change(do)


def test_receivers_are_listed_without_their_secrets(node: Node, boss: Official) -> None:
    assert "Nobody has subscribed yet" in boss.get("/en/admin/receivers").text
    subscriber(node, failures=2, error="It answered with the status %(status)s.",
               error_arguments={"status": "500"})  # fmt: skip
    page = boss.get("/fr/admin/destinataires").text
    assert "seoul.example" in page
    assert "/feed.atom" in page
    assert "2 envois de suite ont échoué" in page.replace("\xa0", " ")
    assert "500" in page
    assert "secret" not in page


def test_who_has_not_confirmed_is_no_receiver(node: Node, boss: Official) -> None:
    subscriber(node, until=None)
    assert "seoul.example" not in boss.get("/en/admin/receivers").text


def test_an_administrator_ends_a_subscription(app: Flask, node: Node, boss: Official) -> None:
    subscriber(node)
    sent = boss.post("/en/admin/receivers/1/end")
    assert sent.headers["Location"] == "/en/admin/receivers"
    assert "Nobody has subscribed yet" in boss.get("/en/admin/receivers").text
    with app.app_context():
        (job,) = db.session.scalars(select(Job).where(Job.kind == "hub-deny"))
    assert job.payload["callback"] == "http://seoul.example/secret-callback"
    assert boss.post("/en/admin/receivers/1/end").status_code == 404


def test_machines_need_no_token_and_other_forms_do(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    assert client.post("/websub/hub", data={"hub.mode": "x"}).mimetype == "text/plain"
    assert client.post("/websub/callback/unknown", data=b"x").status_code == 410
    assert client.post("/en/account/sign-in", data={}).status_code == 400
