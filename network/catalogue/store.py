"""Puts published versions into the read model and takes them out, in the caller’s transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from network.catalogue import addresses, as_json, values
from network.catalogue.links import renditions_of, rows_of, set_links
from network.catalogue.models import (
    Adoption,
    CatalogueState,
    FormerAddress,
    Inspiration,
    Rendition,
    Study,
    StudyTopic,
    Version,
    Withdrawn,
)
from network.cities.models import City
from network.facts import links, travel
from network.facts.values import Facts, completeness, filtered
from network.lib.db import Base

CHUNK = 200
"""Versions written at a time."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A version that comes to the read model. country: of its city, ISO 3166-1 alpha-2.

    received: when we first heard of it, if that was earlier than now.
    """

    version: values.Version
    country: str | None = None
    received: datetime | None = None


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
        reserved = reserve(session, [each.version for each in chunk])
        write(session, chunk, reserved, source_id=source_id, received=received, shown=shown)


@dataclass(frozen=True, slots=True)
class Reserved:
    """Where versions are going to stand. slugs: of their pages, by entry id.

    studies: those of them that are there, by key. rows: their versions, by entry id.
    """

    slugs: Mapping[str, str]
    studies: Mapping[str, Study]
    rows: Mapping[str, Version]


def reserve(session: Session, versions: Sequence[values.Version]) -> Reserved:
    """Give versions their addresses, before anything of them is written.

    Nobody else takes one of these until the caller's transaction ends (`touch`).
    """
    touch(session)
    with session.no_autoflush:
        studies = _studies(session, {version.study_key for version in versions})
        slugs = addresses.Slugs(session, versions)
    rows = {row.entry_id: row for study in studies.values() for row in study.versions}
    old_first = sorted(versions, key=lambda version: version.study_key not in studies)
    found = {v.entry_id: slugs.of(v, rows.get(v.entry_id)) for v in old_first}
    return Reserved(found, studies, rows)


def write(
    session: Session,
    arrivals: Sequence[Arrival],
    reserved: Reserved,
    *,
    source_id: int | None,
    received: datetime,
    shown: bool = True,
) -> None:
    """Insert or replace versions at the addresses that were reserved for them."""
    back = [each.version.entry_id for each in arrivals]
    session.execute(delete(Withdrawn).where(Withdrawn.entry_id.in_(back)))
    left: list[tuple[Version, str, str]] = []
    for each in arrivals:
        if study := reserved.studies.get(each.version.study_key):
            study.shown = shown
            row = _row(study, each.version.entry_id, each.received or received)
            before = row.place, row.slug
            _fill(row, each.version, reserved.slugs[row.entry_id])
            if before[1] and before != (row.place, row.slug):
                left.append((row, *before))
            _summarise(study, each.country)
    session.flush()
    addresses.leave(session, left)
    new = [each for each in arrivals if each.version.study_key not in reserved.studies]
    _insert(session, new, reserved.slugs, source_id=source_id, received=received, shown=shown)
    _render(session, [each.version for each in arrivals], reserved.rows)


def remove(session: Session, entry_id: str) -> str | None:
    """Take one language version out, with its study when it was the last; gives the study's key."""
    row = session.get(Version, entry_id)
    if row is None:
        return None
    touch(session)
    session.execute(delete(Rendition).where(Rendition.entry_id == entry_id))
    study = _studies(session, [row.study_key])[row.study_key]
    study.versions.remove(row)
    if study.versions:
        _summarise(study, study.country)
    else:
        session.delete(study)
    session.flush()
    return study.study_key


def touch(session: Session) -> None:
    """Say that something readers can see has changed (once a transaction is enough).

    From here to its end this transaction is the only one that writes what readers see: PostgreSQL
    lets others wait, so that no two take one slug, or learn of one city, at the same time.
    """
    if _count_on(session):
        return
    try:
        with session.begin_nested():
            session.execute(insert(CatalogueState).values(id=1, version=1))
    except IntegrityError:  # another process began to count in this very moment
        _count_on(session)


def take_turn(session: Session) -> None:
    """Let nobody else write what readers see, as `touch` does, before it is known whether anything
    changes."""
    mine = select(CatalogueState.id).with_for_update()
    if session.scalar(mine) is None:
        touch(session)  # the first of all makes the row


def _count_on(session: Session) -> bool:
    changed = session.execute(update(CatalogueState).values(version=CatalogueState.version + 1))
    return bool(cast(CursorResult[Any], changed).rowcount)


def place_changed(session: Session, cities: Collection[str]) -> list[str]:
    """Say that cities are described otherwise; gives the keys whose index entry changes."""
    touch(session)
    there = Study.city.in_(cities)
    country = select(City.country).where(City.slug == Study.city).scalar_subquery()
    in_rows = {"synchronize_session": False}
    session.execute(update(Study).where(there).values(country=country), execution_options=in_rows)
    return list(session.scalars(select(Study.study_key).where(there)))


def set_adoptions(
    session: Session, key: str, adoptions: tuple[values.Adoption, ...], dates: dict[str, datetime]
) -> None:
    """What the study's city says of its adopters, and nothing else of it.

    dates: entry_id → when the version changed.
    """
    touch(session)
    for study in _studies(session, [key]).values():
        for row in study.versions:
            row.adoptions = as_json.adoptions_to_json(adoptions)
            row.updated = dates.get(row.entry_id, row.updated)
        _summarise(study, study.country)
    session.flush()


def show_source(session: Session, source_id: int, shown: bool) -> list[str]:
    """Show or hide all that came by one subscription; gives the keys whose index entry changes."""
    touch(session)
    for table in (Study, Withdrawn):
        session.execute(update(table).where(table.source_id == source_id).values(shown=shown))
    return keys_of_source(session, source_id)


