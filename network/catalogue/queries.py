"""Every question that pages, feeds and the search index ask of the read model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, bindparam, exists, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload, undefer

from network.catalogue.models import (
    CatalogueState,
    FormerAddress,
    Rendition,
    Study,
    StudyTopic,
    Version,
)
from network.cities.models import City
from network.cities.sizes import SIZE, within
from network.lib.i18n import LANGUAGES

V = TypeVar("V", Version, Row[Any])
Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader narrows a list to; None is no restriction. Slugs are the English ones.

    size: a band of its city's inhabitants (cities.sizes). scope: `own` for this node's studies
    alone, `network` for followed ones too.
    """

    topic: str | None = None
    city: str | None = None
    country: str | None = None
    size: str | None = None
    status: str | None = None
    year: int | None = None
    language: str | None = None
    scope: str = "network"


FACETS = ("topic", "city", "country", "size", "status", "year", "language")


@dataclass(frozen=True, slots=True)
class Card:
    """A study as a list shows it, in the version that suits the reader best."""

    study_key: str
    entry_id: str
    source_id: int | None
    title: str
    summary: str
    lang: str
    lang_is_guess: bool
    langs: tuple[str, ...]
    place: str
    slug: str
    city: str | None
    country: str | None
    status: str | None
    year: int | None
    topics: tuple[str, ...]
    translation: str
    outdated_since: datetime | None
    published: datetime
    date_is_unknown: bool
    updated: datetime
    url: str


VISIBLE = func.coalesce(Study.shown, false())
"""`shown`, for questions that know their studies' keys, in words that no index answers: nearly
every study is shown, but SQLite without statistics takes that index before the keys and reads
them all."""
_OF_STUDY = ("study_key", "source_id", "city", "country", "status", "year", "published")
_OF_VERSION = ("entry_id", "title", "summary", "lang", "lang_is_guess", "place", "slug",
               "translation", "outdated_since", "date_is_unknown", "updated", "url")  # fmt: skip
_SAME = _OF_STUDY + _OF_VERSION
_CARDS = (
    select(*(getattr(Study, n) for n in _OF_STUDY), *(getattr(Version, n) for n in _OF_VERSION))
    .add_columns(Version.topics)
    .join(Version, Version.study_key == Study.study_key)
    .where(Study.study_key.in_(bindparam("keys", expanding=True)), VISIBLE)
)
"""A row per version, as columns: objects with all that they have cost three times as much."""


_VERSION = select(CatalogueState.version)


def version(session: Session) -> int:
    """Grows with every visible change."""
    return session.scalar(_VERSION) or 0


def total(session: Session, filters: Filter) -> int:
    """How many studies the filters select."""
    return session.scalar(narrow(select(func.count(Study.study_key)), filters)) or 0


def own_cities(session: Session) -> list[City]:
    """The cities that this node's own studies are about, what changed last first."""
    about = select(Study.city).where(Study.source_id.is_(None), Study.shown)
    latest = (City.updated.is_(None), City.updated.desc(), City.slug)
    return list(session.scalars(select(City).where(City.slug.in_(about)).order_by(*latest)))


def cards(session: Session, keys: Sequence[str], lang: str) -> list[Card]:
    """Cards in the order of the keys; a key that is not shown (any more) is passed over."""
    if not keys:
        return []
    rows: dict[str, list[Row[Any]]] = {}
    for row in session.execute(_CARDS, {"keys": list(keys)}):
        rows.setdefault(row.study_key, []).append(row)
    return [_card(rows[key], lang) for key in keys if key in rows]


def _card(versions: Sequence[Row[Any]], lang: str) -> Card:
    """A study's card in the best version for a reader of `lang`."""
    best = best_version(versions, lang)
    return Card(
        **{name: getattr(best, name) for name in _SAME},
        langs=tuple(sorted(v.lang for v in versions)),
        topics=tuple(best.topics),
    )


