"""Jobs that failed too often: what a person sees of them, and trying them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing

MOST = 50
"""Dead jobs shown at a time."""


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that waits for a person. key: what it is about. error: of its last attempt."""

    id: int
    kind: str
    key: str
    error: str
    attempts: int
    created: datetime


def listed(session: Session) -> Sequence[DeadJob]:
    """The newest of them."""
    rows = session.scalars(
        select(Job).where(Job.state == "dead").order_by(Job.id.desc()).limit(MOST)
    )
    return [DeadJob(j.id, j.kind, j.key, j.error, j.attempts, j.created) for j in rows]


def retry_all(session: Session) -> int:
    """Let the worker try all of them again, as if they were new; gives how many."""
    with writing(session):
        ids = list(session.scalars(select(Job.id).where(Job.state == "dead")))
        session.execute(
            update(Job)
            .where(Job.state == "dead")
            .values(state="waiting", attempts=0, run_at=clock.now())
        )
    return len(ids)
