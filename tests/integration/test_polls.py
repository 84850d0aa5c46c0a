"""Looks at many feeds: what they cost the database, and that nothing is lost between them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session, sessionmaker

from network.config import Settings
from network.following import service
from network.lib import clock
from network.lib.db import writing
from network.subscriptions import claims
from network.subscriptions.claims import Settled
from network.subscriptions.models import RemoteEntry, Subscription
from network.subscriptions.policy import open_door
from network.worker.polls import Polls
from tests.nodes import eventually
from tests.sites import Reply, Site

NO_FEED = b"nothing that any parser would take for a feed"
FEED = (
    b'<rss version="2.0"><channel><title>Old address</title>'
    b"<item><guid>1</guid><title>One</title></item></channel></rss>"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        made.otherwise = lambda _path: Reply(NO_FEED, 200, {"ETag": '"same"'})
        yield made


@pytest.fixture
def polls(settings: Settings, engine: Engine) -> Iterator[Polls]:
    with open_door(settings) as door:
        made = Polls(settings, sessionmaker(engine, expire_on_commit=False), door, Event().set)
        yield made
        made.close()


def follow(session: Session, site: Site, number: int) -> list[int]:
    """Follow feeds that are due, and that were read before as they are now.

    Each passes for one of a host of its own, of which only two looks are let through at a time.
    """
    due = clock.now() - timedelta(seconds=1)
    with writing(session):
        added = [
            Subscription(
                url=f"{site.url}/{n}", kind="foreign", origin=f"{site.url}#{n}",
                created=due, next_poll=due,
                etag='"same"', content_hash=hashlib.sha256(NO_FEED).hexdigest(),
            )
            for n in range(number)
        ]  # fmt: skip
        session.add_all(added)
    return [each.id for each in added]


def rows(session: Session) -> list[Subscription]:
    session.rollback()
    query = select(Subscription).order_by(Subscription.id)
    found = list(session.scalars(query.execution_options(populate_existing=True)))
    session.expunge_all()
    session.rollback()
    return found


def all_looked_at(session: Session, polls: Polls) -> None:
    """Go on until each feed was looked at and that is written."""
    eventually(lambda: polls.round() == 0 and all(each.polled_at for each in rows(session)), 60)


@contextmanager
def written(engine: Engine) -> Iterator[list[str]]:
    """The statements that write, and COMMIT after each transaction that has one."""
    seen: list[str] = []

    def execute(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append(" ".join(statement.split()[:2]))

    def commit(_connection: object) -> None:
        if seen and seen[-1] != "COMMIT":
            seen.append("COMMIT")

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", execute)
        event.remove(engine, "commit", commit)


def test_claiming_fifty_feeds_is_one_transaction(
    session: Session, engine: Engine, site: Site
) -> None:
    ids = follow(session, site, 50)
    with written(engine) as statements:
        taken = service.claim_due(session, 100)
    assert [claim.subscription_id for claim in taken] == ids
    assert statements == ["UPDATE subscription", "COMMIT"]


def test_fifty_looks_that_found_nothing_new_are_written_in_one_transaction(
    session: Session, engine: Engine, site: Site
) -> None:
    follow(session, site, 50)
    now = clock.now()
    later = now + timedelta(hours=1)
    looks = [Settled(claim, later, now, None) for claim in service.claim_due(session, 50)]
    with written(engine) as statements:
        claims.settle_many(session, looks)
    assert statements == ["UPDATE subscription", "COMMIT"]
    assert {(r.next_poll, r.polled_at, r.succeeded_at, r.token) for r in rows(session)} == {
        (later, now, now, None)
    }


def test_a_look_at_an_unchanged_feed_leaves_the_database_to_whoever_writes_for_many(
    session: Session, engine: Engine, site: Site, settings: Settings
) -> None:
    (id_,) = follow(session, site, 1)
    (claim,) = service.claim_due(session, 1)
    looks: list[Settled] = []
    with open_door(settings) as door, written(engine) as statements:
        outcome = service.poll(sessionmaker(engine), door, claim, settings, looks.append)
    assert (outcome.kind, [look.claim.subscription_id for look in looks]) == ("unchanged", [id_])
    assert statements == []


@pytest.mark.parametrize("knows_etags", [True, False])
def test_an_unchanged_feed_is_not_parsed_and_changes_nothing_but_times(
    session: Session, engine: Engine, site: Site, polls: Polls, knows_etags: bool
) -> None:
    if not knows_etags:
        site.otherwise = lambda _path: Reply(NO_FEED)
    follow(session, site, 20)
    with writing(session):
        session.execute(update(Subscription).values(etag='"same"' if knows_etags else ""))
    before = rows(session)
    with written(engine) as statements:
        all_looked_at(session, polls)
    assert set(statements) == {"UPDATE subscription", "COMMIT"}
    changed = {
        column.name
        for one, other in zip(before, rows(session), strict=True)
        for column in Subscription.__table__.columns
        if getattr(one, column.name) != getattr(other, column.name)
    }
    assert changed == {"polled_at", "succeeded_at", "next_poll"}
    assert session.scalars(select(RemoteEntry)).all() == []


def test_a_feed_that_failed_before_is_well_again_when_it_is_unchanged(
    session: Session, site: Site, polls: Polls
) -> None:
    follow(session, site, 1)
    with writing(session):
        session.execute(update(Subscription).values(failures=3, error="It was away."))
    all_looked_at(session, polls)
    assert [(row.failures, row.error) for row in rows(session)] == [(0, "")]


def test_who_asks_for_a_look_while_one_is_under_way_gets_another(
    session: Session, engine: Engine, site: Site, polls: Polls
) -> None:
    (id_,) = follow(session, site, 1)

    def asked_for(_headers: object) -> Reply:
        site.answers.clear()  # once
        with Session(engine) as other:
            service.poll_now(other, id_)
        return Reply(NO_FEED, 200, {"ETag": '"same"'})

    site.answers["/0"] = asked_for
    eventually(lambda: polls.round() == 0 and len(site.asked) >= 2)
    polls.close()
    (found,) = rows(session)
    assert found.token is None
    assert found.next_poll > clock.now(), "nobody asked again"


def test_what_was_blocked_while_a_look_waited_to_be_written_stays_as_it_is(
    session: Session, engine: Engine, site: Site
) -> None:
    kept, blocked = follow(session, site, 2)
    now = clock.now()
    looks = [Settled(claim, now, now, None) for claim in service.claim_due(session, 50)]
    with Session(engine) as other:
        service.block(other, blocked)
    claims.settle_many(session, looks)
    assert {row.id: (row.state, row.polled_at) for row in rows(session)} == {
        kept: ("active", now),
        blocked: ("blocked", None),
    }


def test_a_look_that_a_crash_kept_from_being_written_is_done_again(
    session: Session, site: Site, polls: Polls
) -> None:
    follow(session, site, 2)
    lost = service.claim_due(session, 50)
    assert len(lost) == 2
    claims.release_claims(session)  # as the successor of a dead worker does
    all_looked_at(session, polls)
    now = clock.now()
    claims.settle_many(session, [Settled(claim, now, now, now) for claim in lost])
    assert [row.complete_at for row in rows(session)] == [None, None], "the claims are of no use"


def test_what_changed_is_taken_in_on_the_row_as_it_is_by_then(
    session: Session, engine: Engine, site: Site, polls: Polls
) -> None:
    """An administrator agrees to a move while the old address is still being asked."""
    (id_,) = follow(session, site, 1)
    with writing(session):
        session.execute(update(Subscription).values(pending_url=f"{site.url}/new"))

    def moved(_headers: object) -> Reply:
        with Session(engine) as other:
            service.accept_move(other, id_)
        return Reply(FEED, 200, {"ETag": '"other"'})

    site.answers["/0"] = moved
    eventually(lambda: polls.round() == 0 and "/new" in site.paths)
    polls.close()
    (found,) = rows(session)
    assert (found.url, found.etag, found.title) == (f"{site.url}/new", "", "")
    assert session.scalars(select(RemoteEntry)).all() == []


def test_claims_that_were_not_begun_are_given_back_at_the_end(
    session: Session, make_settings: Callable[..., Settings], engine: Engine, site: Site
) -> None:
    answer = Event()

    def wait(_headers: object) -> Reply:
        answer.wait(30)
        return Reply(NO_FEED, 200, {"ETag": '"same"'})

    follow(session, site, 4)
    site.answers = {f"/{n}": wait for n in range(4)}
    settings = make_settings(poll_threads="1")
    with open_door(settings) as door:
        polls = Polls(settings, sessionmaker(engine, expire_on_commit=False), door, Event().set)
        assert polls.round() == 4
        eventually(lambda: site.asked)
        answer.set()
        polls.close()
    looked_at = [row for row in rows(session) if row.polled_at]
    assert len(looked_at) < 4, "there was nothing to give back"
    assert [row.token for row in rows(session)] == [None] * 4
    assert len(service.claim_due(session, 50)) == 4 - len(looked_at)
