"""Chooses what a reader feed holds: the newest versions in its language, as values to serialise."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue import facts as facts_
from network.catalogue import queries
from network.catalogue.models import Study, Version
from network.catalogue.queries import Filter
from network.cities import service as cities
from network.cities.models import City
from network.feeds.values import Category, Item, Origin, Place
from network.lib.sanitise import web_url
from network.log.entry import LICENCES
from network.subscriptions.models import Subscription
from network.topics import service as topics

LIMIT = 50
"""Entries in a reader feed. Whoever wants all of them follows the log."""

_RELATIVE_LINK = re.compile(r'(<a\b[^<>]* href=")(?!https?:|mailto:)([^"]*)"')
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


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
    topics: Mapping[str, Mapping[str, str]]
    cities: Mapping[str, City]
    origins: Mapping[int, Origin]


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
    rows = queries.feed_versions(session, lang, filters, limit)
    names = _Names(
        lang,
        topics.labels(session),
        {city.slug: city for city in cities.all_cities(session)},
        _origins(session, {study.source_id for study, _ in rows} - {None}),
    )
    return tuple(_item(study, version, publisher, names, now) for study, version in rows)


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


def _origins(session: Session, ids: Iterable[int | None]) -> dict[int, Origin]:
    if not (wanted := list(ids)):
        return {}
    rows = session.execute(
        select(Subscription.id, Subscription.title, Subscription.url, Subscription.site_url).where(
            Subscription.id.in_(wanted)
        )
    )
    return {
        row.id: Origin(row.title or urlsplit(row.url).netloc, row.url, row.site_url) for row in rows
    }


def _item(
    study: Study, version: Version, publisher: Publisher, names: _Names, now: datetime
) -> Item:
    origin = None if study.source_id is None else names.origins.get(study.source_id)
    own_licence = publisher.licence if study.source_id is None else ""
    authors = version.facts.get("authors") or [origin.title if origin else publisher.name]
    return Item(
        id=iri(version.entry_id),
        study=study.study_key,
        url=version.url,
        title=version.title,
        summary=version.summary,
        html=absolute(version.body_html, version.url),
        lang=version.lang,
        published=min(version.published, now),
        updated=min(version.updated, now),
        authors=tuple(authors),
        categories=_categories(version, names),
        place=_place(study, names),
        alternates=_alternates(study, version),
        inspired_by=facts_.links_from_json(version.inspired_by),
        licence=licence_address(version.facts.get("licence") or own_licence),
        origin=origin,
        translation=version.translation,
        original_lang=version.original_lang,
        outdated_since=version.outdated_since,
        facts=version.facts,
    )


def _categories(version: Version, names: _Names) -> tuple[Category, ...]:
    labels = names.topics
    return tuple(
        Category(slug, labels[slug].get(names.lang, slug))
        for slug in version.topics
        if slug in labels
    )


def _place(study: Study, names: _Names) -> Place | None:
    if study.city is None:
        return None
    city = names.cities.get(study.city)
    if city is None:
        return Place(study.city, study.city, study.country)
    return Place(city.slug, city.name(names.lang), city.country, city.lat, city.lon)


def _alternates(study: Study, version: Version) -> tuple[tuple[str, str], ...]:
    found = {v.lang: v.url for v in study.versions if v.lang != version.lang}
    return tuple(sorted(found.items()))


def licence_address(licence: str) -> str | None:
    """Where a licence's text is: it is an address or a short name that we know; else None."""
    return web_url(licence) or LICENCES.get(licence)


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
