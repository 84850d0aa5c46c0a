"""What we say to other sites' hubs: subscribe, renew at half life, unsubscribe, try again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door, Limits, Response
from network.lib.i18n import N_
from network.push import leases
from network.subscriptions.models import RENEWED, PushLease, Subscription

LEASE = 10 * 86_400
"""Seconds that we ask for; what a hub gives is its own to say."""
LIMITS = Limits(seconds=15, wait=5, redirects=3, body_bytes=64 * 1024, wire_bytes=64 * 1024)
ANSWER_TIME = timedelta(minutes=5)
"""For a hub to verify what it has accepted, before we ask again."""
GOODBYES = 5
"""Attempts to unsubscribe; after them the callback's answers tell the hub."""
MOST = 200
"""Leases that are looked after at a time."""
STATUS = N_("The hub %(host)s answered with the status %(status)s.")


@dataclass(frozen=True, slots=True)
class _Lease:
    """What is said to the hub."""

    hub: str
    topic: str
    callback: str
    secret: str

    def form(self, mode: str) -> dict[str, str]:
        """The request (section 5.1)."""
        given = {"hub.mode": mode, "hub.topic": self.topic, "hub.callback": self.callback}
        if mode == "subscribe":
            given |= {"hub.secret": self.secret, "hub.lease_seconds": str(LEASE)}
        return given


def subscribe(sessions: sessionmaker[Session], door: Door, base_url: str, lease_id: int) -> None:
    """Ask a hub for a lease, a new one or a longer one; its verification ends the matter."""
    with sessions() as session:
        with writing(session):
            row = session.get(PushLease, lease_id, with_for_update=True)
            if row is None or row.state == "ending":
                return
            row.waiting = True  # some hubs verify before they answer
            row.due = clock.now() + max(ANSWER_TIME, leases.patience(row.failures + 1))
            lease = _said(row, base_url)
        try:
            answer = _ask(door, lease, "subscribe")
        except RemoteError as error:
            _note(session, lease_id, error)
        else:
            if not answer.ok:
                _refused(session, lease_id, answer)


def _said(row: PushLease, base_url: str) -> _Lease:
    return _Lease(row.hub, row.topic, f"{base_url}/websub/callback/{row.token}", row.secret)


def _ask(door: Door, lease: _Lease, mode: str) -> Response:
    """Over HTTPS where that works, also for a hub named without it (section 8.2).

    Raises RemoteError.
    """
    parts = urlsplit(lease.hub)
    if parts.scheme == "http" and parts.port in (None, 80):
        secure = parts._replace(scheme="https", netloc=parts.hostname or "").geturl()
        try:
            answer = door.post(secure, lease.form(mode), limits=LIMITS)
            if answer.ok:
                return answer
        except RemoteError:
            pass
    return door.post(lease.hub, lease.form(mode), limits=LIMITS)


def _refused(session: Session, lease_id: int, answer: Response) -> None:
    """A status outside 2xx: 4xx is a refusal with the hub's own reason, unless a lease goes on;
    anything else is a failure."""
    error = RemoteError(STATUS, host=urlsplit(answer.url).netloc, status=answer.status)
    final = 400 <= answer.status < 500 and answer.status not in (408, 429)
    with writing(session):
        row = session.get(PushLease, lease_id, with_for_update=True, populate_existing=True)
        lasts = row is not None and row.until is not None and row.until > clock.now()
        if row is not None and row.state != "ending" and final and not lasts:
            leases.refused(row, _reason(answer) or str(error))
        else:
            _note(session, lease_id, error)


def _reason(answer: Response) -> str:
    """What the hub says, where that is plain text (section 5.1.2)."""
    if not answer.headers.get("Content-Type", "").lower().startswith("text/plain"):
        return ""
    text = answer.content[:1000].decode("utf-8", "replace")
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()[:300]


def _note(session: Session, lease_id: int, error: RemoteError) -> None:
    """A failure; a lease that goes on is still good until its end."""
    with writing(session):
        row = session.get(PushLease, lease_id, with_for_update=True, populate_existing=True)
        if row is None or not row.waiting:
            return  # it was verified all the same
        row.failures += 1
        row.due = clock.now() + leases.patience(row.failures)
        row.error = error.message
        row.error_arguments = {k: str(v)[:300] for k, v in error.arguments.items()} or None


def unsubscribe(sessions: sessionmaker[Session], door: Door, base_url: str, lease_id: int) -> None:
    """Tell a hub that we leave; its verification, or its not knowing us, ends the matter."""
    with sessions() as session:
        row = session.get(PushLease, lease_id)
        lease = _said(row, base_url) if row is not None and row.state == "ending" else None
        session.rollback()
        if lease is None:
            return
        try:
            status = _ask(door, lease, "unsubscribe").status
        except RemoteError:
            status = 0
        with writing(session):
            if 400 <= status < 500:
                leases.forget(session, lease_id)
            elif row := session.get(PushLease, lease_id, with_for_update=True):
                row.failures += 1
                row.due = clock.now() + max(ANSWER_TIME, leases.patience(row.failures))


def keep(sessions: sessionmaker[Session]) -> None:
    """A duty: see to every lease whose time has come, and to feeds that have none yet."""
    with sessions() as session:
        if _nothing_to_do(session):
            return
        with writing(session):
            for subscription_id in session.scalars(_left().limit(MOST)).all():
                leases.leave(session, subscription_id)
            for row in session.execute(_lacking().limit(MOST)).all():
                leases.follow_hub(session, row.id, row.hub, row.self_url or row.url)
            for lease in session.scalars(_due().limit(MOST)).all():
                _see_to(session, lease)


def _nothing_to_do(session: Session) -> bool:
    asked = (_left(), _lacking(), _due())
    found = any(session.execute(each.limit(1)).first() is not None for each in asked)
    session.rollback()
    return not found


def _left() -> Any:
    """Feeds that we look at no more."""
    joined = PushLease.subscription_id == Subscription.id
    return select(Subscription.id).join(PushLease, joined).where(Subscription.state != "active")


def _lacking() -> Any:
    """Feeds that name a hub and have no lease: those of an earlier version, or unblocked."""
    columns = (Subscription.id, Subscription.hub, Subscription.self_url, Subscription.url)
    has_one = select(PushLease.id).where(PushLease.subscription_id == Subscription.id).exists()
    return select(*columns).where(Subscription.state == "active", Subscription.hub != "", ~has_one)


def _due() -> Any:
    return (
        select(PushLease)
        .where(clock.is_due(PushLease.due, clock.now(), RENEWED))
        .order_by(PushLease.due)
    )


def _see_to(session: Session, lease: PushLease) -> None:
    """Ask again for a lease whose time has come, or say goodbye again."""
    now = clock.now()
    if lease.state != "ending":
        if lease.state == "active" and (lease.until is None or lease.until <= now):
            lease.state = "asked"  # it ran out without being renewed
        if lease.waiting:
            lease.failures += 1  # it was asked for, and not verified
        lease.due = now + ANSWER_TIME
        jobs.add(session, Kind.WEBSUB_SUBSCRIBE, str(lease.id))
    elif lease.failures >= GOODBYES or (lease.until is not None and lease.until <= now):
        leases.forget(session, lease.id)
    else:
        lease.due = now + ANSWER_TIME
        jobs.add(session, Kind.WEBSUB_UNSUBSCRIBE, str(lease.id))
