"""Puts published versions into the read model and takes them out, in the caller’s transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session, selectinload

from network.catalogue import facts as facts_
from network.catalogue import values
from network.catalogue.models import CatalogueState, Inspiration, Study, StudyTopic, Version
from network.lib.text import slug as slugify

NOWHERE = "-"
"""The place in the address of a study whose city is not known."""

CHUNK = 200
"""Versions written at a time."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A version that comes to the read model. country: of its city, ISO 3166-1 alpha-2."""

    version: values.Version
    country: str | None = None


def put(
    session: Session,
    version: values.Version,
    *,
    source_id: int | None,
    received: datetime,
    country: str | None = None,
    shown: bool = True,
) -> None:
    """Insert or replace one language version and bring its study's row up to date."""
    arrival = Arrival(version, country)
    put_many(session, [arrival], source_id=source_id, received=received, shown=shown)


def put_many(
    session: Session,
    arrivals: Iterable[Arrival],
    *,
    source_id: int | None,
    received: datetime,
    shown: bool = True,
) -> None:
    """The same for any number of versions, in a memory that does not grow with it."""
    waiting = iter(arrivals)
    while chunk := list(islice(waiting, CHUNK)):
        with session.no_autoflush:  # a look-up must not write a row that is not filled yet
            studies = _studies(session, {each.version.study_key for each in chunk})
            slugs = _Slugs(session, [each.version for each in chunk])
            for each in chunk:
                study = studies.get(each.version.study_key)
                if study is None:
                    study = _new(session, each.version, source_id, received)
                    studies[study.study_key] = study
                study.shown = shown
                _fill(_row(study, each.version.entry_id, received), each.version, slugs)
                _summarise(study, each.country)
            session.flush()
        touch(session)


def remove(session: Session, entry_id: str) -> str | None:
    """Take one language version out, with its study when it was the last; gives the study's key."""
    row = session.get(Version, entry_id)
    if row is None:
        return None
    study = _studies(session, [row.study_key])[row.study_key]
    study.versions.remove(row)
    if study.versions:
        _summarise(study, study.country)
    else:
        session.delete(study)
    touch(session)
    session.flush()
    return study.study_key


def touch(session: Session) -> None:
    """Say that something readers can see has changed (once a transaction is enough)."""
    changed = session.execute(update(CatalogueState).values(version=CatalogueState.version + 1))
    if not cast(CursorResult[Any], changed).rowcount:
        session.add(CatalogueState(id=1, version=1))


def show_source(session: Session, source_id: int, shown: bool) -> list[str]:
    """Show or hide all that came by one subscription; gives the keys whose index entry changes."""
    session.execute(update(Study).where(Study.source_id == source_id).values(shown=shown))
    touch(session)
    return keys_of_source(session, source_id)


def remove_source(session: Session, source_id: int) -> list[str]:
    """Take out all that came by one subscription; gives the keys that are gone."""
    keys = keys_of_source(session, source_id)
    mine = select(Study.study_key).where(Study.source_id == source_id)
    for table in (StudyTopic, Inspiration, Version):
        session.execute(delete(table).where(table.study_key.in_(mine)))
    session.execute(delete(Study).where(Study.source_id == source_id))
    touch(session)
    return keys


def keys_of_source(session: Session, source_id: int) -> list[str]:
    """The keys of the studies that came by one subscription."""
    return list(session.scalars(select(Study.study_key).where(Study.source_id == source_id)))


def _studies(session: Session, keys: Collection[str]) -> dict[str, Study]:
    rows = session.scalars(
        select(Study)
        .where(Study.study_key.in_(keys))
        .options(
            selectinload(Study.versions),
            selectinload(Study.topics),
            selectinload(Study.inspirations),
        )
    )
    return {study.study_key: study for study in rows}


def _new(
    session: Session, version: values.Version, source_id: int | None, received: datetime
) -> Study:
    study = Study(
        study_key=version.study_key,
        source_id=source_id,
        published=version.published,
        sort_at=min(version.published, received),
        versions=[],
        topics=[],
        inspirations=[],
    )
    session.add(study)
    return study


