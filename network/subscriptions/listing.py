"""What this node tells others about whom it follows, for the list that it publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class ListedPeer:
    """A followed feed. since: when we began to follow it."""

    title: str
    url: str
    page: str
    kind: str
    city: str | None
    language: str | None
    since: datetime


def listed(session: Session) -> list[ListedPeer]:
    """What is followed and shown, members first, by title; nothing that is blocked or gone."""
    rows = session.scalars(select(Subscription).where(Subscription.state == "active")).all()
    found = [
        ListedPeer(
            row.title or row.origin, row.url, row.site_url, row.kind, row.city, row.language,
            row.created,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda p: (p.kind != "member", p.title.casefold(), p.url))
