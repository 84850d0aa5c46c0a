"""What the moderation page asks: mentions by state, and what other sites were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from network.adoptions.models import Mention, SentMention

PAGE = 20
STATES = ("waiting", "shown", "refused", "gone")
"""Those that a person sees. What nobody has looked at yet is shown to no one."""
Said = tuple[str, dict[str, Any]]
"""A message to translate, and its arguments."""


@dataclass(frozen=True, slots=True)
class MentionView:
    """A page that says that it links to a study of ours (see models.Mention)."""

    id: int
    source: str
    target: str
    host: str
    study_key: str
    kind: str
    state: str
    decision: str
    trusted: bool
    title: str
    site: str
    lang: str | None
    excerpt: str
    received: datetime
    verified_at: datetime | None
    error: Said | None


@dataclass(frozen=True, slots=True)
class SentView:
    """A link of ours, and what came of telling it (see models.SentMention)."""

    id: int
    study_key: str
    source: str
    target: str
    endpoint: str
    state: str
    status: int | None
    present: bool
    sent_at: datetime | None
    next_try: datetime | None
    failures: int
    error: Said | None


def mentions(session: Session, state: str, page: int = 1) -> list[MentionView]:
    """One page of those in a state: waiting ones oldest first, others newest first."""
    rows = select(Mention).where(Mention.state == state)
    order = (Mention.received, Mention.id)
    if state != "waiting":
        order = (Mention.received.desc(), Mention.id.desc())  # type: ignore[assignment]
    return [_mention(row) for row in session.scalars(_page(rows.order_by(*order), page))]


def elsewhere(session: Session, study_key: str, most: int) -> tuple[list[MentionView], int]:
    """Pages on other sites that name a study, the last to be heard of first, and how many there
    are; without adoptions, which are lineage (see edges)."""
    chosen = (
        Mention.study_key == study_key,
        Mention.state == "shown",
        Mention.kind != "adoption",
    )
    newest = select(Mention).where(*chosen).order_by(Mention.received.desc(), Mention.id.desc())
    found = [_mention(row) for row in session.scalars(newest.limit(most))]
    if len(found) < most:
        return found, len(found)
    return found, session.scalar(select(func.count()).select_from(Mention).where(*chosen)) or 0


def mention(session: Session, mention_id: int) -> MentionView | None:
    """One of them."""
    row = session.get(Mention, mention_id)
    return _mention(row) if row else None


def counts(session: Session) -> dict[str, int]:
    """How many there are in each state, and how many links were told (`sent`)."""
    found = session.execute(select(Mention.state, func.count()).group_by(Mention.state))
    numbers = {row[0]: row[1] for row in found}
    sent = session.scalar(select(func.count()).select_from(SentMention)) or 0
    return {state: numbers.get(state, 0) for state in STATES} | {"sent": sent}


def waiting(session: Session) -> int:
    """How many wait for a person."""
    query = select(func.count()).where(Mention.state == "waiting")
    return session.scalar(query) or 0


def waiting_of_host(session: Session, hosts: Sequence[str]) -> dict[str, int]:
    """How many wait from each of these hosts."""
    rows = session.execute(
        select(Mention.host, func.count())
        .where(Mention.state == "waiting", Mention.host.in_(hosts))
        .group_by(Mention.host)
    )
    return {row[0]: row[1] for row in rows}


def sent(session: Session, page: int = 1) -> list[SentView]:
    """One page of what was told, study by study, the study that was told of last first."""
    last = (
        select(SentMention.study_key, func.max(SentMention.id).label("last"))
        .group_by(SentMention.study_key)
        .subquery()
    )
    rows = (
        select(SentMention)
        .join(last, last.c.study_key == SentMention.study_key)
        .order_by(last.c.last.desc(), SentMention.id)
    )
    return [_sent(row) for row in session.scalars(_page(rows, page))]


def _page(query: Select[Any], page: int) -> Select[Any]:
    return query.limit(PAGE).offset((page - 1) * PAGE)


def _said(row: Mention | SentMention) -> Said | None:
    return (row.error, row.error_arguments or {}) if row.error else None


def _mention(row: Mention) -> MentionView:
    return MentionView(
        id=row.id,
        source=row.source,
        target=row.target,
        host=row.host,
        study_key=row.study_key,
        kind=row.kind,
        state=row.state,
        decision=row.decision,
        trusted=row.trusted,
        title=row.title,
        site=row.site,
        lang=row.lang,
        excerpt=row.excerpt,
        received=row.received,
        verified_at=row.verified_at,
        error=_said(row),
    )


def _sent(row: SentMention) -> SentView:
    return SentView(
        id=row.id,
        study_key=row.study_key,
        source=row.source,
        target=row.target,
        endpoint=row.endpoint,
        state=row.state,
        status=row.status,
        present=row.present,
        sent_at=row.sent_at,
        next_try=row.next_try,
        failures=row.failures,
        error=_said(row),
    )
