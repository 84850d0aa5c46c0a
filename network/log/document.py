"""A page of the log as a feed document, put together from entries that were serialised before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from network.lib.sanitise import web_url
from network.log.entry import State, rfc3339
from network.log.names import FEED_PREFIXES, FH, atom, pc
from network.log.places import Place, place_xml
from network.log.tidy import one_line

ATOM_TYPE = "application/atom+xml"
_TYPES = {
    "self": ATOM_TYPE,
    "current": ATOM_TYPE,
    "prev-archive": ATOM_TYPE,
    "next-archive": ATOM_TYPE,
    "alternate": "text/html",
}


def feed_xml(
    feed_id: str,
    title: str,
    links: Iterable[tuple[str, str]],
    updated: datetime,
    entries: Iterable[bytes],
    *,
    author: str,
    state: State | None = None,
    archive: bool = False,
    places: Iterable[Place] = (),
) -> bytes:
    """A whole Atom document, UTF-8 with its declaration.

    feed_id: an IRI, the same for every page of one log (RFC 4287 §4.2.6). links: (relation,
    absolute address) of self, current, prev-archive, next-archive, hub, alternate. updated: of the
    newest entry. entries: stored bytes of `entry_xml` and `tombstone_xml`, copied as they are.
    author: for documents without an entry. state, places: given in the head. archive: RFC 5005 §4.
    A node whose name shows nothing is called by feed_id, for readers refuse a feed without title.
    """
    feed = etree.Element(atom("feed"), nsmap=FEED_PREFIXES)
    etree.SubElement(feed, atom("id")).text = feed_id
    etree.SubElement(feed, atom("title")).text = one_line(title) or feed_id
    etree.SubElement(feed, atom("updated")).text = rfc3339(updated)
    person = etree.SubElement(feed, atom("author"))
    etree.SubElement(person, atom("name")).text = one_line(author) or feed_id
    for relation, href in links:
        _add_link(feed, relation, href)
    if archive:
        etree.SubElement(feed, f"{{{FH}}}archive")
    if state is not None:
        _add_state(feed, state)
    feed.extend(place_xml(place) for place in places)
    opening, _, closing = etree.tostring(feed, encoding="utf-8").rpartition(b"</")
    declaration = b'<?xml version="1.0" encoding="utf-8"?>'
    return b"\n".join([declaration, opening, *entries, b"</" + closing + b"\n"])


def _add_link(feed: etree._Element, relation: str, href: str) -> None:
    if web_url(href) is None:
        raise ValueError(f"not an absolute address: {href!r}")
    link = etree.SubElement(feed, atom("link"), {"rel": relation, "href": href})
    if relation in _TYPES:
        link.set("type", _TYPES[relation])


def _add_state(feed: etree._Element, state: State) -> None:
    attributes = {
        "epoch": state.epoch,
        "seq": str(state.seq),
        "count": str(state.count),
        "digest": state.digest,
    }
    etree.SubElement(feed, pc("state"), attributes)
