"""Tables of what this node follows: the feeds, and what it holds of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import SAID, Base, Json, Moment
from network.subscriptions.schedule import LONGEST

LEASE = timedelta(minutes=5)
"""Of a claim on a feed."""
ICON_KEPT = timedelta(days=30)
"""How long a site's picture is good before it is looked for again."""
RENEWED = timedelta(days=15)
"""The longest that a lease at a hub goes without being renewed."""


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
    moderation, moderated_topics, moderated_languages, moderated_cities: what is shown before a
    person has read it (rules.Rule).
    error, error_arguments: the last failure, as a message to translate; empty after a success.
    notice, notice_arguments: what was odd about a document that was read all the same.
    unread: how many rows of a member's log are held back because they cannot be read (UnreadEntry).
    troubles: items of the last document that could not be stored, or not whole (troubles.of_items).
    title_is_chosen: an administrator named it, so the feed's own title does not count.
    quiet_hours: hours of the week, from Monday 0 h UTC, in which the feed asks not to be looked at
    (skipHours, skipDays). icon: its declared address; icon_mark: tells the icon that we keep from
    the one before, empty when there is none; icon_due: when to look for it (again), None at once.
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
    next_poll: Mapped[datetime] = mapped_column(Moment, index=True, info={"longest": LONGEST})
    claimed_until: Mapped[datetime | None] = mapped_column(Moment, info={"longest": LEASE})
    token: Mapped[str | None] = mapped_column(String(32))
    polled_at: Mapped[datetime | None] = mapped_column(Moment)
    succeeded_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    notice: Mapped[str] = mapped_column(Text, default="")
    notice_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    unread: Mapped[int] = mapped_column(default=0, server_default="0")
    troubles: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    pending_url: Mapped[str | None] = mapped_column(String(2000))
    title_is_chosen: Mapped[bool] = mapped_column(default=False)
    quiet_hours: Mapped[list[int] | None] = mapped_column(Json)
    icon_mark: Mapped[str] = mapped_column(String(16), default="")
    icon_due: Mapped[datetime | None] = mapped_column(Moment, info={"longest": ICON_KEPT})
    moderation: Mapped[str] = mapped_column(String(20), default="publish")
    moderated_topics: Mapped[list[str]] = mapped_column(Json, default=list)
    moderated_languages: Mapped[list[str]] = mapped_column(Json, default=list)
    moderated_cities: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")


class ToldCity(Base):
    """What a followed node calls a city of ours. slug: its own. city: the slug here.

    own: it says to be this city's site. speaks: its word on the city is the last one here: it was
    the first of those that say so, or an administrator chose it.
    """

    __tablename__ = "told_city"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    city: Mapped[str] = mapped_column(ForeignKey("city.slug"), index=True)
    own: Mapped[bool] = mapped_column(default=False)
    speaks: Mapped[bool] = mapped_column(default=False)


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


class UnreadEntry(Base):
    """A row of a member's log that we cannot read: it is counted, and nobody is shown it.

    What we held of the same entry before stays (RemoteEntry), unless the row withdraws it.
    entry_id, updated: as the row has them, or made up (log.items). message, arguments: why, to be
    translated. since: when we first met it so. xml: kept, within limits, to be tried again.
    """

    __tablename__ = "unread_entry"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(500), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    updated: Mapped[str] = mapped_column(String(40))
    hash: Mapped[str] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(Text)
    arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    since: Mapped[datetime] = mapped_column(Moment)
    xml: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class PushLease(Base):
    """Our subscription to a followed feed at the hub that it names (W3C WebSub).

    subscription_id: empty when the feed is not followed any more, or has another hub now, and this
    one is to be ended. topic: the feed's canonical address. token: the end of our callback's
    address, which nobody can guess. state: asked, active, refused (by the hub) or ending.
    waiting: a request was sent and not yet verified. until: end of the lease. due: when we ask
    next, to renew or to try again. said: why the hub refused, in its own words.
    pushes: good deliveries in all; poll_at: when the last one wants the feed read; window_at,
    window_pushes: how many came since then.
    """

    __tablename__ = "push_lease"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscription.id"), index=True)
    hub: Mapped[str] = mapped_column(String(2000))
    topic: Mapped[str] = mapped_column(String(2000))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    secret: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="asked")
    waiting: Mapped[bool] = mapped_column(default=False)
    until: Mapped[datetime | None] = mapped_column(Moment, info=SAID)
    due: Mapped[datetime] = mapped_column(Moment, index=True, info={"longest": RENEWED})
    failures: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    pushes: Mapped[int] = mapped_column(default=0)
    pushed_at: Mapped[datetime | None] = mapped_column(Moment)
    poll_at: Mapped[datetime | None] = mapped_column(Moment)
    window_at: Mapped[datetime | None] = mapped_column(Moment)
    window_pushes: Mapped[int] = mapped_column(default=0)


class SourceIcon(Base):
    """The small picture of a followed site, as we checked and keep it, served from here alone."""

    __tablename__ = "source_icon"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(50))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ModeratedStudy(Base):
    """A study of a followed site about which a person decides, or has decided.

    state: waiting (nobody has read it), approved, refused. note: the person's own, for colleagues.
    waiting_since: since when some text of it waits, an approved study's change included; empty when
    none does. changed_at: when its city last sent something that is not shown. novelty: how much of
    an approved text has become new since a person read it (rules.novelty).
    """

    __tablename__ = "moderated_study"
    __table_args__ = (
        Index("ix_moderated_study_waiting_since", "waiting_since"),
        Index("ix_moderated_study_source_id", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("subscription.id"))
    study_key: Mapped[str] = mapped_column(String(1000), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    note: Mapped[str] = mapped_column(Text, default="")
    waiting_since: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    novelty: Mapped[float] = mapped_column(default=0.0)


class HeldVersion(Base):
    """A version that arrived and that readers do not see: it is in no other table with its text.

    state: waiting (for a person) or refused. content: the version as it travels, and its city
    (held_text). received: when this node first heard of it.
    """

    __tablename__ = "held_version"

    entry_id: Mapped[str] = mapped_column(String(1000), primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("moderated_study.id"), index=True)
    lang: Mapped[str] = mapped_column(String(35))
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    received: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[dict[str, Any]] = mapped_column(Json, deferred=True)
