"""What stands in a node's tables, as far as it must be the same whatever happened in between."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, select, update

from network.catalogue import queries
from network.catalogue.models import Inspiration, Study, StudyTopic, Version
from network.cities.models import City
from network.jobs.models import Job
from network.lib.db import writing
from network.log.models import FeedEntry
from network.subscriptions.models import RemoteEntry, Subscription
from tests.simulation.node import Node

Rows = dict[str, list[Any]]

STUDY = ("study_key", "city", "country", "status", "year", "completeness", "published")
"""Of a study, without when it came and what came before it."""
VERSION = (
    *("entry_id", "study_key", "lang", "place", "title", "summary", "body_html", "url"),
    *("published", "updated", "translation", "original_lang", "outdated_since", "legal_basis"),
    *("contact_role", "lang_is_guess", "date_is_unknown", "facts", "topics", "inspired_by"),
)
"""Of a version, without when it came and the address that was free for it then."""


def everything(node: Node) -> Rows:
    """All that a poll may change, but for when it was and what it said."""
    cursor = [getattr(Subscription, n) for n in ("epoch", "cursor", "complete_seq", "origin")]
    found: Rows = {}
    with node.reading() as session:
        for table in (RemoteEntry, Study, StudyTopic, Version, Inspiration, City):
            rows = session.execute(select(*table.__table__.columns))
            found[table.__tablename__] = sorted((tuple(row) for row in rows), key=repr)
        found["job"] = sorted(tuple(r) for r in session.execute(select(Job.kind, Job.key)))
        found["cursor"] = sorted((tuple(r) for r in session.execute(select(*cursor))), key=repr)
        found["version_of_catalogue"] = [queries.version(session)]
    return found


def content(node: Node) -> Rows:
    """All that readers and followers get of a node, whoever it came from and whenever."""
    found: Rows = {}
    names = {Study: STUDY, Version: VERSION}
    with node.reading() as session:
        known = session.execute(select(Subscription.id, Subscription.origin))
        origins = {row.id: row.origin for row in known}
        sources = session.execute(select(Study.study_key, Study.source_id, Study.shown))
        found["source"] = sorted((r[0], origins.get(r[1] or 0, ""), r[2]) for r in sources)
        for table in (Study, Version, StudyTopic, FeedEntry):
            columns = names.get(table) or [c.name for c in table.__table__.columns]
            rows = session.execute(select(*(getattr(table, name) for name in columns)))
            found[table.__tablename__] = sorted((tuple(row) for row in rows), key=repr)
        copies = session.execute(
            select(RemoteEntry.subscription_id, RemoteEntry.entry_id, RemoteEntry.updated,
                   RemoteEntry.hash, RemoteEntry.xml).where(RemoteEntry.kind == "live")
        )  # fmt: skip
        found["copy"] = sorted((origins[row[0]], *row[1:]) for row in copies)
    return found


def unmarked(rows: Rows) -> Rows:
    """The same, whoever had an address first: a study of ours that came to one where another city's
    had arrived already has a mark in its own, and its entry another hash for that."""
    return {
        table: sorted((tuple(map(_unmarked, row)) for row in each), key=repr)
        for table, each in rows.items()
    }


def _unmarked(value: Any) -> Any:
    text = value.decode() if isinstance(value, bytes) else value
    return _MARKED.sub("", text) if isinstance(text, str) else text


_MARKED = re.compile(r"-~[0-9a-f]{8}\b|^[0-9a-f]{64}$")


def of_source(node: Node, subscription_id: int) -> Rows:
    """All that came by one subscription, whether it is shown or not."""
    found: Rows = {}
    mine = select(Study.study_key).where(Study.source_id == subscription_id)
    with node.reading() as session:
        for table in (Study, Version, StudyTopic, Inspiration):
            columns = [c for c in table.__table__.columns if c.name != "shown"]
            query = select(*columns).where(table.study_key.in_(mine))  # type: ignore[attr-defined]
            found[table.__tablename__] = sorted(
                (tuple(r) for r in session.execute(query)), key=repr
            )
    return found


def forget_validators(node: Node, subscription_id: int) -> None:
    """So that the next poll reads everything again."""
    with node.sessions() as session, writing(session):
        session.execute(
            update(Subscription)
            .where(Subscription.id == subscription_id)
            .values(etag="", last_modified="", content_hash="")
        )


def pages(node: Node, dice: random.Random, number: int) -> list[str]:
    """Addresses of a few studies that the node shows, and of what lists them."""
    with node.reading() as session:
        rows = session.execute(
            select(Version.place, Version.slug).join(Study).where(Study.shown)
        ).all()
    studies = sorted(f"/en/case-studies/{place}/{slug}" for place, slug in rows)
    lists = ["/fr/", "/en/case-studies/", "/fr/feed.json?scope=network"]
    return [*dice.sample(studies, min(number, len(studies))), dice.choice(lists)]


@contextmanager
def statements(node: Node) -> Iterator[list[str]]:
    """Whatever is written meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append(statement)

    event.listen(node.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(node.engine, "before_cursor_execute", note)


def feeds(node: Node) -> str:
    """What its readers are sent, in both languages."""
    return "".join(
        node.ask(f"/{lang}/feed.json?scope=network").body.decode() for lang in ("en", "fr")
    )
