"""Puts published versions into the read model and takes them out, in the caller’s transaction."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session, selectinload

from network.catalogue import facts as facts_
from network.catalogue import values
from network.catalogue.models import CatalogueState, Inspiration, Study, StudyTopic, Version
from network.lib.text import slug as slugify

NOWHERE = "-"
"""The place in the address of a study whose city is not known."""


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
    study = _study(session, version.study_key)
    if study is None:
        study = Study(
            study_key=version.study_key,
            source_id=source_id,
            published=version.published,
            sort_at=min(version.published, received),
        )
        session.add(study)
    study.shown = shown
    row = next((v for v in study.versions if v.entry_id == version.entry_id), None)
    if row is None:
        row = Version(entry_id=version.entry_id, received=received)
        study.versions.append(row)
    _fill(session, row, version)
    _summarise(study, country)
    touch(session)
    session.flush()


def remove(session: Session, entry_id: str) -> str | None:
    """Take one language version out, with its study when it was the last; gives the study's key."""
    row = session.get(Version, entry_id)
    if row is None:
        return None
    study = _study(session, row.study_key)
    assert study is not None
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


def _study(session: Session, key: str) -> Study | None:
    return session.get(
        Study,
        key,
        options=[
            selectinload(Study.versions),
            selectinload(Study.topics),
            selectinload(Study.inspirations),
        ],
    )


def _fill(session: Session, row: Version, version: values.Version) -> None:
    place = version.city or NOWHERE
    wanted = version.slug or slugify(version.title) or "study"
    if row.slug is None or (row.place, row.lang) != (place, version.lang) or not _same(row, wanted):
        row.slug = _free_slug(session, place, version, wanted[:100])
    row.place, row.lang = place, version.lang
    for name in ("study_key", "title", "summary", "body_html", "url", "published", "updated"):
        setattr(row, name, getattr(version, name))
    for name in ("translation", "original_lang", "outdated_since", "lang_is_guess"):
        setattr(row, name, getattr(version, name))
    row.legal_basis, row.contact_role = version.legal_basis, version.contact_role
    row.facts = facts_.to_json(version.facts)
    row.topics = list(version.topics)
    row.inspired_by = facts_.links_to_json(version.inspired_by)


def _same(row: Version, wanted: str) -> bool:
    return row.slug == wanted[:100] or row.slug.startswith(wanted[:100] + "-~")


def _free_slug(session: Session, place: str, version: values.Version, wanted: str) -> str:
    """The wanted slug, or when another study has it, one marked with this entry's own hash."""
    taken = session.scalar(
        select(Version.entry_id).where(
            Version.place == place,
            Version.lang == version.lang,
            Version.slug == wanted,
            Version.entry_id != version.entry_id,
        )
    )
    mark = hashlib.sha256(version.entry_id.encode()).hexdigest()[:8]
    return f"{wanted}-~{mark}" if taken else wanted


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
