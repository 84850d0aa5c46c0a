"""The vocabulary of topics: shipped with the product, brought into the database at `init`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.lib.db import table_of
from network.lib.i18n import by_language
from network.lib.text import slug
from network.topics.models import Topic


def shipped() -> Iterator[Mapping[str, str]]:
    """The rows of the shipped topics, in their order."""
    with (files("network.topics") / "data" / "topics.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def load_shipped(session: Session) -> None:
    """Insert or update the shipped topics; the caller holds the transaction."""
    known = {topic.slug: topic for topic in all_topics(session)}
    for position, row in enumerate(shipped()):
        topic = known.get(row["slug_en"])
        if topic is None:
            topic = Topic(slug=row["slug_en"])
            session.add(topic)
        put(topic, row, position)


def put(topic: Topic, row: Mapping[str, str], position: int) -> None:
    """Say of a topic what its row of the vocabulary says."""
    slugs, synonyms = by_language(row, "slug").items(), by_language(row, "synonyms").items()
    topic.position, topic.names = position, by_language(row, "name")
    topic.slugs = {lang: each for lang, each in slugs if each != topic.slug}
    topic.synonyms = {lang: text.split(";") for lang, text in synonyms}


def all_topics(session: Session) -> list[Topic]:
    """Every topic, in the vocabulary's order."""
    return list(session.scalars(select(Topic).order_by(Topic.position)))


def by_slug(session: Session, given: str) -> Topic | None:
    """The topic with this slug in any language."""
    found = session.get(Topic, given)
    return found or next((t for t in all_topics(session) if given in t.slugs.values()), None)


_TOPICS = table_of(Topic).c
_NAMES = select(_TOPICS.slug, _TOPICS.names)


def labels(session: Session) -> dict[str, Mapping[str, str]]:
    """slug → language → name, for feeds."""
    return {row.slug: row.names for row in session.execute(_NAMES)}


def match(topics: Iterable[Topic], categories: Iterable[str]) -> tuple[str, ...]:
    """The slugs that a foreign feed's categories stand for, by slug, name or synonym."""
    known: dict[str, str] = {}
    for topic in topics:
        for name in chain(topic.titles(), topic.all_synonyms()):
            known.setdefault(slug(name), topic.slug)
    return tuple(dict.fromkeys(known[s] for c in categories if (s := slug(c)) in known))
