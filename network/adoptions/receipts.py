"""What has become of a study, for its author: who passes it on, translates, adopts or mentions it.

Only what this node can know: sites that say that they follow it and whose public list confirms
it, what members publish, and Webmentions that it shows. Who reads a feed in silence stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.adoptions.edges import Edge, adopters_of, resolve
from network.adoptions.models import Mention
from network.catalogue.models import Rendition, Study
from network.catalogue.queries import VISIBLE
from network.lib.db import Base
from network.log import followers
from network.log.models import Follower

LOG = "/feed.atom"


@dataclass(frozen=True, slots=True)
class Page:
    """A page elsewhere that says something of the study. known: the study that it is, if one."""

    address: str
    title: str
    site: str
    lang: str | None
    received: datetime
    known: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """followers: nodes that take everything that this one publishes. pushed: sites that the hub
    tells of each change, as host and port. syndicated, mentions: pages.

    translations: pages, and translated_by: (study_key, language) of members' studies.
    """

    followers: Sequence[Follower]
    pushed: Set[str]
    syndicated: Sequence[Page]
    translations: Sequence[Page]
    translated_by: Sequence[tuple[str, str]]
    adopters: Sequence[Edge]
    mentions: Sequence[Page]


def of(session: Session, key: str, home: str, now: datetime) -> Receipt:
    """The receipt of one of our studies. key: its study_key. home: this node's own address."""
    pages = _pages(session, key)
    return Receipt(
        followers=followers.all_of(session),
        pushed=pushed(session, now),
        syndicated=pages.get("syndication", []),
        translations=pages.get("translation", []),
        translated_by=_translated_by(session, key),
        adopters=adopters_of(session, [key], home),
        mentions=pages.get("mention", []),
    )


def pushed(session: Session, now: datetime) -> set[str]:
    """Where verified subscribers of our log at our hub have their callbacks.

    The hub belongs to a room beside this one, so its tables are read by name; a node without a
    hub has none.
    """
    topic, subscriber = (Base.metadata.tables.get(n) for n in ("hub_topic", "hub_subscription"))
    if topic is None or subscriber is None:
        return set()
    hosts = select(subscriber.c.host).join(topic, topic.c.id == subscriber.c.topic_id)
    return set(session.scalars(hosts.where(topic.c.path == LOG, subscriber.c.until > now)))


def _pages(session: Session, key: str) -> dict[str, list[Page]]:
    """Shown Webmentions by kind, newest first."""
    shown = select(Mention).where(Mention.study_key == key, Mention.state == "shown")
    rows = session.scalars(shown.order_by(Mention.received.desc(), Mention.id)).all()
    known = resolve(session, {row.source for row in rows})
    found: dict[str, list[Page]] = {}
    for row in rows:
        page = Page(
            row.source, row.title, row.site, row.lang, row.received, known.get(row.source)
        )  # fmt: skip
        found.setdefault(row.kind, []).append(page)
    return found


def _translated_by(session: Session, key: str) -> list[tuple[str, str]]:
    """Studies of others that say to be the same in another language."""
    rows = session.execute(
        select(Rendition.study_key, Rendition.entry_id)
        .join(Study, Study.study_key == Rendition.study_key)
        .where(Rendition.target_key == key, VISIBLE)
    )
    return sorted({(row.study_key, row.entry_id.rpartition("/")[2]) for row in rows})