def remove_source(session: Session, source_id: int) -> list[str]:
    """Take out all that came by one subscription; gives the keys that are gone."""
    keys = keys_of_source(session, source_id)
    for start in range(0, len(keys), CHUNK):
        remove_studies(session, keys[start : start + CHUNK])
    gone = select(Withdrawn.study_key).where(Withdrawn.source_id == source_id)
    session.execute(delete(FormerAddress).where(FormerAddress.study_key.in_(gone)))
    session.execute(delete(Withdrawn).where(Withdrawn.source_id == source_id))
    return keys


def remove_studies(session: Session, keys: Sequence[str]) -> None:
    """Take out up to CHUNK whole studies."""
    touch(session)
    for table in (StudyTopic, Inspiration, Adoption, Rendition, FormerAddress, Version, Study):
        session.execute(delete(table).where(table.study_key.in_(keys)))


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
            selectinload(Study.adoptions),
        )
    )
    return {study.study_key: study for study in rows}


def _insert(
    session: Session,
    arrivals: Sequence[Arrival],
    slugs: Mapping[str, str],
    *,
    source_id: int | None,
    received: datetime,
    shown: bool,
) -> None:
    """Write studies that are not there yet, as plain rows: many times as fast as objects."""
    studies: dict[str, dict[str, Arrival]] = {}
    for each in arrivals:
        studies.setdefault(each.version.study_key, {})[each.version.entry_id] = each
    rows: dict[type[Base], list[dict[str, Any]]] = {t: [] for t in (Study, Version, StudyTopic)}
    rows |= {Inspiration: [], Adoption: []}
    for key, group in studies.items():
        versions = [each.version for each in group.values()]
        lead, published = min(versions, key=_precedence), min(v.published for v in versions)
        rows[Study].append(
            {"study_key": key, "source_id": source_id, "shown": shown, "published": published}
            | {"sort_at": min([published, *(each.received or received for each in group.values())])}
            | {"country": [*group.values()][-1].country}
            | _summary(lead.facts, addresses.place_of(lead), lead.legal_basis)
        )
        for v in versions:
            came = group[v.entry_id].received or received
            fixed = {"entry_id": v.entry_id, "received": came, "slug": slugs[v.entry_id]}
            rows[Version].append(fixed | _columns(v))
        topics = dict.fromkeys(topic for v in versions for topic in v.topics)
        rows[StudyTopic] += [{"study_key": key, "topic": topic} for topic in topics]
        for table, linked in rows_of(lead.inspired_by, lead.adoptions).items():
            rows[table] += [{"study_key": key} | row for row in linked]
    for table, values_ in rows.items():
        if values_:
            session.execute(insert(table), values_)


def _render(session: Session, versions: Sequence[values.Version], old: Collection[str]) -> None:
    """What the versions say to be translations of, beyond their own study. old: the entry ids of
    those that may have said something before."""
    if ids := [version.entry_id for version in versions if version.entry_id in old]:
        session.execute(delete(Rendition).where(Rendition.entry_id.in_(ids)))
    latest = {version.entry_id: version for version in versions}
    if rows := [row for version in latest.values() for row in renditions_of(version)]:
        session.execute(insert(Rendition), rows)


def _row(study: Study, entry_id: str, received: datetime) -> Version:
    row = next((v for v in study.versions if v.entry_id == entry_id), None)
    if row is None:
        row = Version(entry_id=entry_id, received=received)
        study.versions.append(row)
    return row


def _fill(row: Version, version: values.Version, slug: str) -> None:
    for name, value in {**_columns(version), "slug": slug}.items():
        setattr(row, name, value)


def _columns(version: values.Version) -> dict[str, Any]:
    """What a version's row says of it, but for its slug."""
    same = (
        *("study_key", "lang", "title", "summary", "body_html", "url", "published", "updated"),
        *("translation", "original_lang", "outdated_since", "lang_is_guess"),
        *("legal_basis", "contact_role", "date_is_unknown"),
    )
    return {name: getattr(version, name) for name in same} | {
        "place": addresses.place_of(version),
        "facts": travel.to_json(version.facts),
        "topics": list(version.topics),
        "inspired_by": links.to_json(version.inspired_by),
        "adoptions": as_json.adoptions_to_json(version.adoptions),
        "attachments": as_json.attachments_to_json(version.attachments),
    }


def _precedence(version: Version | values.Version) -> tuple[bool, datetime, str]:
    return version.translation != "original", version.published, version.lang


def _summary(facts: Facts, place: str, legal_basis: str) -> dict[str, Any]:
    return {
        "city": None if place == addresses.NOWHERE else place,
        "completeness": completeness(facts, legal_basis),
        **filtered(facts),
    }


def _summarise(study: Study, country: str | None) -> None:
    """What the study's row says is what its original says, or else its first version."""
    lead = min(study.versions, key=_precedence)
    facts = travel.of_json(lead.facts)
    for name, value in _summary(facts, lead.place, lead.legal_basis).items():
        setattr(study, name, value)
    study.country = country
    study.published = min(v.published for v in study.versions)
    study.sort_at = min(study.sort_at, study.published)
    topics = dict.fromkeys(topic for v in study.versions for topic in v.topics)
    study.topics = [t for t in study.topics if t.topic in topics] + [
        StudyTopic(topic=topic) for topic in topics if topic not in {t.topic for t in study.topics}
    ]
    set_links(
        study,
        links.of_json(lead.inspired_by),
        as_json.adoptions_from_json(lead.adoptions),
    )
