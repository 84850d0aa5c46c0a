"""Reads a node's log as strictly as the protocol promises: ours before it is kept, and members'.

The document is taken whole or refused whole (well-formed, UTF-8, no DOCTYPE, its own id, date and
state, each entry's id once); a row that cannot be read is told apart (log.items), and a fact that
this version does not understand is passed over (log.tidy). Nothing here reaches the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Never

from lxml import etree

from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.lib.sanitise import web_url
from network.log.entry import State, strict_parser
from network.log.items import TOMBSTONE, Item, held_or_read, moment_of, only
from network.log.names import FH, atom, pc
from network.log.places import Place, places_of
from network.log.tidy import one_line

MOST_ENTRIES = 1_000
"""Entries and tombstones in one document; ours have 100 at most."""
DEEPEST = 64
"""Levels of elements in one document."""

_TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEEPEST + 1)})")
_FEED_LACKS = N_("The feed has no “%(name)s”, or more than one.")


@dataclass(frozen=True, slots=True)
class Document:
    """One page of a node's log. Links are absolute; items are in document order. places: the
    cities that a head describes."""

    url: str
    feed_id: str
    title: str
    updated: datetime
    is_archive: bool
    state: State | None
    items: tuple[Item, ...]
    self_url: str | None = None
    current: str | None = None
    prev_archive: str | None = None
    next_archive: str | None = None
    next: str | None = None
    hub: str | None = None
    places: tuple[Place, ...] = ()


def parse_document(content: bytes, url: str) -> Document:
    """A node's feed document.

    content: the body as received, decompressed. url: where it came from.
    Raises RemoteError (retryable) in plain words when anything of it cannot be trusted.
    """
    feed = _root(content, url)
    links, date = _links(feed), _required(feed, "updated")
    updated = moment_of(date)
    if updated is None:
        _refuse(N_("A date in the feed is not understood: “%(text)s”."), text=date[:60])
    return Document(
        url=url,
        feed_id=_required(feed, "id"),
        title=one_line(_required(feed, "title")),
        updated=updated,
        is_archive=feed.find(f"{{{FH}}}archive") is not None,
        state=_state(feed),
        items=_items(feed),
        self_url=links.get("self"),
        current=links.get("current"),
        prev_archive=links.get("prev-archive"),
        next_archive=links.get("next-archive"),
        next=links.get("next"),
        hub=links.get("hub"),
        places=places_of(feed),
    )


def read_id(content: bytes, url: str) -> str:
    """The id of an Atom document of any kind, read as strictly. Raises RemoteError."""
    return _required(_root(content, url), "id").strip()


def _refuse(message: str, **arguments: Any) -> Never:
    raise RemoteError(message, retryable=True, **arguments)


def _root(content: bytes, url: str) -> etree._Element:
    _check_prolog(content)
    try:
        feed = etree.fromstring(content, strict_parser(), base_url=url)
    except etree.XMLSyntaxError as error:
        _refuse(
            N_("The feed is not well-formed XML (line %(line)s). It may have been cut short."),
            line=error.lineno or 1,
        )
    info = feed.getroottree().docinfo
    if (info.encoding or "UTF-8").upper() not in ("UTF-8", "UTF8", "US-ASCII", "ASCII"):
        _refuse(N_("The feed is not encoded in UTF-8."))
    if info.internalDTD is not None:  # Should the look at the prolog ever miss one.
        _refuse(N_("The feed declares a document type, which is refused for safety."))
    if feed.tag != atom("feed"):
        _refuse(N_("This address does not give an Atom feed."))
    if _TOO_DEEP(feed):
        _refuse(N_("The feed is nested too deeply."))
    return feed


def _check_prolog(content: bytes) -> None:
    """Refuse, before any parser sees it, what is not UTF-8 or begins to declare entities."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(N_("The feed is not encoded in UTF-8."))
    position = 0
    while True:
        while text[position : position + 1] in tuple(" \t\r\n"):
            position += 1
        if text.startswith("<?", position):
            position = text.find("?>", position) + 2
        elif text.startswith("<!--", position):
            position = text.find("-->", position) + 3
        else:
            break
        if position < 4:
            break
    if text.startswith("<!", position):
        _refuse(N_("The feed declares a document type, which is refused for safety."))


def _required(feed: etree._Element, name: str) -> str:
    text = only(feed, name)
    if not text.strip():
        _refuse(_FEED_LACKS, name=name)
    return text


def _links(feed: etree._Element) -> dict[str, str]:
    """The first link of each relation."""
    found: dict[str, str] = {}
    for link in feed.iterchildren(atom("link")):
        address = web_url(link.get("href"), link.base)
        if address is not None:
            found.setdefault(link.get("rel", "alternate"), address)
    return found


def _state(feed: etree._Element) -> State | None:
    found = feed.findall(pc("state"))
    if not found:
        return None
    epoch, seq, count, digest = (found[0].get(n, "") for n in ("epoch", "seq", "count", "digest"))
    patterns = zip(
        (r"[A-Za-z0-9_-]{1,64}", "[0-9]{1,9}", "[0-9]{1,9}", "[0-9a-f]{64}"),
        (epoch, seq, count, digest),
        strict=True,
    )
    if len(found) > 1 or not all(re.fullmatch(pattern, text) for pattern, text in patterns):
        _refuse(N_("The state of the log in the feed is not understood."))
    return State(epoch, int(seq), int(count), digest)


def _items(feed: etree._Element) -> tuple[Item, ...]:
    elements = list(feed.iterchildren(atom("entry"), TOMBSTONE))
    if len(elements) > MOST_ENTRIES:
        _refuse(
            N_("The feed has %(count)s entries in one document; at most %(most)s are read."),
            count=len(elements),
            most=MOST_ENTRIES,
        )
    items = tuple(map(held_or_read, elements))
    if len({item.entry_id for item in items}) < len(items):
        _refuse(N_("The feed has two entries with the same id."))
    return items
