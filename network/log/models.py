"""Tables of the publisher: one row per entry ever published, and the log's own state."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Moment

LONGEST_CHECK = timedelta(days=7)
"""Until a follower’s list is read again."""


class FeedEntry(Base):
    """One entry of the log. A change updates the row and gives it the next `seq`, so that the log
    is compacted by construction and withdrawn text is gone from every page of it.

    kind: live or deleted. updated: the RFC 3339 text that `xml` carries. hash: SHA-256 of the
    exclusive C14N of `xml`.
    """

    __tablename__ = "feed_entry"

    entry_id: Mapped[str] = mapped_column(String(1000), primary_key=True)
    seq: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    updated: Mapped[str] = mapped_column(String(40))
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[str] = mapped_column(String(64))


class LogState(Base):
    """The log's state, one row. epoch: random, made with the node and renewed by `restore`.

    mark: random, new with each change; two logs that come to one seq by different ways, as before
    and after a restore, have different marks.
    """

    __tablename__ = "log_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[str] = mapped_column(String(32))
    seq: Mapped[int] = mapped_column(default=0)
    mark: Mapped[str] = mapped_column(String(16), default="", server_default="")


class Follower(Base):
    """A node that says it reads this node's log. origin: as its requests name it, unproved.

    confirmed_at: when its own public list last named this node, empty while it does not.
    checked_at: when that list was last read. name: what the site calls itself there.
    """

    __tablename__ = "follower"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    name: Mapped[str] = mapped_column(Text, default="")
    first_seen: Mapped[datetime] = mapped_column(Moment)
    last_seen: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    next_check: Mapped[datetime] = mapped_column(
        Moment, info={"longest": LONGEST_CHECK}, index=True
    )
    failures: Mapped[int] = mapped_column(default=0)
