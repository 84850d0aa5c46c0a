"""Lists that an administrator trusts: read regularly, they may confirm that a site has moved.

A list confirms a move when it names the new address and the old one no more, is whole, and stands
neither at the old nor at the new address: nobody confirms a move of their own.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.following import service
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput, NotFound, PioneerError, RemoteError
from network.lib.http import Door, Limits, Response
from network.lib.i18n import N_
from network.membership import directory
from network.reading.opml import MOST_BYTES, SiteList, same_feed
from network.subscriptions import fetch
from network.subscriptions.models import Subscription, TrustedList
from network.subscriptions.policy import Policy

log = logging.getLogger(__name__)

MOST_LISTS = 5
KEPT = 20
"""Moves that a list confirmed, of which its page still tells."""
ANOTHER = N_("Another site answered at the list’s address, so it was not believed.")


def lists(session: Session) -> list[TrustedList]:
    """Every trusted list, the oldest first."""
    return list(session.scalars(select(TrustedList).order_by(TrustedList.id)))


def add(session: Session, door: Door, address: str, policy: Policy) -> TrustedList:
    """Trust the list at an address of it or of a node. Raises InvalidInput, RemoteError."""
    session.rollback()
    found = directory.read_list(door, address, policy)
    if policy.base_url.startswith("https:") and not found.url.startswith("https:"):
        raise InvalidInput(
            N_("A list that may confirm moves must have an address with https://."), "trust"
        )
    with writing(session):
        known = lists(session)
        if any(each.url == found.url for each in known):
            raise InvalidInput(N_("This list is trusted already."), "trust")
        if len(known) >= MOST_LISTS:
            message = N_("At most %(most)s lists can be trusted.")
            raise InvalidInput(message, "trust", most=MOST_LISTS)
        row = TrustedList(url=found.url, title=found.sites.title, created=clock.now(), confirmed=[])
        session.add(row)
        session.flush()
        list_id = row.id
    return read(session, door, list_id, policy)


def remove(session: Session, list_id: int) -> None:
    """Trust a list no more. Raises NotFound."""
    with writing(session):
        session.delete(_row(session, list_id))


def read_all(session: Session, door: Door, policy: Policy) -> None:
    """Read every trusted list, and accept the moves that it confirms."""
    ids = [each.id for each in lists(session)]
    session.rollback()
    for list_id in ids:
        try:
            read(session, door, list_id, policy)
        except NotFound:
            continue


def read(session: Session, door: Door, list_id: int, policy: Policy) -> TrustedList:
    """Read one of them now; a failure is written down. Raises NotFound."""
    url = _row(session, list_id).url
    session.rollback()
    try:
        found = _whole(_get(door, url, policy))
    except PioneerError as error:
        with writing(session):
            row = _row(session, list_id)
            row.read_at, row.error = clock.now(), error.message
            row.error_arguments = {k: str(v)[:500] for k, v in error.arguments.items()} or None
        return row
    confirmed = _confirm(session, found, url)
    with writing(session):
        row = _row(session, list_id)
        row.title = found.title or row.title
        row.members = sum(site.is_member for site in found.sites)
        row.read_at = row.succeeded_at = clock.now()
        row.error, row.error_arguments = "", None
        row.confirmed = [*row.confirmed, *confirmed][-KEPT:]
    return row


def _get(door: Door, url: str, policy: Policy) -> Response:
    """What the list's own site answers; no other may speak for it. Raises RemoteError."""
    limits = Limits(seconds=float(policy.fetch_seconds), body_bytes=MOST_BYTES)
    response = fetch.get(door, url, limits)
    if not fetch.same_site(url, response.url):
        raise RemoteError(ANOTHER)
    return response


def _whole(response: Response) -> SiteList:
    """The list, of which nothing may be missing: what is absent means something. Raises."""
    found = directory.parse(response)
    if found.notice:
        raise InvalidInput(found.notice[0], **found.notice[1])
    return found


def _confirm(session: Session, found: SiteList, url: str) -> list[dict[str, str]]:
    """Accept every waiting move that the list confirms; gives what was accepted."""
    waiting = session.scalars(
        select(Subscription).where(
            Subscription.pending_url.is_not(None), Subscription.state == "active"
        )
    ).all()
    moves = [(row.id, row.title, row.url, row.pending_url or "") for row in waiting]
    kinds = {row.id: row.kind for row in waiting}
    session.rollback()
    accepted = []
    for subscription_id, title, old, new in moves:
        if not confirms(found, url, kinds[subscription_id], old, new):
            continue
        try:
            service.accept_move(session, subscription_id)
        except PioneerError as error:
            log.info("the list %s confirms a move that cannot be made: %s", url, error)
            continue
        log.info("the list %s confirms that %s has moved to %s", url, old, new)
        now = clock.now().isoformat(timespec="seconds")
        accepted.append({"when": now, "title": title, "from": old, "to": new})
    return accepted


def confirms(found: SiteList, list_url: str, kind: str, old: str, new: str) -> bool:
    """Whether the list at an address says that a feed has moved from one address to another."""

    def key(url: str) -> Any:
        return same_feed(url)[0] if kind == "member" else same_feed(url)

    listed = {key(site.url) for site in found.sites if site.is_member or kind != "member"}
    everywhere = {key(site.url) for site in found.sites}
    interested = {same_feed(old)[0], same_feed(new)[0]}
    return (
        key(new) in listed
        and key(old) not in everywhere
        and (same_feed(list_url)[0] not in interested)
    )


def _row(session: Session, list_id: int) -> TrustedList:
    found = session.get(TrustedList, list_id, populate_existing=True)
    if found is None:
        raise NotFound(N_("This list is not trusted."))
    return found
