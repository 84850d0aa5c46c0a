"""RSS 2.0, its Advisory Board's profile, and the modules that we use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from tests.feedcheck import texts
from tests.feedcheck.atom import place

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
GEORSS = "{http://www.georss.org/georss}"
CHANNEL = {
    "title": "1", "link": "1", "description": "1", "language": "1", "copyright": "?",
    "managingEditor": "?", "webMaster": "?", "pubDate": "?", "lastBuildDate": "1",
    "category": "*", "generator": "?", "docs": "?", "cloud": "?", "ttl": "?", "image": "?",
    "item": "*", f"{ATOM}link": "*",
}  # fmt: skip
ITEM = {
    "title": "1", "link": "1", "description": "1", "category": "*", "enclosure": "?",
    "guid": "1", "pubDate": "1", "source": "?", f"{CONTENT}encoded": "?", f"{DC}creator": "*",
    f"{DC}rights": "?", f"{GEORSS}point": "?", f"{GEORSS}featurename": "?",
}  # fmt: skip
ATTRIBUTES = {
    "rss": {"version"}, "guid": {"isPermaLink"}, "source": {"url"}, "category": {"domain"},
    f"{ATOM}link": {"rel", "type", "href", "hreflang", "title"},
    "enclosure": {"url", "length", "type"},
}  # fmt: skip


def faults(document: bytes, address: str, now: datetime) -> list[str]:
    """What is wrong with a feed that was got at an address."""
    return list(_faults(document, address, now))


def _faults(document: bytes, address: str, now: datetime) -> Iterator[str]:
    if not document.startswith(b'<?xml version="1.0" encoding="utf-8"?>'):
        yield "MissingEncoding: no declaration in front"
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    if root.getroottree().docinfo.doctype:
        yield "InvalidDoctype"
    if root.tag != "rss" or root.get("version") != "2.0" or [c.tag for c in root] != ["channel"]:
        yield "InvalidRSSVersion"
    for element in root.iter(etree.Element):
        if set(element.attrib) - ATTRIBUTES.get(element.tag, set()):
            yield f"UnexpectedAttribute: {element.tag} {dict(element.attrib)}"
    yield from _signs(document)
    channel = root[0]
    yield from _children(channel, CHANNEL)
    yield from _channel(channel, now)
    yield from _self(channel, address)
    items = channel.findall("item")
    for item in items:
        yield from _children(item, ITEM)
        yield from _item(item, now)
    guids = Counter(item.findtext("guid") for item in items)
    yield from (f"DuplicateValue: guid {guid}" for guid, times in guids.items() if times > 1)


def _children(parent: etree._Element, allowed: dict[str, str]) -> Iterator[str]:
    found = Counter(child.tag for child in parent)
    for tag in set(found) - set(allowed):
        yield f"UndefinedElement: {tag} in {parent.tag}"
    for tag, times in allowed.items():
        if times == "1" and found[tag] == 0:
            yield f"MissingElement: {tag} in {parent.tag}"
        if times in "1?" and found[tag] > 1:
            yield f"DuplicateElement: {tag} in {parent.tag}"


def _plain(element: etree._Element, what: str) -> Iterator[str]:
    value = element.text or ""
    yield from texts.words(value, what)
    if any(tag.lower() in texts.KNOWN_TAGS for tag in re.findall(r"</(\w+)>", value)):
        yield f"ContainsHTML: {what} {value!r}"


def _signs(document: bytes) -> Iterator[str]:
    """The profile wants & and < of plain text as numbers, so that nobody takes them for HTML."""
    plain = rb"<(title|category|source|dc:creator)[^>]*>([^<]*)</"
    for tag, value in re.findall(plain, document):
        if re.search(b"&(?!#x(26|3C);|gt;|quot;)", value):
            yield f"CharacterData: {tag.decode()} {value.decode()}"


def _channel(channel: etree._Element, now: datetime) -> Iterator[str]:
    for tag in ("title", "description"):
        yield from _plain(channel.find(tag), f"{tag} of the channel")
    yield from texts.uri(channel.findtext("link"), web=True)
    yield from texts.language(channel.findtext("language"))
    for tag in ("lastBuildDate", "pubDate"):
        for date in channel.findall(tag):
            yield from texts.rfc822(date.text, now)
    for docs in channel.findall("docs"):
        yield from texts.uri(docs.text, web=True)
    tags = [child.tag == "item" for child in channel]
    if tags != sorted(tags):
        yield "MisplacedItem: something of the channel stands after an item"


def _self(channel: etree._Element, address: str) -> Iterator[str]:
    found = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(found) != 1:
        yield "MissingAtomSelfLink"
    for link in found:
        if link.get("href") != address:
            yield f"SelfDoesntMatchLocation: {link.get('href')} is not {address}"
        if link.get("type") != "application/rss+xml":
            yield "SelfNotAtom"
    for link in channel.findall(f"{ATOM}link"):
        yield from texts.uri(link.get("href"))


def _item(item: etree._Element, now: datetime) -> Iterator[str]:
    yield from _plain(item.find("title"), "title")
    yield from texts.uri(item.findtext("link"), web=True)
    yield from texts.rfc822(item.findtext("pubDate"), now)
    yield from texts.html(item.findtext("description"), "description")
    for content in item.findall(f"{CONTENT}encoded"):
        yield from texts.html(content.text, "content:encoded")
        if item.index(content) < item.index(item.find("description")):
            yield "NeedDescriptionBeforeContent"
    yield from _guid(item.find("guid"))
    for tag in (f"{DC}creator", f"{DC}rights", "category"):
        for element in item.findall(tag):
            yield from _plain(element, tag)
    for category in item.findall("category"):
        if not (category.get("domain") or "x").strip():
            yield "NotBlank: domain"
    for source in item.findall("source"):
        yield from texts.uri(source.get("url"), web=True)
        yield from _plain(source, "source")
    for point in item.findall(f"{GEORSS}point"):
        yield from place(point.text)


def _guid(guid: etree._Element | None) -> Iterator[str]:
    if guid is None:
        return
    value, permalink = guid.text or "", guid.get("isPermaLink", "true")
    yield from texts.words(value, "guid")
    if permalink not in ("true", "false"):
        yield f"InvalidBooleanAttribute: isPermaLink={permalink}"
    if permalink == "true":
        yield from texts.uri(value, web=True)
    elif len(value) < 9 and value.isdigit():
        yield f"NotSufficientlyUnique: {value}"
