"""For `check`: whether the clock was wrong, told by times in the database that lie ahead of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Column, func, select
from sqlalchemy.orm import Session

from network.backup.rows import INDEX, tables
from network.lib import clock
from network.lib.db import Moment
from network.lib.i18n import short_moment
from network.log.entry import rfc3339
from network.log.models import FeedEntry


def ahead(session: Session, now: datetime, zone: str) -> str | None:
    """What lies ahead of now although nothing sets it so far, in a line; None if nothing does.

    zone: of the IANA database, whose hours are said.
    """
    found = list(_found(session, now))
    if not found:
        return None
    tables_ = ", ".join(sorted({name for name, _ in found}))
    latest = short_moment(max(moment for _, moment in found), "en", zone)
    return (
        f"times up to {latest} are stored ({tables_}), and it is {short_moment(now, 'en', zone)}:"
        " this machine’s clock was ahead, or is behind. If it is right now, the node goes on by"
        " itself; what waits counts as due."
    )


def _found(session: Session, now: datetime) -> Iterator[tuple[str, datetime]]:
    """(table, latest time) of each column with times that lie too far ahead."""
    for table in tables():
        for column in table.columns if table.name not in INDEX else ():
            if isinstance(column.type, Moment) and "said" not in column.info:
                latest = session.scalar(select(func.max(column)))
                if latest is not None and latest > now + _longest(column) + clock.SLACK:
                    yield table.name, latest


def _longest(column: Column[datetime]) -> timedelta:
    return column.info.get("longest", timedelta(0))


def entries_ahead(session: Session, now: datetime, zone: str) -> str | None:
    """The same of what this node published, which keeps its dates."""
    ahead_ = FeedEntry.updated > rfc3339(now + clock.SLACK)
    number, latest = session.execute(
        select(func.count(), func.max(FeedEntry.updated)).where(ahead_)
    ).one()
    if not number:
        return None
    until = short_moment(datetime.fromisoformat(latest), "en", zone)
    return (
        f"{number} published entries are dated up to {until}, after now. Followers have them; a"
        " change gets a date one second later, as the protocol wants."
    )
