"""Makes one city of two that are the same: everything of the one goes to the other, for good.

The slug and the identifiers of the city that goes lead to the one that stays from then on, so that
addresses go on working and what arrives later by the old name comes to the right city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from network.case_studies import moving as own
from network.case_studies.models import CaseStudy
from network.catalogue import moving as shown
from network.catalogue.models import Study
from network.cities import hearing
from network.cities.models import City, CityAlias, SiteRow
from network.cities.service import FIELDS, by_slug, value_of
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.log import service as log
from network.moderation import service as moderation
from network.subscriptions.models import Subscription, ToldCity


@dataclass(frozen=True, slots=True)
class Preview:
    """What joining means. own: studies of ours that move, published or not; followed: others'."""

    goes: City
    stays: City
    own: int
    followed: int


def preview(session: Session, goes: str, stays: str) -> Preview:
    """What joining two cities would do; each is given by any slug. Raises InvalidInput."""
    first, second = _city(session, goes, "goes"), _city(session, stays, "stays")
    if first is second:
        raise InvalidInput(N_("Choose two different cities."), "stays")
    return Preview(
        first,
        second,
        _number(session, CaseStudy.city == first.slug),
        _number(session, Study.city == first.slug, Study.source_id.is_not(None)),
    )


def _city(session: Session, slug: str, field: str) -> City:
    found = by_slug(session, slug.strip()) if slug.strip() else None
    if found is None:
        raise InvalidInput(N_("Choose a city of the list."), field)
    return found


def _number(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def join(
    session: Session, goes: str, stays: str, base_url: str, now: datetime | None = None
) -> Preview:
    """Have everything that is of one city be of another, and the first be no more.

    base_url: this node's own address. Gives what was done. Raises InvalidInput.
    """
    moment = now or clock.now()
    with writing(session):
        done = preview(session, goes, stays)
        shown.move(session, done.goes.slug, done.stays)
        own.move(session, done.goes.slug, done.stays, base_url, moment)
        _hand_over(session, done.goes, done.stays)
        _lead_on(session, done.goes, done.stays)
        _complete(session, done.goes, done.stays, moment)
        session.delete(done.goes)
        session.flush()
        moderation.city_joined(session, done.goes.slug, done.stays.slug)
        log.cities_changed(session, {done.stays.slug})
    return done


def _hand_over(session: Session, goes: City, stays: City) -> None:
    """What sites call it, which of them speaks for it, and whether it is this node's own city."""
    told = session.scalars(select(ToldCity).where(ToldCity.city.in_((goes.slug, stays.slug)))).all()
    kept = next((row for row in told if row.speaks and row.city == stays.slug), None)
    for row in told:
        row.speaks = row.speaks and kept in (None, row)
        row.city = stays.slug
    stays.said_by = stays.said_by or goes.said_by
    for column in (Subscription.city, SiteRow.city):
        query = update(column.class_).where(column == goes.slug)
        session.execute(query.values(city=stays.slug))


def _lead_on(session: Session, goes: City, stays: City) -> None:
    """Its slugs, its identifiers, and what led to it."""
    moved = update(CityAlias).where(CityAlias.city_slug == goes.slug)
    session.execute(moved.values(city_slug=stays.slug))
    names = {goes.slug, *goes.slugs.values()}
    for field in hearing.IDENTIFIERS:
        if (said := getattr(goes, field)) and said != getattr(stays, field):
            names.add(hearing.identifier(field, said))
    for name in sorted(names - {stays.slug, *stays.slugs.values()}):
        if session.get(CityAlias, name) is None:
            session.add(CityAlias(slug=name, city_slug=stays.slug))


def _complete(session: Session, goes: City, stays: City, now: datetime) -> None:
    """What was known of the one alone is known of the other now."""
    missing = {name for name in FIELDS if getattr(stays, name) is None}
    known = {name: getattr(value_of(goes), name) for name in missing - set(hearing.IDENTIFIERS)}
    for name, value in known.items():
        setattr(stays, name, value)
    stays.updated = now
    session.flush()
