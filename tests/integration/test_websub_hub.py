"""The hub, asked and answered over HTTP, by the words of the Recommendation (W3C WebSub)."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from network.feeds import hub, hub_delivery, hub_queries
from network.feeds.models import HubSubscription, HubTopic
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.reading.discover import find_websub, websub_from_header
from network.subscriptions.models import Subscription
from tests.nodes import eventually, free_port
from tests.pushing import Answer, Endpoint, Got, Served, echo, serving
from tests.writing import draft, publish_in


@pytest.fixture
def database_url(tmp_path: Path, prepared_sqlite: Path) -> str:
    """SQLite: what differs between databases is in test_websub_databases."""
    path = tmp_path / "pioneer.sqlite"
    shutil.copy(prepared_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def node(make_settings, engine) -> Iterator[Served]:
    base_url = f"http://127.0.0.1:{free_port()}"
    with serving(make_settings(base_url=base_url), engine) as made:
        yield made


@pytest.fixture
def follower() -> Iterator[Endpoint]:
    with Endpoint() as made:
        yield made


def rows(node: Served) -> list[HubSubscription]:
    with Session(node.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(HubSubscription).order_by(HubSubscription.id)))


def live(node: Served) -> list[HubSubscription]:
    return [row for row in rows(node) if row.until is not None and row.until > clock.now()]


def publish(node: Served, title: str = "Les ruches municipales", **values: Any) -> str:
    with Session(node.engine, expire_on_commit=False) as session:
        return publish_in(session, node.settings, draft(title, **values))


def subscribe(node: Served, follower: Endpoint, path: str = "/feed.atom", **form: Any) -> str:
    """Subscribe and have it verified; gives the topic."""
    topic = f"{node.url}{path}"
    given = {"hub_mode": "subscribe", "hub_topic": topic, "hub_callback": f"{follower.url}/cb"}
    answer = node.ask(**given | form)
    assert answer.status_code == 202, answer.text
    asked = len(follower.those("GET"))
    node.work(lambda: len(follower.those("GET")) > asked)
    node.settle()
    return topic


# Discovery (section 4)


@pytest.mark.parametrize(
    "path",
    ["/feed.atom", "/fr/feed.atom", "/en/feed.rss", "/fr/feed.json", "/en/feed.atom?scope=own"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_feed_names_its_hub_and_itself_in_one_header_each_time(node, path, method) -> None:
    answer = requests.request(method, f"{node.url}{path}", timeout=30)
    links = websub_from_header(answer.headers["Link"], f"{node.url}{path}")
    assert links.hubs == (f"{node.url}/websub/hub",)
    assert links.self_url == f"{node.url}{path}"
    again = requests.get(
        f"{node.url}{path}", headers={"If-None-Match": answer.headers["ETag"]}, timeout=30
    )
    assert (again.status_code, again.headers["Link"]) == (304, answer.headers["Link"])


@pytest.mark.parametrize("path", ["/feed.atom", "/fr/feed.atom", "/en/feed.rss"])
def test_a_feed_in_xml_names_them_in_the_document_as_well(node, path) -> None:
    document = requests.get(f"{node.url}{path}", timeout=30).content
    links = find_websub(document.replace(b"atom:link", b"link"), f"{node.url}{path}")
    assert links.hubs == (f"{node.url}/websub/hub",)
    assert links.self_url == f"{node.url}{path}"


def test_a_json_feed_names_its_hub_as_json_feed_says(node) -> None:
    found = requests.get(f"{node.url}/fr/feed.json", timeout=30).json()
    assert found["hubs"] == [{"type": "WebSub", "url": f"{node.url}/websub/hub"}]
    assert found["feed_url"] == f"{node.url}/fr/feed.json"


def test_archives_and_pages_are_no_topics_and_name_no_hub(node) -> None:
    for path in ("/feed/ids.txt", "/fr/", "/fr/flux"):
        answer = requests.get(f"{node.url}{path}", timeout=30)
        assert "hub" not in answer.headers.get("Link", "")


# Requests (section 5.1)


def refused(node: Served, status: int = 400, **form: Any) -> str:
    given = {
        "hub_mode": "subscribe",
        "hub_topic": f"{node.url}/feed.atom",
        "hub_callback": "http://127.0.0.1:9/cb",
    }
    answer = node.ask(
        **{name: value for name, value in (given | form).items() if value is not None}
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.strip(), "a description of the error"
    assert rows(node) == []
    return answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"hub_mode": None},
        {"hub_mode": "publish"},
        {"hub_topic": None},
        {"hub_callback": None},
        {"hub_callback": "ftp://127.0.0.1/cb"},
        {"hub_callback": "not an address"},
        {"hub_callback": "http://user:secret@127.0.0.1/cb"},
        {"hub_callback": "http://127.0.0.1/cb#part"},
        {"hub_callback": "http://127.0.0.1/" + "x" * 3000},
        {"hub_secret": "s" * 200},
        {"hub_secret": "é" * 100},
        {"hub_lease_seconds": "0"},
        {"hub_lease_seconds": "000"},
        {"hub_lease_seconds": "-5"},
        {"hub_lease_seconds": "soon"},
        {"hub_lease_seconds": "٣"},
    ],
    ids=str,
)
def test_a_request_that_cannot_be_is_refused_with_a_reason_in_plain_text(node, form) -> None:
    refused(node, **form)


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/fr", "/fr/", "//x", "/feed/archive/0.atom", "/feed/ids.txt", "/fr/feed.xml",
        "/nowhere",
        "/fr/feed.atom?topic=no-such-topic", "/fr/thematiques/rien/feed.atom", "/network.opml",
        "/websub/hub", "/fr/feed.atom?scope=galaxy", "/fr/admin/membres",
    ],
)  # fmt: skip
def test_what_is_no_feed_of_this_node_is_no_topic(node, path) -> None:
    refused(node, hub_topic=f"{node.url}{path}")


def test_another_sites_feed_is_no_topic_and_our_own_address_no_callback(node) -> None:
    refused(node, hub_topic="http://127.0.0.1:9/feed.atom")
    refused(node, hub_topic="/feed.atom")
    refused(node, hub_callback=f"{node.url}/websub/callback/abc")


def test_a_subscription_begins_when_the_callback_repeats_the_challenge(node, follower) -> None:
    topic = subscribe(node, follower)
    (asked,) = follower.those("GET")
    assert asked.query["hub.mode"] == "subscribe"
    assert asked.query["hub.topic"] == topic
    assert len(asked.query["hub.challenge"]) >= 32
    assert asked.query["hub.lease_seconds"] == str(10 * 86_400), "ten days unless asked for"
    (row,) = live(node)
    assert row.until - clock.now() > timedelta(days=9, hours=23)


def test_every_challenge_is_another(node, follower) -> None:
    subscribe(node, follower)
    subscribe(node, follower)
    one, two = [got.query["hub.challenge"] for got in follower.those("GET")]
    assert one != two


def test_an_answer_keeps_its_language_whatever_the_topics(node, follower) -> None:
    said = set()
    for path in ("/feed.atom", "/fr/feed.atom", "/en/feed.atom"):
        form = {"hub_mode": "subscribe", "hub_topic": f"{node.url}{path}",
                "hub_callback": f"{follower.url}/cb"}  # fmt: skip
        said.add(node.ask(**form).text)
    assert len(said) == 1


def test_unknown_parameters_are_passed_over(node, follower) -> None:
    subscribe(node, follower, foo="bar", hub_foo="hub.bar")
    assert len(live(node)) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("60", 60), ("0060", 60), ("0" * 20 + "90", 90), ("1209600", 1_209_600),
        ("999999999", 30 * 86_400), ("9" * 13, 30 * 86_400), ("9" * 5_000, 30 * 86_400),
    ],
    ids=lambda value: str(value)[:14],
)  # fmt: skip
def test_the_lease_that_is_asked_for_is_given_within_bounds(node, follower, given, kept) -> None:
    subscribe(node, follower, hub_lease_seconds=given)
    assert follower.those("GET")[0].query["hub.lease_seconds"] == str(kept)


def test_a_callbacks_query_is_kept_and_goes_first(node, follower) -> None:
    callback = f"{follower.url}/cb?foo=bar&red=fish&hub.mode=mine"
    subscribe(node, follower, hub_callback=callback)
    (asked,) = follower.those("GET")
    assert asked.path.startswith("/cb?foo=bar&red=fish&hub.mode=mine&hub.mode=subscribe&")
    publish(node)
    node.work(lambda: follower.deliveries)
    assert follower.deliveries[0].path == "/cb?foo=bar&red=fish&hub.mode=mine"


@pytest.mark.parametrize(
    "path",
    [
        "/fr/feed.rss",
        "/en/feed.json",
        "/fr/feed.atom?scope=own",
        "/en/topics/open-data/feed.atom",
        "/fr/villes/paris/feed.rss",
    ],
)
def test_every_reader_feed_is_a_topic(node, follower, path) -> None:
    subscribe(node, follower, path)
    assert len(live(node)) == 1


def test_addresses_of_the_same_feed_are_one_topic_and_verified_as_they_were_written(
    node, follower
) -> None:
    for path in ("/fr/feed.atom?scope=network&x=1", "/fr/feed.atom"):
        subscribe(node, follower, path)
    with Session(node.engine) as session:
        assert session.scalars(select(HubTopic.path)).all() == ["/fr/feed.atom"]
    topics = [got.query["hub.topic"] for got in follower.those("GET")]
    assert topics == [f"{node.url}/fr/feed.atom?scope=network&x=1", f"{node.url}/fr/feed.atom"]


# Verification of intent (section 5.3)


def wrong(_got: Got) -> Answer:
    return 200, b"something else", {}


def redirects(got: Got) -> Answer:
    return (302, b"", {"Location": "/other"}) if got.path.startswith("/cb") else echo(got)


@pytest.mark.parametrize(
    "answer",
    [
        wrong,
        redirects,
        lambda got: (404, got.query.get("hub.challenge", "").encode(), {}),
        lambda got: (500, got.query.get("hub.challenge", "").encode(), {}),
        lambda got: (200, got.query.get("hub.challenge", "").encode() + b"\n", {}),
        lambda _got: (204, b"", {}),
    ],
    ids=["wrong", "redirect", "404", "500", "longer", "empty"],
)
def test_without_the_exact_challenge_in_a_2xx_nothing_begins(node, follower, answer) -> None:
    follower.answer = answer
    subscribe(node, follower)
    assert live(node) == []
    publish(node)
    node.settle()
    assert follower.deliveries == []


def test_a_callback_that_nobody_answers_at_is_given_up(node, follower) -> None:
    port = free_port()
    node.ask(
        hub_mode="subscribe",
        hub_topic=f"{node.url}/feed.atom",
        hub_callback=f"http://127.0.0.1:{port}/cb",
    )
    node.settle()
    assert live(node) == []
    assert [row.tries for row in rows(node)] == [1]


def test_a_failed_verification_leaves_the_subscription_as_it_was(node, follower) -> None:
    subscribe(node, follower, hub_secret="first")
    before = live(node)[0].until
    follower.answer = wrong
    subscribe(node, follower, hub_secret="second", hub_lease_seconds=60)
    (row,) = live(node)
    assert (row.until, row.secret) == (before, "first")
    node.ask(
        hub_mode="unsubscribe",
        hub_topic=f"{node.url}/feed.atom",
        hub_callback=f"{follower.url}/cb",
    )
    node.settle()
    assert len(live(node)) == 1


def test_subscribing_again_renews_the_lease_and_replaces_the_secret(node, follower) -> None:
    subscribe(node, follower, hub_lease_seconds=300, hub_secret="first")
    before = live(node)[0]
    subscribe(node, follower, hub_lease_seconds=600, hub_secret="second")
    (row,) = live(node)
    assert row.id == before.id
    assert row.until - before.until >= timedelta(seconds=300)
    publish(node)
    node.work(lambda: follower.deliveries)
    assert signed(follower.deliveries[0], "second")
    subscribe(node, follower)
    publish(node, "Un second essai")
    node.work(lambda: len(follower.deliveries) == 2)
    assert "x-hub-signature" not in follower.deliveries[1].headers, "a lease without a secret"


def test_who_unsubscribes_and_confirms_it_is_sent_nothing_more(node, follower) -> None:
    topic = subscribe(node, follower)
    given = {"hub_topic": topic, "hub_callback": f"{follower.url}/cb"}
    assert (
        node.ask(hub_mode="unsubscribe", hub_lease_seconds="nonsense", **given).status_code == 202
    )
    node.work(lambda: follower.those("GET", "unsubscribe"))
    node.settle()
    asked = follower.those("GET", "unsubscribe")[0]
    assert asked.query["hub.topic"] == topic
    assert asked.query["hub.challenge"]
    assert rows(node) == []
    publish(node)
    node.settle()
    assert follower.deliveries == []


def test_strangers_cannot_have_a_callback_asked_without_end(node, follower) -> None:
    follower.answer = wrong
    for _ in range(3):
        subscribe(node, follower)
    node.ask(
        hub_mode="subscribe",
        hub_topic=f"{node.url}/feed.atom",
        hub_callback=f"{follower.url}/cb",
    )
    with Session(node.engine) as session:
        (job,) = session.scalars(select(Job).where(Job.kind == Kind.HUB_VERIFY))
    assert job.run_at >= clock.now() + timedelta(seconds=4)


def test_a_private_address_is_no_callback_unless_the_operator_allows_it(
    make_settings, engine, follower
) -> None:
    base_url = f"http://127.0.0.1:{free_port()}"
    closed = make_settings(base_url=base_url, allow_private_addresses="")
    with serving(closed, engine) as node:
        node.ask(
            hub_mode="subscribe",
            hub_topic=f"{node.url}/feed.atom",
            hub_callback=f"{follower.url}/cb",
        )
        node.settle()
        assert live(node) == []
    assert follower.got == []


# Distribution (sections 7 and 8)


def signed(got: Got, secret: str) -> bool:
    expected = hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    return got.headers.get("x-hub-signature") == f"sha256={expected}"


@pytest.mark.parametrize("path", ["/feed.atom", "/fr/feed.atom", "/fr/feed.rss", "/fr/feed.json"])
def test_a_change_is_delivered_as_the_whole_document_with_its_type_and_links(
    node, follower, path
) -> None:
    topic = subscribe(node, follower, path, hub_secret="s" * 199)
    assert follower.deliveries == [], "nothing before something changes"
    publish(node)
    node.work(lambda: follower.deliveries)
    (got,) = follower.deliveries
    now = requests.get(topic, timeout=30)
    assert got.body == now.content
    assert got.headers["content-type"] == now.headers["Content-Type"]
    links = websub_from_header(got.headers["link"], topic)
    assert links.hubs == (f"{node.url}/websub/hub",)
    assert links.self_url == topic
    assert signed(got, "s" * 199)


def test_a_topic_that_did_not_change_is_not_sent(node, follower) -> None:
    publish(node)
    subscribe(node, follower, "/fr/thematiques/mobilite/feed.atom")
    publish(node, "Autre chose")
    node.settle()
    assert follower.deliveries == []


def test_one_change_is_delivered_once_and_the_next_one_again(node, follower) -> None:
    subscribe(node, follower)
    for number in (1, 2):
        publish(node, f"Étude {number}", slug=f"etude-{number}")
        node.work(lambda number=number: len(follower.deliveries) == number)
        node.settle()
    assert len(follower.deliveries) == 2
    assert b"etude-2" in follower.deliveries[1].body


def test_what_changes_while_the_callback_is_asked_is_delivered(node, follower) -> None:
    def publish_then_agree(got: Got) -> Answer:
        if got.method == "GET":
            publish(node)
        return echo(got)

    follower.answer = publish_then_agree
    subscribe(node, follower)
    node.work(lambda: follower.deliveries)


def test_what_others_are_sent_while_the_callback_is_asked_is_delivered_as_well(node) -> None:
    with Endpoint() as first, Endpoint() as second:
        subscribe(node, first)

        def publish_then_agree(got: Got) -> Answer:
            if got.method == "GET":
                publish(node)
                eventually(lambda: first.deliveries)
            return echo(got)

        second.answer = publish_then_agree
        subscribe(node, second)
        node.work(lambda: second.deliveries)
        node.settle()
        assert len(second.deliveries) == 1


def test_a_lease_that_ended_gets_nothing_and_is_forgotten(node, follower) -> None:
    subscribe(node, follower, hub_lease_seconds=60)
    with Session(node.engine) as session, writing(session):
        session.execute(update(HubSubscription).values(until=clock.now() - timedelta(seconds=1)))
    publish(node)
    node.settle()
    assert follower.deliveries == []
    hub_delivery.sweep(node.worker.sessions)
    assert rows(node) == []
    with Session(node.engine) as session:
        assert session.scalar(select(HubTopic.id)) is None


def test_a_request_that_nobody_wanted_is_forgotten_after_an_hour(node, follower) -> None:
    follower.answer = wrong
    subscribe(node, follower)
    hub_delivery.sweep(node.worker.sessions)
    assert len(rows(node)) == 1
    with Session(node.engine) as session, writing(session):
        session.execute(update(HubSubscription).values(wanted_at=clock.now() - timedelta(hours=2)))
    hub_delivery.sweep(node.worker.sessions)
    assert rows(node) == []


def test_410_ends_the_subscription(node, follower) -> None:
    subscribe(node, follower)
    follower.answer = lambda _got: (410, b"", {})
    publish(node)
    node.work(lambda: follower.deliveries)
    node.settle()
    assert rows(node) == []


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_any_other_answer_is_a_failure_that_is_tried_again(node, follower, status) -> None:
    subscribe(node, follower)
    follower.answer = lambda _got: (status, b"", {"Location": "/elsewhere"})
    publish(node)
    node.work(lambda: follower.deliveries)
    failed = node.work(lambda: [row for row in live(node) if row.failures])
    assert failed[0].error
    follower.answer = echo
    node.hurry()
    node.work(lambda: not live(node)[0].failures)
    assert follower.deliveries[-1].path == "/cb", "redirects are not followed"
    assert live(node)[0].sent_at


def test_after_the_last_attempt_the_subscription_goes_on_and_the_next_change_is_tried(
    node, follower
) -> None:
    subscribe(node, follower)
    follower.answer = lambda _got: (500, b"", {})
    publish(node)
    node.settle()
    assert len(follower.deliveries) == hub_delivery.DELIVERIES
    assert len(live(node)) == 1
    follower.answer = echo
    publish(node, "La suite")
    node.work(lambda: node.hurry() or live(node)[0].sent_at)


def test_the_body_of_the_answer_is_ignored(node, follower) -> None:
    subscribe(node, follower)
    follower.answer = lambda _got: (200, b"x" * 300_000, {})
    publish(node)
    node.work(lambda: live(node)[0].sent_at)
    assert live(node)[0].failures == 0


def test_followers_are_served_beside_each_other_and_one_that_hangs_delays_nobody(node) -> None:
    release, others = threading.Event(), [Endpoint() for _ in range(12)]
    hanging = Endpoint()

    def hang(got: Got) -> Answer:
        if got.method == "POST":
            release.wait(30)
        return echo(got)

    hanging.answer = hang
    for each in (hanging, *others):
        each.__enter__()
    try:
        for callback in [f"{hanging.url}/cb/{n}" for n in range(5)]:
            subscribe(node, hanging, hub_callback=callback)
        for each in others:
            subscribe(node, each)
        publish(node)
        node.work(lambda: all(each.deliveries for each in others))
        assert hanging.deliveries, "it was tried, and is still under way"
        assert not any(row.sent_at for row in rows(node) if hanging.url.endswith(row.host[-5:]))
    finally:
        release.set()
        node.worker.close()
        for each in (hanging, *others):
            each.__exit__()


# Bounds, denial and the page of receivers


def test_a_host_gets_only_so_many_subscriptions(node, follower, monkeypatch) -> None:
    monkeypatch.setattr(hub, "MOST_PER_HOST", 2)
    statuses = [
        node.ask(
            hub_mode="subscribe",
            hub_topic=f"{node.url}/feed.atom",
            hub_callback=f"{follower.url}/{number}",
        )
        for number in range(3)
    ]
    assert [answer.status_code for answer in statuses] == [202, 202, 429]
    assert statuses[2].headers["Retry-After"]
    again = node.ask(
        hub_mode="subscribe",
        hub_topic=f"{node.url}/feed.atom",
        hub_callback=f"{follower.url}/1",
    )
    assert again.status_code == 202, "a renewal is always taken in"


def test_a_full_hub_takes_in_members_alone(node, follower, monkeypatch) -> None:
    monkeypatch.setattr(hub, "MOST", 0)
    given = {"hub_mode": "subscribe", "hub_topic": f"{node.url}/feed.atom"}
    assert node.ask(hub_callback=f"{follower.url}/cb", **given).status_code == 429
    with Session(node.engine) as session, writing(session):
        now = clock.now() + timedelta(days=1)
        session.add(
            Subscription(
                url=f"{follower.url}/feed.atom",
                kind="member",
                origin=follower.url,
                created=now,
                next_poll=now,
            )
        )
    assert node.ask(hub_callback=f"{follower.url}/cb", **given).status_code == 202


def test_only_so_many_feeds_are_made_anew_at_each_change_but_the_log_always(
    node, follower, monkeypatch
) -> None:
    monkeypatch.setattr(hub, "MOST_TOPICS", 1)
    given = {"hub_mode": "subscribe", "hub_callback": f"{follower.url}/cb"}
    asked = ("/fr/feed.atom", "/en/feed.atom", "/feed.atom", "/fr/feed.atom?scope=network")
    found = [node.ask(hub_topic=f"{node.url}{path}", **given).status_code for path in asked]
    assert found == [202, 429, 202, 202]


def test_an_administrator_ends_a_subscription_and_the_subscriber_is_told(node, follower) -> None:
    topic = subscribe(node, follower)
    with Session(node.engine) as session:
        found, total = hub_queries.receivers(session)
        assert (total, found[0].topic) == (1, topic)
        hub_queries.end_one(session, found[0].id)
    node.work(lambda: follower.those("GET", "denied"))
    denied = follower.those("GET", "denied")[0]
    assert denied.query["hub.topic"] == topic
    assert denied.query["hub.reason"]
    assert rows(node) == []


def test_subscribers_of_a_feed_that_is_gone_are_told_so(node, follower) -> None:
    subscribe(node, follower)
    with Session(node.engine) as session, writing(session):
        session.execute(update(HubTopic).values(path="/fr/feed.atom?topic=gone", mark=""))
    node.work(lambda: follower.those("GET", "denied"))
    assert rows(node) == []


def test_no_job_and_no_row_remembers_more_than_one_of_the_same_request(node, follower) -> None:
    for _ in range(5):
        node.ask(
            hub_mode="subscribe",
            hub_topic=f"{node.url}/feed.atom",
            hub_callback=f"{follower.url}/cb",
        )
    with Session(node.engine) as session:
        assert session.scalar(select(func.count()).select_from(HubSubscription)) == 1
        assert session.scalar(select(func.count()).where(Job.kind == Kind.HUB_VERIFY)) == 1
