"""Tables of what this node follows: the feeds, and what it holds of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment


class Subscription(Base):
    """One followed feed.

    kind: member (a node, read by the protocol) or foreign (any other feed).
    origin: scheme, host and port that a member's ids must have.
    state: active, blocked (by us), gone (410). epoch, cursor: how far a member's log was read.
    complete_seq, complete_at: the last time that our copy was proved equal to the origin.
    pending_url: a permanent move to another host, which waits for an administrator.
    error, error_arguments: the last failure, as a message to translate; empty after a success.
    """

    __tablename__ = "subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    origin: Mapped[str] = mapped_column(String(300))
    site_url: Mapped[str] = mapped_column(String(2000), default="")
    title: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str | None] = mapped_column(String(100))
    language: Mapped[str | None] = mapped_column(String(35))
    state: Mapped[str] = mapped_column(String(10), default="active")
    epoch: Mapped[str | None] = mapped_column(String(64))
    cursor: Mapped[int] = mapped_column(default=0)
    publisher_seq: Mapped[int] = mapped_column(default=0)
    complete_seq: Mapped[int | None]
    complete_at: Mapped[datetime | None] = mapped_column(Moment)
    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[datetime] = mapped_column(Moment)
    next_poll: Mapped[datetime] = mapped_column(Moment, index=True)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    token: Mapped[str | None] = mapped_column(String(32))
    polled_at: Mapped[datetime | None] = mapped_column(Moment)
    succeeded_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    pending_url: Mapped[str | None] = mapped_column(String(2000))


class RemoteEntry(Base):
    """What we hold of one followed entry: for members the whole of protocol state, for foreign
    feeds the hash that tells a change. xml: the entry as received (members only)."""

    __tablename__ = "remote_entry"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(1000), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    updated: Mapped[str] = mapped_column(String(40))
    hash: Mapped[str] = mapped_column(String(64))
    xml: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
