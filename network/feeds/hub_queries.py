"""Who is told of this node's changes, for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.feeds.hub_delivery import end, is_live
from network.feeds.models import HubSubscription
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import NotFound
from network.lib.i18n import N_

SHOWN = 200
"""Receivers on the page."""
ENDED = N_("An administrator of this site ended the subscription.")


@dataclass(frozen=True, slots=True)
class Receiver:
    """A subscriber. topic: address of the feed. until: end of the lease. sent_at: of the last
    document that arrived. failures: in a row. error: the last one's message and arguments."""

    id: int
    host: str
    topic: str
    until: datetime
    sent_at: datetime | None
    failures: int
    error: tuple[str, dict[str, Any]] | None


def receivers(session: Session) -> tuple[Sequence[Receiver], int]:
    """Those whose lease goes on, by host and topic, and how many there are."""
    live = is_live(clock.now())
    total = session.scalar(select(func.count()).select_from(HubSubscription).where(live)) or 0
    order = (HubSubscription.host, HubSubscription.topic, HubSubscription.id)
    rows = session.scalars(select(HubSubscription).where(live).order_by(*order).limit(SHOWN))
    return [_receiver(row) for row in rows], total


def _receiver(row: HubSubscription) -> Receiver:
    assert row.until is not None
    error = (row.error, row.error_arguments or {}) if row.error else None
    return Receiver(row.id, row.host, row.topic, row.until, row.sent_at, row.failures, error)


def end_one(session: Session, subscription_id: int) -> str:
    """Tell a subscriber no more; gives its host. Raises NotFound."""
    with writing(session):
        row = session.get(HubSubscription, subscription_id, populate_existing=True)
        if row is None:
            raise NotFound(N_("There is no such subscription."))
        host = row.host
        end(session, row, ENDED)
    return host
