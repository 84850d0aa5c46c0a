"""How push stands for each followed feed, for the pages of administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.lib import clock
from network.subscriptions.models import PushLease


@dataclass(frozen=True, slots=True)
class PushView:
    """Push for one feed; a feed without one offers none.

    until: end of the lease while it is active. pushed_at: of the last good delivery. said: why the
    hub refused, in its own words. error: why it could not be asked: message and arguments.
    """

    state: Literal["active", "asked", "refused"]
    hub: str
    until: datetime | None
    pushed_at: datetime | None
    said: str
    error: tuple[str, dict[str, Any]] | None


def pushes(session: Session) -> Mapping[int, PushView]:
    """By the subscription's number."""
    rows = session.scalars(select(PushLease).where(PushLease.subscription_id.is_not(None)))
    return {row.subscription_id: _view(row) for row in rows if row.subscription_id is not None}


def push_of(session: Session, subscription_id: int) -> PushView | None:
    """Of one of them."""
    wanted = select(PushLease).where(PushLease.subscription_id == subscription_id)
    row = session.scalar(wanted.limit(1))
    return _view(row) if row else None


def _view(row: PushLease) -> PushView:
    on = row.state == "active" and row.until is not None and row.until > clock.now()
    return PushView(
        state="active" if on else "refused" if row.state == "refused" else "asked",
        hub=row.hub,
        until=row.until if on else None,
        pushed_at=row.pushed_at,
        said=row.said,
        error=(row.error, row.error_arguments or {}) if row.error else None,
    )
