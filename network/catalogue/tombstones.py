"""What readers are told of a study that its city has withdrawn, without a word of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from network.catalogue import store
from network.catalogue.addresses import NOWHERE
from network.catalogue.models import FormerAddress, Study, Version, Withdrawn
from network.lib import clock

LATEST = 20
"""Withdrawals of one site that are listed."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A withdrawn version. place: the city's slug, or NOWHERE. source_id: None for our own.

    reason: as its city wrote it, in reason_lang if that is known; may be empty.
    """

    entry_id: str
    study_key: str
    source_id: int | None
    lang: str
    place: str
    slug: str
    topics: tuple[str, ...]
    withdrawn_at: datetime
    reason: str
    reason_lang: str | None

    @property
    def city(self) -> str | None:
        """The city's slug, when it had one."""
        return None if self.place == NOWHERE else self.place


def bury(
    session: Session, entry_id: str, when: datetime, reason: str = "", lang: str | None = None
) -> str | None:
    """Take a withdrawn version out of what readers see; gives the key of its study, if it was
    there. What was never there leaves no trace. reason: in the language `lang`."""
    told = {"withdrawn_at": when, "reason": reason, "reason_lang": lang if reason else None}
    row = session.get(Version, entry_id)
    if row is None:
        session.execute(update(Withdrawn).where(Withdrawn.entry_id == entry_id).values(told))
        return None
    study = session.get_one(Study, row.study_key)
    session.add(
        Withdrawn(
            entry_id=entry_id,
            study_key=row.study_key,
            source_id=study.source_id,
            shown=study.shown,
            lang=row.lang,
            place=row.place,
            slug=row.slug,
            topics=list(row.topics),
            **told,
        )
    )
    return store.remove(session, entry_id)


def forget(session: Session, entry_ids: Sequence[str]) -> None:
    """Keep nothing of these, because their own log knows of them no more."""
    session.execute(delete(Withdrawn).where(Withdrawn.entry_id.in_(entry_ids)))


def known(session: Session, source_id: int, entry_ids: Sequence[str]) -> list[str]:
    """Those of the entries that a followed site has withdrawn here before."""
    mine = select(Withdrawn.entry_id).where(Withdrawn.source_id == source_id)
    return list(session.scalars(mine.where(Withdrawn.entry_id.in_(entry_ids))))


def at(session: Session, place: str, slug: str, lang: str) -> Tombstone | None:
    """What was withdrawn from a page's address: its version in that language, else in any; also
    of a study whose page had left the address before."""
    found = _found(session, Withdrawn.place == place, Withdrawn.slug == slug)
    if not found:
        former = (FormerAddress.place == place, FormerAddress.slug == slug)
        keys = select(FormerAddress.study_key).where(*former)
        found = _found(session, Withdrawn.study_key.in_(keys))
    return next((each for each in found if each.lang == lang), found[0] if found else None)


def of_study(session: Session, study_key: str) -> list[Tombstone]:
    """The withdrawn versions of a study, the last withdrawn first."""
    return _found(session, Withdrawn.study_key == study_key)


def of_source(session: Session, source_id: int) -> list[Tombstone]:
    """What a followed site withdrew last."""
    return _found(session, Withdrawn.source_id == source_id, all_=True)[:LATEST]


def _last_first() -> tuple[ColumnElement[Any], ...]:
    """What somebody says to have withdrawn in the future stands last."""
    return Withdrawn.withdrawn_at > clock.now() + clock.SLACK, Withdrawn.withdrawn_at.desc()


def _found(
    session: Session, *conditions: ColumnElement[bool], all_: bool = False
) -> list[Tombstone]:
    query = select(Withdrawn).where(*conditions)
    if not all_:
        query = query.where(Withdrawn.shown)
    query = query.order_by(*_last_first(), Withdrawn.entry_id).limit(LATEST)
    return [
        Tombstone(
            entry_id=row.entry_id,
            study_key=row.study_key,
            source_id=row.source_id,
            lang=row.lang,
            place=row.place,
            slug=row.slug,
            topics=tuple(row.topics),
            withdrawn_at=row.withdrawn_at,
            reason=row.reason,
            reason_lang=row.reason_lang,
        )
        for row in session.scalars(query)
    ]
