"""Puts published versions into the read model and takes them out, in the caller’s transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from network.catalogue import addresses, values
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
from network.catalogue.rows import (
    WRITTEN,
    Row,
    Standing,
    columns,
    put_renditions,
    put_studies,
    standing,
)
from network.cities.models import City
from network.lib.db import read_anew, table_of, upsert

CHUNK = 200
"""Versions written at a time."""

_VERSION, _WITHDRAWN = table_of(Version), table_of(Withdrawn)
_BACK = delete(_WITHDRAWN).where(_WITHDRAWN.c.entry_id.in_(bindparam("ids", expanding=True)))
_COUNT = text(
    "INSERT INTO catalogue_state (id, version) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET version = catalogue_state.version + 1"
)
"""What each publication asks, made once."""


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
    """The same for any number of versions, in a memory that does not grow with it. They are asked
    for once nobody else writes what readers see: to name a city may be to learn it."""
    touch(session)
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
    studies: Mapping[str, Standing]
    rows: Mapping[str, Row]


def reserve(session: Session, versions: Sequence[values.Version]) -> Reserved:
    """Give versions their addresses, before anything of them is written.

    Nobody else takes one of these until the caller's transaction, which has `touch`ed, ends.
    """
    studies = standing(session, {version.study_key for version in versions})
    slugs = addresses.Slugs(session, versions)
    rows = {entry_id: row for each in studies.values() for entry_id, row in each.versions.items()}
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
    session.flush()
    session.execute(_BACK, {"ids": [each.version.entry_id for each in arrivals]})
    studies = {
        key: replace(each, shown=shown, versions=dict(each.versions))
        for key, each in reserved.studies.items()
    }
    rows: dict[str, Row] = {}
    for each in arrivals:
        version, came = each.version, each.received or received
        if version.study_key not in studies:
            studies[version.study_key] = Standing(source_id, shown, None, came)
        study, old = studies[version.study_key], reserved.rows.get(version.entry_id)
        if version.study_key not in reserved.studies:
            study.sort_at = min(study.sort_at, came)
        study.country = each.country
        slug, came = reserved.slugs[version.entry_id], old["received"] if old else came
        row = columns(version) | {"slug": slug, "received": came}
        rows[version.entry_id] = study.versions[version.entry_id] = row
    put_studies(session, studies, reserved.studies)
    upsert(session, _VERSION, [*rows.values()])
    addresses.move(session, reserved.rows, rows, source_id)
    put_renditions(session, [each.version for each in arrivals], reserved.rows)
    read_anew(session, *WRITTEN)


def remove(session: Session, entry_id: str) -> str | None:
    """Take one language version out, with its study when it was the last; gives the study's key."""
    key = session.scalar(select(Version.study_key).where(Version.entry_id == entry_id))
    if key is None:
        return None
    touch(session)
    session.flush()
    in_rows = {"synchronize_session": False}
    for table in (Rendition, Version):
        gone = delete(table).where(table.entry_id == entry_id)
        session.execute(gone, execution_options=in_rows)
    study = standing(session, [key])[key]
    if study.versions:
        put_studies(session, {key: study}, [key])
    else:
        for part in (StudyTopic, Inspiration, Adoption, Study):
            gone = delete(part).where(part.study_key == key)
            session.execute(gone, execution_options=in_rows)
    read_anew(session, *WRITTEN)
    return key


def touch(session: Session) -> None:
    """Say that something readers can see has changed (once a transaction is enough).

    From here to its end this transaction is the only one that writes what readers see: PostgreSQL
    lets others wait, so that no two take one slug, or learn of one city, at the same time.
    """
    session.execute(_COUNT)


def take_turn(session: Session) -> None:
    """Let nobody else write what readers see, as `touch` does, before it is known whether anything
    changes."""
    mine = select(CatalogueState.id).with_for_update()
    if session.scalar(mine) is None:
        touch(session)  # the first of all makes the row


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
    session.flush()
    said = {"adoptions": values.adoptions_to_json(adoptions)}
    for study in standing(session, [key]).values():
        for entry_id, row in study.versions.items():
            row |= said
            new = said | ({"updated": dates[entry_id]} if entry_id in dates else {})
            session.execute(update(Version).where(Version.entry_id == entry_id).values(new))
        put_studies(session, {key: study}, [key])
    read_anew(session, *WRITTEN)


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
