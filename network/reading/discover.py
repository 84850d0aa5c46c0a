"""From any address of a site to the feed to follow: what its page's head says about feeds.

A page may name several. A node's own log comes first, since only it carries the whole history;
then the feeds that the site offers for its content, and feeds of comments last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from xml.parsers import expat

from network.lib.markup import Tag, Words, tokens
from network.reading.feeds.document import is_feed_root
from network.reading.header_links import header_links
from network.reading.words.encoding import decode
from network.reading.words.language import declared_language
from network.reading.words.text import TITLE_LENGTH, address, cut, one_line

PIONEER_NS = "urn:pioneer-cities:1"
LOG_REL = f"{PIONEER_NS}#log"
"""The link relation with which a node's pages name its log (/feed.atom, protocol.md)."""

ATOM_NS = "http://www.w3.org/2005/Atom"
MAX_PAGE = 2 * 1024 * 1024
"""Bytes of a page that are looked at: feeds are named in its head."""

_TYPES = {
    "application/atom+xml": "atom",
    "application/rss+xml": "rss",
    "application/rdf+xml": "rss",
    "application/feed+json": "json",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
_ORDER = ("atom", "rss", "json", "xml")
_COMMENTS = re.compile(
    r"\b(comments?|commentaires?|comentarios?|coment[aá]rios?|kommentare?)\b", re.I
)
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version')


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names. type: media type; lang: hreflang; is_log: a node's own log."""

    url: str
    title: str = ""
    type: str = ""
    lang: str | None = None
    is_log: bool = False


@dataclass(frozen=True, slots=True)
class WebSubLinks:
    """The hubs of a resource and its canonical address (W3C WebSub, section 4)."""

    hubs: tuple[str, ...] = ()
    self_url: str | None = None


def find_feeds(html: bytes, url: str, content_type: str | None = None) -> list[FeedLink]:
    """The feeds that the page at url names, the one to follow first, each once.

    Read are <link> and <a> with rel="alternate" (or rel="feed", or a node's log) and the type of a
    feed. Never raises for a bad page: one that cannot be read names no feed.
    """
    found: dict[str, FeedLink] = {}
    links, base = _page(html, url, content_type)
    for element in links:
        link = _feed_link(element, base)
        if link and (link.url not in found or link.is_log):
            found[link.url] = link
    return sorted(found.values(), key=_rank)


def find_websub(html: bytes, url: str, content_type: str | None = None) -> WebSubLinks:
    """The hubs and the canonical address that a page's <link rel="hub"> and rel="self" name."""
    links, base = _page(html, url, content_type)
    pairs = [(_rels(element), element.get("href")) for element in links]
    return _websub([(rels, address(base, href)) for rels, href in pairs])


def websub_from_header(link_header: str, url: str) -> WebSubLinks:
    """The same from the HTTP Link header (RFC 8288), which WebSub prefers to the document."""
    return _websub([(link.rels, address(url, link.href)) for link in header_links(link_header)])


def feeds_from_header(link_header: str, url: str) -> list[FeedLink]:
    """The feeds that an HTTP Link header names (RFC 8288), for pages that cannot say it in HTML."""
    found: dict[str, FeedLink] = {}
    for named in header_links(link_header):
        given, target = named.parameters, address(url, named.href)
        title = one_line(given.get("title", ""))
        link = _link(named.rels, given.get("type", ""), target, title, given.get("hreflang"))
        if link:
            found.setdefault(link.url, link)
    return sorted(found.values(), key=_rank)


def _websub(pairs: list[tuple[list[str], str | None]]) -> WebSubLinks:
    hubs = [href for rels, href in pairs if "hub" in rels and href]
    selves = [href for rels, href in pairs if "self" in rels and href]
    return WebSubLinks(tuple(dict.fromkeys(hubs)), selves[0] if selves else None)


def likely_addresses(url: str) -> tuple[str, ...]:
    """Where feeds usually are on the site of url, for pages that name none, likeliest first."""
    directory = urljoin(url, ".")
    places = [urljoin(directory, name) for name in ("feed/", "rss.xml", "feed.xml", "atom.xml")]
    names = ("/feed.atom", "/feed/", "/rss.xml", "/rss", "/atom.xml", "/feed.json", "/index.xml")
    spip = "/spip.php?page=backend"
    places += [urljoin(url, name) for name in (*names, spip)]
    return tuple(
        dict.fromkeys(place for place in places if place != url and urlsplit(place).netloc)
    )


def looks_like_feed(content: bytes, content_type: str | None = None) -> bool:
    """Whether the document is worth giving to the parser: its root or its version says feed.

    The declared type alone decides nothing: feeds come as text/html and pages as text/xml.
    """
    text, _ = decode(content[:65_536], content_type)
    if text.lstrip("\ufeff \t\r\n")[:1] == "{":
        return bool(_JSON_FEED.search(text))
    return is_feed_root(text)


def is_member_feed(content: bytes) -> bool:
    """Whether it is the log of a node: an Atom feed whose feed element holds pc:state.

    A quick look by expat, which stops at the element: the strict parser judges the document.
    """
    if PIONEER_NS.encode() not in content:
        return False
    look = _MemberLook()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = look.start, look.end
    parser.StartDoctypeDeclHandler = look.refuse
    with suppress(expat.ExpatError, LookupError, ValueError, StopIteration):
        parser.Parse(content, True)
    return look.member


class _MemberLook:
    """expat's handlers; StopIteration ends the reading as soon as the answer is known."""

    def __init__(self) -> None:
        self.depth = 0
        self.member = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if self.depth == 0 and name != f"{ATOM_NS} feed":
            raise StopIteration
        if self.depth == 1 and name == f"{PIONEER_NS} state":
            self.member = True
            raise StopIteration
        self.depth += 1

    def end(self, _name: str) -> None:
        self.depth -= 1

    def refuse(self, *_declaration: object) -> None:
        raise StopIteration


@dataclass(slots=True)
class _Element:
    """A `link` or `a` element of a page. text: of what stands in it."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""

    def get(self, name: str) -> str | None:
        """An attribute."""
        return self.attributes.get(name)


def _page(html: bytes, url: str, content_type: str | None) -> tuple[list[_Element], str]:
    """The page's links in order, and the address that they are relative to."""
    text, _ = decode(html[:MAX_PAGE], content_type)
    links: list[_Element] = []
    base, within = None, None
    for token in tokens(text):
        if isinstance(token, Words):
            if within is not None:
                within.text += token.text[:TITLE_LENGTH]
        elif token.name == "a":  # an `a` ends where the next one begins
            within = _Element("a", token.attributes) if isinstance(token, Tag) else None
            links += [within] if within else []
        elif isinstance(token, Tag) and token.name == "link":
            links.append(_Element("link", token.attributes))
        elif isinstance(token, Tag) and token.name == "base":
            base = base or token.attributes.get("href")
    return links, address(url, base) or url


def _rels(element: _Element) -> list[str]:
    return (element.get("rel") or "").lower().split()


def _feed_link(element: _Element, base: str) -> FeedLink | None:
    title = element.get("title") or element.text
    url = address(base, element.get("href"))
    return _link(_rels(element), element.get("type") or "", url, title, element.get("hreflang"))


def _link(
    rels: list[str], media_type: str, url: str | None, title: str, lang: str | None
) -> FeedLink | None:
    kind = media_type.split(";")[0].strip().lower()
    is_log = LOG_REL in rels
    # Plain JSON and XML alternates are mostly API documents (WordPress), unless titled as feeds.
    named = kind in _TYPES or (not kind and "feed" in rels)
    if not (is_log or (named and not {"alternate", "feed"}.isdisjoint(rels))):
        return None
    if not url or (kind == "application/json" and "/wp-json/" in url):
        return None
    words = cut(one_line(title), TITLE_LENGTH)
    return FeedLink(url, words, kind, declared_language(lang), is_log)


def choices(links: list[FeedLink]) -> list[FeedLink]:
    """One link for each feed that differs in what it holds, the first of each.

    Sites offer the same feed in several formats, and one of comments beside it; among these nobody
    needs to choose. A name or an address that differs in the format alone tells them.
    """
    found: dict[tuple[str, str | None], FeedLink] = {}
    for link in links:
        if not _is_comments(link):
            found.setdefault((_subject(link), link.lang), link)
    return list(found.values())


_FORMAT = re.compile(r"\b(rss|atom|rdf|xml|json|feeds?|flux|fil|[0-9]\.[0-9]{1,2})\b", re.I)


def _subject(link: FeedLink) -> str:
    """What a feed is about, as far as its link's words tell: without those of its format."""
    words = " ".join(re.findall(r"\w+", _FORMAT.sub(" ", link.title))).casefold()
    return words or _FORMAT.sub("", urlsplit(link.url)._replace(scheme="").geturl()).rstrip("/")


def find_icons(html: bytes, url: str, content_type: str | None = None) -> list[str]:
    """Addresses of the pictures that a page names for itself, the likeliest first; no SVG."""
    links, base = _page(html, url, content_type)
    found: dict[str, int] = {}
    for element in links:
        here, rels = address(base, element.get("href")), _rels(element)
        ours = {"icon", "apple-touch-icon"}.intersection(rels) and element.tag == "link"
        if ours and here and "svg" not in f"{element.get('type')} {urlsplit(here).path}".lower():
            found.setdefault(here, _icon_rank(rels, element.get("sizes") or ""))
    return sorted(found, key=found.__getitem__)


def _icon_rank(rels: list[str], sizes: str) -> int:
    """How far from the size at which it is shown; one that does not say is tried first."""
    sides = [int(side) for side in re.findall(r"([0-9]{1,4})x[0-9]", sizes.lower())]
    if "icon" not in rels:
        return 1_000
    return min((abs(side - 32) for side in sides), default=0)


def _is_comments(link: FeedLink) -> bool:
    return bool(_COMMENTS.search(link.title) or re.search(r"/comments/(feed|default)", link.url))


def _rank(link: FeedLink) -> tuple[bool, bool, int]:
    kind = _TYPES.get(link.type, "xml")
    return not link.is_log, _is_comments(link), _ORDER.index(kind)
