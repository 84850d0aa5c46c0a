"""What the tests of following share: the rules, a poll, and a look at everything it may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue.models import Inspiration, Study, StudyTopic, Version
from network.cities.models import City
from network.intake.service import Outcome
from network.jobs.models import Job
from network.log.entry import state_line
from network.subscriptions.models import RemoteEntry, Subscription


@dataclass(frozen=True)
class Rules:
    """The settings that following needs."""

    base_url: str = "http://paris.example"
    name: str = "Paris"
    city: str = "paris"
    poll_seconds: int = 300
    fetch_seconds: int = 5
    max_feed_bytes: int = 2_000_000


RULES = Rules()
Poll = Callable[[], Outcome]
"""One look at the feed that is followed."""


CURSOR = (
    "epoch",
    "cursor",
    "complete_seq",
    "etag",
    "last_modified",
    "content_hash",
    "url",
    "origin",
)


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that a poll may change, but for when it was and what it said."""
    session.rollback()
    found = {
        table.__tablename__: sorted(
            (tuple(row) for row in session.execute(select(*table.__table__.columns))), key=repr
        )
        for table in (RemoteEntry, Study, StudyTopic, Version, Inspiration, City)
    }
    caused = select(Job.kind, Job.key).where(Job.kind != "describe")  # by following, not by a poll
    found["job"] = sorted(tuple(r) for r in session.execute(caused))
    cursor = [getattr(Subscription, name) for name in CURSOR]
    found["cursor"] = sorted((tuple(r) for r in session.execute(select(*cursor))), key=repr)
    session.rollback()
    return found


def lines(session: Session, subscription_id: int) -> list[str]:
    """The lines of the digest, of our copy."""
    session.rollback()
    rows = session.scalars(
        select(RemoteEntry).where(
            RemoteEntry.subscription_id == subscription_id, RemoteEntry.kind == "live"
        )
    )
    found = sorted(state_line(row.entry_id, row.updated, row.hash) for row in rows)
    session.rollback()
    return found


def shown(session: Session) -> list[str]:
    """Ids of the versions that readers see."""
    session.rollback()
    query = select(Version.entry_id).join(Study).where(Study.shown)
    found = sorted(session.scalars(query))
    session.rollback()
    return found


def jobs(session: Session) -> list[str]:
    """Keys of the index jobs that wait."""
    session.rollback()
    found = sorted(session.scalars(select(Job.key).where(Job.kind == "index")))
    session.rollback()
    return found
