"""The pages of this node for search engines: its own studies and its lists, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from network.cities.models import City
from network.feeds import select
from network.lib.i18n import LANGUAGES
from network.topics.models import Topic
from network.web.entrance import counts, locale
from network.web.entrance.context import session
from network.web.pieces import cards

MOST = 50_000
"""Addresses in one sitemap (sitemaps.org)."""
LISTS = (
    "home.home",
    "case_studies.browse",
    "topics.index",
    "cities.index",
    "feeds.picker",
    "pages.about",
    "pages.accessibility",
)


@dataclass(frozen=True, slots=True)
class Page:
    """One address. alternates: (language, address) of the same page, itself included."""

    url: str
    alternates: list[tuple[str, str]]
    modified: datetime | None = None


def pages() -> list[Page]:
    """Every page worth finding. A followed study's page is at its origin, which lists it."""
    found = [page for group in (_lists(), _topics(), _cities(), _studies()) for page in group]
    return found[:MOST]


def _pair(addresses: dict[str, str], modified: dict[str, datetime] | None = None) -> list[Page]:
    alternates = sorted(addresses.items())
    return [Page(url, alternates, (modified or {}).get(lang)) for lang, url in alternates]


def _lists() -> list[Page]:
    return [
        page
        for endpoint in LISTS
        for page in _pair({lang: locale.public_url(endpoint, lang) for lang in LANGUAGES})
    ]


def _topics() -> list[Page]:
    used = counts.by("topic")
    return _named("topics.topic", [t for t in cards.topic_names().values() if t.slug in used])


def _cities() -> list[Page]:
    used = counts.by("city")
    return _named("cities.city", [c for c in cards.city_names().values() if c.slug in used])


def _named(endpoint: str, entries: Sequence[Topic | City]) -> list[Page]:
    return [
        page
        for entry in entries
        for page in _pair(
            {
                lang: locale.public_url(endpoint, lang, slug=entry.slug_in(lang))
                for lang in LANGUAGES
            }
        )
    ]


def _studies() -> list[Page]:
    found: list[Page] = []
    rows = select.own_pages(session(), MOST)
    for _key, versions in groupby(rows, key=lambda row: row.study_key):
        known = {row.lang: row for row in versions if row.lang in LANGUAGES}
        addresses = {
            lang: locale.public_url(
                "case_studies.study", lang, place=cards.place_slug(row.place, lang), slug=row.slug
            )
            for lang, row in known.items()
        }
        found += _pair(addresses, {lang: row.updated for lang, row in known.items()})
    return found
