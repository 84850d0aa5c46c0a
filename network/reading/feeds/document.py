"""What is decided about an XML document before feedparser may see it.

Three things are settled here because feedparser would not refuse them: a document type that
declares anything (entities are how XML attacks its readers), a document that does not end, and
one built to exhaust its reader. Two common faults are repaired, so that the strict parser, which
keeps what it reads, can do the work rather than the loose one, which guesses.
"""

from __future__ import annotations

import html.entities
import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.lib.text import clean
from network.reading.feeds.extras import MEDIA, Extras
from network.reading.feeds.kinds import loosely
from network.reading.feeds.own import Own
from network.reading.one_by_one import LeftOut

MAX_ITEMS = 10_000
MAX_DEPTH = 250
MAX_ATTRIBUTES = 200
MAX_TAG = 100_000
"""Characters in one tag: feedparser's time is quadratic in it."""

NOT_A_FEED = N_("What stands at this address is not a feed.")
WEB_PAGE = N_("This address leads to a web page, not to a feed.")
EMPTY = N_("The answer was empty.")
TRUNCATED = N_("The feed stops in the middle: its end did not arrive.")
DECLARES = N_(
    "The feed declares entities or a document type of its own, which is refused for safety."
)
TOO_COMPLEX = N_("The feed is built in a way that would take too much work to read.")
TOO_MANY = N_("The feed has more than %(most)s items.")
NOT_WELL_FORMED = N_("The feed is not well-formed XML; what could be read was read.")
STRAY_CHARACTERS = N_("The feed contains characters that XML forbids; they were left out.")

FEED_ROOTS = ("rss", "feed", "rdf")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,40})(?=[\s/>])")
_LATE_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)(?=[\s>])")


@dataclass(frozen=True, slots=True)
class Document:
    """A feed's XML: complete, without prolog, well-formed if at all possible.

    extras: what feedparser passes over; nothing of a document that is not well-formed. left_out:
    items that are not in it, because what is their own could not be told.
    """

    xml: str
    fault: str | None = None
    extras: Extras = field(default_factory=Extras)
    left_out: tuple[LeftOut, ...] = ()


def examine(text: str) -> Document:
    """The document from its root element on. Raises RemoteError when it must be refused."""
    cleaned = clean(text)
    start, garbage = _root_start(cleaned)
    fault = STRAY_CHARACTERS if cleaned != text else NOT_WELL_FORMED if garbage else None
    xml = cleaned[start:].rstrip()
    if watch := _well_formed(xml):
        return watch.document(fault)
    xml = _declared(_repaired(_until_end(xml)))
    if watch := _well_formed(xml):
        return watch.document(NOT_WELL_FORMED)
    if re.search(rf"<[^<>]{{{MAX_TAG}}}", _CDATA.sub("", xml)):
        raise RemoteError(TOO_COMPLEX, retryable=False)
    return Document(loosely(xml), NOT_WELL_FORMED)


def is_feed_root(text: str) -> bool:
    """Whether the document's element is a feed's; a quick look that promises nothing more."""
    try:
        return _root_start(text)[0] >= 0
    except RemoteError:
        return False


def _root_start(text: str) -> tuple[int, bool]:
    """Where the feed's element begins, and whether something strange stands before it."""
    position, doctype = _skip_prolog(text)
    if position == len(text):
        raise RemoteError(NOT_A_FEED if text.strip() else EMPTY)
    root = _ROOT.match(text, position)
    name = root[1].lower() if root else ""
    if name in FEED_ROOTS:  # whatever document type it pretends to be
        return position, False
    if name == "html" or doctype.lower().startswith("html"):
        raise RemoteError(WEB_PAGE)
    # A warning of the server's own software printed before the feed is a fault of many sites.
    late = _LATE_ROOT.search(text, position, position + 5_000)
    if not late:
        raise RemoteError(NOT_A_FEED)
    if re.search(r"<!(DOCTYPE|ENTITY)", text[position : late.start()], re.I):
        raise RemoteError(DECLARES, retryable=False)
    return late.start(), True


def _skip_prolog(text: str) -> tuple[int, str]:
    """Where the first element (or anything else) begins, and what the DOCTYPE said ("" if none)."""
    position, doctype = 0, ""
    while True:
        position = _skip_space(text, position)
        markup = next((m for m in _PROLOG if text.startswith(m[0], position)), None)
        if not markup:
            return position, doctype
        opening, closing = markup
        end = text.find(closing, position + len(opening))
        if opening == "<!":
            doctype, end = _doctype(text, position, end)
        if end < 0:
            raise RemoteError(TRUNCATED)
        position = end + len(closing)


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


_PROLOG = (("<?", "?>"), ("<!--", "-->"), ("<!", ">"))
_SPACE = re.compile("[\\s\ufeff]*")


