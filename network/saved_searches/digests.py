"""What is new in a kept search since its last mail: each study once, whatever becomes of the mail.

Three steps, each in a transaction of its own. Finding news writes down the mail to send and that
its studies are told, together. The mail server is asked outside of any transaction. Then the mail
is forgotten. A worker that dies in between sends the same mail again, under the same Message-ID.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, insert, literal, select, update
from sqlalchemy.orm import Session

from network.accounts.models import User
from network.catalogue.models import Study
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import Moment, writing
from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.saved_searches import service
from network.saved_searches.models import (
    LONGEST_PERIOD,
    SavedSearch,
    SearchDigest,
    StudyDebut,
    ToldStudy,
)
from network.search import city_sizes
from network.search.engine import SearchEngine
from network.search.query import parse
from network.search.values import FACETS, NEWEST, Filters

OVERLAP = timedelta(hours=1)
"""A study may be seen some moments before it can be found: each look begins a little earlier than
the last one ended, and what was told is known."""
NEWEST_STUDIES = 2_000
"""New studies that one look heeds."""
PAGE, DEEPEST = 200, 4_000
"""Results asked of the index at a time, and at most."""
MOST_REFUSALS = 3
"""Mails that a mailbox refuses for good before it gets no more."""


def note_debuts(session: Session, now: datetime) -> None:
    """Write down which studies readers can see since the last look; of those that came while our
    clock was ahead, that it was now."""
    unknown = (
        select(Study.study_key, literal(now, Moment()))
        .where(Study.shown, ~exists().where(StudyDebut.study_key == Study.study_key))
        .order_by(Study.study_key)
    )
    ahead = StudyDebut.at > now + clock.SLACK
    known = select(StudyDebut.study_key, StudyDebut.at).where(ahead)
    if all(session.execute(each.limit(1)).first() is None for each in (unknown, known)):
        session.rollback()
        return
    with writing(session):
        session.execute(update(StudyDebut).where(ahead).values(at=now))
        session.execute(insert(StudyDebut).from_select(["study_key", "at"], unknown))


def queue_due(session: Session, now: datetime) -> None:
    """Add a job for each search that is due, and say when it is due again."""
    due = select(SavedSearch).where(
        clock.is_due(SavedSearch.due, now, LONGEST_PERIOD), SavedSearch.confirmed.is_not(None)
    )
    if session.scalar(due.limit(1)) is None:
        session.rollback()
        return
    with writing(session):
        for row in session.scalars(due.with_for_update(skip_locked=True)):
            period = service.PERIODS[row.every]
            row.due = now + period if period else None
            jobs.add(session, Kind.SEARCH_DIGEST, row.handle)


def compose(session: Session, engine: SearchEngine, handle: str, now: datetime) -> None:
    """Write down the mail with the news of a search, if there are any.

    Raises RemoteError while there is no index to ask.
    """
    row = session.get(SavedSearch, handle)
    if row is None or row.confirmed is None or row.every == "never":
        return
    candidates = _candidates(session, row, now)
    session.rollback()  # the index is asked, which may take a while
    matching = _matching(engine, row, candidates) if candidates else []
    with writing(session):
        row = session.get(SavedSearch, handle, with_for_update=True, populate_existing=True)
        if row is None:
            return
        told = set(session.scalars(select(ToldStudy.study_key).where(ToldStudy.handle == handle)))
        news = [key for key in matching if key not in told]
        row.since = now
        if news:
            session.add_all([ToldStudy(handle=handle, study_key=key) for key in news])
            digest = SearchDigest(id=secrets.token_hex(16), handle=handle, studies=news, made=now)
            session.add(digest)


def _candidates(session: Session, row: SavedSearch, now: datetime) -> dict[str, str | None]:
    """New studies, not told yet → their cities. When the last look lies ahead, the clock was wrong
    then, and all that came in a period may be new."""
    began = max(row.confirmed or row.created, row.since - OVERLAP)
    if clock.believed(began, now) is None:
        began = now - LONGEST_PERIOD
    told = exists().where(ToldStudy.handle == row.handle, ToldStudy.study_key == Study.study_key)
    query = (
        select(Study.study_key, Study.city)
        .join(StudyDebut, StudyDebut.study_key == Study.study_key)
        .where(Study.shown, StudyDebut.at > began, ~told)
        .order_by(StudyDebut.at, Study.study_key)
        .limit(NEWEST_STUDIES)
    )
    return {row.study_key: row.city for row in session.execute(query)}


def _matching(
    engine: SearchEngine, row: SavedSearch, candidates: Mapping[str, str | None]
) -> list[str]:
    """Those of the new studies that the search finds, newest first."""
    query, filters = parse(city_sizes.words(row.query)), _filters(row, candidates)
    found: list[str] = []
    for offset in range(0, DEEPEST, PAGE):
        results = engine.search(query, filters, row.lang, offset, PAGE, NEWEST)
        if not results.ready:
            raise RemoteError(N_("The search index has to be built first."))
        found += [hit.study_key for hit in results.hits if hit.study_key in candidates]
        if offset + PAGE >= results.total or len(found) == len(candidates):
            break
    return found


def _filters(row: SavedSearch, candidates: Mapping[str, str | None]) -> Filters:
    """The search's own; where it names no city, the new studies' cities, so that old studies of
    others need not be leafed through."""
    given = {name: str(row.filters[name]) for name in FACETS if row.filters.get(name) is not None}
    cities = {city for city in candidates.values() if city}
    if "city" in given or None in candidates.values():
        return Filters(**given)
    return Filters(**given, city=tuple(sorted(cities)))


def waiting(session: Session, handle: str) -> list[SearchDigest]:
    """Mails of a search that are still to be sent, oldest first."""
    query = select(SearchDigest).where(SearchDigest.handle == handle)
    return list(session.scalars(query.order_by(SearchDigest.made, SearchDigest.id)))


def mailbox(session: Session, row: SavedSearch) -> str | None:
    """Where its mails go; None for an official whose account is closed."""
    if row.user_id is None:
        return row.email
    user = session.get(User, row.user_id)
    return user.email if user and user.active else None


def sent(session: Session, digest: SearchDigest, now: datetime) -> None:
    """The mail server has it."""
    with writing(session):
        _forget(session, [digest.id])
        if (row := session.get(SavedSearch, digest.handle)) is not None:
            row.last_sent, row.refusals = now, 0


def dropped(session: Session, digest: SearchDigest) -> None:
    """There is nothing left to say in it, or nobody to say it to."""
    with writing(session):
        _forget(session, [digest.id])


def refused(session: Session, digest: SearchDigest) -> None:
    """The mailbox will never take it. After some of these it gets no more."""
    with writing(session):
        _forget(session, [digest.id])
        row = session.get(SavedSearch, digest.handle)
        if row is None:
            return
        row.refusals += 1
        if row.refusals >= MOST_REFUSALS:
            service.unsubscribe(session, row.handle)


def _forget(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(SearchDigest).where(SearchDigest.id.in_(ids)))
