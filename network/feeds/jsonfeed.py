"""A reader feed as JSON Feed 1.1, with what a case study says beyond it under `_pioneer`."""

from __future__ import annotations

import json
from typing import Any

from network.catalogue.values import Attachment
from network.cities.service import by_field, in_full
from network.feeds.values import Feed, Item, type_of
from network.feeds.xml_text import rfc3339

TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


def serialise(feed: Feed) -> bytes:
    """The feed as a document, UTF-8, without halves of surrogate pairs, which it cannot hold."""
    value = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.addresses["json"],
        "description": feed.subtitle,
        "language": feed.lang,
        "authors": [{"name": feed.site, "url": feed.site_url}],
        **({"hubs": [{"type": "WebSub", "url": feed.hub}]} if feed.hub else {}),
        "items": [_item(item) for item in feed.items],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "ignore")


def _item(item: Item) -> dict[str, Any]:
    value = {
        "id": item.id,
        "url": item.url,
        "external_url": item.url if item.origin else "",
        "title": item.title,
        "summary": item.summary,
        "content_html": item.html,
        "date_published": rfc3339(item.published) if item.published else "",
        "date_modified": rfc3339(item.updated) if item.published else "",
        "authors": [{"name": name} for name in item.authors],
        "tags": [topic.label for topic in item.categories],
        "language": item.lang,
        "attachments": [_attachment(file) for file in item.attachments],
        "_pioneer": _known({**_study(item), **_provenance(item), "facts": dict(item.facts)}),
    }
    # A study may have no text beside its summary; an item has its content, even an empty one.
    return {n: kept for n, kept in value.items() if n == "content_html" or kept not in ("", [])}


def _study(item: Item) -> dict[str, Any]:
    place = item.place
    return {
        "study": item.study,
        "topics": [topic.term for topic in item.categories],
        "city": place and _known({"name": place.name(item.lang), **by_field(in_full(place))}),
        "language_is_guess": item.lang_is_guess or None,
        "translation": item.translation,
        "original_language": item.original_lang,
        "outdated_since": item.outdated_since and rfc3339(item.outdated_since),
        "translations": [{"language": lang, "url": url} for lang, url in item.alternates],
    }


def _attachment(file: Attachment) -> dict[str, Any]:
    said = {"title": file.title or None, "size_in_bytes": file.length}
    return {"url": file.url, "mime_type": type_of(file), **_known(said)}


def _provenance(item: Item) -> dict[str, Any]:
    origin = item.origin
    return {
        "licence": item.licence,
        "inspired_by": [{"url": link.href, "title": link.title} for link in item.inspired_by],
        "source": origin
        and {"title": origin.title, "feed_url": origin.url, "home_page_url": origin.page},
    }


def _known(value: dict[str, Any]) -> dict[str, Any]:
    return {name: kept for name, kept in value.items() if kept not in (None, "", [], {})}
