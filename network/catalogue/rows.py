"""Studies, their versions and links as the plain rows of the read model: many times as fast as
objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from network.catalogue import addresses, values
from network.catalogue.models import (
    Adoption,
    Inspiration,
    Rendition,
    Study,
    StudyTopic,
    Version,
)
from network.facts import travel
from network.facts.links import LINKS, Link
from network.facts.values import completeness, filtered
from network.lib.db import Base, table_of, upsert

Row = dict[str, Any]
"""Columns by name."""

_STUDY, _VERSION = table_of(Study), table_of(Version)
_PARTS: Mapping[type[Base], Table] = {
    model: table_of(model) for model in (StudyTopic, Inspiration, Adoption)
}
"""What a study's row is followed by."""
WRITTEN = (Study, Version, StudyTopic, Inspiration, Adoption, Rendition)
"""What is written as rows, so that objects of it are to be read anew."""


def _of(table: Table, column: str, parameter: str) -> ColumnElement[bool]:
    return table.c[column].in_(bindparam(parameter, expanding=True))


_STANDING = select(
    _STUDY.c.study_key, _STUDY.c.source_id, _STUDY.c.shown, _STUDY.c.country, _STUDY.c.sort_at
).where(_of(_STUDY, "study_key", "keys"))
_TEXTS = {"title", "summary", "body_html", "contact_role"}
_VERSIONS = select(*(c for c in _VERSION.c if c.name not in _TEXTS)).where(
    _of(_VERSION, "study_key", "keys")
)
_RENDERED = delete(table_of(Rendition)).where(_of(table_of(Rendition), "entry_id", "ids"))
_RENDER = insert(table_of(Rendition))
_NEW = {table: insert(table) for table in _PARTS.values()}
_GONE = {table: delete(table).where(_of(table, "study_key", "keys")) for table in _PARTS.values()}


@dataclass(slots=True)
class Standing:
    """A study as readers see it. versions: their rows but for the texts, by entry id."""

    source_id: int | None
    shown: bool
    country: str | None
    sort_at: datetime
    versions: dict[str, Row] = field(default_factory=dict)


def standing(session: Session, keys: Collection[str]) -> dict[str, Standing]:
    """Those of the studies that are there, by key."""
    asked = {"keys": list(keys)}
    rows = session.execute(_STANDING, asked).all()
    studies = {key: Standing(*columns) for key, *columns in rows}
    for row in session.execute(_VERSIONS, asked).mappings() if studies else ():
        studies[row["study_key"]].versions[row["entry_id"]] = dict(row)
    return studies


def put_studies(session: Session, studies: Mapping[str, Standing], there: Collection[str]) -> None:
    """Write what the versions of studies, some of which are there, come to: the study's row and
    those of its topics and links. They say what its original says, or else its first version."""
    rows: dict[Table, list[Row]] = {_STUDY: [], **{table: [] for table in _PARTS.values()}}
    for key, study in studies.items():
        versions = [*study.versions.values()]
        published = min(v["published"] for v in versions)
        lead = min(
            versions, key=lambda v: (v["translation"] != "original", v["published"], v["lang"])
        )
        facts = travel.of_json(lead["facts"])
        rows[_STUDY].append(
            {
                "study_key": key,
                "source_id": study.source_id,
                "shown": study.shown,
                "city": None if lead["place"] == addresses.NOWHERE else lead["place"],
                "country": study.country,
                "completeness": completeness(facts, lead["legal_basis"]),
                "published": published,
                "sort_at": min(study.sort_at, published),
                **filtered(facts),
            }
        )
        topics = dict.fromkeys(topic for v in versions for topic in v["topics"])
        parts = {StudyTopic: [{"topic": topic} for topic in topics]} | _links_of(
            LINKS.of_json(lead["inspired_by"]),
            values.adoptions_from_json(lead["adoptions"]),
        )
        for model, each in parts.items():
            rows[_PARTS[model]] += [{"study_key": key} | row for row in each]
    upsert(session, _STUDY, rows[_STUDY])
    for table in _PARTS.values():
        if there:
            session.execute(_GONE[table], {"keys": list(there)})
        if rows[table]:
            session.execute(_NEW[table], rows[table])


def put_renditions(
    session: Session, versions: Sequence[values.Version], old: Collection[str]
) -> None:
    """What the versions say to be translations of, beyond their own study. old: the entry ids of
    those that may have said something before."""
    if ids := [version.entry_id for version in versions if version.entry_id in old]:
        session.execute(_RENDERED, {"ids": ids})
    latest = {version.entry_id: version for version in versions}
    if rows := [row for version in latest.values() for row in renditions_of(version)]:
        session.execute(_RENDER, rows)


_SAME = (
    "entry_id", "study_key", "lang", "title", "summary", "body_html", "url", "published", "updated",
    "translation", "original_lang", "outdated_since", "lang_is_guess", "legal_basis",
    "contact_role", "date_is_unknown",
)  # fmt: skip


def columns(version: values.Version) -> dict[str, Any]:
    """What a version's row says of it, but for its slug and when it came."""
    return {name: getattr(version, name) for name in _SAME} | {
        "place": version.city or addresses.NOWHERE,
        "facts": travel.to_json(version.facts),
        "topics": list(version.topics),
        "inspired_by": LINKS.to_json(version.inspired_by),
        "adoptions": values.adoptions_to_json(version.adoptions),
        "attachments": values.attachments_to_json(version.attachments),
    }


def _links_of(
    links: Iterable[Link], adoptions: Iterable[values.Adoption]
) -> dict[type[Base], list[Row]]:
    """The rows of a study's links, but for its key."""
    given: dict[type[Base], tuple[tuple[str, ...], Iterable[Link | values.Adoption]]] = {
        Inspiration: (("href", "title"), {link.href: link for link in links}.values()),
        Adoption: (("href", "verdict", "title", "reason", "lang", "decided"), adoptions),
    }
    return {
        model: [
            {name: getattr(each, name) for name in names}
            | {"target_key": values.target_key(each.href), "position": position}
            for position, each in enumerate(said)
        ]
        for model, (names, said) in given.items()
    }


def renditions_of(version: values.Version) -> list[Row]:
    """The rows of what a version is a translation of, beyond its own study."""
    keys = {values.target_key(href): lang for lang, href in version.alternates}
    keys.pop(version.study_key, None)
    return [
        {"entry_id": version.entry_id, "study_key": version.study_key, "position": position}
        | {"target_key": key, "lang": lang}
        for position, (key, lang) in enumerate(keys.items())
    ]
