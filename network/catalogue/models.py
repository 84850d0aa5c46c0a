"""Tables of the read model: what readers can see, wherever it was written.

One `study` row per study and one `version` row per language, so that every page, feed and search
result reads own and followed studies the same way, in one query.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from network.lib.db import SAID, Base, Json, Moment


class Study(Base):
    """One study. source_id: the subscription it came by, None for this node's own.

    sort_at: when it was published, but never later than when we first heard of it, so that a date
    in the future cannot put a study at the top for ever. shown: False while its source is blocked.
    """

    __tablename__ = "study"
    __table_args__ = (
        Index("ix_study_shown_sort_at", "shown", "sort_at", "study_key"),
        Index("ix_study_city_sort_at", "city", "sort_at"),
    )

    study_key: Mapped[str] = mapped_column(String(1000), primary_key=True)
    source_id: Mapped[int | None] = mapped_column(index=True)
    shown: Mapped[bool] = mapped_column(default=True)
    city: Mapped[str | None] = mapped_column(String(100))
    country: Mapped[str | None] = mapped_column(String(2))
    status: Mapped[str | None] = mapped_column(String(10))
    year: Mapped[int | None]
    completeness: Mapped[float] = mapped_column(default=0.0)
    published: Mapped[datetime] = mapped_column(Moment, info=SAID)
    sort_at: Mapped[datetime] = mapped_column(Moment)

    versions: Mapped[list[Version]] = relationship(
        back_populates="study", cascade="all, delete-orphan", lazy="raise"
    )
    topics: Mapped[list[StudyTopic]] = relationship(cascade="all, delete-orphan", lazy="raise")
    inspirations: Mapped[list[Inspiration]] = relationship(
        cascade="all, delete-orphan", lazy="raise", order_by="Inspiration.position"
    )
    adoptions: Mapped[list[Adoption]] = relationship(
        cascade="all, delete-orphan", lazy="raise", order_by="Adoption.position"
    )


class Version(Base):
    """One study in one language (values.Version as a row)."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("place", "lang", "slug"),
        # Hashed, because an entry of PostgreSQL's ordered index may not be as long as an address.
        Index("ix_version_url", "url", postgresql_using="hash"),
    )

    entry_id: Mapped[str] = mapped_column(String(1000), primary_key=True)
    study_key: Mapped[str] = mapped_column(ForeignKey("study.study_key"), index=True)
    lang: Mapped[str] = mapped_column(String(35))
    place: Mapped[str] = mapped_column(String(100), doc="the city's slug in the page's address")
    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text, deferred=True)
    url: Mapped[str] = mapped_column(String(2000))
    published: Mapped[datetime] = mapped_column(Moment, info=SAID)
    updated: Mapped[datetime] = mapped_column(Moment, info=SAID)
    received: Mapped[datetime] = mapped_column(Moment)
    translation: Mapped[str] = mapped_column(String(10))
    original_lang: Mapped[str | None] = mapped_column(String(35))
    outdated_since: Mapped[datetime | None] = mapped_column(Moment, info=SAID)
    legal_basis: Mapped[str] = mapped_column(Text, default="")
    contact_role: Mapped[str] = mapped_column(Text, default="")
    lang_is_guess: Mapped[bool] = mapped_column(default=False)
    date_is_unknown: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    topics: Mapped[list[str]] = mapped_column(Json)
    inspired_by: Mapped[list[dict[str, str]]] = mapped_column(Json)
    adoptions: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)

    study: Mapped[Study] = relationship(back_populates="versions", lazy="raise")


class StudyTopic(Base):
    """A study's topic, for filters and counts."""

    __tablename__ = "study_topic"

    topic: Mapped[str] = mapped_column(String(100), primary_key=True)
    study_key: Mapped[str] = mapped_column(
        ForeignKey("study.study_key"), primary_key=True, index=True
    )


class Inspiration(Base):
    """`study_key` was inspired by the study at `href`, which may be one we know (`target_key`)."""

    __tablename__ = "inspiration"

    study_key: Mapped[str] = mapped_column(ForeignKey("study.study_key"), primary_key=True)
    href: Mapped[str] = mapped_column(String(2000), primary_key=True)
    title: Mapped[str] = mapped_column(Text, default="")
    target_key: Mapped[str] = mapped_column(String(2000), index=True)
    position: Mapped[int] = mapped_column(default=0)


class Adoption(Base):
    """What the city of `study_key` says of somebody who was inspired by it (values.Adoption).

    target_key: the adopter's study_key, or its page's address.
    """

    __tablename__ = "adoption"

    study_key: Mapped[str] = mapped_column(ForeignKey("study.study_key"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    href: Mapped[str] = mapped_column(String(2000))
    target_key: Mapped[str] = mapped_column(String(2000))
    verdict: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str | None] = mapped_column(String(35))
    decided: Mapped[datetime | None] = mapped_column(Moment, info=SAID)


class Rendition(Base):
    """The version `entry_id` says that the study `target_key` is the same in another language.

    Only what points out of the study itself: somebody else's translation of it, or of another's.
    """

    __tablename__ = "rendition"

    entry_id: Mapped[str] = mapped_column(ForeignKey("version.entry_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    study_key: Mapped[str] = mapped_column(String(1000), index=True)
    target_key: Mapped[str] = mapped_column(String(2000), index=True)
    lang: Mapped[str] = mapped_column(String(35))


class Withdrawn(Base):
    """What is left of a version that readers could see and its city has withdrawn.

    No title and no text: ids, the address that it had, the topics of the shelf that it stood on,
    when it went, and the reason in its language if one was given. source_id, shown: as of a study.
    """

    __tablename__ = "withdrawn"
    __table_args__ = (Index("ix_withdrawn_place_slug", "place", "slug"),)

    entry_id: Mapped[str] = mapped_column(String(1000), primary_key=True)
    study_key: Mapped[str] = mapped_column(String(1000), index=True)
    source_id: Mapped[int | None] = mapped_column(index=True)
    shown: Mapped[bool] = mapped_column(default=True)
    lang: Mapped[str] = mapped_column(String(35))
    place: Mapped[str] = mapped_column(String(100))
    slug: Mapped[str] = mapped_column(String(120))
    topics: Mapped[list[str]] = mapped_column(Json)
    withdrawn_at: Mapped[datetime] = mapped_column(Moment, info=SAID)
    reason: Mapped[str] = mapped_column(Text, default="")
    reason_lang: Mapped[str | None] = mapped_column(String(35))


class FormerAddress(Base):
    """Where a version's page was before its slug or its city changed: links go on leading to it."""

    __tablename__ = "former_address"

    place: Mapped[str] = mapped_column(String(100), primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    lang: Mapped[str] = mapped_column(String(35), primary_key=True)
    study_key: Mapped[str] = mapped_column(String(1000), index=True)


class CatalogueState(Base):
    """One row whose version grows with every change that readers can see: what caches go by."""

    __tablename__ = "catalogue_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
