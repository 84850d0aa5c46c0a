"""Who looks at a feed: one process at a time, by a conditional update with a lease that ends."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Result,
    Table,
    bindparam,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from network.lib import clock
from network.lib.db import writing
from network.subscriptions.models import Subscription
from network.subscriptions.turns import fairly

LEASE = timedelta(minutes=5)
RENEW = 60.0
"""Seconds after which a look that goes on renews its lease."""
BUSY = timedelta(seconds=5)
"""How long a feed waits when we ask its host for too much already."""


_TABLE = cast(Table, Subscription.__table__)
_TAKE = update(_TABLE).where(_TABLE.c.id == bindparam("its_id"))
_HELD = _TAKE.where(_TABLE.c.token == bindparam("its_token"))
"""Made once, on the table and not the class, and given their values as parameters: making such a
statement anew costs more than running it, and most looks at a feed run nothing else."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A subscription that one process looks at; the token fences one whose lease has ended."""

    subscription_id: int
    token: str


class ClaimLost(Exception):
    """Another process has taken the subscription over, or it is not followed any more."""


def claim_due(session: Session, limit: int) -> list[Claim]:
    """Claim up to `limit` feeds that are due, the longest overdue first, a few of each host."""
    now = clock.now()
    due = (
        select(Subscription.id)
        .where(Subscription.state == "active", Subscription.next_poll <= now, _free())
        .order_by(Subscription.next_poll, Subscription.id)
        .limit(limit)
    )
    if session.scalar(due.limit(1)) is None:  # most looks find nothing
        session.rollback()
        return []
    due = fairly(session, due)
    with writing(session):
        ids = session.scalars(due.with_for_update(skip_locked=True))
        claims = [Claim(each, secrets.token_hex(8)) for each in ids]
        if claims:  # another process may have come first
            session.execute(_TAKE, [_taken(claim) for claim in claims])
        return claims


def claim_one(session: Session, subscription_id: int) -> Claim | None:
    """Claim one feed, due or not; None when somebody has it, or it is blocked or not followed."""
    claim = Claim(subscription_id, secrets.token_hex(8))
    allowed = _TAKE.where(Subscription.state != "blocked", _free())
    with writing(session):
        return claim if _count(session.execute(allowed, _taken(claim))) else None


def _free() -> ColumnElement[bool]:
    until = Subscription.claimed_until
    return or_(until.is_(None), until < clock.now())


def _taken(claim: Claim) -> dict[str, Any]:
    until = clock.now() + LEASE
    return {"its_id": claim.subscription_id, "token": claim.token, "claimed_until": until}


def settle(session: Session, claim: Claim, **values: Any) -> None:
    """Write what a look came to and give the claim back. Raises ClaimLost."""
    _write(session, claim, **values, token=None, claimed_until=None)


def postpone(session: Session, claim: Claim) -> None:
    """Give the claim back unused, for a little later. Raises ClaimLost."""
    with writing(session):
        settle(session, claim, next_poll=clock.now() + BUSY)


def release_claims(session: Session) -> None:
    """Give back every claim: for the start of the only worker, after a crash."""
    with writing(session):
        session.execute(
            update(Subscription)
            .where(Subscription.token.is_not(None))
            .values(token=None, claimed_until=None)
        )


def _write(session: Session, claim: Claim, **values: Any) -> None:
    its = {"its_id": claim.subscription_id, "its_token": claim.token}
    if not _count(session.execute(_HELD, values | its)):
        raise ClaimLost


def _count(done: Result[Any]) -> int:
    return cast(CursorResult[Any], done).rowcount


class Lease:
    """Keeps a claim while a long log is read, document after document."""

    def __init__(self, session: Session, claim: Claim) -> None:
        self._session, self._claim = session, claim
        self._renewed = time.monotonic()

    def keep(self) -> None:
        """Renew the lease when it is time. Raises ClaimLost."""
        if time.monotonic() - self._renewed < RENEW:
            return
        with writing(self._session):
            _write(self._session, self._claim, claimed_until=clock.now() + LEASE)
        self._renewed = time.monotonic()
