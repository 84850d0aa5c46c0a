"""Decisions that need all items of a feed at once: which are the same, what language they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.reading.one_by_one import LeftOut, each
from network.reading.values import ForeignFeed, ForeignItem
from network.reading.words.language import guess_language
from network.reading.words.text import identity

R = TypeVar("R")

_MOST_VERSIONS = 2
"""Titles under which one item may stand in a feed: before and after it was changed."""
NONE_READABLE = N_("None of the feed’s items could be read.")
_NEVER = datetime.min.replace(tzinfo=UTC)


def each_read(
    read: Callable[[R], ForeignItem], raw: Sequence[R], name: Callable[[R], object]
) -> tuple[tuple[ForeignItem, ...], tuple[LeftOut, ...]]:
    """The items that can be read, once each, and those that cannot.

    name: what an item is called. Raises RemoteError when there are some and none can be read.
    """
    found, left = each(read, raw, name)
    if left and not found:
        raise RemoteError(NONE_READABLE)
    return distinct(found), tuple(left)


def distinct(items: Iterable[ForeignItem]) -> tuple[ForeignItem, ...]:
    """The items with every identity once, in the order in which they first stood.

    Some software gives all items one guid, or leads to one page from all. An identity shared by
    items with different links identifies nothing, so these go by their links; one that a whole feed
    shares, or more titles than versions of one item have, by their titles as well. What is left
    twice is one item: the version updated last stays, and of equals the first. An item with nothing
    to show (no title, text or link, of which the title is made) is left out.
    """
    shown = [item for item in items if item.title]
    kept: dict[str, ForeignItem] = {}
    for own in _by_title(_by_link(shown)):
        known = kept.get(own.identity)
        if known is None or (own.updated or _NEVER) > (known.updated or _NEVER):
            kept[own.identity] = own
    return tuple(kept.values())


def _by_link(items: list[ForeignItem]) -> list[ForeignItem]:
    links: dict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.url:
            links[item.identity].add(item.url)
    return [
        replace(item, identity=item.url) if item.url and len(links[item.identity]) > 1 else item
        for item in items
    ]


def _by_title(items: list[ForeignItem]) -> Iterator[ForeignItem]:
    titles: dict[str, set[str]] = defaultdict(set)
    for item in items:
        titles[item.identity].add(item.title)
    most = 1 if len(titles) == 1 else _MOST_VERSIONS
    for item in items:
        shared = len(titles[item.identity]) > most
        own = identity(None, None, item.identity, item.title)
        yield replace(item, identity=own) if shared else item


def with_guesses(feed: ForeignFeed, header: str | None) -> ForeignFeed:
    """The feed whose items all have a language where one can be known.

    header: what Content-Language said, believed when the feed itself says nothing. After it, the
    item's own text decides; an item with too little text is taken to be in the language of
    the whole feed's text. These are guesses and marked as such.
    """
    if all(item.lang for item in feed.items):
        return feed
    if header:
        items = [item if item.lang else replace(item, lang=header) for item in feed.items]
        return replace(feed, items=tuple(items))
    shared = guess_language(" ".join([feed.title, *(_text(item) for item in feed.items[:20])]))
    return replace(feed, items=tuple(_guessed(item, shared) for item in feed.items))


def _guessed(item: ForeignItem, shared: str | None) -> ForeignItem:
    if item.lang:
        return item
    guess = guess_language(_text(item)) or shared
    return replace(item, lang=guess, lang_is_guess=guess is not None)


def _text(item: ForeignItem) -> str:
    return f"{item.title} {item.summary}"
