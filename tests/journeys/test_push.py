"""Push between real nodes that would otherwise look at each other once a day."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from network.feeds import hub_queries
from network.following import queries, service
from network.lib import clock
from network.lib.db import writing
from network.push import queries as websub_queries
from network.subscriptions.models import PushLease, Subscription
from tests.journeys.conftest import Start
from tests.nodes import Node, eventually
from tests.writing import publish, withdraw

SELDOM = {"poll_seconds": "86400"}


@pytest.fixture(scope="module")
def cities(start_for_all: Start) -> tuple[Node, Node]:
    """Paris and Madrid, which run while all of these tests do."""
    return start_for_all("paris", **SELDOM), start_for_all("madrid", **SELDOM)


def follow_by_push(follower: Node, origin: Node) -> None:
    """Follow, until the lease is active and the look after it is over."""
    with follower.database() as session:
        follows = bool(queries.peers(session))
    if not follows:
        follower.follow(origin)

    def waits_for_a_day() -> bool:
        with follower.database() as session:
            states = [view.state for view in websub_queries.pushes(session).values()]
            tomorrow = clock.now() + timedelta(hours=12)
            calm = all(peer.next_poll > tomorrow for peer in queries.peers(session))
            return states == ["active"] and calm

    eventually(waits_for_a_day, 60)


def test_what_paris_publishes_and_withdraws_reaches_madrid_by_push_alone(cities):
    paris, madrid = cities
    follow_by_push(madrid, paris)

    study = publish(paris, title="Les jardins partagés", slug="jardins")
    page = "/fr/etudes-de-cas/paris/jardins"
    eventually(lambda: madrid.status(page) == 200)
    eventually(lambda: page in madrid.text("/fr/recherche?q=jardin"))

    withdraw(paris, study)
    eventually(lambda: madrid.status(page) in (404, 410))

    with paris.database() as session:
        (receiver,), total = hub_queries.receivers(session)
    assert (total, receiver.failures) == (1, 0)
    assert receiver.sent_at is not None


def test_a_follower_that_was_down_gets_what_it_missed_by_push(cities):
    paris, madrid = cities
    follow_by_push(madrid, paris)
    madrid.stop()
    publish(paris, title="Pendant la panne", slug="panne")

    def failed() -> bool:
        with paris.database() as session:
            return bool(hub_queries.receivers(session)[0][0].failures)

    eventually(failed)
    madrid.start()
    eventually(lambda: madrid.status("/fr/etudes-de-cas/paris/panne") == 200, 60)


def test_a_follower_that_unfollows_or_blocks_is_no_receiver_any_more(cities):
    paris, madrid = cities
    follow_by_push(madrid, paris)

    def receivers() -> int:
        with paris.database() as session:
            return hub_queries.receivers(session)[1]

    assert receivers() == 1
    with madrid.database() as session:
        (peer,) = queries.peers(session)
        service.block(session, peer.id)
    eventually(lambda: receivers() == 0)
    with madrid.database() as session:
        service.unblock(session, peer.id)
    eventually(lambda: receivers() == 1, 60)
    with madrid.database() as session:
        service.unfollow(session, peer.id)
    eventually(lambda: receivers() == 0)


def test_a_lease_is_renewed_between_two_nodes(cities):
    paris, madrid = cities
    follow_by_push(madrid, paris)
    time.sleep(1.1)  # so that a new lease ends at another second
    with madrid.database() as session, writing(session):
        before = session.scalars(select(PushLease.until)).one()
        session.execute(update(PushLease).values(due=clock.now()))

    def renewed() -> bool:
        with madrid.database() as session:
            return session.scalars(select(PushLease.until)).one() > before

    eventually(renewed, 60)


def test_polling_goes_on_when_push_has_gone_quiet(start):
    """The hub forgets its follower: what is published arrives with the next look."""
    paris, madrid = start("paris", **SELDOM), start("madrid", **SELDOM)
    follow_by_push(madrid, paris)
    with paris.database() as session:
        (receiver,), _ = hub_queries.receivers(session)
        hub_queries.end_one(session, receiver.id)

    def refused() -> bool:
        with madrid.database() as session:
            return [v.state for v in websub_queries.pushes(session).values()] == ["refused"]

    eventually(refused)
    publish(paris, title="Sans avis", slug="sans-avis")
    with madrid.database() as session, writing(session):
        session.execute(update(Subscription).values(next_poll=clock.now()))  # a day later
    eventually(lambda: madrid.status("/fr/etudes-de-cas/paris/sans-avis") == 200)
