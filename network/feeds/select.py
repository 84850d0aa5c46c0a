"""Chooses what a reader feed holds: the newest versions in its language, as values to serialise."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape, unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from network.catalogue import queries
from network.catalogue.models import Study, Version
from network.catalogue.queries import Filter
from network.catalogue.values import Link, attachments_from_json
from network.cities import service as cities
from network.cities.models import City
from network.cities.service import CityValue
from network.facts.links import LINKS
from network.facts.words import LICENCES
from network.feeds.addresses import uri
from network.feeds.values import Category, Item, Origin
from network.lib.languages import said_in
from network.lib.sanitise import web_url
from network.subscriptions.models import Subscription
from network.topics import service as topics

LIMIT = 50
"""Entries in a reader feed. Whoever wants all of them follows the log."""

_RELATIVE_LINK = re.compile(r'(<a\b[^<>]* href=")(?!https?:|mailto:)([^"]*)"')
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


_COLUMNS = (
    Study.study_key,
    Study.source_id,
    Study.city,
    Study.country,
    Version.entry_id,
    Version.lang,
    Version.title,
    Version.summary,
    Version.body_html,
    Version.url,
    Version.published,
    Version.date_is_unknown,
    Version.updated,
    Version.translation,
    Version.original_lang,
    Version.outdated_since,
    Version.facts,
    Version.topics,
    Version.inspired_by,
    Version.attachments,
    Version.lang_is_guess,
)


_TRANSLATIONS = select(Version.study_key, Version.lang, Version.url).where(
    Version.study_key.in_(bindparam("keys", expanding=True))
)
_CITIES = select(*(getattr(City, name) for name in cities.FIELDS)).where(
    City.slug.in_(bindparam("slugs", expanding=True))
)
_OF_KEYS = (
    select(*_COLUMNS)
    .join(Version, Version.study_key == Study.study_key)
    .where(Study.study_key.in_(bindparam("keys", expanding=True)), queries.VISIBLE)
)
"""Made once, because making a statement costs like running it."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """This node, as its feeds name it. licence: of studies that name none; empty if none."""

    name: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One version's page on this node, for the sitemap."""

    study_key: str
    lang: str
    place: str
    slug: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class _Names:
    """What items are named by, in one language."""

    lang: str
    topics: Mapping[str, str]
    cities: Mapping[str, CityValue]
    origins: Mapping[int, Origin]
    translations: Mapping[str, Mapping[str, str]]


def newest(
    session: Session,
    lang: str,
    filters: Filter,
    publisher: Publisher,
    now: datetime,
    limit: int = LIMIT,
) -> tuple[Item, ...]:
    """The newest versions in one language, own ones and, unless scope is own, followed ones.

    now: no date of an item is later, whatever its feed said.
    """
    return _items(session, lang, _rows(session, lang, filters, limit), publisher, now)


def of_studies(
    session: Session, lang: str, keys: Sequence[str], publisher: Publisher, now: datetime
) -> tuple[Item, ...]:
    """The shown ones of these studies in their order, each in the best version for the language."""
    versions: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_OF_KEYS, {"keys": list(keys)}):
        versions[row.study_key].append(row)
    best = [queries.best_version(versions[key], lang) for key in keys if key in versions]
    return _items(session, lang, best, publisher, now)


def _items(
    session: Session, lang: str, rows: Sequence[Row[Any]], publisher: Publisher, now: datetime
) -> tuple[Item, ...]:
    names = _Names(
        lang,
        _topics(session, lang),
        _cities(session, {row.city for row in rows} - {None}),
        _origins(session, {row.source_id for row in rows} - {None}),
        _translations(session, [row.study_key for row in rows]),
    )
    return tuple(_item(row, publisher, names, now) for row in rows)


def _rows(session: Session, lang: str, filters: Filter, limit: int) -> Sequence[Row[Any]]:
    """Columns and not objects, which would cost more than all the rest of a feed."""
    return session.execute(_newest(lang, filters, limit)).all()


@lru_cache(maxsize=64)
def _newest(lang: str, filters: Filter, limit: int) -> Select[*tuple[Any, ...]]:
    query = select(*_COLUMNS).select_from(Study)
    query = query.join(Version, Version.study_key == Study.study_key).where(Version.lang == lang)
    newest_first = (Study.sort_at.desc(), Study.study_key.desc())
    return queries.narrow(query, filters).order_by(*newest_first).limit(limit)