def _doctype(text: str, position: int, end: int) -> tuple[str, int]:
    if text[position : position + 9].upper() != "<!DOCTYPE":
        raise RemoteError(NOT_A_FEED)
    said = text[position + 9 : end if end >= 0 else None].strip()
    if "[" in said:  # what follows declares things; nothing of it is read
        raise RemoteError(DECLARES, retryable=False)
    return said, end


def _well_formed(xml: str) -> _Watch | None:
    """What expat, with namespaces, finds on its way to the end; None if it does not get there.

    Raises RemoteError for a flood.
    """
    content = xml.encode("utf-8")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = parser.namespace_prefixes = True
    watch = _Watch(parser, content)
    parser.StartElementHandler = watch.start
    parser.EndElementHandler = watch.end
    parser.CharacterDataHandler = watch.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        if error.code == _NO_MEMORY:
            raise MemoryError from error
        return None
    return watch


_NO_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]


class _Watch:
    """Counts what a reader would have to carry, and stops the reading when it is too much."""

    def __init__(self, parser: expat.XMLParserType, content: bytes) -> None:
        self.parser = parser
        self.depth = 0
        self.items = 0
        self.extras = Extras()
        self.own = Own(content)

    def start(self, name: str, attributes: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH or len(attributes) > 2 * MAX_ATTRIBUTES:
            raise RemoteError(TOO_COMPLEX, retryable=False)
        without_prefix = " ".join(name.split(" ")[:2])
        if self.depth <= 3 and without_prefix.rpartition(" ")[2] in ("item", "entry"):
            self.items += 1
            refuse_flood(self.items)
        self.extras.start(without_prefix, attributes)
        self.own.start(name, attributes, self.parser.CurrentByteIndex)

    def text(self, data: str) -> None:
        self.extras.text(data)
        self.own.text(data)

    def end(self, _name: str) -> None:
        self.depth -= 1
        self.extras.end()
        self.own.end(self.parser.CurrentByteIndex)

    def document(self, fault: str | None) -> Document:
        """What was watched to its end, put right. fault: what was wrong with it as it came."""
        return Document(self.own.apply(), fault, self.extras, tuple(self.own.left_out))


def refuse_flood(items: int) -> None:
    """Raises RemoteError when a feed has more items than are worth reading."""
    if items > MAX_ITEMS:
        raise RemoteError(TOO_MANY, retryable=False, most=MAX_ITEMS)


def _until_end(xml: str) -> str:
    """The document up to the end tag of its root. Raises RemoteError when there is none.

    What follows it (a server's warning, a counter's script) is no part of the feed. The last sign
    of the last tag may be missing: everything has arrived all the same.
    """
    root = re.match(r"<([^\s/>]+)", xml)
    ends = list(re.finditer(rf"</{re.escape(root[1])}\s*(?:>|\Z)", xml)) if root else []
    if not ends:
        raise RemoteError(TRUNCATED)
    whole = xml[: ends[-1].end()].rstrip(">") + ">"
    if whole.rfind("<![CDATA[") > whole.rfind("]]>"):
        raise RemoteError(TRUNCATED)
    refuse_flood(len(re.findall(r"<(?:\w+:)?(?:item|entry)[\s>]", whole)))
    return whole


_PREFIX = re.compile(r"[<\s]([A-Za-z_][\w.-]{0,40}):[A-Za-z_][\w.-]*+(?=[\s/>=])")
_MOST_PREFIXES = 50


def _declared(xml: str) -> str:
    """The document with every prefix declared, which makers forget most of all."""
    used = dict.fromkeys(_PREFIX.findall(xml))
    known = {*re.findall(r"\sxmlns:([\w.-]+)\s*=", xml), "xml", "xmlns"}
    unknown = [prefix for prefix in used if prefix not in known][:_MOST_PREFIXES]
    meant = {prefix: f"urn:undeclared:{prefix}" for prefix in unknown} | {"media": MEDIA[0]}
    declared = "".join(f' xmlns:{prefix}="{meant[prefix]}"' for prefix in unknown)
    return re.sub(r"^<[^\s/>]+", lambda root: root[0] + declared, xml, count=1)


_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.S)
_AMPERSAND = re.compile(r"&(?:#([0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,30});)?")
_XML_ENTITIES = ("amp", "lt", "gt", "quot", "apos")


def _repaired(xml: str) -> str:
    """HTML's named characters written out, lone ampersands escaped; CDATA sections untouched."""
    pieces = _CDATA.split(xml)
    pieces[::2] = [_AMPERSAND.sub(_ampersand, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _ampersand(match: re.Match[str]) -> str:
    number, name = match.groups()
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return match[0] if code <= 0x10FFFF and clean(chr(code)) else ""
    if name in _XML_ENTITIES:
        return match[0]
    if character := html.entities.html5.get(f"{name};"):
        return character.replace("&", "&amp;").replace("<", "&lt;")
    return "&amp;" + match[0][1:]
