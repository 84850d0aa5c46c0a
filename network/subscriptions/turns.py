"""Whose turn it is when more feeds are due than can be looked at: no host takes all the turns.

Without this, five hundred feeds of one slow host would be what every thread waits for (attack 23).
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from network.lib import clock
from network.subscriptions.models import LEASE, Subscription

AT_ONCE = 2
"""Looks at one host at a time: as many as the door lets through."""


def fairly(session: Session, due: Select[int]) -> Select[int]:
    """The ids that `due` selects, with no more of one origin than may be looked at now.

    Usually these are the first that are due anyway, which is seen without sorting all of them.
    """
    busy = _under_way(session)
    first = Counter(session.scalars(due.with_only_columns(Subscription.origin)))
    if all(number + busy.get(origin, 0) <= AT_ONCE for origin, number in first.items()):
        return due
    return due.where(Subscription.id.in_(_in_turn(due, busy)))


def _under_way(session: Session) -> dict[str, int]:
    """origin → looks that hold a claim now, in any process."""
    rows = session.execute(
        select(Subscription.origin, func.count().label("number"))
        .where(clock.is_ahead(Subscription.claimed_until, clock.now(), LEASE))
        .group_by(Subscription.origin)
    )
    return {row.origin: row.number for row in rows}


def _in_turn(due: Select[int], busy: dict[str, int]) -> Select[int]:
    """The ids of the longest overdue of each origin."""
    turn = func.row_number().over(
        partition_by=Subscription.origin, order_by=(Subscription.next_poll, Subscription.id)
    )
    ranked = (
        due.limit(None)
        .order_by(None)
        .with_only_columns(Subscription.id, Subscription.origin, turn.label("turn"))
        .subquery()
    )
    free = {origin: AT_ONCE - number for origin, number in busy.items()}
    room = case(free, value=ranked.c.origin, else_=AT_ONCE) if free else AT_ONCE
    return select(ranked.c.id).where(ranked.c.turn <= room)
