"""What an element of a feed is called, whichever of its many namespace names the maker wrote."""

from __future__ import annotations

import re

_ROOMS = (
    ("media", re.compile(r"https?://search\.yahoo\.com/mrss/?", re.I)),
    ("itunes", re.compile(r"https?://(?:www\.)?itunes\.com/dtds/podcast-[\d.]+dtd", re.I)),
    ("dc", re.compile(r"https?://purl\.org/dc/(?:elements/1\.[01]|terms)/?", re.I)),
    ("content", re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?", re.I)),
    ("xhtml", re.compile(r"https?://www\.w3\.org/1999/xhtml/?", re.I)),
    ("atom", re.compile(r"https?://(?:www\.w3\.org/2005/atom|purl\.org/atom/ns#)", re.I)),
)
_RSS = re.compile(
    r"https?://(?:purl\.org/rss/1\.0/$|backend\.userland\.com/rss|my\.netscape\.com/)", re.I
)
# Where namespaces cannot be told, by the prefixes that nearly everybody uses.
_LOOSE = re.compile(
    r"<(media:title|media:description|media:text)\b[^<>]*>.{0,20000}?</\1\s*>"
    r"|<link\s*/>|<link>\s*</link>",
    re.S | re.I,
)


def kind_of(name: str) -> str:
    """An element as this room calls it, from expat's `namespace local prefix`.

    A namespace that nobody knows goes by its prefix, as feedparser does, and without one is RSS's.
    """
    *around, local = name.split(" ")[:2]
    prefix = name.split(" ")[2:]
    uri = around[0] if around else ""
    room = next((room for room, pattern in _ROOMS if pattern.fullmatch(uri)), "")
    if not room and prefix and not _RSS.match(uri):
        room = prefix[0].lower()
    return f"{room}:{local.lower()}" if room else local.lower()


def loosely(xml: str) -> str:
    """A document that is not well-formed without captions and empty links."""
    return _LOOSE.sub("", xml)
