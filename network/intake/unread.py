"""What of a member's log is held back because it cannot be read: counted, told, tried again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, undefer

from network.intake.decide import Held, Kind
from network.lib.i18n import N_
from network.log.items import LiveItem, Unreadable, UnreadItem, read_item
from network.moderation.shelf import chunks
from network.subscriptions.models import Subscription, UnreadEntry

LARGEST = 100_000
"""Bytes of an entry that are kept to be tried again; with at most 100 a log, none fills a disk."""


NOT_STORED = N_(
    "It can be read, but this node could not store it; its own log says why. It is tried again when"
    " its city publishes it anew."
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One row that cannot be read. reason: a message to translate and its arguments."""

    entry_id: str
    is_deleted: bool
    updated: str
    since: datetime
    reason: tuple[str, dict[str, Any]]


def of_source(session: Session, subscription_id: int) -> list[HeldBack]:
    """All that is held back of a member's log, the oldest first."""
    mine = select(UnreadEntry).where(UnreadEntry.subscription_id == subscription_id)
    return [
        HeldBack(
            row.entry_id,
            row.kind == "deleted",
            row.updated,
            row.since,
            (row.message, row.arguments or {}),
        )
        for row in session.scalars(mine.order_by(UnreadEntry.since, UnreadEntry.entry_id))
    ]


def held(session: Session, subscription_id: int) -> dict[str, Held]:
    """These rows as the proof counts them."""
    mine = select(UnreadEntry).where(UnreadEntry.subscription_id == subscription_id)
    return {
        row.entry_id: Held(cast(Kind, row.kind), row.updated, row.hash, readable=False)
        for row in session.scalars(mine)
    }


def keep(
    session: Session, subscription_id: int, items: Sequence[UnreadItem], now: datetime
) -> None:
    """Remember rows, each since it was first met, in the caller's transaction."""
    ids = [item.entry_id for item in items]
    known = select(UnreadEntry.entry_id, UnreadEntry.since).where(
        UnreadEntry.subscription_id == subscription_id, UnreadEntry.entry_id.in_(ids)
    )
    since = {row.entry_id: row.since for row in session.execute(known)}
    drop(session, subscription_id, ids)
    rows = [
        {
            "subscription_id": subscription_id,
            "entry_id": item.entry_id,
            "kind": "deleted" if item.is_deleted else "live",
            "updated": item.updated,
            "hash": item.hash,
            "message": item.message,
            "arguments": dict(item.arguments) or None,
            "since": since.get(item.entry_id, now),
            "xml": item.xml if 0 < len(item.xml) <= LARGEST else None,
        }
        for item in items
    ]
    session.execute(insert(UnreadEntry), rows)


def not_stored(item: LiveItem) -> UnreadItem:
    """An entry that was read and could not be stored, as it is held back."""
    return UnreadItem(item.entry_id, False, item.updated, item.hash, item.xml, NOT_STORED, {})


def drop(session: Session, subscription_id: int, entry_ids: Iterable[str]) -> None:
    """Forget rows that were replaced or are gone, in the caller's transaction."""
    for chunk in chunks(entry_ids):
        session.execute(
            delete(UnreadEntry).where(
                UnreadEntry.subscription_id == subscription_id, UnreadEntry.entry_id.in_(chunk)
            )
        )


def can_be_read(session: Session, source: Subscription) -> bool:
    """Whether this version of the software reads anything of it, as one before it could not."""
    mine = select(UnreadEntry).where(
        UnreadEntry.subscription_id == source.id, UnreadEntry.message != NOT_STORED
    )
    rows = session.scalars(mine.options(undefer(UnreadEntry.xml)))
    return any(row.xml and _is_readable(row.xml, source.url) for row in rows)


def _is_readable(xml: bytes, url: str) -> bool:
    try:
        read_item(xml, url)
    except Unreadable:
        return False
    return True