def best_version(versions: Iterable[V], lang: str) -> V:
    """The reader's language, else the original, else a language of the pages before others."""
    return min(
        versions,
        key=lambda v: (
            v.lang != lang,
            v.translation != "original",
            v.lang not in LANGUAGES,
            v.lang,
        ),
    )


def narrow(query: Q, filters: Filter) -> Q:
    """Add the filters' conditions to a query over studies."""
    query = query.where(Study.shown)
    for name in ("city", "country", "status", "year"):
        if (value := getattr(filters, name)) is not None:
            query = query.where(getattr(Study, name) == value)
    if filters.topic is not None:
        query = query.join(StudyTopic).where(StudyTopic.topic == filters.topic)
    if filters.size is not None:
        query = query.where(exists().where(City.slug == Study.city, within(filters.size)))
    if filters.language is not None:
        query = query.where(
            exists().where(Version.study_key == Study.study_key, Version.lang == filters.language)
        )
    if filters.scope == "own":
        query = query.where(Study.source_id.is_(None))
    return query


def facet(session: Session, name: str, filters: Filter) -> dict[str, int]:
    """value → number of studies for one facet, under the other facets' filters."""
    others = Filter(**{f: getattr(filters, f) for f in FACETS if f != name}, scope=filters.scope)
    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    query: Select[*tuple[Any, ...]]
    match name:
        case "topic":
            column = StudyTopic.topic
            query = narrow(select(column, func.count()), others).join(
                StudyTopic, StudyTopic.study_key == Study.study_key
            )
        case "language":
            column = Version.lang
            query = narrow(select(column, func.count(Study.study_key.distinct())), others).join(
                Version, Version.study_key == Study.study_key
            )
        case "size":
            column = SIZE
            query = narrow(select(SIZE, func.count()), others).join(City, City.slug == Study.city)
        case _:
            column = getattr(Study, name)
            query = narrow(select(column, func.count()), others)
    query = query.select_from(Study).group_by(column)
    return {str(value): number for value, number in session.execute(query) if value is not None}


_WITHOUT_BODIES = (
    select(Study)
    .where(Study.study_key == bindparam("key"), Study.shown)
    .options(selectinload(Study.versions), selectinload(Study.inspirations))
)
_WITH_BODIES = _WITHOUT_BODIES.options(
    selectinload(Study.versions).options(undefer(Version.body_html))
)
_AT = select(Version.lang, Version.study_key).where(
    Version.place == bindparam("in_place"), Version.slug == bindparam("with_slug")
)
"""What every page of a study asks; made once, because making a statement costs like running it."""
_FORMERLY_AT = select(FormerAddress.lang, FormerAddress.study_key).where(
    FormerAddress.place == bindparam("in_place"), FormerAddress.slug == bindparam("with_slug")
)


def study(session: Session, key: str, bodies: bool = True) -> Study | None:
    """A study that may be shown, with all its versions and inspirations."""
    return session.scalar(_WITH_BODIES if bodies else _WITHOUT_BODIES, {"key": key})


_RENDERS = select(Rendition.target_key).where(Rendition.study_key == bindparam("key"))
_RENDERED = select(Rendition.study_key).where(Rendition.target_key == bindparam("key"))


def renditions(session: Session, key: str) -> set[str]:
    """The studies that are this one in another language under a key of their own."""
    given = {"key": key}
    return {*session.scalars(_RENDERS, given), *session.scalars(_RENDERED, given)}


def key_at(session: Session, place: str, slug: str, lang: str) -> str | None:
    """The study at a page's address: by its slug in that language, else in any other, else the
    one that was there before its address changed."""
    for question in (_AT, _FORMERLY_AT):
        rows = session.execute(question, {"in_place": place, "with_slug": slug})
        found = {row.lang: row.study_key for row in rows}
        if found:
            return found.get(lang) or next(iter(found.values()))
    return None


def key_of_uuid(session: Session, base_url: str, uuid: str) -> str | None:
    """The key of this node's study with that uuid, when readers may see it."""
    key = f"{base_url}/id/{uuid}"
    return session.scalar(select(Study.study_key).where(Study.study_key == key))
