"""A published version as an Atom entry: deterministic bytes, made once and copied ever after.

Sources: RFC 4287 (Atom), RFC 4946 (licences), RFC 6721 (tombstones), GeoRSS Simple, and our own
elements in `names.PC`, which a reader that does not know them can pass over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from network.catalogue.values import Adoption, Version
from network.cities.service import CityValue
from network.facts import travel
from network.facts.lines import one_line
from network.facts.words import licence_address
from network.lib.languages import said_in
from network.log.names import (
    AT,
    ENTRY_PREFIXES,
    GEORSS,
    INSPIRED_BY,
    TOPICS,
    XML,
    atom,
    pc,
)
from network.log.tidy import adoptions as tidy_adoptions
from network.log.tidy import tidy, whole_second

TopicLabels = Mapping[str, Mapping[str, str]]
"""slug → language → name, as `topics.service.labels` gives them."""

_POINT = f"{{{GEORSS}}}point"

LINES = 1_000
"""Of the digest, put together at a time."""


@dataclass(frozen=True, slots=True)
class State:
    """What `pc:state` says of the whole log. count, digest: of its live entries."""

    epoch: str
    seq: int
    count: int
    digest: str


def entry_xml(
    version: Version,
    publisher: str,
    city: CityValue | None = None,
    topic_labels: TopicLabels | None = None,
) -> bytes:
    """The version as a self-contained `<entry>`, UTF-8, without an XML declaration.

    publisher: the node's name: the entry's author when the study names no people.
    city: of the study, for its place on maps. The same arguments always give the same bytes.
    """
    return serialised(entry_of(tidy(version), publisher, city, topic_labels))


def entry_of(
    version: Version,
    publisher: str,
    city: CityValue | None = None,
    topic_labels: TopicLabels | None = None,
) -> etree._Element:
    """The same as an element, of a version that is tidy."""
    entry = etree.Element(atom("entry"), nsmap=ENTRY_PREFIXES)
    entry.set(f"{{{XML}}}lang", version.lang)
    _add(entry, atom("id"), version.entry_id)
    _add(entry, atom("title"), version.title, type="text")
    _add(entry, atom("updated"), rfc3339(version.updated))
    _add(entry, atom("published"), rfc3339(version.published))
    for name in version.facts.authors or (one_line(publisher) or version.study_key,):
        _add(etree.SubElement(entry, atom("author")), atom("name"), name)
    _add_links(entry, version)
    _add_categories(entry, version, topic_labels or {})
    _add(entry, atom("summary"), version.summary, type="text")
    _add(entry, atom("content"), version.body_html, type="html")
    named = _add(entry, pc("city"), version.city or "")
    if named is not None and city is not None:
        _say_place(entry, named, city, version.lang)
    _add_study(entry, version)
    for name, text in travel.elements(version.facts):
        _add(entry, pc(name), text)
    _add_adoptions(entry, version.adoptions)
    return entry


def serialised(entry: etree._Element) -> bytes:
    """An entry as the log keeps it."""
    return etree.tostring(entry, encoding="utf-8")


def dated(entry: etree._Element, updated: datetime) -> etree._Element:
    """The entry with another date, in its place."""
    date = entry.find(atom("updated"))
    if date is None:
        raise ValueError("not an entry")
    date.text = rfc3339(updated)
    return entry


def with_adoptions(xml: bytes, adoptions: Iterable[Adoption], updated: datetime) -> bytes:
    """A stored entry of ours with these verdicts and this date, and all else as it was.

    So a verdict says nothing else about the study: not what its author has saved meanwhile.
    """
    entry = etree.fromstring(xml, strict_parser())
    for old in entry.findall(pc("adoption")):
        entry.remove(old)
    _add_adoptions(dated(entry, updated), tidy_adoptions(adoptions))
    return serialised(entry)


def with_place(xml: bytes, city: CityValue, slug: str, url: str, updated: datetime) -> bytes:
    """A stored entry of ours in another city, at another address, and all else as it was.

    slug: of the page. url: the page's address. updated: when this changed.
    """
    entry = etree.fromstring(xml, strict_parser())
    lang = entry.get(f"{{{XML}}}lang", "")
    page = entry.find(f"{atom('link')}[@hreflang='{lang}']")
    named, ending = entry.find(pc("city")), entry.find(pc("slug"))
    if page is None or named is None or ending is None:
        raise ValueError("not an entry of a study in a city")
    ending.text, named.text = slug, city.slug
    page.set("href", url)
    _say_place(dated(entry, updated), named, city, lang)
    return serialised(entry)


def tombstone_xml(
    entry_id: str, when: datetime, comment: str | None = None, lang: str | None = None
) -> bytes:
    """`<at:deleted-entry>` (RFC 6721 §3): withdrawn at `when`, with the reason in `lang`."""
    tombstone = etree.Element(f"{{{AT}}}deleted-entry", nsmap={"at": AT})
    tombstone.set("ref", entry_id)
    tombstone.set("when", rfc3339(when))
    reason = _add(tombstone, f"{{{AT}}}comment", one_line(comment or "", 1_000))
    if reason is not None and lang:
        reason.set(f"{{{XML}}}lang", lang)
    return etree.tostring(tombstone, encoding="utf-8")


def rfc3339(moment: datetime) -> str:
    """An aware datetime as feeds write it: UTC, whole seconds, “2014-09-23T08:00:00Z”."""
    return whole_second(moment).isoformat().replace("+00:00", "Z")


def strict_parser() -> etree.XMLParser:
    """A parser that reads nothing but the bytes it is given, and no entities."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )


