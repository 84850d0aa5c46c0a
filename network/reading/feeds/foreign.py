"""Any ordinary feed (RSS, Atom, JSON Feed, of any maker, well made or not) to plain values.

What is refused, always whole: web pages, documents that end too early, any document type that
declares something, floods of elements, attributes or items, bytes that are no feed. What is read
all the same, with a word about it in `bozo`: a wrong or double encoding, stray control characters,
HTML entities that XML does not know, lone ampersands, and ill-formed XML that has its end
and from which items could be recovered.

Parsing hostile bytes takes time and memory that only a process of its own can bound: outside tests
use reading.child.
"""

from __future__ import annotations

import io
from dataclasses import replace
from xml.parsers import expat

import feedparser

from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.reading.feeds import apart
from network.reading.feeds.document import EMPTY, NOT_A_FEED, NOT_WELL_FORMED, examine
from network.reading.feeds.entries import Reader
from network.reading.feeds.items import with_guesses
from network.reading.feeds.jsonfeed import looks_like_json, parse_json_feed
from network.reading.one_by_one import is_memory
from network.reading.values import ForeignFeed
from network.reading.words.encoding import decode
from network.reading.words.language import declared_language

UNREADABLE = N_("The feed could not be read.")


def parse_feed(
    content: bytes, content_type: str | None, url: str, content_language: str | None = None
) -> ForeignFeed:
    """The feed in these bytes, got from url (after redirects) with these HTTP headers.

    Raises RemoteError, and nothing else whatever the bytes are (MemoryError apart, where memory is
    bounded): retryable when the next version
    of the document may be better (truncated, a page in its place), not when it attacks.
    """
    try:
        return _parse(content, content_type, url, content_language)
    except (RemoteError, MemoryError):
        raise
    except Exception as error:  # feedparser is old code: on hostile bytes it raises anything
        if is_memory(error):
            raise MemoryError from error
        raise RemoteError(UNREADABLE) from error


def _parse(content: bytes, content_type: str | None, url: str, language: str | None) -> ForeignFeed:
    if not content.strip():
        raise RemoteError(EMPTY)
    text, fault = decode(content, content_type)
    header = declared_language(language)
    return apart.read(text, lambda part: _read(part, url, fault, header))


def _read(text: str, url: str, fault: str | None, language: str | None) -> ForeignFeed:
    if looks_like_json(text):
        feed = parse_json_feed(text, url, fault)
    else:
        feed = _parse_xml(text, url, fault)
    return with_guesses(feed, language)


def _parse_xml(text: str, url: str, fault: str | None) -> ForeignFeed:
    document = examine(text)
    parsed = feedparser.parse(
        io.BytesIO(document.xml.encode("utf-8")),  # never a str: feedparser would open it as a path
        response_headers={
            "content-type": "application/xml; charset=utf-8",
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if str(parsed.get("bozo_exception", "")).endswith(expat.errors.XML_ERROR_NO_MEMORY):
        raise MemoryError
    recovered = not parsed.bozo or parsed.entries
    if not parsed.version or not recovered:
        raise RemoteError(UNREADABLE if parsed.version else NOT_A_FEED)
    fault = document.fault or fault or (NOT_WELL_FORMED if parsed.bozo else None)
    reader = Reader(url, parsed.feed, parsed.version, document.extras)
    feed = reader.feed(parsed.entries, fault)
    return replace(feed, left_out=(*document.left_out, *feed.left_out))
