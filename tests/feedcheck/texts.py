"""Addresses, dates, languages and pieces of HTML, as every format wants them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.entities import html5
from html.parser import HTMLParser
from urllib.parse import urlsplit

from babel import Locale

LANGUAGES = set(Locale("en").languages) | {"und"}
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9;/?:@&=+$.\-_!~*'(),#]|%[0-9A-Fa-f]{2})+")
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:[a-zA-Z0-9()+,.:=@;$_!*'%-]+", re.I)
UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
TAG = re.compile(r"tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:[^\s<>\"]*")
MIME = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+( *; *[\w-]+=([\w.-]+|\"[^\"]*\"))*")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d\d:\d\d:\d\d) (GMT|[+-]\d{4})"
)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
SOON = timedelta(minutes=10)


def uri(value: str | None, *, web: bool = False) -> Iterator[str]:
    """An absolute URI; web: of a page."""
    if not value or not URI.fullmatch(value):
        yield f"InvalidLink: {value!r}"
        return
    scheme = value.partition(":")[0].lower()
    if scheme in ("http", "https") and not urlsplit(value).netloc:
        yield f"InvalidLink: {value!r} has no host"
    name = value.partition("#")[0]
    if scheme == "urn" and not (UUID if name.lower()[4:8] == "uuid" else URN).fullmatch(name):
        yield f"InvalidURN: {value!r}"
    if scheme == "tag" and not TAG.fullmatch(value):
        yield f"InvalidTAG: {value!r}"
    if web and scheme not in ("http", "https"):
        yield f"InvalidLink: {value!r} leads to no page"


def canonical(value: str | None) -> Iterator[str]:
    """An id, which is compared character by character (RFC 4287 §4.2.6.1)."""
    yield from uri(value)
    parts = urlsplit(value or "")
    if parts.scheme in ("http", "https"):
        tidy = parts.netloc == parts.netloc.lower() and parts.path and parts.port != 80
        if not tidy or re.search(r"/\.\.?(/|$)|%7e", parts.path, re.I):
            yield f"NonCanonicalURI: {value!r}"
    if (value or "") != (value or "").strip():
        yield f"UnexpectedWhitespace: {value!r}"


def rfc3339(value: str | None, now: datetime) -> Iterator[str]:
    """A date of Atom or JSON Feed."""
    if not value or not RFC3339.fullmatch(value):
        yield f"InvalidRFC3339Date: {value!r}"
        return
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        yield f"InvalidRFC3339Date: {value!r}"
        return
    if not EARLIEST <= moment <= now + SOON:
        yield f"ImplausibleDate: {value!r}"


def rfc822(value: str | None, now: datetime) -> Iterator[str]:
    """A date of RSS or OPML, with the right day of the week."""
    found = RFC822.fullmatch(value or "")
    if not found:
        yield f"InvalidRFC2822Date: {value!r}"
        return
    day, month, year, clock = found[2], found[3], found[4], found[5]
    zone = "+0000" if found[6] == "GMT" else found[6]
    moment = datetime.strptime(f"{day} {month} {year} {clock} {zone}", "%d %b %Y %H:%M:%S %z")
    if moment.strftime("%a") != found[1]:
        yield f"IncorrectDOW: {value!r}"
    if not EARLIEST <= moment <= now + SOON:
        yield f"ImplausibleDate: {value!r}"


def language(value: str | None) -> Iterator[str]:
    """A BCP 47 tag whose first part is a language that exists."""
    primary = (value or "").split("-")[0]
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value or "") or primary not in LANGUAGES:
        yield f"InvalidLanguage: {value!r}"


def words(value: str | None, what: str) -> Iterator[str]:
    """Plain text: not blank, no broken characters."""
    if not (value or "").strip():
        yield f"NotBlank: {what}"
    yield from characters(value or "", what)


def characters(value: str, what: str) -> Iterator[str]:
    """Controls and replacement characters show that an encoding was mistaken somewhere."""
    if re.search("[\x7f-\x9f\ufffd\ufffe\uffff]", value):
        yield f"BadCharacters: {what}"


def looks_like_html(value: str) -> bool:
    """Whether a reader could take plain text for HTML."""
    tags = re.findall(r"</(\w+)>", value)
    names = re.findall(r"&(#?\w+;)", value)
    named = any(name in html5 or name[0] == "#" for name in names)
    return named or any(tag.lower() in KNOWN_TAGS for tag in tags)


KNOWN_TAGS = set(
    "a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del "
    "details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd "
    "li main mark nav ol p pre q rp rt ruby s samp section small span strong sub summary sup table "
    "tbody td tfoot th thead time tr u ul var wbr".split()
)
VOID = {"br", "col", "hr", "img", "wbr"}
ATTRIBUTES = {
    "abbr", "alt", "cite", "colspan", "datetime", "dir", "height", "href", "hreflang", "id", "lang",
    "rel", "reversed", "rowspan", "scope", "span", "src", "start", "title", "value", "width",
}  # fmt: skip


class _Html(HTMLParser):
    """Walks through a fragment and writes down what is wrong with it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KNOWN_TAGS:
            self.faults.append(f"SecurityRisk or NotHtml: <{tag}>")
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f"SecurityRiskAttr: {name}")
            if name in ("href", "src", "cite"):
                self.address(value or "")

    def address(self, value: str) -> None:
        scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", value)
        if scheme is None:
            self.faults.append(f"ContainsRelRef: {value!r}")
        elif scheme[1].lower() not in ("http", "https", "mailto"):
            self.faults.append(f"SchemeNotIANARegistered or SecurityRisk: {value!r}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"NotHtml: </{tag}> closes nothing")

    def handle_comment(self, data: str) -> None:
        self.faults.append("NotHtml: a comment")

    def handle_pi(self, data: str) -> None:
        self.faults.append("SecurityRisk: a processing instruction")


def html(value: str | None, what: str) -> Iterator[str]:
    """HTML as content: nothing dangerous, nothing unknown, nothing relative, all closed."""
    yield from words(value, what)
    walk = _Html()
    walk.feed(value or "")
    walk.close()
    yield from (f"{fault} in {what}" for fault in walk.faults)
    if walk.open:
        yield f"NotHtml: <{walk.open[-1]}> is not closed in {what}"
