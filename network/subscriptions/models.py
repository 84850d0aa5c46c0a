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
    origin: scheme, host and port that a member's ids must have; former_origins: those that they
    may have as well, because the member moved and an administrator agreed.
    state: active, blocked (by us), gone (410). epoch, cursor: how far a member's log was read.
    left_epochs: epochs that it had before; doubt_epoch, doubt_seq: where the last poll saw the log
    go back and did not believe it. publisher_seq: the log's end as last seen.
    complete_seq, complete_at: where and when our copy was last proved equal to the origin; the
    former is empty while there is reason to think that it is not.
    content_hash: SHA-256 of the document last read to the end. hub, self_url: WebSub.
    asked_seconds: between two looks, as the feed itself asks (ttl, sy:updatePeriod).
    pending_url: a permanent move to another host, which waits for an administrator.
    error, error_arguments: the last failure, as a message to translate; empty after a success.
    notice, notice_arguments: what was odd about a document that was read all the same.
    """

    __tablename__ = "subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    origin: Mapped[str] = mapped_column(String(300))
    former_origins: Mapped[list[str]] = mapped_column(Json, default=list)
    site_url: Mapped[str] = mapped_column(String(2000), default="")
    title: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str | None] = mapped_column(String(100))
    language: Mapped[str | None] = mapped_column(String(35))
    icon: Mapped[str] = mapped_column(String(2000), default="")
    hub: Mapped[str] = mapped_column(String(2000), default="")
    self_url: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[str] = mapped_column(String(10), default="active")
    epoch: Mapped[str | None] = mapped_column(String(64))
    cursor: Mapped[int] = mapped_column(default=0)
    left_epochs: Mapped[list[str]] = mapped_column(Json, default=list)
    doubt_epoch: Mapped[str | None] = mapped_column(String(64))
    doubt_seq: Mapped[int | None]
    publisher_seq: Mapped[int] = mapped_column(default=0)
    complete_seq: Mapped[int | None]
    complete_at: Mapped[datetime | None] = mapped_column(Moment)
    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    created: Mapped[datetime] = mapped_column(Moment)
    asked_seconds: Mapped[int] = mapped_column(default=0)
    next_poll: Mapped[datetime] = mapped_column(Moment, index=True)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    token: Mapped[str | None] = mapped_column(String(32))
    polled_at: Mapped[datetime | None] = mapped_column(Moment)
    succeeded_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    notice: Mapped[str] = mapped_column(Text, default="")
    notice_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    pending_url: Mapped[str | None] = mapped_column(String(2000))


class TrustedList(Base):
    """A list of sites (OPML) that an administrator named: it may confirm that a site has moved.

    read_at: when it was last asked, succeeded_at: when it was last read whole. members: how many
    it lists. confirmed: the newest moves that it confirmed, as (when, title, from, to).
    error, error_arguments: why the last reading failed; empty after a success.
    """

    __tablename__ = "trusted_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000), unique=True)
    title: Mapped[str] = mapped_column(Text, default="")
    members: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    succeeded_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)


class RemoteEntry(Base):
    """What we hold of one followed entry: for members the whole of protocol state, for foreign
    feeds the hash that tells a change, with `updated` the moment that we say it was published.
    xml: the entry as received (members only)."""

    __tablename__ = "remote_entry"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(1000), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    updated: Mapped[str] = mapped_column(String(40))
    hash: Mapped[str] = mapped_column(String(64))
    xml: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
