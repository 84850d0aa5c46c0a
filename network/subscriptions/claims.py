"""Who looks at a feed: one process at a time, by a conditional update with a lease that ends."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Result,
    Table,
    bindparam,
    case,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from network.jobs.holders import claimed_by
from network.lib import clock
from network.lib.db import Moment, writing
from network.subscriptions.models import LEASE, Subscription
from network.subscriptions.schedule import LONGEST
from network.subscriptions.turns import fairly

RENEW = 60.0
"""Seconds after which a look that goes on renews its lease."""
BUSY = timedelta(seconds=5)
"""How long a feed waits when we ask its host for too much already."""


_TABLE = cast(Table, Subscription.__table__)
_TAKE = update(_TABLE).where(_TABLE.c.id == bindparam("its_id"))
_HELD = _TAKE.where(_TABLE.c.token == bindparam("its_token"))
_WAS_DUE = bindparam("was_due", type_=Moment)
_SETTLED = _HELD.values(
    token=null(),
    claimed_until=null(),
    # Whoever asked for a look meanwhile gets another one: this one's answer may be older.
    next_poll=case(
        (_TABLE.c.next_poll == _WAS_DUE, bindparam("due", type_=Moment)),
        else_=_TABLE.c.next_poll,
    ),
)
"""Made once, on the table and not the class, and given their values as parameters: making such a
statement anew costs more than running it, and most looks at a feed run nothing else."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A subscription that one process looks at; the token fences one whose lease has ended.

    due: since when a look was due. found: the row as it was then, detached: good for asking whether
    the feed has changed, while what is taken in is taken in on the row as it is by then.
    """

    subscription_id: int
    token: str
    due: datetime
    found: Subscription | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a look at an unchanged feed came to: times and nothing else. due: when to look again."""

    claim: Claim
    due: datetime
    polled_at: datetime
    complete_at: datetime | None


def marked(when: datetime) -> datetime:
    """The time of a look that somebody asks for, as no other has it.

    Our clock tells whole seconds, and a look that goes on leaves `next_poll` as it is only when it
    differs from what it was.
    """
    return when - timedelta(microseconds=1 + secrets.randbelow(999_999))


class ClaimLost(Exception):
    """Another process has taken the subscription over, or it is not followed any more."""


def claim_due(session: Session, limit: int, token: str = "") -> list[Claim]:
    """Claim up to `limit` feeds that are due, the longest overdue first, a few of each host.

    token: of the claims (`Holder.token`), with the id of each.
    """
    now = clock.now()
    due = (
        select(Subscription.id)
        .where(Subscription.state == "active", _free())
        .where(clock.is_due(Subscription.next_poll, now, LONGEST))
        .order_by(Subscription.next_poll, Subscription.id)
        .limit(limit)
    )
    if session.scalar(due.limit(1)) is None:  # most looks find nothing
        session.rollback()
        return []
    due = fairly(session, due)
    with writing(session):
        rows = session.scalars(
            due.with_only_columns(Subscription)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        token = token or secrets.token_hex(8)
        if rows:  # another process may have come first
            session.execute(_TAKE, [_taken(row.id, token) for row in rows])
        for row in rows:
            session.expunge(row)
    return [Claim(row.id, token, row.next_poll, row) for row in rows]


def claim_one(session: Session, subscription_id: int) -> Claim | None:
    """Claim one feed, due or not; None when somebody has it, or it is blocked or not followed."""
    token = secrets.token_hex(8)
    allowed = _TAKE.where(Subscription.state != "blocked", _free()).returning(_TABLE.c.next_poll)
    with writing(session):
        due = session.scalar(allowed, _taken(subscription_id, token))
    return None if due is None else Claim(subscription_id, token, due)


def _free() -> ColumnElement[bool]:
    until = Subscription.claimed_until
    return or_(until.is_(None), clock.is_due(until, clock.now(), LEASE))


def _taken(subscription_id: int, token: str) -> dict[str, Any]:
    return {"its_id": subscription_id, "token": token, "claimed_until": clock.now() + LEASE}


def settle(session: Session, claim: Claim, **values: Any) -> None:
    """Write what a look came to and give the claim back. Raises ClaimLost."""
    due = _next(claim, values.pop("next_poll", claim.due))
    if not _count(session.execute(_SETTLED, _its(claim) | due | values)):
        raise ClaimLost


def settle_many(session: Session, looks: Iterable[Settled]) -> None:
    """The same for many looks in one transaction; a claim that was lost is passed over.

    Until then they hold their claims. What a crash loses is only that they were looked at.
    """
    rows = [
        _its(each.claim)
        | _next(each.claim, each.due)
        | {"polled_at": each.polled_at, "succeeded_at": each.polled_at}
        | {"complete_at": each.complete_at}
        for each in looks
    ]
    if rows:
        with writing(session):
            session.execute(_SETTLED, rows)


def postpone(session: Session, claim: Claim) -> None:
    """Give the claim back unused, for a little later. Raises ClaimLost."""
    with writing(session):
        settle(session, claim, next_poll=clock.now() + BUSY)


def give_back(session: Session, claims: Sequence[Claim]) -> None:
    """Give claims back unused, for whoever comes next."""
    if claims:
        with writing(session):
            session.execute(_SETTLED, [_its(each) | _next(each, each.due) for each in claims])


def release_claims(session: Session, holder: str | None = None) -> None:
    """Give back every claim of a holder that died, or of everybody: after a restore."""
    token = Subscription.token
    held = token.is_not(None) if holder is None else token.startswith(claimed_by(holder))
    with writing(session):
        session.execute(update(Subscription).where(held).values(token=None, claimed_until=None))


def _its(claim: Claim) -> dict[str, Any]:
    return {"its_id": claim.subscription_id, "its_token": claim.token}


def _next(claim: Claim, due: datetime) -> dict[str, Any]:
    return {"was_due": claim.due, "due": due}


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
            until = {"claimed_until": clock.now() + LEASE}
            if not _count(self._session.execute(_HELD, _its(self._claim) | until)):
                raise ClaimLost
        self._renewed = time.monotonic()
