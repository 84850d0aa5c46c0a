"""Asks the sites that say they follow this node whether they do: their public list must name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door, Limits
from network.lib.sanitise import web_url
from network.log.entry import strict_parser
from network.log.models import LONGEST_CHECK, Follower
from network.log.tidy import one_line
from network.subscriptions.fetch import get, origin_of, same_site

LIST = "/network.opml"
"""Where a node says whom it follows (docs/protocol)."""
AGAIN = timedelta(days=1)
FORGET = timedelta(days=30)
"""After which a reader that nothing confirmed, and that comes no more, is forgotten."""
AT_A_TIME = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What a site's list says. lists_us: it names this node. name: what the site calls itself."""

    lists_us: bool
    name: str = ""


def due(session: Session, now: datetime) -> list[str]:
    """Origins of the followers whose list is to be read now."""
    rows = select(Follower.origin).where(clock.is_due(Follower.next_check, now, LONGEST_CHECK))
    found = list(session.scalars(rows.order_by(Follower.next_check).limit(AT_A_TIME)))
    session.rollback()
    return found


def ask(door: Door, origin: str, base_url: str, limits: Limits) -> Said:
    """Read a site's list. Raises RemoteError when it cannot be had."""
    answer = get(door, origin + LIST, limits)
    if not same_site(origin, answer.url):
        return Said(False)
    return read(answer.content, base_url)


def read(opml: bytes, base_url: str) -> Said:
    """What a list says; one that is none says nothing. Only an address of ours names us."""
    try:
        root = etree.fromstring(opml, strict_parser())
    except etree.XMLSyntaxError:
        return Said(False)
    if root.tag != "opml" or root.getroottree().docinfo.internalDTD is not None:
        return Said(False)
    addresses = (web_url(outline.get("xmlUrl")) for outline in root.iter("outline"))
    lists_us = any(address and origin_of(address) == base_url for address in addresses)
    name = root.findtext("head/ownerName") or root.findtext("head/title") or ""
    return Said(lists_us, one_line(name, 200))


def note(session: Session, origin: str, said: Said | None, now: datetime) -> None:
    """Write down what a follower's list says. said: None when it could not be read."""
    with writing(session):
        row = session.get(Follower, origin)
        if row is None:
            return
        if said is None:
            row.failures += 1
            row.next_check = now + min(LONGEST_CHECK, AGAIN * row.failures)
            return
        row.failures, row.checked_at, row.next_check = 0, now, now + AGAIN
        row.name = said.name or row.name
        row.confirmed_at = now if said.lists_us else None


def confirm(session: Session, door: Door, base_url: str, limits: Limits, now: datetime) -> None:
    """Ask everybody whose turn it is, one after the other; nothing is open meanwhile."""
    for origin in due(session, now):
        try:
            said = ask(door, origin, base_url, limits) if origin != base_url else Said(False)
        except RemoteError:
            note(session, origin, None, now)
        else:
            note(session, origin, said, now)
    forget(session, now)


def forget(session: Session, now: datetime) -> None:
    """Forget who only ever said so, and says so no more."""
    silent = Follower.confirmed_at.is_(None), Follower.last_seen < now - FORGET
    if session.scalar(select(Follower.origin).where(*silent).limit(1)) is None:
        session.rollback()
        return
    with writing(session):
        session.execute(delete(Follower).where(*silent))
