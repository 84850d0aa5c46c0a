"""Tells the hub's subscribers what changed: makes their feeds anew, and sends each its document.

The counters of catalogue and log, which change in the same commit as what they count, are the
outbox: a topic is due while its document was made of another state. So a change costs its writer
nothing, and none is lost by whoever dies in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session, sessionmaker, undefer

from network.catalogue import queries as catalogue
from network.feeds import hub
from network.feeds.models import BUSY, LONGEST_LEASE, HubSubscription, HubTopic
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door, HostBusy, Limits
from network.lib.i18n import N_
from network.lib.signed import sign
from network.log import service as log

PAUSE = timedelta(seconds=1)
"""Between two distributions of a feed, so that an import is not told entry by entry."""
LIMITS = Limits(seconds=10, wait=0.5, redirects=0, body_bytes=0)
"""Of one delivery. The answer's body is nobody's concern (section 7)."""
SOON = timedelta(seconds=1)
DELIVERIES = 8
"""Attempts to deliver one document, over some three hours."""
UNVERIFIED = timedelta(hours=1)
"""How long it is remembered that somebody did not want what was asked in his name."""
GONE = N_("This feed does not exist any more.")
STATUS = N_("It answered with the status %(status)s.")


class Page(Protocol):
    """What an address of this node answers."""

    @property
    def status(self) -> int: ...  # noqa: D102 — see the class
    @property
    def media_type(self) -> str: ...  # noqa: D102
    @property
    def content(self) -> bytes: ...  # noqa: D102
    @property
    def links(self) -> str: ...  # noqa: D102


Pages = Callable[[str], Page]
Sessions = sessionmaker[Session]


def is_live(now: datetime) -> ColumnElement[bool]:
    """Whether a subscription was verified and its lease goes on."""
    return HubSubscription.until > now


def mark(session: Session) -> str:
    """What every feed of this node is made of, as a short text."""
    epoch, seq = log.position(session)
    return f"{catalogue.version(session)} {epoch} {seq}"


def distribute(sessions: Sessions, page: Pages) -> int:
    """Make anew each feed that has subscribers and may have changed; gives how many."""
    with sessions() as session:
        if session.scalar(select(HubTopic.id).limit(1)) is None:
            return 0
        now = clock.now()
        rested = or_(
            HubTopic.rendered_at.is_(None), ~HubTopic.rendered_at.between(now - PAUSE, now)
        )
        due = select(HubTopic.id).where(HubTopic.mark != mark(session), rested)
        subscribed = select(HubSubscription.topic_id).where(is_live(now))
        order = (HubTopic.path != hub.LOG_PATH, HubTopic.id)  # other nodes first
        found = session.scalars(due.where(HubTopic.id.in_(subscribed)).order_by(*order)).all()
    for topic_id in found:
        refresh(sessions, page, topic_id)
    return len(found)


def refresh(sessions: Sessions, page: Pages, topic_id: int) -> None:
    """Make a feed anew, and have it sent to those whose last document was another.

    Raises RuntimeError when the feed cannot be made now.
    """
    with sessions() as session:
        topic = session.get(HubTopic, topic_id)
        if topic is None:
            return
        path, before, now_mark = topic.path, topic.mark, mark(session)
        session.rollback()
        found = page(path)
        if 300 <= found.status < 500:  # moved or gone: subscribers look, and find out where to
            _end_topic(session, topic_id)
            return
        with writing(session):
            topic = session.get(HubTopic, topic_id, with_for_update=True)
            if topic is not None and topic.mark == before:  # else somebody was faster
                topic.rendered_at = clock.now()
                if found.status == 200:
                    topic.mark = now_mark
                    _keep(topic, found)
                    _offer(session, topic)
        if found.status != 200:
            raise RuntimeError(f"{path} answers {found.status}")


def _keep(topic: HubTopic, found: Page) -> None:
    digest = hashlib.sha256(found.content).hexdigest()
    if digest != topic.hash:
        topic.hash, topic.content = digest, found.content
    topic.media_type, topic.links = found.media_type, found.links


def _offer(session: Session, topic: HubTopic) -> None:
    """A job for each subscriber whose last document was another. Who failed before waits a little,
    so that those who are well do not wait for him."""
    now = clock.now()
    mine = (HubSubscription.topic_id == topic.id, HubSubscription.offered != topic.hash)
    columns = (HubSubscription.id, HubSubscription.sent_hash, HubSubscription.failures)
    rows = session.execute(select(*columns).where(*mine, is_live(now))).all()
    times = {
        str(row.id): now + timedelta(seconds=min(2**row.failures, 60) if row.failures else 0)
        for row in rows
        if row.sent_hash != topic.hash
    }
    if rows:
        session.execute(
            update(HubSubscription).where(*mine, is_live(now)).values(offered=topic.hash)
        )
    jobs.schedule(session, Kind.HUB_PUSH, times, number=1)


def _end_topic(session: Session, topic_id: int) -> None:
    """The feed is gone: its subscribers are told, and nothing of it is kept."""
    with writing(session):
        rows = session.scalars(select(HubSubscription).where(HubSubscription.topic_id == topic_id))
        for row in rows.all():
            end(session, row, GONE)
        session.execute(delete(HubTopic).where(HubTopic.id == topic_id))


def end(session: Session, row: HubSubscription, reason: str) -> None:
    """End a subscription on our side and tell the subscriber why, in the caller's transaction."""
    told = {"topic": row.topic, "callback": row.callback, "reason": reason}
    jobs.add(session, Kind.HUB_DENY, row.digest, **told)
    session.delete(row)
    session.flush()


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One document for one subscriber."""

    callback: str
    content: bytes
    hash: str
    headers: dict[str, str]


def push(sessions: Sessions, door: Door, subscription_id: int, number: int) -> None:
    """Send a subscriber the newest document of its topic. number: which attempt, from 1."""
    with sessions() as session:
        delivery = _begin(session, subscription_id)
        session.rollback()
        if delivery is None:
            return
        try:
            answer = door.post(delivery.callback, delivery.content, delivery.headers, LIMITS)
        except HostBusy:
            _again(session, subscription_id, SOON, number)
        except RemoteError as error:
            _failed(session, subscription_id, number, error)
        else:
            if answer.ok:
                _arrived(session, subscription_id, delivery.hash)
            elif answer.status == 410:
                _unsubscribed(session, subscription_id)
            else:
                refusal = RemoteError(STATUS, status=answer.status)
                _failed(session, subscription_id, number, refusal)


def _begin(session: Session, subscription_id: int) -> _Delivery | None:
    """What is to be sent, if anything; one delivery at a time to each subscriber."""
    now = clock.now()
    with writing(session):
        row = session.get(HubSubscription, subscription_id, with_for_update=True)
        if row is None or row.until is None or row.until <= now:
            return None
        if row.busy_until is not None and clock.is_ahead(row.busy_until, now, BUSY):
            jobs.schedule(session, Kind.HUB_PUSH, {str(row.id): now + SOON}, number=1)
            return None
        wanted = select(HubTopic).where(HubTopic.id == row.topic_id)
        topic = session.scalars(wanted.options(undefer(HubTopic.content))).one()
        if topic.content is None or topic.hash == row.sent_hash:
            return None
        row.busy_until = now + BUSY
        headers = {"Content-Type": topic.media_type, "Link": topic.links}
        if row.secret:
            headers["X-Hub-Signature"] = sign(row.secret, topic.content)
        return _Delivery(row.callback, topic.content, topic.hash, headers)


def _arrived(session: Session, subscription_id: int, digest: str) -> None:
    values: dict[str, Any] = {"sent_hash": digest, "sent_at": clock.now(), "failures": 0}
    _note(session, subscription_id, **values, error="", error_arguments=None)


def _failed(session: Session, subscription_id: int, number: int, error: RemoteError) -> None:
    """Note it, and try again later; after the last attempt the next change begins anew."""
    shown = {name: str(value)[:300] for name, value in error.arguments.items()}
    values: dict[str, Any] = {"error": error.message, "error_arguments": shown or None}
    if number < DELIVERIES:
        wait = timedelta(seconds=min(3600, 5 * 4 ** (number - 1)))
        _again(session, subscription_id, wait, number + 1, failed=1, **values)
    else:
        _note(session, subscription_id, failed=1, **values)


def _again(
    session: Session, subscription_id: int, wait: timedelta, number: int, **values: Any
) -> None:
    with writing(session):
        _note(session, subscription_id, **values)
        times = {str(subscription_id): clock.now() + wait}
        jobs.schedule(session, Kind.HUB_PUSH, times, number=number)


def _note(session: Session, subscription_id: int, failed: int = 0, **values: Any) -> None:
    with writing(session):
        if failed:
            values["failures"] = HubSubscription.failures + failed
        session.execute(
            update(HubSubscription)
            .where(HubSubscription.id == subscription_id)
            .values(busy_until=None, **values)
        )


def _unsubscribed(session: Session, subscription_id: int) -> None:
    with writing(session):
        session.execute(delete(HubSubscription).where(HubSubscription.id == subscription_id))


def sweep(sessions: Sessions) -> None:
    """Forget leases that ended, requests that nobody wanted, and topics without subscribers.

    A lease that ends later than any that we give began when our clock was wrong: it ends as one
    that begins now, for its subscriber renews it before that.
    """
    now = clock.now()
    with sessions() as session, writing(session):
        wrong = HubSubscription.until > now + LONGEST_LEASE + clock.SLACK
        begun = now + timedelta(seconds=hub.DEFAULT_LEASE)
        session.execute(
            update(HubSubscription)
            .where(wrong)
            .values(until=begun)
            .execution_options(synchronize_session=False)
        )
        old = ~HubSubscription.wanted_at.between(now - UNVERIFIED, now + clock.SLACK)
        ended = (HubSubscription.until <= now) & or_(HubSubscription.wanted_mode == "", old)
        session.execute(
            delete(HubSubscription)
            .where(or_(ended, HubSubscription.until.is_(None) & old))
            .execution_options(synchronize_session=False)
        )
        used = select(HubSubscription.topic_id)
        session.execute(
            delete(HubTopic)
            .where(HubTopic.id.not_in(used))
            .execution_options(synchronize_session=False)
        )
