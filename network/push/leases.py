"""Push for what we follow (W3C WebSub): which hub to ask, and what our leases there come to.

A delivery never brings content: a good one means that the feed is to be read now, by the same poll
as ever. So whoever forges or repeats one can make us do nothing but that, and polling goes on by
itself whether a hub works or not.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.reading.discover import websub_from_header
from network.subscriptions.claims import marked
from network.subscriptions.fetch import Answer
from network.subscriptions.models import RENEWED, PushLease, Subscription

WINDOW = timedelta(minutes=1)
MOST_IN_WINDOW = 30
"""Deliveries that are each looked at once; more in one minute wait for its end."""


def named(
    found: Subscription, answer: Answer, document: Mapping[str, Any]
) -> tuple[str, str] | None:
    """The hub and the topic that an answer names (section 4), None when it says nothing new.

    document: what was read of it, with hub and self_url; empty when it was unchanged. The Link
    header comes first; of several hubs one with HTTPS. A feed that names a hub and not itself is
    taken at the address that answered.
    """
    header = websub_from_header(answer.response.headers.get("Link", ""), answer.response.url)
    if header.hubs:
        secure = [hub for hub in header.hubs if hub.startswith("https://")]
        hub = [*secure, *header.hubs][0]
        topic = header.self_url or document.get("self_url", found.self_url)
    elif "hub" in document:
        hub, topic = document["hub"], document["self_url"]
    else:
        return None
    return (hub, topic or answer.url) if hub else ("", "")


def follow_hub(session: Session, subscription_id: int, hub: str, topic: str) -> None:
    """Have this hub asked for pushes, and no other any more, in the caller's transaction."""
    current = session.scalar(_current(subscription_id))
    if current is not None and (current.hub, current.topic) == (hub, topic):
        return
    leave(session, subscription_id)
    if not hub:
        return
    lease = PushLease(
        subscription_id=subscription_id,
        hub=hub,
        topic=topic,
        token=secrets.token_urlsafe(32),
        secret=secrets.token_hex(32),
        due=clock.now() + timedelta(minutes=1),  # should the job be lost
    )
    session.add(lease)
    session.flush()
    jobs.add(session, Kind.WEBSUB_SUBSCRIBE, str(lease.id))


def _current(subscription_id: int) -> Any:
    return select(PushLease).where(PushLease.subscription_id == subscription_id)


def leave(session: Session, subscription_id: int) -> None:
    """End what we have at hubs for a feed, in the caller's transaction."""
    for lease in session.scalars(_current(subscription_id)).all():
        lease.subscription_id, lease.state, lease.waiting = None, "ending", False
        lease.due, lease.failures = clock.now() + timedelta(minutes=1), 0
        session.flush()
        jobs.add(session, Kind.WEBSUB_UNSUBSCRIBE, str(lease.id))


def _bring_forward(session: Session, subscription_id: int, when: datetime) -> None:
    """Have the feed looked at then. A look that goes on may have had its answer before what is
    told of now: it leaves a time that was set meanwhile (claims.settle)."""
    session.execute(
        update(Subscription)
        .where(
            Subscription.id == subscription_id,
            Subscription.state == "active",
            or_(Subscription.next_poll > when, Subscription.token.is_not(None)),
        )
        .values(next_poll=marked(when))
        .execution_options(synchronize_session=False)
    )


def find(session: Session, token: str) -> PushLease | None:
    """The lease whose callback this is."""
    wanted = select(PushLease).where(PushLease.token == token)
    return session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def confirm(session: Session, lease: PushLease, seconds: int) -> None:
    """The hub has begun the lease that we asked for, in the caller's transaction.

    The feed is read once more: what changed before the lease began is not pushed to us.
    """
    now, was_active = clock.now(), lease.state == "active"
    if lease.waiting:
        lease.until, lease.due = now + timedelta(seconds=seconds), renewal(now, seconds)
    lease.state, lease.waiting = "active", False
    lease.failures, lease.said, lease.error, lease.error_arguments = 0, "", "", None
    if not was_active and lease.subscription_id is not None:
        _bring_forward(session, lease.subscription_id, now + timedelta(seconds=1))


def renewal(now: datetime, seconds: int) -> datetime:
    """At half life of the lease, and within two weeks of a very long one."""
    return now + min(RENEWED, timedelta(seconds=max(1, seconds // 2)))


def refused(lease: PushLease, reason: str) -> None:
    """The hub does not want us, in the caller's transaction: it is asked again, but rarely."""
    lease.state, lease.waiting, lease.until = "refused", False, None
    lease.said, lease.failures = reason[:500], lease.failures + 1
    lease.due = clock.now() + patience(lease.failures, timedelta(hours=1))


def patience(failures: int, first: timedelta = timedelta(minutes=1)) -> timedelta:
    """How long to wait after so many failures in a row, up to a day."""
    return min(first * 2 ** min(max(failures - 1, 0), 12), timedelta(days=1))


def pushed(session: Session, lease: PushLease) -> None:
    """A good delivery: have the feed read now, in the caller's transaction."""
    now = clock.now()
    if lease.window_at is None or not now - WINDOW < lease.window_at <= now:
        lease.window_at, lease.window_pushes = now, 0
    lease.window_pushes += 1
    lease.pushes += 1
    lease.pushed_at = now
    calm = lease.window_pushes <= MOST_IN_WINDOW
    lease.poll_at = now if calm else lease.window_at + WINDOW
    session.flush()  # before the subscription's row, in the same order as a look
    if lease.subscription_id is not None:
        _bring_forward(session, lease.subscription_id, lease.poll_at)


def forget(session: Session, lease_id: int) -> None:
    """Nothing is left to be said to that hub, in the caller's transaction."""
    session.execute(delete(PushLease).where(PushLease.id == lease_id))
