"""Decisions that need all items of a feed at once: which are the same, what language they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from network.lib.i18n import N_
from network.subscriptions.parse_language import guess_language
from network.subscriptions.parse_values import ForeignFeed, ForeignItem

R = TypeVar("R")

LEFT_OUT = N_("Some items of the feed could not be read; they were left out.")
_NEVER = datetime.min.replace(tzinfo=UTC)


def each_read(
    read: Callable[[R], ForeignItem], raw: Iterable[R]
) -> tuple[tuple[ForeignItem, ...], str | None]:
    """The items that can be read, once each, and a fault when others could not be.

    Raises what the last of them raised when none could be read, and MemoryError in any case.
    """
    found, failure = [], None
    for each in raw:
        try:
            found.append(read(each))
        except Exception as error:  # whatever it is, it concerns this item
            if isinstance(error, MemoryError) or isinstance(error.__context__, MemoryError):
                raise
            failure = error
    if failure and not found:
        raise failure
    return distinct(found), LEFT_OUT if failure else None


def distinct(items: Iterable[ForeignItem]) -> tuple[ForeignItem, ...]:
    """The items with every identity once, in the order in which they first stood.

    Some software gives all items one guid. An identity shared by items with different links
    identifies nothing, so these go by their links. What is left twice is one item: the version
    updated last stays, and of equals the first. An item with nothing to show (no title, text or
    link, of which the title is made) is left out.
    """
    by_identity: dict[str, list[ForeignItem]] = defaultdict(list)
    for item in filter(lambda item: item.title, items):
        by_identity[item.identity].append(item)
    kept: dict[str, ForeignItem] = {}
    for same in by_identity.values():
        shared = len({item.url for item in same if item.url}) > 1
        for item in same:
            own = replace(item, identity=item.url) if shared and item.url else item
            known = kept.get(own.identity)
            if known is None or (own.updated or _NEVER) > (known.updated or _NEVER):
                kept[own.identity] = own
    return tuple(kept.values())


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
