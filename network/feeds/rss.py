"""A reader feed as RSS 2.0, in the way that the RSS Advisory Board's profile advises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from network.feeds.values import Feed, Item, type_of
from network.feeds.xml_text import attribute, declaration, document, rfc822, text, where
from network.lib.sanitise import plain_text
from network.log.names import ATOM, GEORSS, TOPICS

TYPE = "application/rss+xml"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
EXCERPT = 300
"""Characters of an item without a summary that describe it."""


def serialise(feed: Feed) -> bytes:
    """The feed as a document, UTF-8."""
    return document(_parts(feed))


def _parts(feed: Feed) -> Iterator[str]:
    yield declaration(feed.stylesheet)
    yield (
        f'<rss version="2.0" xmlns:atom="{ATOM}" xmlns:content="{CONTENT}" xmlns:dc="{DC}" '
        f'xmlns:georss="{GEORSS}">\n<channel>\n'
        f"<title>{_plain(feed.title)}</title>\n"
        f"<link>{text(feed.page)}</link>\n"
        f"<description>{text(escape(feed.subtitle, quote=False))}</description>\n"
        f"<language>{text(feed.lang)}</language>\n"
        f"<lastBuildDate>{rfc822(feed.updated)}</lastBuildDate>\n"
        "<generator>Pioneer Cities</generator>\n"
        "<docs>https://www.rssboard.org/rss-specification</docs>\n"
        f'<atom:link rel="self" type="{TYPE}" href="{attribute(feed.addresses["rss"])}"/>\n'
    )
    if feed.hub:
        yield f'<atom:link rel="hub" href="{attribute(feed.hub)}"/>\n'
    for item in feed.items:
        yield from _item(item)
    yield "</channel>\n</rss>\n"


def _item(item: Item) -> Iterator[str]:
    yield (
        f"<item>\n<title>{_title(item.title)}</title>\n"
        f"<link>{text(item.url)}</link>\n"
        f'<guid isPermaLink="false">{text(item.id)}</guid>\n'
    )
    if item.published:
        yield f"<pubDate>{rfc822(item.published)}</pubDate>\n"
    for name in item.authors:
        yield f"<dc:creator>{_plain(name)}</dc:creator>\n"
    if item.licence:
        yield f"<dc:rights>{text(item.licence)}</dc:rights>\n"
    for topic in item.categories:
        yield f'<category domain="{TOPICS}">{_plain(topic.label)}</category>\n'
    # RSS says that a description is HTML, so that plain text is escaped as HTML first. Readers look
    # for it before content:encoded, so there is always one.
    summary = item.summary or _beginning(item)
    yield f"<description>{text(escape(summary, quote=False))}</description>\n"
    yield f"<content:encoded>{text(item.html)}</content:encoded>\n"
    for file in item.attachments[:1]:  # readers know of one
        yield (
            f'<enclosure url="{attribute(file.url)}" length="{file.length or 0}" '
            f'type="{type_of(file)}"/>\n'
        )
    if item.place:
        yield from where(item.place, item.lang)
    if item.origin:
        yield f'<source url="{attribute(item.origin.url)}">{_plain(item.origin.title)}</source>\n'
    yield "</item>\n"


_LIKE_HTML = re.compile(r"</?[a-zA-Z]|<!--|&#?\w+;")


def _title(title: str) -> str:
    """RSS does not say whether a title is text or HTML, and readers judge by its looks: one that
    looks like HTML and is text is written as the HTML for that text."""
    return _plain(escape(title, quote=False) if _LIKE_HTML.search(title) else title)


def _plain(value: str) -> str:
    """Plain text as the profile writes it, so that no reader takes a sign for the start of HTML."""
    return text(value).replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;")


def _beginning(item: Item) -> str:
    """The first words of an item without a summary, or its title when it has none."""
    words = " ".join(plain_text(item.html[: 4 * EXCERPT]).split())
    if not words:
        return item.title
    return words if len(words) <= EXCERPT else words[:EXCERPT].rpartition(" ")[0] + "…"
