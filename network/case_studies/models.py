"""Tables of the studies that this node writes, as their authors work on them.

What readers see is in the catalogue; a change here reaches it only by publication.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from network.lib.db import Base, Json, Moment


class CaseStudy(Base):
    """One study. state: draft, published or withdrawn. facts: facts.travel as JSON.

    lock_version grows with each save; a save made on an older one is refused, with both texts.
    changed: there are saved changes that readers do not see yet.
    """

    __tablename__ = "case_study"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[str] = mapped_column(String(10), default="draft", index=True)
    city: Mapped[str | None] = mapped_column(ForeignKey("city.slug"))
    original_lang: Mapped[str] = mapped_column(String(35))
    topics: Mapped[list[str]] = mapped_column(Json)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    inspired_by: Mapped[list[dict[str, str]]] = mapped_column(Json)
    created: Mapped[datetime] = mapped_column(Moment)
    saved: Mapped[datetime] = mapped_column(Moment, index=True)
    first_published: Mapped[datetime | None] = mapped_column(Moment)
    published: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn: Mapped[datetime | None] = mapped_column(Moment)
    withdrawal_reason: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[bool] = mapped_column(default=True)
    lock_version: Mapped[int] = mapped_column(default=1)

    texts: Mapped[list[StudyText]] = relationship(
        back_populates="study", cascade="all, delete-orphan", order_by="StudyText.lang"
    )


class StudyText(Base):
    """The study in one language, as Markdown. translation: original, human or machine.

    outdated_since: the original changed then, and this translation has not followed.
    updated: when the published text of this language last changed.
    """

    __tablename__ = "study_text"

    study_id: Mapped[str] = mapped_column(ForeignKey("case_study.id"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(35), primary_key=True)
    title: Mapped[str] = mapped_column(Text, default="")
    slug: Mapped[str] = mapped_column(String(120), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    approach: Mapped[str] = mapped_column(Text, default="")
    results: Mapped[str] = mapped_column(Text, default="")
    lessons: Mapped[str] = mapped_column(Text, default="")
    legal_basis: Mapped[str] = mapped_column(Text, default="")
    contact_role: Mapped[str] = mapped_column(Text, default="")
    translation: Mapped[str] = mapped_column(String(10), default="original")
    outdated_since: Mapped[datetime | None] = mapped_column(Moment)
    updated: Mapped[datetime | None] = mapped_column(Moment)

    study: Mapped[CaseStudy] = relationship(back_populates="texts")


class Verdict(Base):
    """What this city says of somebody elsewhere who was inspired by one of its studies.

    adopter: its study_key, or its page's address; digest: SHA-256 of that. verdict, reason, lang,
    title: see values.Adoption. stands: the adopter still says so, as far as this node knows; a
    verdict about what nobody says any more is kept and no longer published.
    """

    __tablename__ = "verdict"

    study_id: Mapped[str] = mapped_column(ForeignKey("case_study.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    adopter: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(Text, default="")
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str | None] = mapped_column(String(35))
    decided: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    stands: Mapped[bool] = mapped_column(default=True)


class Revision(Base):
    """The study as it was saved, kept for ever. snapshot: drafts.Draft as JSON."""

    __tablename__ = "revision"

    study_id: Mapped[str] = mapped_column(ForeignKey("case_study.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[str] = mapped_column(String(20))
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json)
