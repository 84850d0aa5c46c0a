"""Tables of the hub: the feeds that somebody subscribed to, and who did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment

LONGEST_LEASE = timedelta(days=30)
"""That this hub gives."""
BUSY = timedelta(seconds=30)
"""Longer than a delivery may take."""


class HubTopic(Base):
    """A feed of this node with subscribers, and its document as it was last distributed.

    path: its canonical address without scheme and host. mark: the state of catalogue and log that
    the document was made of; it is made anew when they have another. hash: SHA-256 of content.
    media_type, links: what the feed's answer has as Content-Type and Link.
    """

    __tablename__ = "hub_topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String(1000), unique=True)
    mark: Mapped[str] = mapped_column(String(200), default="")
    hash: Mapped[str] = mapped_column(String(64), default="")
    media_type: Mapped[str] = mapped_column(String(200), default="")
    links: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    rendered_at: Mapped[datetime | None] = mapped_column(Moment)


class HubSubscription(Base):
    """Somebody who is told when a feed changes, or who has asked to be.

    digest: SHA-256 of topic and callback, which together are its key. topic: as the subscriber
    wrote it. until: end of the lease; empty until a request was verified. wanted_…: the newest
    request, until it is verified or not; wanted_token tells it from the next. tries: verifications
    that failed in a row. offered: hash of the document that was last due to the subscriber;
    sent_hash: of the one that arrived. failures: deliveries in a row, error: the last one's, as a
    message to translate. busy_until: a delivery is under way.
    """

    __tablename__ = "hub_subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("hub_topic.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    topic: Mapped[str] = mapped_column(String(2000))
    callback: Mapped[str] = mapped_column(String(2000))
    host: Mapped[str] = mapped_column(String(300), index=True)
    secret: Mapped[str] = mapped_column(String(200), default="")
    until: Mapped[datetime | None] = mapped_column(
        Moment, info={"longest": LONGEST_LEASE}, index=True
    )
    wanted_mode: Mapped[str] = mapped_column(String(12), default="")
    wanted_lease: Mapped[int] = mapped_column(default=0)
    wanted_secret: Mapped[str] = mapped_column(String(200), default="")
    wanted_token: Mapped[str] = mapped_column(String(32), default="")
    wanted_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    offered: Mapped[str] = mapped_column(String(64), default="")
    sent_hash: Mapped[str] = mapped_column(String(64), default="")
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    busy_until: Mapped[datetime | None] = mapped_column(Moment, info={"longest": BUSY})