def _row(study: Study, entry_id: str, received: datetime) -> Version:
    row = next((v for v in study.versions if v.entry_id == entry_id), None)
    if row is None:
        row = Version(entry_id=entry_id, received=received)
        study.versions.append(row)
    return row


def _fill(row: Version, version: values.Version, slugs: _Slugs) -> None:
    place, wanted = _place(version), _wanted(version)
    if row.slug is None or (row.place, row.lang) != (place, version.lang) or not _same(row, wanted):
        row.slug = slugs.take(version)
    row.place, row.lang = place, version.lang
    for name in ("study_key", "title", "summary", "body_html", "url", "published", "updated"):
        setattr(row, name, getattr(version, name))
    for name in ("translation", "original_lang", "outdated_since", "lang_is_guess"):
        setattr(row, name, getattr(version, name))
    row.legal_basis, row.contact_role = version.legal_basis, version.contact_role
    row.facts = facts_.to_json(version.facts)
    row.topics = list(version.topics)
    row.inspired_by = facts_.links_to_json(version.inspired_by)


def _place(version: values.Version) -> str:
    return version.city or NOWHERE


def _wanted(version: values.Version) -> str:
    return (version.slug or slugify(version.title) or "study")[:100]


def _same(row: Version, wanted: str) -> bool:
    return row.slug == wanted or row.slug.startswith(wanted + "-~")


class _Slugs:
    """Who has which slug, of those that the given versions want."""

    def __init__(self, session: Session, versions: Sequence[values.Version]) -> None:
        rows = session.execute(
            select(Version.place, Version.lang, Version.slug, Version.entry_id).where(
                Version.place.in_({_place(v) for v in versions}),
                Version.lang.in_({v.lang for v in versions}),
                Version.slug.in_({_wanted(v) for v in versions}),
            )
        )
        self.holders = {(row.place, row.lang, row.slug): row.entry_id for row in rows}

    def take(self, version: values.Version) -> str:
        """The wanted slug, or when another study has it, one marked with the entry's own hash."""
        wanted = _wanted(version)
        key = (_place(version), version.lang, wanted)
        if self.holders.setdefault(key, version.entry_id) == version.entry_id:
            return wanted
        return f"{wanted}-~{hashlib.sha256(version.entry_id.encode()).hexdigest()[:8]}"


def _summarise(study: Study, country: str | None) -> None:
    """What the study's row says is what its original says, or else its first version."""
    lead = min(study.versions, key=lambda v: (v.translation != "original", v.published, v.lang))
    facts = facts_.from_json(lead.facts)
    study.city = None if lead.place == NOWHERE else lead.place
    study.country, study.status, study.year = country, facts.status, facts.year
    study.published = min(v.published for v in study.versions)
    study.sort_at = min(study.sort_at, study.published)
    study.completeness = facts_.completeness(facts, lead.legal_basis)
    topics = dict.fromkeys(topic for v in study.versions for topic in v.topics)
    study.topics = [t for t in study.topics if t.topic in topics] + [
        StudyTopic(topic=topic) for topic in topics if topic not in {t.topic for t in study.topics}
    ]
    _inspirations(study, facts_.links_from_json(lead.inspired_by))


def _inspirations(study: Study, links: tuple[values.Link, ...]) -> None:
    kept = {row.href: row for row in study.inspirations}
    rows = []
    for position, link in enumerate({link.href: link for link in links}.values()):
        row = kept.get(link.href) or Inspiration(href=link.href)
        row.title, row.position, row.target_key = link.title, position, target_key(link.href)
        rows.append(row)
    study.inspirations = rows


def target_key(href: str) -> str:
    """The study's key when the address is a node's permanent id, else the address itself."""
    found = re.fullmatch(r"(https?://[^/]+/id/[0-9a-f-]{36})(/[A-Za-z0-9-]+)?/?", href.strip())
    return found[1] if found else href.strip()
