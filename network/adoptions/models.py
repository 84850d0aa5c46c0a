"""Tables of what reaches and leaves this node about adoptions: Webmentions in and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment

LONGEST_CHECK = timedelta(days=30)
"""Until a page that links to us is looked at again."""
LONGEST_TRY = timedelta(days=2)
"""Until a site is told again."""


class Mention(Base):
    """A page elsewhere that says it links to a study of ours (W3C Webmention, received).

    digest: SHA-256 of source, a line feed and target, for one row per pair. host: of the source,
    with its port when that is unusual. study_key: our study.
    kind: adoption, translation, syndication or mention, as the source's own markup says.
    state: new (not fetched yet), waiting (it links; a person is to decide), shown, refused (by a
    person, or because its site is blocked), gone (it no longer links, or is no longer there).
    decision: what a person said: accepted, refused, or nothing yet.
    trusted: the source is on the site of a member. verified_at: when we looked last. next_check:
    when it is to be fetched again. failures: looks in a row without an answer.
    error, error_arguments: what the last look met, as a message to translate.
    """

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_study_key_state", "study_key", "state"),
        Index("ix_mention_next_check", "next_check"),
        Index("ix_mention_host", "host"),
        Index("ix_mention_state_received", "state", "received"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(2000))
    target: Mapped[str] = mapped_column(String(2000))
    host: Mapped[str] = mapped_column(String(300))
    study_key: Mapped[str] = mapped_column(String(1000))
    kind: Mapped[str] = mapped_column(String(20), default="mention")
    state: Mapped[str] = mapped_column(String(10), default="new")
    decision: Mapped[str] = mapped_column(String(10), default="")
    trusted: Mapped[bool] = mapped_column(Boolean, default=False)
    title: Mapped[str] = mapped_column(Text, default="")
    site: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str | None] = mapped_column(String(35))
    excerpt: Mapped[str] = mapped_column(Text, default="")
    received: Mapped[datetime] = mapped_column(Moment)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    next_check: Mapped[datetime | None] = mapped_column(Moment, info={"longest": LONGEST_CHECK})
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)


class SentMention(Base):
    """A study of ours that links to a page elsewhere, and what that page's site was told.

    digest: SHA-256 of source, a line feed and target. state: waiting, accepted (2xx), none (the
    target names no endpoint), failed (for good). endpoint: as discovered last. status: its answer.
    present: the study links to it; when it no longer does, the site is told once more.
    turn: grows each time that there is something to tell, so that an answer to the last telling
    does not count for this one. next_try: of a waiting one.
    """

    __tablename__ = "sent_mention"
    __table_args__ = (
        Index("ix_sent_mention_study_key", "study_key"),
        Index("ix_sent_mention_next_try", "next_try"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    study_key: Mapped[str] = mapped_column(String(1000))
    source: Mapped[str] = mapped_column(String(2000))
    target: Mapped[str] = mapped_column(String(2000))
    endpoint: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    status: Mapped[int | None]
    present: Mapped[bool] = mapped_column(Boolean, default=True)
    turn: Mapped[int] = mapped_column(default=1)
    next_try: Mapped[datetime | None] = mapped_column(Moment, info={"longest": LONGEST_TRY})
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
