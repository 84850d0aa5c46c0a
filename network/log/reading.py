"""Reads a node's log as strictly as the protocol promises: ours before it is kept, and members'.

Strict is the document (well-formed, UTF-8, no DOCTYPE, ids, dates, titles, languages); a fact that
this version does not understand is passed over (log.tidy). Nothing here reaches the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Never

from lxml import etree

from network.catalogue.values import Version
from network.cities.service import CityValue
from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.lib.sanitise import web_url
from network.log.entry import State, canonical, hash_of, strict_parser
from network.log.names import AT, FH, XML, atom, pc
from network.log.reading_entry import city_of, text_of, version_of
from network.log.tidy import one_line

MOST_ENTRIES = 1_000
"""Entries and tombstones in one document; ours have 100 at most."""
DEEPEST = 64
"""Levels of elements in one document."""

_TOMBSTONE = f"{{{AT}}}deleted-entry"
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEEPEST + 1)})")
_ID = re.compile(
    r"(?P<study>https?://[^\s/?#@]+(?:/[^\s/?#]+)*/id/[A-Za-z0-9-]{1,64})"
    r"/(?P<lang>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)"
)
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
_ENTRY_LACKS = N_("An entry of the feed has no “%(name)s”, or more than one.")
_FEED_LACKS = N_("The feed has no “%(name)s”, or more than one.")


@dataclass(frozen=True, slots=True)
class LiveItem:
    """An entry. The language of its version is the one in its id.

    updated: its text as written, which the digest needs. xml: its exclusive C14N; hash: of that.
    city: what the entry says of the city that the version names.
    """

    entry_id: str
    updated: str
    hash: str
    xml: bytes
    version: Version
    city: CityValue | None = None


@dataclass(frozen=True, slots=True)
class DeletedItem:
    """A withdrawal (RFC 6721). updated: its `when` as written. comment: the reason, if given, in
    comment_lang if the document says which language that is."""

    entry_id: str
    updated: str
    when: datetime
    comment: str = ""
    comment_lang: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One page of a member's log. Links are absolute; items are in document order."""

    url: str
    feed_id: str
    title: str
    updated: datetime
    is_archive: bool
    state: State | None
    items: tuple[LiveItem | DeletedItem, ...]
    self_url: str | None = None
    current: str | None = None
    prev_archive: str | None = None
    next_archive: str | None = None
    next: str | None = None
    hub: str | None = None


def parse_document(content: bytes, url: str) -> Document:
    """A member's feed document.

    content: the body as received, decompressed. url: where it came from.
    Raises RemoteError (retryable) in plain words when anything of it cannot be trusted.
    """
    feed = _root(content, url)
    links = _links(feed)
    return Document(
        url=url,
        feed_id=_required(feed, "id"),
        title=one_line(_required(feed, "title")),
        updated=_moment(_required(feed, "updated")),
        is_archive=feed.find(f"{{{FH}}}archive") is not None,
        state=_state(feed),
        items=_items(feed),
        self_url=links.get("self"),
        current=links.get("current"),
        prev_archive=links.get("prev-archive"),
        next_archive=links.get("next-archive"),
        next=links.get("next"),
        hub=links.get("hub"),
    )


def _refuse(message: str, **arguments: Any) -> Never:
    raise RemoteError(message, retryable=True, **arguments)


def _root(content: bytes, url: str) -> etree._Element:
    _check_prolog(content)
    try:
        feed = etree.fromstring(content, strict_parser(), base_url=url)
    except etree.XMLSyntaxError as error:
        _refuse(
            N_("The feed is not well-formed XML (line %(line)s). It may have been cut short."),
            line=error.lineno or 1,
        )
    info = feed.getroottree().docinfo
    if (info.encoding or "UTF-8").upper() not in ("UTF-8", "UTF8", "US-ASCII", "ASCII"):
        _refuse(N_("The feed is not encoded in UTF-8."))
    if info.internalDTD is not None:  # Should the look at the prolog ever miss one.
        _refuse(N_("The feed declares a document type, which is refused for safety."))
    if feed.tag != atom("feed"):
        _refuse(N_("This address does not give an Atom feed."))
    if _TOO_DEEP(feed):
        _refuse(N_("The feed is nested too deeply."))
    return feed


