"""Push on both databases: two nodes in one process, requests that meet, and who dies in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from network.feeds import hub_delivery
from network.feeds.models import HubSubscription, HubTopic
from network.following import service
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.signed import sign
from network.push import asking
from network.push import callback as websub_callback
from network.subscriptions.models import PushLease, Subscription
from tests.nodes import free_port
from tests.pushing import Endpoint, Served, serving
from tests.sites import failing_at
from tests.writing import draft, publish_in


@pytest.fixture
def node(make_settings, engine) -> Iterator[Served]:
    base_url = f"http://127.0.0.1:{free_port()}"
    with serving(make_settings(base_url=base_url, poll_seconds="86400"), engine) as made:
        yield made


@pytest.fixture
def follower() -> Iterator[Endpoint]:
    with Endpoint() as made:
        yield made


def subscribe(node: Served, follower: Endpoint, mode: str = "subscribe", name: str = "cb") -> None:
    answer = node.ask(
        hub_mode=mode,
        hub_topic=f"{node.url}/feed.atom",
        hub_callback=f"{follower.url}/{name}",
        hub_secret="their secret",
    )
    assert answer.status_code == 202


def publish(node: Served, title: str = "Les ruches") -> None:
    with Session(node.engine, expire_on_commit=False) as session:
        publish_in(session, node.settings, draft(title))


def test_a_subscription_lives_from_its_request_to_its_end(node, follower) -> None:
    subscribe(node, follower)
    node.work(lambda: follower.those("GET"))
    node.settle()
    publish(node)
    node.work(lambda: len(follower.deliveries) == 1)
    subscribe(node, follower)
    node.work(lambda: len(follower.those("GET")) == 2)
    node.settle()
    publish(node, "Les toits")
    node.work(lambda: len(follower.deliveries) == 2)
    node.settle()
    subscribe(node, follower, "unsubscribe")
    node.work(lambda: follower.those("GET", "unsubscribe"))
    node.settle()
    hub_delivery.sweep(node.worker.sessions)
    with Session(node.engine) as session:
        for table in (HubSubscription, HubTopic, Job):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_the_same_request_at_the_same_time_is_one(node, follower) -> None:
    threads = [threading.Thread(target=subscribe, args=(node, follower)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(node.engine) as session:
        assert session.scalar(select(func.count()).select_from(HubSubscription)) == 1
    node.work(lambda: follower.those("GET"))


def test_jobs_are_scheduled_once_and_the_earlier_time_counts(node) -> None:
    now = clock.now()
    keys = [str(n) for n in range(jobs.CHUNK + 3)]
    with Session(node.engine) as session:
        for minutes in (5, 1, 9):
            with writing(session):
                wait = now + timedelta(minutes=minutes)
                jobs.schedule(session, "later", dict.fromkeys(keys, wait), number=minutes)
        rows = session.scalars(select(Job).where(Job.kind == "later")).all()
    assert len(rows) == len(keys)
    assert {row.run_at for row in rows} == {now + timedelta(minutes=1)}
    assert {row.payload["number"] for row in rows} == {9}


def test_a_distribution_that_is_broken_off_anywhere_is_made_good(node, follower) -> None:
    for name in ("one", "two"):
        subscribe(node, follower, name=name)
    node.work(lambda: len(follower.those("GET")) == 2)
    node.settle()
    publish(node)
    with Session(node.engine) as session, writing(session):
        session.execute(update(HubTopic).values(rendered_at=None))
    number, broken = 1, True
    while broken:
        with failing_at(node.engine, number):
            try:
                hub_delivery.distribute(node.worker.sessions, node.worker.tools.page)
                broken = False
            except KeyboardInterrupt:
                number += 1
        with Session(node.engine) as session:
            waiting = session.scalar(select(func.count()).where(Job.kind == Kind.HUB_PUSH))
        assert waiting == (0 if broken else 2), "all of it or nothing"
    assert number > 2
    node.work(lambda: len(follower.deliveries) == 2)


def lease(node: Served) -> PushLease:
    """A lease of a followed feed, as if its hub had been asked."""
    with Session(node.engine, expire_on_commit=False) as session, writing(session):
        later = clock.now() + timedelta(days=1)
        followed = Subscription(
            url="http://127.0.0.1:9/feed.atom",
            kind="member",
            origin="http://127.0.0.1:9",
            hub="http://127.0.0.1:9/hub",
            created=later,
            next_poll=later,
        )
        session.add(followed)
        session.flush()
        made = PushLease(
            subscription_id=followed.id,
            hub=followed.hub,
            topic=followed.url,
            token="a" * 43,
            secret="our secret",
            waiting=True,
            due=later,
        )
        session.add(made)
    return made


def test_our_lease_lives_from_its_confirmation_to_its_end(node) -> None:
    made = lease(node)
    asked = {"hub.topic": made.topic, "hub.challenge": "c" * 20, "hub.lease_seconds": "60"}
    with Session(node.engine) as session:
        given = asked | {"hub.mode": "subscribe"}
        assert websub_callback.verify(session, made.token, given) == "c" * 20
        assert websub_callback.receive(session, made.token, "sha256=0", [b"x"])
        service.unfollow(session, 1)
        assert not websub_callback.receive(session, made.token, "sha256=0", [b"x"])
        assert websub_callback.verify(session, made.token, given) is None
        given = asked | {"hub.mode": "unsubscribe"}
        assert websub_callback.verify(session, made.token, given) == "c" * 20
        assert session.scalar(select(PushLease.id)) is None


def test_many_deliveries_at_the_same_time_are_all_counted(node) -> None:
    made = lease(node)

    def deliver() -> None:
        with Session(node.engine) as session:
            websub_callback.receive(session, made.token, sign("our secret", b"x"), [b"x"])

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(node.engine) as session:
        assert session.scalar(select(PushLease.pushes)) == 8
        assert session.scalars(select(Subscription.next_poll)).one() <= clock.now()


def test_the_duty_asks_nothing_while_nothing_is_due(node) -> None:
    lease(node)
    asking.keep(node.worker.sessions)
    with Session(node.engine) as session:
        assert session.scalar(select(Job.id)) is None
