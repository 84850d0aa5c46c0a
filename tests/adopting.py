"""Studies of other cities that say they were inspired, without a network, for tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from network.adoptions.models import Mention
from network.catalogue import store
from network.catalogue.values import Link, Version
from network.lib import clock
from network.lib.db import writing
from network.subscriptions.models import Subscription

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MADRID = "http://madrid.example"


def follow(session: Session, origin: str = MADRID, kind: str = "member", **values: Any) -> int:
    """Follow a site; gives the subscription's number."""
    now = clock.now()
    row = Subscription(
        url=f"{origin}/feed.atom", kind=kind, origin=origin, created=now, next_poll=now,
        title=origin.partition("://")[2], **values,
    )  # fmt: skip
    with writing(session):
        session.add(row)
        session.flush()
    return row.id


def version(
    number: int, inspired_by: tuple[str, ...] = (), origin: str = MADRID, **changes: Any
) -> Version:
    """A study of another city, with the addresses of what inspired it."""
    key = f"{origin}/id/{number:08}-0000-4000-8000-000000000000"
    given: dict[str, Any] = {
        "lang": "en",
        "title": f"Practice {number}",
        "summary": "What was done.",
        "body_html": "<p>Text.</p>",
        "published": NOON,
        "updated": NOON,
        "slug": f"practice-{number}",
        "city": origin.partition("://")[2].partition(".")[0],
    } | changes
    lang = given["lang"]
    return Version(
        entry_id=f"{key}/{lang}",
        study_key=key,
        url=f"{origin}/{lang}/case-studies/x/practice-{number}",
        inspired_by=tuple(Link(href, f"to {href}") for href in inspired_by),
        **given,
    )


def receive(session: Session, source_id: int, received: Version) -> Version:
    """Show a followed study."""
    with writing(session):
        store.put(session, received, source_id=source_id, received=NOON)
    return received


def mention(session: Session, study_key: str, source: str, **values: Any) -> None:
    """A Webmention that was received for a study of ours; by default a shown adoption."""
    given = {"kind": "adoption", "state": "shown", "title": "A page elsewhere"} | values
    digest = hashlib.sha256(f"{source}\n{study_key}".encode()).hexdigest()
    host = urlsplit(source).netloc
    row = Mention(
        digest=digest, source=source, host=host, target=study_key, study_key=study_key, **given
    )
    row.received = NOON
    with writing(session):
        session.add(row)
