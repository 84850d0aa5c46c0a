"""Follows a site of a list: once whatever happens, and with what came of it in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from network.catalogue.models import Study
from network.cities import service as cities
from network.following import service
from network.following.queries import Said
from network.lib.db import writing
from network.lib.errors import InvalidInput, RemoteError
from network.lib.http import Door
from network.lib.i18n import N_
from network.membership import directory, nodeinfo
from network.subscriptions.models import Subscription
from network.subscriptions.policy import Policy

FOLLOWED = N_("Followed. Case studies received: %(number)s.")
KNOWN = N_("Was followed already.")
BLOCKED = N_("This site is blocked here. Unblock it first.")


@dataclass(frozen=True, slots=True)
class Followed:
    """A site that is followed now. is_new: it was not before. studies: received so far."""

    id: int
    title: str
    url: str
    kind: str
    is_new: bool
    studies: int

    @property
    def said(self) -> Said:
        """What came of it."""
        return (FOLLOWED, {"number": self.studies}) if self.is_new else (KNOWN, {})


def follow_listed(
    sessions: sessionmaker[Session],
    door: Door,
    policy: Policy,
    listed: Mapping[str, Any],
) -> Followed:
    """Follow a site of a list (`directory.payload`); doing it again changes nothing.

    A site that was followed before and failed is looked at again. Raises InvalidInput, RemoteError.
    """
    with sessions() as session:
        newest = directory.newest(session)
        city = _city(session, listed.get("city"))
        found = service.follow(session, door, str(listed["url"]), policy, city=city)
        peer, state, failed = found.id, found.state, bool(found.error)
        session.rollback()  # nothing is asked of the network within a transaction
        if state == "blocked":
            raise InvalidInput(BLOCKED)
        if failed and peer <= newest:
            service.poll(sessions, door, peer, policy)
        return _outcome(session, peer, int(listed.get("after") or 0))


def _city(session: Session, slug: object) -> str | None:
    """A city that this node knows; a study of a city that nobody knows could not be shown."""
    found = cities.by_key(session, slug) if isinstance(slug, str) else None
    session.rollback()
    return found.slug if found else None


def _outcome(session: Session, subscription_id: int, after: int) -> Followed:
    found = session.get(Subscription, subscription_id, populate_existing=True)
    if found is None:
        raise InvalidInput(N_("This site is not followed."))
    if found.error:
        raise RemoteError(found.error, retryable=False, **(found.error_arguments or {}))
    ids = select(Study.study_key).where(Study.source_id == found.id)
    studies = len(session.scalars(ids).all())
    return Followed(found.id, found.title, found.url, found.kind, found.id > after, studies)


def describe_member(session: Session, door: Door, policy: Policy, subscription_id: int) -> None:
    """Learn a member's city and language from its NodeInfo, unless we know them."""
    found = session.get(Subscription, subscription_id, populate_existing=True)
    if found is not None:
        session.expunge(found)  # to be read without a database while the member is asked
    session.rollback()
    if found is None or (found.city and found.language):
        return
    told = nodeinfo.describe(door, found.url, policy)
    if told is None:
        return
    values = {"city": found.city or told.city, "language": found.language or told.language}
    with writing(session):
        session.execute(
            update(Subscription).where(Subscription.id == subscription_id).values(values)
        )


def describe_members(sessions: sessionmaker[Session], door: Door, policy: Policy) -> None:
    """The same for every member that has not said its language yet."""
    with sessions() as session:
        query = select(Subscription.id).where(
            Subscription.kind == "member",
            Subscription.state == "active",
            Subscription.language.is_(None),
        )
        ids = session.scalars(query).all()
        session.rollback()
        for each in ids:
            describe_member(session, door, policy, each)
