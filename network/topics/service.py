"""The vocabulary of topics: shipped with the product, brought into the database at `init`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.lib.db import table_of
from network.lib.text import slug
from network.topics.models import Topic


def load_shipped(session: Session) -> None:
    """Insert or update the shipped topics; the caller holds the transaction."""
    known = {topic.slug: topic for topic in all_topics(session)}
    with (files("network.topics") / "data" / "topics.csv").open(encoding="utf-8") as file:
        for position, row in enumerate(csv.DictReader(file)):
            topic = known.get(row["slug_en"])
            if topic is None:
                topic = Topic(slug=row["slug_en"])
                session.add(topic)
            topic.slug_fr, topic.position = row["slug_fr"], position
            topic.name_en, topic.name_fr = row["name_en"], row["name_fr"]
            topic.synonyms_en = row["synonyms_en"].split(";")
            topic.synonyms_fr = row["synonyms_fr"].split(";")


def all_topics(session: Session) -> list[Topic]:
    """Every topic, in the vocabulary's order."""
    return list(session.scalars(select(Topic).order_by(Topic.position)))


def by_slug(session: Session, given: str) -> Topic | None:
    """The topic with this slug in either language."""
    return session.get(Topic, given) or session.scalar(select(Topic).where(Topic.slug_fr == given))


_TOPICS = table_of(Topic).c
_NAMES = select(_TOPICS.slug, _TOPICS.name_en, _TOPICS.name_fr)


def labels(session: Session) -> dict[str, dict[str, str]]:
    """slug → language → name, for feeds."""
    rows = session.execute(_NAMES)
    return {row.slug: {"en": row.name_en, "fr": row.name_fr} for row in rows}


def match(topics: Iterable[Topic], categories: Iterable[str]) -> tuple[str, ...]:
    """The slugs that a foreign feed's categories stand for, by slug, name or synonym."""
    known: dict[str, str] = {}
    for topic in topics:
        names = [topic.slug, topic.slug_fr, topic.name_en, topic.name_fr]
        for name in names + topic.synonyms_en + topic.synonyms_fr:
            known.setdefault(slug(name), topic.slug)
    return tuple(dict.fromkeys(known[s] for c in categories if (s := slug(c)) in known))
