"""Many feeds of one host among others: two looks at a time are its share (attack 23)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from network.config import Settings
from network.lib import clock
from network.lib.db import writing
from network.search.opening import open_search
from network.subscriptions.claims import claim_due
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from network.worker.loop import Worker
from tests.nodes import eventually
from tests.sites import Reply, Site

MANY, OTHERS = 500, 12
RSS = b"<rss version='2.0'><channel><title>x</title><item><guid>a</guid></item></channel></rss>"


class Crowd:
    """A host of many feeds, which answers no request until it is let go."""

    def __init__(self, site: Site) -> None:
        self.site, self.go = site, threading.Event()
        self.now = self.most = 0
        self.lock = threading.Lock()
        site.answers |= dict.fromkeys((f"/{n}" for n in range(MANY)), self.answer)

    def answer(self, _headers: Mapping[str, str]) -> Reply:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go.wait(60)
        with self.lock:
            self.now -= 1
        return Reply(RSS)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    with Site() as site:
        made = Crowd(site)
        yield made
        made.go.set()


@pytest.fixture
def others() -> Iterator[list[Site]]:
    sites = [Site() for _ in range(OTHERS)]
    for site in sites:
        site.answers["/rss"] = Reply(RSS)
        site.__enter__()
    yield sites
    for site in sites:
        site.__exit__()


def follow(session: Session, urls: list[str], late: timedelta) -> None:
    due = clock.now() - late
    with writing(session):
        session.add_all(
            Subscription(kind="foreign", url=url, origin=url.rpartition("/")[0], created=due,
                         next_poll=due)
            for url in urls
        )  # fmt: skip


def looked_at(session: Session, sites: list[Site]) -> int:
    session.rollback()
    origins = [site.url for site in sites]
    query = select(Subscription.id).where(
        Subscription.origin.in_(origins), Subscription.polled_at.is_not(None)
    )
    return len(session.scalars(query).all())


def test_a_host_of_five_hundred_feeds_that_hangs_holds_up_no_other(
    session: Session, settings: Settings, engine: Engine, crowd: Crowd, others: list[Site]
) -> None:
    follow(session, [f"{crowd.site.url}/{n}" for n in range(MANY)], timedelta(hours=2))
    follow(session, [f"{site.url}/rss" for site in others], timedelta(seconds=1))
    index = open_search(settings)
    with open_door(settings) as door:
        worker = Worker(settings, index, door, engine)

        def others_were_looked_at() -> bool:
            worker.round()
            return looked_at(session, others) == OTHERS

        eventually(others_were_looked_at, 60)
        assert looked_at(session, [crowd.site]) == 0
        crowd.go.set()

        def so_was_some_of_the_crowd() -> bool:
            worker.round()
            return looked_at(session, [crowd.site]) >= 20

        eventually(so_was_some_of_the_crowd, 60)
        worker.close()
    index.close()
    assert crowd.most == 2


def test_claims_go_to_those_who_wait_longest_and_to_each_host_twice(session: Session) -> None:
    for number in range(6):
        urls = [f"http://{name}.example/{number}" for name in ("a", "b")]
        follow(session, urls[:1], timedelta(minutes=30 - number))
        follow(session, urls[1:], timedelta(minutes=20 - number))
    follow(session, ["http://c.example/0"], timedelta(minutes=1))

    def claimed() -> list[str]:
        ids = [claim.subscription_id for claim in claim_due(session, 10)]
        found = [session.get_one(Subscription, id_).url for id_ in ids]
        session.rollback()
        return sorted(url.removeprefix("http://").replace(".example", "") for url in found)

    assert claimed() == ["a/0", "a/1", "b/0", "b/1", "c/0"]
    assert claimed() == []
    with writing(session):
        for row in session.scalars(select(Subscription).where(Subscription.url.endswith("/0"))):
            row.claimed_until, row.token = None, None
            row.next_poll = clock.now() + timedelta(hours=1)
    assert claimed() == ["a/2", "b/2"]
