"""The small picture of a followed site: looked for seldom, checked, and kept to be served by us.

Readers' browsers never ask the site itself, which would tell it who reads what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urljoin

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door, Limits
from network.lib.icon import LONGEST, Icon, small_image
from network.reading.discover import find_icons
from network.subscriptions.models import ICON_KEPT, SourceIcon, Subscription

AT_ONCE = 20
PICTURE = Limits(seconds=10, wait=10, redirects=3, body_bytes=4 * LONGEST, wire_bytes=4 * LONGEST)
"""A file of several sizes may be larger than the one that is taken from it."""
PAGE = Limits(seconds=10, wait=10, redirects=3, body_bytes=2 << 20, wire_bytes=2 << 20)
TRIED = 4
"""Pictures that a page names, tried at most."""


def plan(session: Session) -> None:
    """Add a job for every site whose picture is due, once it has answered at all."""
    now = clock.now()
    due = (
        select(Subscription)
        .where(
            Subscription.state == "active",
            Subscription.succeeded_at.is_not(None),
            or_(
                Subscription.icon_due.is_(None),
                clock.is_due(Subscription.icon_due, now, ICON_KEPT),
            ),
        )
        .limit(AT_ONCE)
    )
    if session.scalar(due.with_only_columns(Subscription.id).limit(1)) is None:
        session.rollback()
        return
    with writing(session):
        for row in session.scalars(due):
            row.icon_due = now + ICON_KEPT
            jobs.add(session, Kind.ICON, str(row.id))


def refresh(session: Session, door: Door, subscription_id: int) -> None:
    """Look for a site's picture and keep it; one that has none loses the old one.

    No failure of the site is an error here: a picture is worth no alarm.
    """
    found = session.get(Subscription, subscription_id)
    if found is None:
        return
    addresses = _addresses(door, found.icon, found.site_url or found.url)
    session.rollback()  # nothing is asked of the network within a transaction
    picture = next((icon for url in addresses if (icon := _picture(door, url))), None)
    with writing(session):
        _keep(session, subscription_id, picture)


def _keep(session: Session, subscription_id: int, picture: Icon | None) -> None:
    row = session.get(Subscription, subscription_id, populate_existing=True)
    if row is None:
        return
    kept = session.get(SourceIcon, subscription_id)
    row.icon_mark = hashlib.sha256(picture.content).hexdigest()[:16] if picture else ""
    if picture is None:
        if kept is not None:
            session.delete(kept)
        return
    if kept is None:
        kept = SourceIcon(subscription_id=subscription_id)
        session.add(kept)
    kept.media_type, kept.content = picture.media_type, picture.content


def _addresses(door: Door, declared: str, site: str) -> Iterator[str]:
    """Where the picture may be: as the feed says, as the site's page says, where it always was."""
    if declared:
        yield declared
    with suppress(RemoteError):
        page = door.get(site, {"Accept": "text/html, */*;q=0.5"}, PAGE)
        if page.ok:
            yield from find_icons(page.content, page.url, page.headers.get("Content-Type"))[:TRIED]
    yield urljoin(site, "/favicon.ico")


def _picture(door: Door, url: str) -> Icon | None:
    try:
        answer = door.get(url, {"Accept": "image/png, image/x-icon, image/*;q=0.5"}, PICTURE)
    except RemoteError:
        return None
    return small_image(answer.content) if answer.ok else None


def icon(session: Session, subscription_id: int) -> tuple[str, Icon] | None:
    """(mark, picture) of a followed site that is shown, if it has one."""
    found = session.execute(
        select(Subscription.icon_mark, SourceIcon.media_type, SourceIcon.content)
        .join(SourceIcon, SourceIcon.subscription_id == Subscription.id)
        .where(Subscription.id == subscription_id, Subscription.state != "blocked")
    ).one_or_none()
    return (found.icon_mark, Icon(found.media_type, found.content)) if found else None
