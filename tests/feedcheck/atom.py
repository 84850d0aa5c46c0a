"""Atom (RFC 4287), archived feeds (RFC 5005), tombstones (RFC 6721), GeoRSS."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from html import unescape

from lxml import etree

from tests.feedcheck import texts

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
NAMESPACES = {
    "a": ATOM,
    "at": "http://purl.org/atompub/tombstones/1.0",
    "fh": "http://purl.org/syndication/history/1.0",
    "georss": "http://www.georss.org/georss",
}
OURS = "urn:pioneer-cities:1"
RELATIONS = {
    "alternate", "current", "enclosure", "first", "hub", "last", "license", "next",
    "next-archive", "prev-archive", "previous", "related", "replies", "self", "via",
}  # fmt: skip
ALLOWED_IN_LOG = ("ContainsRelRef: '#", "ContainsUndeclaredHTML")
HISTORY = {"current", "first", "last", "next", "next-archive", "prev-archive", "previous"}
FEED = {
    "author": "*", "category": "*", "contributor": "*", "generator": "?", "icon": "?", "id": "1",
    "link": "*", "logo": "?", "rights": "?", "subtitle": "?", "title": "1", "updated": "1",
}  # fmt: skip
ENTRY = FEED | {"content": "?", "published": "?", "source": "?", "summary": "?"}
del ENTRY["generator"], ENTRY["icon"], ENTRY["logo"], ENTRY["subtitle"]


def name(element: etree._Element) -> str:
    return etree.QName(element).localname


def is_atom(element: etree._Element) -> bool:
    return etree.QName(element).namespace == ATOM


def faults(document: bytes, address: str, now: datetime, *, log: bool = False) -> list[str]:
    """What is wrong with a feed that was got at an address.

    log: a page of a node's own log, which has two languages, our elements and withdrawals, links
    the sections of a text within it, and has plain titles.
    """
    found = _faults(document, address, now, log)
    return [fault for fault in found if not (log and fault.startswith(ALLOWED_IN_LOG))]


def _faults(document: bytes, address: str, now: datetime, log: bool) -> Iterator[str]:
    if not document.startswith(b'<?xml version="1.0" encoding="utf-8"?>'):
        yield "MissingEncoding: no declaration in front"
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(document, parser)
    if root.getroottree().docinfo.doctype:
        yield "InvalidDoctype"
    if root.tag != f"{{{ATOM}}}feed":
        yield f"UndefinedElement: {root.tag}"
    yield from _unknown(root, log)
    if log is False:
        yield from texts.language(root.get(f"{{{XML}}}lang"))
    yield from _children(root, FEED | {"entry": "*"})
    yield from _order(root)
    yield from _metadata(root, now)
    yield from _self(root, address)
    yield from _history(root)
    entries = root.findall("a:entry", NAMESPACES)
    for entry in entries:
        yield from _entry(entry, now, root)
    yield from _together(root, entries)
    for stone in root.findall("at:deleted-entry", NAMESPACES):
        yield from texts.canonical(stone.get("ref"))
        yield from texts.rfc3339(stone.get("when"), now)
        if set(stone.attrib) != {"ref", "when"}:
            yield "UnexpectedAttribute: of a tombstone"


def _unknown(root: etree._Element, log: bool) -> Iterator[str]:
    known = set(NAMESPACES.values()) | ({OURS} if log else set())
    for element in root.iter(etree.Element):
        if etree.QName(element).namespace not in known:
            yield f"UnknownNamespace: {element.tag}"
        if f"{{{XML}}}base" in element.attrib:
            yield "xml:base makes every address relative to something"
        if is_atom(element) and not _holds_text(element) and (element.text or "").strip():
            yield f"UnexpectedText: in {name(element)}"


def _holds_text(element: etree._Element) -> bool:
    return name(element) not in ("feed", "entry", "author", "link", "source", "category")


def _children(parent: etree._Element, allowed: dict[str, str]) -> Iterator[str]:
    found = Counter(name(child) for child in parent if is_atom(child))
    for tag in set(found) - set(allowed):
        yield f"UndefinedElement: {tag} in {name(parent)}"
    for tag, times in allowed.items():
        if times == "1" and found[tag] == 0:
            yield f"MissingElement: {tag} in {name(parent)}"
        if times in "1?" and found[tag] > 1:
            yield f"DuplicateElement: {tag} in {name(parent)}"


def _order(root: etree._Element) -> Iterator[str]:
    tags = [name(child) == "entry" for child in root if is_atom(child)]
    if tags != sorted(tags):
        yield "MisplacedMetadata: something of the feed stands after an entry"


def _metadata(parent: etree._Element, now: datetime) -> Iterator[str]:
    """What feed, source and entry have in common."""
    yield from texts.canonical(parent.findtext("a:id", None, NAMESPACES))
    yield from texts.rfc3339(parent.findtext("a:updated", None, NAMESPACES), now)
    for tag in ("title", "subtitle", "summary", "rights"):
        for element in parent.findall(f"a:{tag}", NAMESPACES):
            yield from _text(element)
    for person in parent.findall("a:author", NAMESPACES):
        yield from _person(person)
    for category in parent.findall("a:category", NAMESPACES):
        if not (category.get("term") or "").strip():
            yield "NotBlank: term of a category"
        if category.get("scheme") is not None:
            yield from texts.uri(category.get("scheme"))
        if set(category.attrib) - {"term", "scheme", "label"}:
            yield "UnexpectedAttribute: of a category"
    for generator in parent.findall("a:generator", NAMESPACES):
        yield from texts.words(generator.text, "generator")
        yield from texts.uri(generator.get("uri"))
    yield from _links(parent)


def _text(element: etree._Element) -> Iterator[str]:
    """A text construct (§3.1)."""
    kind, value = element.get("type", "text"), element.text or ""
    if kind not in ("text", "html"):
        yield f"InvalidTextType: {kind}"
    if kind == "text" and texts.looks_like_html(value):
        yield f"ContainsUndeclaredHTML: {value[:60]!r}"
    if kind == "html" and re.search("<[a-z/]", value, re.I):
        yield from texts.html(value, name(element))
    yield from texts.words(unescape(value) if kind == "html" else value, name(element))


def _person(person: etree._Element) -> Iterator[str]:
    tags = [name(child) for child in person]
    if tags.count("name") != 1 or set(tags) - {"name", "uri", "email"}:
        yield f"MissingElement or UndefinedElement: in an author, {tags}"
    given = person.findtext("a:name", "", NAMESPACES)
    yield from texts.words(given, "name of an author")
    if texts.looks_like_html(given):
        yield f"ContainsHTML: {given!r}"
    if re.search(r"\S@\S+\.\w", given):
        yield f"ContainsEmail: {given!r}"
    for address in person.findall("a:uri", NAMESPACES):
        yield from texts.uri(address.text, web=True)


def _links(parent: etree._Element) -> Iterator[str]:
    seen: Counter[tuple[str, str]] = Counter()
    for link in parent.findall("a:link", NAMESPACES):
        rel = link.get("rel", "alternate")
        if set(link.attrib) - {"rel", "href", "type", "hreflang", "title", "length"}:
            yield f"UnexpectedAttribute: {dict(link.attrib)}"
        if rel not in RELATIONS and list(texts.uri(rel)):
            yield f"UnregisteredAtomLinkRel: {rel}"
        if rel in HISTORY and name(parent) != "feed":
            yield f"FeedHistoryRelInEntry: {rel}"
        if len(link) or link.text:
            yield "AtomLinkNotEmpty"
        yield from texts.uri(link.get("href"))
        if "type" in link.attrib and not texts.MIME.fullmatch(link.get("type", "")):
            yield f"InvalidMIMEType: {link.get('type')}"
        if "hreflang" in link.attrib:
            yield from texts.language(link.get("hreflang"))
        if "title" in link.attrib:
            yield from texts.words(link.get("title"), "title of a link")
            if texts.looks_like_html(link.get("title", "")):
                yield f"ContainsHTML: {link.get('title')!r}"
        if rel == "alternate":
            seen[link.get("type", ""), link.get("hreflang", "")] += 1
    for (kind, lang), times in seen.items():
        if times > 1:
            yield f"DuplicateAtomLink: {kind} {lang}"


def _self(root: etree._Element, address: str) -> Iterator[str]:
    found = [link for link in root.findall("a:link", NAMESPACES) if link.get("rel") == "self"]
    if len(found) != 1:
        yield "MissingSelf"
    for link in found:
        if link.get("href") != address:
            yield f"SelfDoesntMatchLocation: {link.get('href')} is not {address}"
        if (link.get("type") or "").split(";")[0] != "application/atom+xml":
            yield "SelfNotAtom"


def _history(root: etree._Element) -> Iterator[str]:
    rels = {link.get("rel") for link in root.findall("a:link", NAMESPACES)}
    archives = root.findall("fh:archive", NAMESPACES)
    if len(archives) > 1 or any(len(a) or a.text or a.attrib for a in archives):
        yield "fh:archive is one empty element"
    if archives and "current" not in rels:
        yield "MissingCurrentInArchive"


def _entry(entry: etree._Element, now: datetime, root: etree._Element) -> Iterator[str]:
    yield from _children(entry, ENTRY)
    yield from _metadata(entry, now)
    published = entry.findtext("a:published", None, NAMESPACES)
    updated = entry.findtext("a:updated", "", NAMESPACES)
    if published is not None:
        yield from texts.rfc3339(published, now)
        if not list(texts.rfc3339(updated, now)) and moment(published) > moment(updated):
            yield f"published {published} after updated {updated}"
    if entry.find("a:author", NAMESPACES) is None and root.find("a:author", NAMESPACES) is None:
        yield "MissingElement: author"
    rels = [link.get("rel") for link in entry.findall("a:link", NAMESPACES)]
    if "alternate" not in rels:
        yield "MissingContentOrAlternate: no page"
    content = entry.find("a:content", NAMESPACES)
    if content is None and entry.find("a:summary", NAMESPACES) is None:
        yield "MissingTextualContent"
    if content is not None:
        if content.get("type") != "html" or set(content.attrib) - {"type", f"{{{XML}}}lang"}:
            yield f"content is HTML, escaped: {dict(content.attrib)}"
        yield from texts.html(content.text, "content")
    for source in entry.findall("a:source", NAMESPACES):
        yield from _children(source, FEED)
        yield from _metadata(source, now)
    for point in entry.findall("georss:point", NAMESPACES):
        yield from place(point.text)


def moment(value: str) -> datetime:
    """A date to compare; one that is none was told already."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return texts.EARLIEST


def place(value: str | None) -> Iterator[str]:
    """GeoRSS Simple: latitude, then longitude."""
    found = re.fullmatch(r"(-?\d{1,2}(?:\.\d+)?) (-?\d{1,3}(?:\.\d+)?)", value or "")
    if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        yield f"InvalidCoord: {value!r}"


def _together(root: etree._Element, entries: list[etree._Element]) -> Iterator[str]:
    ids = Counter(entry.findtext("a:id", "", NAMESPACES) for entry in entries)
    yield from (f"DuplicateEntries: {id_}" for id_, times in ids.items() if times > 1)
    updated = Counter(entry.findtext("a:updated", "", NAMESPACES) for entry in entries)
    yield from (f"DuplicateUpdated: {at}" for at, times in updated.items() if times > 1)
    newest = max(map(moment, updated), default=None)
    stated = root.findtext("a:updated", "", NAMESPACES)
    if newest and moment(stated) < newest:
        yield f"the feed is older ({stated}) than an entry ({newest})"
    if root.findtext("a:id", None, NAMESPACES) in ids:
        yield "the feed has the id of an entry"
