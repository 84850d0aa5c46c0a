"""Tables of what reaches and leaves this node about adoptions: Webmentions in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment


class Mention(Base):
    """A page elsewhere that says it links to a study of ours (W3C Webmention, received).

    digest: SHA-256 of source, a line feed and target, for one row per pair. study_key: our study.
    kind: adoption, translation, syndication or mention, as the source's own markup says.
    state: new (not fetched yet), waiting (it links; a person is to decide), shown, refused (by a
    person), gone (it no longer links, or is no longer there).
    trusted: the source is on the site of a member. next_check: when it is to be fetched again.
    """

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_study_key_state", "study_key", "state"),
        Index("ix_mention_next_check", "next_check"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(2000))
    target: Mapped[str] = mapped_column(String(2000))
    study_key: Mapped[str] = mapped_column(String(1000))
    kind: Mapped[str] = mapped_column(String(20), default="mention")
    state: Mapped[str] = mapped_column(String(10), default="new")
    trusted: Mapped[bool] = mapped_column(Boolean, default=False)
    title: Mapped[str] = mapped_column(Text, default="")
    site: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str | None] = mapped_column(String(35))
    excerpt: Mapped[str] = mapped_column(Text, default="")
    received: Mapped[datetime] = mapped_column(Moment)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    next_check: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)


class SentMention(Base):
    """A study of ours that links to a page elsewhere, and what that page's site was told.

    digest: SHA-256 of source, a line feed and target. state: waiting, accepted (2xx), none (the
    target names no endpoint), failed (for good). endpoint: as discovered last. status: its answer.
    """

    __tablename__ = "sent_mention"
    __table_args__ = (Index("ix_sent_mention_study_key", "study_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    study_key: Mapped[str] = mapped_column(String(1000))
    source: Mapped[str] = mapped_column(String(2000))
    target: Mapped[str] = mapped_column(String(2000))
    endpoint: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    status: Mapped[int | None]
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
