"""Text, addresses and identities of a foreign feed, made safe to keep whatever was in them."""

from __future__ import annotations

import hashlib
import html
import re

from network.lib.sanitise import plain_text, strip_control, web_url
from network.lib.text import said

SUMMARY_LENGTH = 300
TITLE_LENGTH = 300
LONGEST_ADDRESS = 2_000
LONGEST_LABEL = 200


def one_line(text: str) -> str:
    """The text with storable characters only and every run of white space as one space; nothing
    when nothing of it would be seen.

    No-break and other special spaces are part of what was written and stay (French typography).
    """
    return said(re.sub(r"[ \t\n]+", " ", strip_control(text)).strip(" "))


def plain(markup: str) -> str:
    """The text of an HTML fragment as one line, without what a browser would not show as text."""
    if "<" not in markup and "&" not in markup:
        return one_line(markup)
    return one_line(plain_text(markup))


_TITLE = re.compile(r"<title\b[^<>]*>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</title\s*>", re.S | re.I)


def title_in(item: str) -> str:
    """What the XML of an item calls it; empty when it has no title."""
    found = _TITLE.search(item)
    return plain(found[1]) if found else ""


def as_html(text: str) -> str:
    """Plain text as HTML paragraphs: an empty line parts them, other line ends are kept."""
    parts = [html.escape(part.strip()) for part in re.split(r"\n\s*\n", text)]
    return "".join("<p>" + part.replace("\n", "<br>") + "</p>" for part in parts if part)


def cut(text: str, longest: int) -> str:
    """At most that many characters, cut after a word and marked with an ellipsis if cut."""
    if len(text) <= longest:
        return text
    words = text[:longest].rpartition(" ")[0] or text[: longest - 1]
    return words.rstrip(" ,;:.–—-") + "…"


def address(base: str, reference: str | None) -> str | None:
    """The absolute http(s) address that the reference means at base, or None if it means none."""
    written = as_browser(reference or "")
    if not written or len(written) > LONGEST_ADDRESS or _NOWHERE.match(written):
        return None
    if _first(written) == _first(base.partition("://")[2]):
        written = f"//{written}"  # the host itself, without a scheme
    return web_url(written, base)


# No host, or none that can be; a place in the base itself; words around an address, no path.
_NOWHERE = re.compile(
    r"https?:/*(?:$|\.|[^/?#]*(?:[<>\"\s]|\.\.))|#|[^:?#]*[<>\"]|[^:/?#\s]*\s[^?#]*://", re.I
)


def _first(written: str) -> str:
    """What an address without a scheme begins with, without “www.”: its host, if it has one."""
    return re.split("[/?#]", written, maxsplit=1)[0].lower().removeprefix("www.")


_UNSEEN = " \u00a0\u00ad\u200b\u200e\u200f\u202f\u2060\u3000\ufeff"
"""What comes with an address that was copied."""
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?:)|feed:(?=//)", re.I)
_DOUBLED = re.compile(r"(?:https?:?/{1,2})+(?=https?:?/{1,2}[^/])|(?:https?:)+(?=https?:)", re.I)
_SCHEME = re.compile(r"(https?)(?::/*|//)(?=[^/])", re.I)
_WITHOUT_SCHEME = re.compile(
    r"www\.[^\s/?#.]+\.[^\s/?#]+(?:[/?#]|$)"
    r"|(?:[a-z0-9-]+\.)+(?!(?:php\d?|s?html?|aspx?|jspx?|cgi|pl|do|cfm|xml)[/:])[a-z]{2,24}(?:/|:\d)",
    re.I,
)
_WRAPPED = re.compile(r"<(?:url:)?([^<>]*)>|\"([^\"]*)\"|'([^']*)'|“([^”]*)”|«([^»]*)»", re.I)
"""An address between the signs that part it from a text (RFC 3986, appendix C)."""
_ANCHOR = re.compile(r"<a\s[^<>]*?\bhref\s*=\s*[\"']?([^\"'<>\s]+).*", re.I | re.S)


def as_browser(reference: str) -> str:
    """An address as the bar of a browser reads what people write for one: a host without a scheme,
    a scheme twice or with too few or too many slashes; between brackets or quotation marks, or as
    a link in HTML. Any other reference stays as it is."""
    written = "".join(strip_control(reference).split("\n")).replace("\t", "").strip(_UNSEEN)
    if found := _ANCHOR.fullmatch(written) or _WRAPPED.fullmatch(written):
        written = next(filter(None, found.groups()), "").strip(_UNSEEN)
    place, mark, rest = _parts(written)
    place = _FEED_SCHEME.sub("", place.replace("\\", "/"), count=1)
    place = _DOUBLED.sub("", place, count=1)
    if _SCHEME.match(place):
        return _SCHEME.sub(r"\1://", place, count=1) + mark + rest
    if _WITHOUT_SCHEME.match(place):
        place = f"//{place}"
    return re.sub("^/{3,}", "//", place) + mark + rest


def _parts(written: str) -> tuple[str, str, str]:
    """An address up to its query or fragment, the mark of that, and the rest."""
    found = re.search("[?#]", written)
    at = found.start() if found else len(written)
    return written[:at], written[at : at + 1], written[at + 1 :]


def identity(guid: str | None, url: str | None, *fallback: str) -> str:
    """What tells an item from the others of its feed: its guid, its link, or a hash of the rest.

    A guid too long for an index becomes its own hash.
    """
    said = one_line(guid or "") or url
    if said and len(said) <= LONGEST_ADDRESS:
        return said
    return "sha256:" + hashlib.sha256((said or "\n".join(fallback)).encode()).hexdigest()


def labels(texts: list[str], most: int = 50) -> tuple[str, ...]:
    """Short texts (categories, authors) as single lines, each once, in order, at most so many."""
    lines = [cut(one_line(text), LONGEST_LABEL) for text in texts]
    return tuple(dict.fromkeys(line for line in lines if line))[:most]


def count(text: object) -> int | None:
    """A non-negative whole number, or None: feeds write anything where a number belongs."""
    digits = str(text).strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else None
