"""From any address of one of our studies to the study, in whatever spelling it was linked."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.case_studies.versions import ELSEWHERE, PAGES
from network.catalogue import queries
from network.catalogue.addresses import NOWHERE
from network.catalogue.models import Study, Version
from network.cities import service as cities

_PERMANENT = re.compile(r"/id/([0-9A-Fa-f-]{36})(?:/([A-Za-z0-9-]{1,35}))?/?")
_PAGE = re.compile(r"/([a-z]{2})/([^/]+)/([^/]+)/([^/]+)/?")
_PORTS = {"http": 80, "https": 443}


def study_at(session: Session, address: str, base_url: str) -> str | None:
    """The key of the study of this node that readers find at an address; None when there is none.

    Its page in either language and its permanent id, with or without a fragment or a query.
    """
    try:
        parts = urlsplit(address)
        here = _place(address) == _place(base_url)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None
    if not here:
        return None
    if found := _PERMANENT.fullmatch(path):
        key: str | None = f"{base_url}/id/{found[1].lower()}"
        return key if key and _is_ours(session, key, found[2]) else None
    key = _by_page(session, path)
    return key if key and _is_ours(session, key) else None


def _place(address: str) -> tuple[str, int | None]:
    """Host and port; http and https of a host are one place. Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError(address)
    port = None if parts.port in (None, *_PORTS.values()) else parts.port
    return parts.hostname.rstrip("."), port


def _by_page(session: Session, path: str) -> str | None:
    found = _PAGE.fullmatch(path)
    if found is None or PAGES.get(found[1]) != found[2] or "\0" in path:
        return None
    lang, _pages, place, slug = found.groups()
    city = cities.by_slug(session, place)
    inside = NOWHERE if place in ELSEWHERE.values() else city.slug if city else place
    return queries.key_at(session, inside, slug, lang)


def _is_ours(session: Session, key: str, lang: str | None = None) -> bool:
    query = select(Study.study_key).where(Study.study_key == key, Study.source_id.is_(None))
    if lang is not None:
        query = query.join(Version, Version.study_key == Study.study_key).where(
            Version.lang == lang
        )
    return session.scalar(query.limit(1)) is not None
