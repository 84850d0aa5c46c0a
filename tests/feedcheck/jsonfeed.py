"""JSON Feed 1.1, as a schema would say it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from tests.feedcheck import texts

VERSION = "https://jsonfeed.org/version/1.1"
Check = Callable[[Any, str], Iterator[str]]


def text(value: Any, what: str) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{what} is a text: {value!r}"


def url(value: Any, what: str) -> Iterator[str]:
    yield from (f"{what}: {fault}" for fault in texts.uri(value if isinstance(value, str) else ""))


def truth(value: Any, what: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{what} is true or false: {value!r}"


def tongue(value: Any, what: str) -> Iterator[str]:
    yield from texts.language(value if isinstance(value, str) else None)


def listed(check: Check) -> Check:
    def each(value: Any, what: str) -> Iterator[str]:
        if not isinstance(value, list) or not value:
            yield f"{what} is a list with something in it: {value!r}"
            return
        for number, item in enumerate(value):
            yield from check(item, f"{what}[{number}]")

    return each


def record(known: dict[str, Check], required: set[str], some: set[str] = frozenset()) -> Check:
    """An object. some: one of these names at least. Others begin with _ and a letter."""

    def check(value: Any, what: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{what} is an object: {value!r}"
            return
        for name in required - set(value):
            yield f"{what} needs {name}"
        if some and not some & set(value):
            yield f"{what} needs one of {sorted(some)}"
        for name, given in value.items():
            if name in known:
                yield from known[name](given, f"{what}.{name}")
            elif not re.fullmatch("_[A-Za-z][^.]*", name) or not isinstance(given, dict):
                yield f"{what} has {name}, which nobody knows"

    return check


AUTHOR = record({"name": text, "url": url, "avatar": url}, set(), {"name", "url", "avatar"})


def _date(now: datetime) -> Check:
    def check(value: Any, what: str) -> Iterator[str]:
        found = texts.rfc3339(value if isinstance(value, str) else None, now)
        yield from (f"{what}: {fault}" for fault in found)

    return check


def _content(value: Any, what: str) -> Iterator[str]:
    yield from texts.html(value if isinstance(value, str) else None, what)


def _item(now: datetime) -> Check:
    return record(
        {
            "id": text, "url": url, "external_url": url, "title": text, "content_html": _content,
            "content_text": text, "summary": text, "image": url, "banner_image": url,
            "date_published": _date(now), "date_modified": _date(now),
            "authors": listed(AUTHOR), "tags": listed(text), "language": tongue,
            "attachments": listed(record({}, {"url", "mime_type"})),
        },
        {"id"},
        {"content_html", "content_text"},
    )  # fmt: skip


def faults(document: bytes, address: str, now: datetime) -> list[str]:
    """What is wrong with a feed that was got at an address."""
    return list(_faults(document, address, now))


def _faults(document: bytes, address: str, now: datetime) -> Iterator[str]:
    feed = json.loads(document.decode("utf-8"))
    item = _item(now)

    def items(value: Any, what: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{what} is a list"
            return
        for number, each in enumerate(value):
            yield from item(each, f"items[{number}]")

    known: dict[str, Check] = {
        "version": text, "title": text, "home_page_url": url, "feed_url": url, "next_url": url,
        "description": text, "user_comment": text, "icon": url, "favicon": url, "items": items,
        "authors": listed(AUTHOR), "language": tongue, "expired": truth,
        "hubs": listed(record({"type": text, "url": url}, {"type", "url"})),
    }  # fmt: skip
    yield from record(known, {"version", "title", "items", "feed_url"})(feed, "feed")
    if feed.get("version") != VERSION:
        yield f"version is {VERSION}"
    if feed.get("feed_url") != address:
        yield f"feed_url is {feed.get('feed_url')} and not {address}"
    ids = Counter(each.get("id") for each in feed["items"])
    yield from (f"id twice: {id_}" for id_, times in ids.items() if times > 1)
    for each in feed["items"]:
        if each.get("date_modified", "") < each.get("date_published", ""):
            yield f"modified before it was published: {each.get('id')}"
