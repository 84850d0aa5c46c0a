"""When studies came to this node, which is what lists go by: never later than now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from network.catalogue import store
from network.catalogue.models import Study
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing


def settle(session: Session, now: datetime) -> None:
    """Studies that came while this machine’s clock was ahead came now, or they would head every
    list until that time."""
    ahead = Study.sort_at > now + clock.SLACK
    if session.scalar(select(Study.study_key).where(ahead).limit(1)) is None:
        session.rollback()
        return
    with writing(session):
        keys = session.scalars(select(Study.study_key).where(ahead)).all()
        store.touch(session)
        session.execute(update(Study).where(ahead).values(sort_at=now))
        jobs.add_many(session, Kind.INDEX, keys)
