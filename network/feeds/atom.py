"""A reader feed as Atom 1.0 (RFC 4287), with licences (RFC 4946) and GeoRSS points."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from zlib import crc32

from network.feeds.values import Feed, Item, Origin, type_of
from network.feeds.xml_text import attribute, declaration, document, rfc3339, text, where
from network.log.names import ATOM, GEORSS, INSPIRED_BY, TOPICS

TYPE = "application/atom+xml"
FEED_TYPES = {"rss": "application/rss+xml", "json": "application/feed+json"}
_LIKE_HTML = re.compile(r"<[A-Za-z/!?]|&[A-Za-z#]")


def serialise(feed: Feed) -> bytes:
    """The feed as a document, UTF-8."""
    return document(_parts(feed))


def _parts(feed: Feed) -> Iterator[str]:
    instants = _instants(feed.items)
    yield declaration(feed.stylesheet)
    yield (
        f'<feed xmlns="{ATOM}" xmlns:georss="{GEORSS}" xml:lang="{attribute(feed.lang)}">\n'
        f"<id>{text(feed.id)}</id>\n"
        f"{_text('title', feed.title)}{_text('subtitle', feed.subtitle)}"
        f"<updated>{max([rfc3339(feed.updated), *instants], key=_moment)}</updated>\n"
        f"<author><name>{text(feed.site)}</name><uri>{text(feed.site_url)}</uri></author>\n"
    )
    yield _link("self", feed.addresses["atom"], TYPE)
    if feed.hub:
        yield _link("hub", feed.hub)
    yield _link("alternate", feed.page, "text/html", feed.lang)
    for form, media_type in FEED_TYPES.items():
        yield _link("alternate", feed.addresses[form], media_type, feed.lang)
    yield '<generator uri="urn:pioneer-cities:1">Pioneer Cities</generator>\n'
    for item, updated in zip(feed.items, instants, strict=True):
        yield from _entry(item, updated)
    yield "</feed>\n"


def _instants(items: Iterable[Item]) -> list[str]:
    """When each entry was updated, no two at once: readers order entries by it.

    Entries that changed in the same second, as an import makes them, get a fraction of it that
    their ids decide, so that it is the same each time.
    """
    seconds = [(rfc3339(item.updated), item.id) for item in items]
    often = Counter(second for second, _id in seconds)
    return [
        f"{second[:-1]}.{crc32(id_.encode('utf-8', 'ignore')) % 1_000_000:06}Z"
        if often[second] > 1
        else second
        for second, id_ in seconds
    ]


def _moment(instant: str) -> str:
    """The text to compare instants by: a whole second comes before its fractions."""
    return instant[:-1]


def _text(name: str, value: str) -> str:
    """A text construct (section 3.1), called HTML where plain text would look like it."""
    if _LIKE_HTML.search(value):
        return f'<{name} type="html">{text(escape(value, quote=False))}</{name}>\n'
    return f'<{name} type="text">{text(value)}</{name}>\n'


def _entry(item: Item, updated: str) -> Iterator[str]:
    yield (
        f"<entry>\n<id>{text(item.id)}</id>\n"
        f"{_text('title', item.title)}"
        f"<updated>{updated}</updated>\n"  # which every entry must have (section 4.1.2)
    )
    if item.published:
        yield f"<published>{rfc3339(item.published)}</published>\n"
    for name in item.authors:
        yield f"<author><name>{text(name)}</name></author>\n"
    yield from _links(item)
    for topic in item.categories:
        yield (
            f'<category term="{attribute(topic.term)}" scheme="{TOPICS}" '
            f'label="{attribute(topic.label)}"/>\n'
        )
    if item.summary:
        yield _text("summary", item.summary)
    yield f'<content type="html">{text(item.html)}</content>\n'
    if item.place:
        yield from where(item.place, item.lang)
    if item.origin:
        yield _source(item.origin, updated)
    yield "</entry>\n"


def _links(item: Item) -> Iterator[str]:
    # Only what its site said of the language is said again; a guess of ours is not.
    yield _link("alternate", item.url, "text/html", "" if item.lang_is_guess else item.lang)
    for lang, address in item.alternates:
        # Not “alternate”: readers that know one link alone would take the last, in that language.
        yield _link("related", address, "text/html", lang)
    if item.licence:
        yield _link("license", item.licence)
    for link in item.inspired_by:
        yield _link(INSPIRED_BY, link.href, title=link.title)
    for file in item.attachments:
        length = str(file.length) if file.length else ""
        yield _link("enclosure", file.url, type_of(file), title=file.title, length=length)


def _link(
    rel: str, href: str, media_type: str = "", lang: str = "", title: str = "", length: str = ""
) -> str:
    more = {"type": media_type, "hreflang": lang, "title": title, "length": length}
    written = "".join(f' {name}="{attribute(value)}"' for name, value in more.items() if value)
    return f'<link rel="{rel}" href="{attribute(href)}"{written}/>\n'


def _source(origin: Origin, updated: str) -> str:
    """The feed that the entry was first in (section 4.2.11), as old as the entry at least."""
    page = _link("alternate", origin.page, "text/html") if origin.page else ""
    return (
        f"<source><id>{text(origin.url)}</id>{_text('title', origin.title)}"
        f"{_link('self', origin.url)}{page}"
        f"<updated>{updated}</updated></source>\n"
    )
