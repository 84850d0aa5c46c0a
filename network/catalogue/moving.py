"""Puts all that readers see of one city under another, in the caller’s transaction."""

from __future__ import annotations

from sqlalchemy import and_, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from network.catalogue import addresses, store
from network.catalogue.models import FormerAddress, Study, Version, Withdrawn
from network.cities.models import City

_IN_ROWS = {"synchronize_session": False}


def move(session: Session, old: str, new: City) -> None:
    """Have every study, tombstone and former address of the city `old` be of `new`.

    A page keeps its slug, unless another study has it there: then it is marked as any second one.
    """
    store.touch(session)
    session.flush()
    there = aliased(Version)
    taken = and_(there.place == new.slug, there.lang == Version.lang, there.slug == Version.slug)
    second = select(Version.entry_id, Version.slug).where(
        Version.place == old, exists().where(taken)
    )
    for row in session.execute(second).all():
        query = update(Version).where(Version.entry_id == row.entry_id)
        session.execute(
            query.values(slug=addresses.marked(row.slug, row.entry_id)), execution_options=_IN_ROWS
        )
    left = aliased(FormerAddress)
    known = and_(
        left.place == new.slug, left.lang == FormerAddress.lang, left.slug == FormerAddress.slug
    )
    doubled = delete(FormerAddress).where(FormerAddress.place == old, exists().where(known))
    session.execute(doubled, execution_options=_IN_ROWS)
    for table in (Version, Withdrawn, FormerAddress):
        query = update(table).where(table.place == old).values(place=new.slug)
        session.execute(query, execution_options=_IN_ROWS)
    studies = update(Study).where(Study.city == old).values(city=new.slug, country=new.country)
    session.execute(studies, execution_options=_IN_ROWS)
    session.expire_all()
