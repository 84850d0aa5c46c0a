"""Tables of kept searches: whose they are, what was told already, and mails on their way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment

LONGEST_PERIOD = timedelta(days=7)
"""Between two looks for news."""


class SavedSearch(Base):
    """A search that somebody keeps: an official (user_id), or a reader by a mailbox (email).

    handle: random, what its tokens are made of. query, filters: as typed, and by English slugs.
    every: daily, weekly or never. confirmed: when its reader agreed to mails; None until then.
    asked_from: hash of the network address it was asked for from, until it is confirmed.
    since: studies that came later are news. due: when to look for news; None for never.
    refusals: mails that the mailbox refused for good, one after the other.
    """

    __tablename__ = "saved_search"

    handle: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), default="", index=True)
    name: Mapped[str] = mapped_column(Text)
    lang: Mapped[str] = mapped_column(String(2))
    query: Mapped[str] = mapped_column(Text, default="")
    filters: Mapped[dict[str, Any]] = mapped_column(Json)
    every: Mapped[str] = mapped_column(String(10))
    created: Mapped[datetime] = mapped_column(Moment)
    confirmed: Mapped[datetime | None] = mapped_column(Moment)
    asked_from: Mapped[str] = mapped_column(String(64), default="")
    since: Mapped[datetime] = mapped_column(Moment)
    due: Mapped[datetime | None] = mapped_column(
        Moment, info={"longest": LONGEST_PERIOD}, index=True
    )
    last_sent: Mapped[datetime | None] = mapped_column(Moment)
    refusals: Mapped[int] = mapped_column(default=0)


class SearchDigest(Base):
    """One mail with news that is to be sent. id: of the mail too, so that sending it again can be
    recognised. studies: the keys that it tells of."""

    __tablename__ = "search_digest"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    handle: Mapped[str] = mapped_column(ForeignKey("saved_search.handle"), index=True)
    studies: Mapped[list[str]] = mapped_column(Json)
    made: Mapped[datetime] = mapped_column(Moment)


class ToldStudy(Base):
    """A study that a kept search has told of, and never will again."""

    __tablename__ = "told_study"

    handle: Mapped[str] = mapped_column(ForeignKey("saved_search.handle"), primary_key=True)
    study_key: Mapped[str] = mapped_column(String(1000), primary_key=True)


class StudyDebut(Base):
    """When readers of this node first could see a study, whenever it was written or received."""

    __tablename__ = "study_debut"

    study_key: Mapped[str] = mapped_column(String(1000), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
