"""A reader feed as Atom 1.0 (RFC 4287), with licences (RFC 4946) and GeoRSS points."""

from __future__ import annotations

from collections.abc import Iterator

from network.feeds.values import Feed, Item, Origin, type_of
from network.feeds.xml_text import attribute, declaration, document, rfc3339, text
from network.log.names import ATOM, GEORSS, INSPIRED_BY, TOPICS

TYPE = "application/atom+xml"
FEED_TYPES = {"rss": "application/rss+xml", "json": "application/feed+json"}


def serialise(feed: Feed) -> bytes:
    """The feed as a document, UTF-8."""
    return document(_parts(feed))


def _parts(feed: Feed) -> Iterator[str]:
    yield declaration(feed.stylesheet)
    yield (
        f'<feed xmlns="{ATOM}" xmlns:georss="{GEORSS}" xml:lang="{attribute(feed.lang)}">\n'
        f"<id>{text(feed.id)}</id>\n"
        f"<title>{text(feed.title)}</title>\n"
        f"<subtitle>{text(feed.subtitle)}</subtitle>\n"
        f"<updated>{rfc3339(feed.updated)}</updated>\n"
        f"<author><name>{text(feed.site)}</name><uri>{text(feed.site_url)}</uri></author>\n"
    )
    yield _link("self", feed.addresses["atom"], TYPE)
    if feed.hub:
        yield _link("hub", feed.hub)
    yield _link("alternate", feed.page, "text/html", feed.lang)
    for form, media_type in FEED_TYPES.items():
        yield _link("alternate", feed.addresses[form], media_type, feed.lang)
    yield '<generator uri="urn:pioneer-cities:1">Pioneer Cities</generator>\n'
    for item in feed.items:
        yield from _entry(item)
    yield "</feed>\n"


def _entry(item: Item) -> Iterator[str]:
    yield (
        f"<entry>\n<id>{text(item.id)}</id>\n"
        f'<title type="text">{text(item.title)}</title>\n'
        f"<updated>{rfc3339(item.updated)}</updated>\n"
        f"<published>{rfc3339(item.published)}</published>\n"
    )
    for name in item.authors:
        yield f"<author><name>{text(name)}</name></author>\n"
    yield from _links(item)
    for topic in item.categories:
        yield (
            f'<category term="{attribute(topic.term)}" scheme="{TOPICS}" '
            f'label="{attribute(topic.label)}"/>\n'
        )
    if item.summary:
        yield f'<summary type="text">{text(item.summary)}</summary>\n'
    yield f'<content type="html">{text(item.html)}</content>\n'
    if item.place and item.place.lat is not None and item.place.lon is not None:
        yield f"<georss:point>{item.place.lat:.5f} {item.place.lon:.5f}</georss:point>\n"
    if item.origin:
        yield _source(item.origin, item)
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


def _source(origin: Origin, item: Item) -> str:
    """The feed that the entry was first in (section 4.2.11), as old as the entry at least."""
    page = _link("alternate", origin.page, "text/html") if origin.page else ""
    return (
        f"<source><id>{text(origin.url)}</id><title>{text(origin.title)}</title>\n"
        f"{_link('self', origin.url)}{page}"
        f"<updated>{rfc3339(item.updated)}</updated></source>\n"
    )
