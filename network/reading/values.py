"""What any ordinary feed says, as plain values that cross from the parsing child as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from network.reading.one_by_one import LeftOut, each


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that comes with an item. type: its declared media type, perhaps empty.

    length: bytes as declared, None when unknown (it is a claim of the feed, never a fact).
    title: what its maker calls it, or the words that stand for a picture; perhaps empty.
    """

    url: str
    type: str = ""
    length: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class ForeignItem:
    """One item of a foreign feed, cleaned.

    identity: guid or id as the feed wrote it, else the link, else a hash of title and date;
    it identifies within this subscription only (protocol.md). url: http(s) or None.
    title, summary: plain text (summary at most 300 characters, cut at a word).
    content_html: sanitised by lib.sanitise, addresses absolute.
    published, updated: aware UTC; each falls back on the other, both None when the feed is silent.
    A date may lie in the future: the caller decides what to make of it.
    lang: ISO 639 language (with a script for Chinese and Serbian); lang_is_guess when the
    feed did not say it. licence: address of the licence, if declared.
    """

    identity: str
    url: str | None
    title: str
    summary: str
    content_html: str
    published: datetime | None = None
    updated: datetime | None = None
    lang: str | None = None
    lang_is_guess: bool = False
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignFeed:
    """A feed of any site, in document order.

    format: "rss20", "rss10", "rss090", "rss091u", "atom10", "atom03", "json10", "json11" and the
    like. language: as declared by the feed itself, never guessed. interval: the seconds between
    polls that the feed asks for (ttl, sy:updatePeriod), None when it does not ask.
    quiet: hours of the week, from Monday 0 h UTC, in which it asks not to be polled (skipHours,
    skipDays). hub, self_url: WebSub. bozo: None, or a message (gettext msgid without arguments)
    that says what was wrong with a document that could be read all the same. left_out: the items
    that could not be read.
    """

    title: str
    format: str
    items: tuple[ForeignItem, ...] = ()
    language: str | None = None
    site_url: str | None = None
    icon: str | None = None
    hub: str | None = None
    self_url: str | None = None
    interval: int | None = None
    quiet: tuple[int, ...] = ()
    bozo: str | None = None
    left_out: tuple[LeftOut, ...] = ()


def dump_feed(feed: ForeignFeed) -> bytes:
    """The feed as JSON (UTF-8), for load_feed. Items that it would not read back are left out."""
    items, left = each(_dump_item, feed.items, lambda item: item.title)
    about = asdict(replace(feed, items=(), left_out=(*feed.left_out, *left)))
    del about["items"]
    return b'{"items": [' + b", ".join(items) + b"], " + _json(about)[1:]


def _dump_item(item: ForeignItem) -> bytes:
    written = _json(asdict(item))
    _item(json.loads(written))
    return written


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, default=datetime.isoformat, ensure_ascii=False).encode("utf-8")


def load_feed(data: bytes) -> ForeignFeed:
    """The feed that dump_feed wrote. Raises ValueError for anything else.

    Types are checked, because the process that wrote it had read hostile bytes.
    """
    try:
        raw = json.loads(data)
        items = tuple(_item(item) for item in raw.pop("items"))
        quiet = _hours(raw.pop("quiet"))
        left = tuple(LeftOut(**_checked(one, _LEFT_OUT_FIELDS)) for one in raw.pop("left_out"))
        about = _checked(raw, _FEED_FIELDS)
        return ForeignFeed(items=items, quiet=quiet, left_out=left, **about)
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("not a feed") from error


def _item(raw: dict[str, Any]) -> ForeignItem:
    enclosures = tuple(Enclosure(**_checked(e, _ENCLOSURE_FIELDS)) for e in raw.pop("enclosures"))
    lists = {name: _texts(raw.pop(name)) for name in ("categories", "authors")}
    dates = {name: _date(raw.pop(name)) for name in ("published", "updated")}
    return ForeignItem(enclosures=enclosures, **lists, **dates, **_checked(raw, _ITEM_FIELDS))  # type: ignore[arg-type]


_Fields = dict[str, tuple[type, ...]]
_MAYBE_TEXT = (str, type(None))
_MAYBE_COUNT = (int, type(None))
_ENCLOSURE_FIELDS: _Fields = {
    "url": (str,),
    "type": (str,),
    "length": _MAYBE_COUNT,
    "title": (str,),
}
_ITEM_FIELDS: _Fields = {
    "identity": (str,),
    "url": _MAYBE_TEXT,
    "title": (str,),
    "summary": (str,),
    "content_html": (str,),
    "lang": _MAYBE_TEXT,
    "lang_is_guess": (bool,),
    "licence": _MAYBE_TEXT,
}
_LEFT_OUT_FIELDS: _Fields = {"title": (str,), "why": (str,)}
_FEED_FIELDS: _Fields = {
    "title": (str,),
    "format": (str,),
    "language": _MAYBE_TEXT,
    "site_url": _MAYBE_TEXT,
    "icon": _MAYBE_TEXT,
    "hub": _MAYBE_TEXT,
    "self_url": _MAYBE_TEXT,
    "interval": _MAYBE_COUNT,
    "bozo": _MAYBE_TEXT,
}


def _checked(raw: dict[str, Any], fields: _Fields) -> dict[str, Any]:
    if set(raw) != set(fields) or any(not isinstance(raw[f], kind) for f, kind in fields.items()):
        raise ValueError("not a feed")
    return raw


def _texts(raw: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(text, str) for text in raw):
        raise ValueError("not a feed")
    return tuple(raw)


def _hours(raw: list[Any]) -> tuple[int, ...]:
    if not all(type(hour) is int and 0 <= hour < 168 for hour in raw):
        raise ValueError("not hours of a week")
    return tuple(raw)


def _date(raw: str | None) -> datetime | None:
    if raw is None:
        return None
    date = datetime.fromisoformat(raw)
    if date.utcoffset() != timedelta(0):
        raise ValueError("not in UTC")
    return date
