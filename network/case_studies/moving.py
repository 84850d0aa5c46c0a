"""Puts this node's own studies of one city under another: drafts, pages, and entries of the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from network.case_studies import versions
from network.case_studies.models import CaseStudy
from network.catalogue.models import Study, Version
from network.catalogue.values import SITE_LANGUAGES
from network.cities.models import City
from network.cities.service import value_of
from network.log import service as log
from network.log.entry import rfc3339, with_place
from network.log.models import FeedEntry


def move(session: Session, old: str, new: City, base_url: str, now: datetime) -> None:
    """Have our studies of the city `old` be of `new`, in the caller's transaction.

    Readers' pages were moved before this (catalogue.moving). An entry says the new city and the
    new address and nothing else that is new: not what its author has saved meanwhile.
    """
    in_rows = {"synchronize_session": False}
    query = update(CaseStudy).where(CaseStudy.city == old).values(city=new.slug)
    session.execute(query, execution_options=in_rows)
    place = versions.Place(new.slug, {lang: new.slug_in(lang) for lang in SITE_LANGUAGES})
    taken = log.recent_dates(session, log.position(session)[1])
    for row, entry in _moved(session, new.slug):
        url = versions.page_url(base_url, row.lang, place, row.slug)
        if url == row.url:
            continue
        updated = versions.after(now, datetime.fromisoformat(entry.updated), taken)
        taken.add(rfc3339(updated))
        row.url, row.updated = url, updated
        xml = with_place(entry.xml, value_of(new), row.slug, url, updated)
        log.record(session, entry.entry_id, rfc3339(updated), xml)


def _moved(session: Session, city: str) -> Iterator[tuple[Version, FeedEntry]]:
    """Our own versions of a city that the log has, in the log's order."""
    query = (
        select(Version, FeedEntry)
        .join(Study, Study.study_key == Version.study_key)
        .join(FeedEntry, FeedEntry.entry_id == Version.entry_id)
        .where(Version.place == city, Study.source_id.is_(None), FeedEntry.kind == "live")
        .order_by(FeedEntry.seq)
    )
    for row in session.execute(query).all():
        yield row.Version, row.FeedEntry