def canonical(element: etree._Element) -> bytes:
    """Exclusive C14N without comments: the same standalone and inside any feed document."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def content_hash(xml: bytes) -> str:
    """Lower-case hex SHA-256 of an entry's exclusive C14N."""
    return hash_of_entry(etree.fromstring(xml, strict_parser()))


def hash_of_entry(entry: etree._Element) -> str:
    """The same of an entry that was parsed, or never written."""
    return hash_of(canonical(entry))


def hash_of(canonical_xml: bytes) -> str:
    """Lower-case hex SHA-256 of bytes that are canonical already."""
    return hashlib.sha256(canonical_xml).hexdigest()


def state_line(entry_id: str, updated: str, hash: str) -> str:
    """A live entry's line in the digest. updated: the text in the entry, not a date re-written."""
    return f"{entry_id} {updated} {hash}"


def digest(lines: Iterable[str]) -> str:
    """Lower-case hex SHA-256 of the lines, sorted by code point, joined by line feeds."""
    ordered, made = sorted(lines), hashlib.sha256()
    for start in range(0, len(ordered), LINES):  # not all of a long log as one text
        made.update(b"\n" if start else b"")
        made.update("\n".join(ordered[start : start + LINES]).encode())
    return made.hexdigest()


def _add(parent: etree._Element, tag: str, text: str, **attributes: str) -> etree._Element | None:
    """Append an element; an empty text is no element."""
    if not text:
        return None
    element = etree.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _add_links(entry: etree._Element, version: Version) -> None:
    for lang, address in ((version.lang, version.url), *version.alternates):
        page = {"rel": "alternate", "href": address, "type": "text/html", "hreflang": lang}
        etree.SubElement(entry, atom("link"), page)
    if terms := licence_address(version.facts.licence):
        etree.SubElement(entry, atom("link"), {"rel": "license", "href": terms})
    inspirations = ((INSPIRED_BY, link) for link in version.inspired_by)
    for relation, link in (*inspirations, *travel.links(version.facts)):
        element = etree.SubElement(entry, atom("link"), {"rel": relation, "href": link.href})
        if link.title:
            element.set("title", link.title)


def _add_categories(entry: etree._Element, version: Version, labels: TopicLabels) -> None:
    for topic in version.topics:
        category = etree.SubElement(entry, atom("category"), {"term": topic, "scheme": TOPICS})
        names = labels.get(topic, {})
        if label := said_in(names, version.lang.split("-")[0]):
            category.set("label", one_line(label))


def _say_place(entry: etree._Element, element: etree._Element, city: CityValue, lang: str) -> None:
    """What `pc:city` says beside the slug, and the point that follows it."""
    element.set("name", one_line(city.name(lang)))
    element.attrib.pop("country", None)
    if city.country:
        element.set("country", city.country)
    point = entry.find(_POINT)
    if point is not None:
        entry.remove(point)
    if city.lat is not None and city.lon is not None:
        point = etree.SubElement(entry, _POINT)
        point.text = f"{city.lat:.5f} {city.lon:.5f}"
        element.addnext(point)


def _add_study(entry: etree._Element, version: Version) -> None:
    """What is ours but of this language: address, state of the translation, law, contact."""
    _add(entry, pc("slug"), version.slug)
    translation = etree.SubElement(entry, pc("translation"), {"kind": version.translation})
    if version.original_lang:
        translation.set("original", version.original_lang)
    if version.outdated_since:
        translation.set("outdated-since", rfc3339(version.outdated_since))
    _add(entry, pc("legal-basis"), version.legal_basis)
    _add(entry, pc("contact-role"), version.contact_role)


def _add_adoptions(entry: etree._Element, adoptions: Iterable[Adoption]) -> None:
    """What the study's city says of its adopters; nothing at all while it says nothing."""
    for each in adoptions:
        element = etree.SubElement(entry, pc("adoption"), {"href": each.href})
        if each.title:
            element.set("title", each.title)
        element.set("verdict", each.verdict)
        if each.decided:
            element.set("decided", rfc3339(each.decided))
        if each.reason and each.lang:
            element.set(f"{{{XML}}}lang", each.lang)
        element.text = each.reason or None