def own_pages(session: Session, limit: int) -> list[Page]:
    """The pages of this node's own studies, newest first, all languages of a study together."""
    columns = (Version.study_key, Version.lang, Version.place, Version.slug, Version.updated)
    rows = session.execute(
        select(*columns)
        .join(Study, Study.study_key == Version.study_key)
        .where(Study.shown, Study.source_id.is_(None))
        .order_by(Study.sort_at.desc(), Version.study_key, Version.lang)
        .limit(limit)
    )
    return [Page(*row) for row in rows]


def _origins(session: Session, ids: Collection[int]) -> dict[int, Origin]:
    if not ids:
        return {}
    rows = session.execute(
        select(Subscription.id, Subscription.title, Subscription.url, Subscription.site_url).where(
            Subscription.id.in_(ids)
        )
    )
    return {
        row.id: Origin(row.title or urlsplit(row.url).netloc, uri(row.url), uri(row.site_url))
        for row in rows
    }


def _topics(session: Session, lang: str) -> dict[str, str]:
    return {slug: said_in(names, lang) for slug, names in topics.labels(session).items()}


def _cities(session: Session, slugs: Collection[str]) -> dict[str, CityValue]:
    if not slugs:
        return {}
    rows = session.execute(_CITIES, {"slugs": list(slugs)})
    return {row.slug: CityValue(*row) for row in rows}


def _translations(session: Session, keys: Collection[str]) -> dict[str, dict[str, str]]:
    """study_key → language → address of its versions."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    if keys:
        for key, lang, url in session.execute(_TRANSLATIONS, {"keys": list(keys)}):
            found[key][lang] = url
    return found


def _item(row: Row[Any], publisher: Publisher, names: _Names, now: datetime) -> Item:
    followed = row.source_id is not None
    origin = names.origins.get(row.source_id) if followed else None
    authors = row.facts.get("authors") or [origin.title if origin else publisher.name]
    licence = row.facts.get("licence") or ("" if followed else publisher.licence)
    others = names.translations[row.study_key].items()
    return Item(
        id=iri(row.entry_id),
        study=row.study_key,
        url=uri(row.url),
        title=row.title,
        summary=row.summary,
        html=absolute(row.body_html, row.url) or f"<p>{escape(row.summary or row.title)}</p>",
        lang=row.lang,
        published=None if row.date_is_unknown else min(row.published, now),
        updated=min(row.updated, now),
        authors=tuple(authors),
        categories=tuple(Category(t, names.topics[t]) for t in row.topics if t in names.topics),
        place=row.city
        and (names.cities.get(row.city) or CityValue(row.city, {"en": row.city}, row.country)),
        alternates=tuple(sorted((lang, uri(url)) for lang, url in others if lang != row.lang)),
        inspired_by=tuple(
            Link(uri(link.href), link.title) for link in LINKS.of_json(row.inspired_by)
        ),
        licence=licence_address(licence),
        origin=origin,
        translation=row.translation,
        original_lang=row.original_lang,
        outdated_since=row.outdated_since,
        facts=row.facts,
        attachments=attachments_from_json(row.attachments),
        lang_is_guess=row.lang_is_guess,
    )


@lru_cache(maxsize=64)
def licence_address(licence: str) -> str | None:
    """Where a licence's text is: it is an address or a short name that we know; else None."""
    return uri(web_url(licence) or "") or LICENCES.get(licence)


def iri(entry_id: str) -> str:
    """The id if it is an absolute IRI, as Atom wants it, else one that is always made of it."""
    if _IRI.fullmatch(entry_id):
        return entry_id
    return uuid.uuid5(uuid.NAMESPACE_URL, entry_id).urn


def absolute(html: str, page: str) -> str:
    """Sanitised HTML with its relative links resolved: a reader shows it far from its page."""

    def resolve(found: re.Match[str]) -> str:
        try:
            return f'{found[1]}{escape(urljoin(page, unescape(found[2])))}"'
        except ValueError:
            return found[0]

    return _RELATIVE_LINK.sub(resolve, html)
