"""Which address a version's page has: under its city, by a slug that no other page has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from network.catalogue import values
from network.catalogue.models import FormerAddress, Study, Version
from network.lib.db import table_of
from network.lib.text import slug as slugify

NOWHERE = "-"
"""The place in the address of a study whose city is not known."""

FORMER = 20
"""Addresses of a study that are remembered after it has left them."""


def wanted(version: values.Version) -> str:
    """The slug that it would have if nobody had it."""
    return (version.slug or slugify(version.title) or "study")[:100]


_PAGES = table_of(Version).c
_HOLDERS = select(_PAGES.place, _PAGES.lang, _PAGES.slug, _PAGES.entry_id).where(
    _PAGES.place.in_(bindparam("places", expanding=True)),
    _PAGES.lang.in_(bindparam("langs", expanding=True)),
    _PAGES.slug.in_(bindparam("slugs", expanding=True)),
)


class Slugs:
    """Who has which slug, of those that the given versions want."""

    def __init__(self, session: Session, versions: Sequence[values.Version]) -> None:
        asked = {
            "places": list({v.city or NOWHERE for v in versions}),
            "langs": list({v.lang for v in versions}),
            "slugs": list({wanted(v) for v in versions}),
        }
        rows = session.execute(_HOLDERS, asked)
        self.holders = {(row.place, row.lang, row.slug): row.entry_id for row in rows}

    def of(self, version: values.Version, row: Mapping[str, Any] | None) -> str:
        """The slug of its page: the wanted one, or when another study has it, one marked with the
        entry's own hash. row: the version's, which keeps its address where it can."""
        here, asked = (version.city or NOWHERE, version.lang), wanted(version)
        if row is not None and (row["place"], row["lang"]) == here:
            slug: str = row["slug"]
            if slug == asked or slug.startswith(asked + "-~"):
                return slug
        holder = self.holders.setdefault((*here, asked), version.entry_id)
        return asked if holder == version.entry_id else marked(asked, version.entry_id)


def marked(slug: str, entry_id: str) -> str:
    """A slug that another study has already, for the page of this entry."""
    plain = slug.partition("-~")[0]
    return f"{plain}-~{hashlib.sha256(entry_id.encode()).hexdigest()[:8]}"


class Left(NamedTuple):
    """A page's address, and the study and language whose page is somewhere else now."""

    study_key: str
    lang: str
    place: str
    slug: str


_FORMER = table_of(FormerAddress)
_TAKEN = delete(_FORMER).where(
    _FORMER.c.place == bindparam("at_place"),
    _FORMER.c.slug == bindparam("at_slug"),
    _FORMER.c.lang == bindparam("in_lang"),
)
_TAKEN_BY_OTHERS = _TAKEN.where(
    _FORMER.c.study_key.not_in(select(Study.study_key).where(Study.source_id.is_(None)))
)


def move(
    session: Session,
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    source_id: int | None,
) -> None:
    """Have versions live where their rows say that they are now, both by entry id.

    Who lived there before is forgotten: once these are withdrawn their readers are told so, and not
    led to another study. A followed site takes no address from a study of ours.
    """
    taken: list[dict[str, str]] = []
    left: list[Left] = []
    for entry_id, row in after.items():
        old = before.get(entry_id)
        was = Left(*(old[name] for name in Left._fields)) if old else None
        if was and was[1:] == (row["lang"], row["place"], row["slug"]):
            continue
        taken.append({"in_lang": row["lang"], "at_place": row["place"], "at_slug": row["slug"]})
        if was and was.slug:
            left.append(was)
    if taken:
        session.execute(_TAKEN if source_id is None else _TAKEN_BY_OTHERS, taken)
    leave(session, left)


def leave(session: Session, left: Iterable[Left]) -> None:
    """Remember where pages were that are somewhere else now.

    A followed site decides where its studies are: it fills no more than FORMER of a study, and
    takes no address away from a study of ours that was there before.
    """
    for each in left:
        held = session.get(FormerAddress, (each.place, each.slug, each.lang))
        if held is None:
            if _former(session, each.study_key) < FORMER:
                session.add(FormerAddress(**each._asdict()))
                session.flush()
        elif _is_ours(session, each.study_key) or not _is_ours(session, held.study_key):
            held.study_key = each.study_key


def _former(session: Session, study_key: str) -> int:
    query = select(func.count()).where(FormerAddress.study_key == study_key)
    return session.scalar(query) or 0


def _is_ours(session: Session, study_key: str) -> bool:
    query = select(Study.study_key).where(Study.study_key == study_key, Study.source_id.is_(None))
    return session.scalar(query) is not None
