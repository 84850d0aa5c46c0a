"""Which address a page names for Webmentions (specification, section 3.1.2)."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin

from network.lib.http import Response
from network.lib.markup import Tag, tokens
from network.lib.sanitise import web_url
from network.reading.header_links import header_links
from network.reading.words.encoding import decode

REL = "webmention"
LARGEST_PAGE = 1 << 20
"""Bytes of a page that are read."""
HTML_TYPES = ("text/html", "application/xhtml+xml")


def endpoint(response: Response) -> str | None:
    """The Webmention address of the page that answered, absolute; None when it names none.

    A Link header comes before the page; of several links the first counts. What is no web address
    is nobody's endpoint.
    """
    found = _in_header(_header(response, "Link"), response.url)
    if found is None and media_type(response) in HTML_TYPES:
        text, _ = decode(response.content[:LARGEST_PAGE], _header(response, "Content-Type"))
        found = _in_page(text, response.url)
    return found and web_url(found)


def media_type(response: Response) -> str:
    """What the answer says to be, without parameters, in lower case."""
    return _header(response, "Content-Type").partition(";")[0].strip().lower()


def _header(response: Response, name: str) -> str:
    return next((v for k, v in response.headers.items() if k.lower() == name.lower()), "")


def _in_header(header: str, page: str) -> str | None:
    for link in header_links(header):
        if REL in link.rels and _is_about(link.parameters.get("anchor"), page):
            return _joined(page, link.href)
    return None


def _is_about(anchor: str | None, page: str) -> bool:
    """A link may be of another page than the one that it came with (RFC 8288, section 3.2)."""
    return anchor is None or _joined(page, anchor) == urldefrag(page).url


def _in_page(text: str, page: str) -> str | None:
    """The first <link> or <a> with the relation and an address, which may be empty."""
    base = page
    for token in tokens(text):
        if not isinstance(token, Tag):
            continue
        href = token.attributes.get("href")
        if token.name == "base" and base == page and href:
            base = _joined(page, href) or page
        if token.name in ("link", "a") and href is not None and REL in token.words("rel"):
            return _joined(base, href.strip())
    return None


def _joined(base: str, reference: str) -> str | None:
    try:
        return urldefrag(urljoin(base, reference)).url
    except ValueError:
        return None
