"""OPML 2.0, as its specification and the feed validator want a list of subscriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from tests.feedcheck import texts

HEAD = {
    "title", "dateCreated", "dateModified", "ownerName", "ownerEmail", "ownerId", "docs",
    "expansionState", "vertScrollState", "windowTop", "windowLeft", "windowBottom", "windowRight",
}  # fmt: skip
OUTLINE = {
    "category", "created", "description", "htmlUrl", "isBreakpoint", "isComment", "language",
    "text", "title", "type", "url", "version", "xmlUrl",
}  # fmt: skip


def faults(document: bytes, now: datetime) -> list[str]:
    """What is wrong with a list."""
    return list(_faults(document, now))


def _faults(document: bytes, now: datetime) -> Iterator[str]:
    if not document.startswith(b'<?xml version="1.0" encoding="utf-8"?>'):
        yield "MissingEncoding: no declaration in front"
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    if root.getroottree().docinfo.doctype:
        yield "InvalidDoctype"
    if root.tag != "opml" or dict(root.attrib) != {"version": "2.0"}:
        yield "InvalidOPMLVersion"
    if [child.tag for child in root] != ["head", "body"]:
        yield "MissingElement: head and body"
    yield from _head(root[0], now)
    outlines = list(root[1].iter("outline"))
    if not outlines:
        yield "MissingElement: outline"
    for element in root[1].iter(etree.Element):
        yield from _outline(element) if element.tag == "outline" else ()
        if (element.text or "").strip() or (element.tail or "").strip():
            yield f"UnexpectedText: {element.tag}"
        if element.tag not in ("outline", "body"):
            yield f"UndefinedElement: {element.tag}"
    urls = Counter(outline.get("xmlUrl") for outline in outlines if outline.get("xmlUrl"))
    yield from (f"listed twice: {url}" for url, times in urls.items() if times > 1)


def _head(head: etree._Element, now: datetime) -> Iterator[str]:
    for tag, times in Counter(child.tag for child in head).items():
        if tag not in HEAD:
            yield f"UndefinedElement: {tag}"
        if times > 1:
            yield f"DuplicateElement: {tag}"
    yield from texts.words(head.findtext("title"), "title")
    for tag in ("dateCreated", "dateModified"):
        for date in head.findall(tag):
            yield from texts.rfc822(date.text, now)
    for owner in head.findall("ownerId"):
        yield from texts.uri(owner.text, web=True)


def _outline(outline: etree._Element) -> Iterator[str]:
    given = dict(outline.attrib)
    if set(given) - OUTLINE:
        yield f"UnexpectedAttribute: {given}"
    yield from texts.words(given.get("text"), "text")
    for name in ("text", "title"):
        if texts.looks_like_html(given.get(name, "")):
            yield f"ContainsHTML: {given[name]!r}"
    if given.get("type") == "rss":
        yield from texts.uri(given.get("xmlUrl"), web=True)
        yield from texts.words(given.get("title"), "title (MissingTitleAttr)")
        if len(outline):
            yield "a feed holds no other"
    elif {"xmlUrl", "htmlUrl", "language", "title", "version"} & set(given):
        yield "MissingOutlineType"
    if "htmlUrl" in given:
        yield from texts.uri(given["htmlUrl"], web=True)
    if "language" in given:
        yield from texts.language(given["language"])
    for part in given.get("category", "x").split(","):
        if not part.strip() or part != part.strip():
            yield f"category is a list with commas: {given['category']!r}"
    if "version" in given and given["version"] not in ("RSS", "RSS1", "RSS2", "scriptingNews"):
        yield f"InvalidOutlineVersion: {given['version']}"
