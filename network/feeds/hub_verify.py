"""Asks a callback whether it wants what was asked of the hub in its name, and tells it of denials.

Until a callback has repeated the challenge, nothing changes (WebSub, section 5.3).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from network.feeds.hub_delivery import Pages, Sessions, mark, refresh
from network.feeds.models import HubSubscription, HubTopic
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door, HostBusy, Limits

LIMITS = Limits(seconds=10, wait=1, redirects=0, body_bytes=4096, wire_bytes=8192)
"""Of one question. A redirect is a refusal (section 5.3)."""
ATTEMPTS = 4
"""For a callback that cannot be reached; an answer other than the challenge is final."""
WAITS = jobs.ATTEMPTS
"""For one whose host we ask for something else already."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that waits to be verified."""

    mode: str
    topic: str
    topic_id: int
    callback: str
    lease: int
    token: str


def verify(sessions: Sessions, door: Door, page: Pages, subscription_id: int, attempt: int) -> None:
    """Ask the callback, and do what was asked when it agrees.

    attempt: from 1. Raises RemoteError when it is worth asking again.
    """
    with sessions() as session:
        asked, known = _asked(session, subscription_id), ""
        if asked is not None and asked.mode == "subscribe":
            known = _prepare(session, sessions, page, asked.topic_id)
            asked = _asked(session, subscription_id)
        if asked is None:
            return
        began = clock.now()
        try:
            agreed = _agrees(door, asked)
        except RemoteError as error:
            if error.retryable and attempt < (WAITS if isinstance(error, HostBusy) else ATTEMPTS):
                raise
            agreed = False
        _settle(session, subscription_id, asked, agreed, _Start(began, known))


@dataclass(frozen=True, slots=True)
class _Start:
    """When a lease begins: the moment of the question, and the hash of the document of then."""

    moment: datetime
    known: str


def _asked(session: Session, subscription_id: int) -> _Asked | None:
    row = session.get(HubSubscription, subscription_id)
    found = None
    if row is not None and row.wanted_mode:
        found = _Asked(
            mode=row.wanted_mode,
            topic=row.topic,
            topic_id=row.topic_id,
            callback=row.callback,
            lease=row.wanted_lease,
            token=row.wanted_token,
        )
    session.rollback()
    return found


def _prepare(session: Session, sessions: Sessions, page: Pages, topic_id: int) -> str:
    """Bring the topic's document up to date, and give its hash: a new subscriber is sent what
    comes after it."""
    topic = session.get(HubTopic, topic_id)
    due = topic is not None and topic.mark != mark(session)
    session.rollback()
    if due:
        refresh(sessions, page, topic_id)
    topic = session.get(HubTopic, topic_id)
    found = topic.hash if topic is not None else ""
    session.rollback()
    return found


def _agrees(door: Door, asked: _Asked) -> bool:
    """Whether the callback repeats the challenge. Raises RemoteError."""
    challenge = secrets.token_urlsafe(32)
    given = {"hub.mode": asked.mode, "hub.topic": asked.topic, "hub.challenge": challenge}
    if asked.mode == "subscribe":
        given["hub.lease_seconds"] = str(asked.lease)
    answer = door.get(_with(asked.callback, given), limits=LIMITS)
    return answer.ok and answer.content == challenge.encode()


def _with(callback: str, given: dict[str, str]) -> str:
    """The callback with its own query first and as it was."""
    return f"{callback}{'&' if '?' in callback else '?'}{urlencode(given)}"


def _settle(
    session: Session, subscription_id: int, asked: _Asked, agreed: bool, start: _Start
) -> None:
    with writing(session):
        row = session.get(
            HubSubscription, subscription_id, with_for_update=True, populate_existing=True
        )
        if row is None or row.wanted_token != asked.token:
            return  # a newer request has its own turn
        if agreed and asked.mode == "unsubscribe":
            session.delete(row)
            return
        if agreed:
            _begin(session, row, start)
        row.tries = 0 if agreed else row.tries + 1
        row.wanted_mode = row.wanted_token = row.wanted_secret = ""


def _begin(session: Session, row: HubSubscription, start: _Start) -> None:
    """The lease begins or goes on from the question, with the new secret."""
    # The topic is locked: a distribution sees this subscription, or we see what it distributed.
    topic = session.get_one(HubTopic, row.topic_id, with_for_update=True, populate_existing=True)
    if row.until is None or row.until <= start.moment:
        row.sent_hash = start.known
    row.until = start.moment + timedelta(seconds=row.wanted_lease)
    row.secret, row.offered = row.wanted_secret, topic.hash
    row.failures, row.error, row.error_arguments = 0, "", None
    if row.sent_hash != topic.hash:  # it failed to arrive, or changed while we asked
        jobs.schedule(session, Kind.HUB_PUSH, {str(row.id): clock.now()}, number=1)


def deny(door: Door, callback: str, topic: str, reason: str) -> None:
    """Tell a subscriber that its subscription is no more (section 5.2). Raises RemoteError."""
    given = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}
    door.get(_with(callback, given), limits=LIMITS)