def _check_prolog(content: bytes) -> None:
    """Refuse, before any parser sees it, what is not UTF-8 or begins to declare entities."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(N_("The feed is not encoded in UTF-8."))
    position = 0
    while True:
        while text[position : position + 1] in tuple(" \t\r\n"):
            position += 1
        if text.startswith("<?", position):
            position = text.find("?>", position) + 2
        elif text.startswith("<!--", position):
            position = text.find("-->", position) + 3
        else:
            break
        if position < 4:
            break
    if text.startswith("<!", position):
        _refuse(N_("The feed declares a document type, which is refused for safety."))


def _required(parent: etree._Element, name: str) -> str:
    found = parent.findall(atom(name))
    text = text_of(found[0]) if len(found) == 1 else ""
    if not text.strip():
        _refuse(_ENTRY_LACKS if parent.tag == atom("entry") else _FEED_LACKS, name=name)
    return text


def _moment(text: str) -> datetime:
    try:
        if not _RFC3339.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        _refuse(N_("A date in the feed is not understood: “%(text)s”."), text=text[:60])


def _links(feed: etree._Element) -> dict[str, str]:
    """The first link of each relation."""
    found: dict[str, str] = {}
    for link in feed.iterchildren(atom("link")):
        address = web_url(link.get("href"), link.base)
        if address is not None:
            found.setdefault(link.get("rel", "alternate"), address)
    return found


def _state(feed: etree._Element) -> State | None:
    found = feed.findall(pc("state"))
    if not found:
        return None
    epoch, seq, count, digest = (found[0].get(n, "") for n in ("epoch", "seq", "count", "digest"))
    patterns = zip(
        (r"[A-Za-z0-9_-]{1,64}", "[0-9]{1,9}", "[0-9]{1,9}", "[0-9a-f]{64}"),
        (epoch, seq, count, digest),
        strict=True,
    )
    if len(found) > 1 or not all(re.fullmatch(pattern, text) for pattern, text in patterns):
        _refuse(N_("The state of the log in the feed is not understood."))
    return State(epoch, int(seq), int(count), digest)


def _items(feed: etree._Element) -> tuple[LiveItem | DeletedItem, ...]:
    elements = list(feed.iterchildren(atom("entry"), _TOMBSTONE))
    if len(elements) > MOST_ENTRIES:
        _refuse(
            N_("The feed has %(count)s entries in one document; at most %(most)s are read."),
            count=len(elements),
            most=MOST_ENTRIES,
        )
    items = tuple(_read(elements))
    if len({item.entry_id for item in items}) < len(items):
        _refuse(N_("The feed has two entries with the same id."))
    return items


def _read(elements: list[etree._Element]) -> Iterator[LiveItem | DeletedItem]:
    for element in elements:
        yield _deleted(element) if element.tag == _TOMBSTONE else _live(element)


def _live(entry: etree._Element) -> LiveItem:
    entry_id, _, updated = (_required(entry, name) for name in ("id", "title", "updated"))
    id_ = _entry_id(entry_id)
    version = version_of(entry, id_["study"], id_["lang"], _moment(updated))
    if not version.title:  # It was there, but made of nothing that can be shown.
        _refuse(_ENTRY_LACKS, name="title")
    try:
        xml = canonical(entry)
    except etree.C14NError:  # relative namespace names have no canonical form
        _refuse(N_("An entry of the feed cannot be compared with what we have of it."))
    return LiveItem(entry_id, updated, hash_of(xml), xml, version, city_of(entry))


def _entry_id(text: str) -> re.Match[str]:
    found = _ID.fullmatch(text)
    if found is None or len(text) > 500 or len(found["lang"]) > 35:
        _refuse(N_("An entry’s id is not one of a node: “%(id)s”."), id=text[:200])
    return found


def _deleted(tombstone: etree._Element) -> DeletedItem:
    entry_id, when = tombstone.get("ref", ""), tombstone.get("when", "")
    _entry_id(entry_id)
    comment = tombstone.find(f"{{{AT}}}comment")
    reason = "" if comment is None else one_line(text_of(comment), 1_000)
    return DeletedItem(entry_id, when, _moment(when), reason, _lang_of(comment) if reason else None)


def _lang_of(element: etree._Element | None) -> str | None:
    """The language in force there (XML 1.0 §2.12), when it is one."""
    while element is not None:
        if (found := element.get(f"{{{XML}}}lang")) is not None:
            return found if len(found) <= 35 and _LANG.fullmatch(found) else None
        element = element.getparent()
    return None
