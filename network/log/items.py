"""Reads one row of a node's log, an entry or a tombstone: it is understood, or it is said why not.

What stands in a log is read by this alone: ours before it is committed, and what members send.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Never

from lxml import etree

from network.catalogue.values import Version
from network.cities.service import CityValue
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.log.entry import canonical, content_hash, hash_of, strict_parser
from network.log.names import AT, XML, atom
from network.log.reading_entry import city_of, text_of, version_of
from network.log.tidy import one_line, tidy

TOMBSTONE = f"{{{AT}}}deleted-entry"
LONGEST_ID = 500
LONGEST_DATE = 40
"""Characters of a date's text that are kept."""

NODE_ID = re.compile(
    rf"(?=.{{1,{LONGEST_ID}}}\Z)"
    r"(?P<study>https?://[^\s/?#@]+(?:/[^\s/?#]+)*/id/[A-Za-z0-9-]{1,64})"
    r"/(?=.{2,35}\Z)(?P<lang>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)"
)
"""The id of a version as nodes make them."""
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
_NAMELESS = "unnamed:"
"""How we call a row that has no id of its own that could be kept."""


class Unreadable(InvalidInput):
    """A row of a log that its readers cannot take. field: the element that is to blame, if one."""


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
class UnreadItem:
    """An entry or tombstone that cannot be read. message, arguments: why.

    entry_id, updated: as written. hash: of an entry's exclusive C14N; empty when there is none, or
    id or date are not as they must be, so that nobody knows how its publisher counts it. xml: the
    C14N.
    """

    entry_id: str
    is_deleted: bool
    updated: str
    hash: str
    xml: bytes
    message: str
    arguments: Mapping[str, Any]


Item = LiveItem | DeletedItem | UnreadItem


@dataclass(frozen=True, slots=True)
class Proved:
    """A row that its readers take, as their own reader found: nothing else is written to a log.

    kind: live or deleted. updated: the date in `xml`, as written. hash: of its exclusive C14N.
    """

    entry_id: str
    kind: str
    updated: str
    xml: bytes
    hash: str


def prove(
    entry_id: str, kind: str, updated: str, xml: bytes, meant: Version | None = None
) -> Proved:
    """A row for the log. meant: the version that readers are to find in an entry.

    Raises Unreadable when others could not read the row, or would read something else.
    """
    found = read_item(xml, entry_id)
    is_live = isinstance(found, LiveItem)
    if (found.entry_id, found.updated, is_live) != (entry_id, updated, kind == "live"):
        raise Unreadable(N_("Others would take it for another entry, or for one of another date."))
    if not isinstance(found, LiveItem):
        return Proved(entry_id, kind, updated, xml, content_hash(xml))
    if meant is not None and found.version != meant:
        check_equal(found.version, meant)
    return Proved(entry_id, kind, updated, xml, found.hash)


def read_item(xml: bytes, url: str) -> LiveItem | DeletedItem:
    """A row by itself. url: what relative addresses in it are relative to. Raises Unreadable."""
    try:
        return item_of(etree.fromstring(xml, strict_parser(), base_url=url))
    except etree.XMLSyntaxError:
        raise Unreadable(N_("It is not well-formed XML, or too long.")) from None


def check_equal(found: Version, meant: Version) -> None:
    """That what is read back is what was meant. Raises Unreadable with what would be lost."""
    wanted = tidy(meant)
    for each in fields(Version):
        if getattr(found, each.name) != getattr(wanted, each.name):
            _refuse(
                N_("Others would not read its “%(name)s” as it is here."), each.name, name=each.name
            )


def held_or_read(element: etree._Element) -> Item:
    """A row of a document, also when nothing of it can be used."""
    try:
        return item_of(element)
    except Unreadable as error:
        return _unread(element, error)


def item_of(element: etree._Element) -> LiveItem | DeletedItem:
    """A row of a document. Raises Unreadable."""
    return _deleted(element) if element.tag == TOMBSTONE else _live(element)


def moment_of(text: str) -> datetime | None:
    """The moment that an RFC 3339 text names, in UTC and whole seconds; None when it names none."""
    try:
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        pass
    return None


def only(parent: etree._Element, name: str) -> str:
    """The text of the one Atom element of this name; empty when there is none, or several."""
    found = parent.findall(atom(name))
    return text_of(found[0]) if len(found) == 1 else ""


def _refuse(message: str, field: str, **arguments: Any) -> Never:
    raise Unreadable(message, field, **arguments)


def _live(entry: etree._Element) -> LiveItem:
    entry_id, _, updated = (_required(entry, name) for name in ("id", "title", "updated"))
    id_ = _node_id(entry_id)
    version = version_of(entry, id_["study"], id_["lang"], _moment(updated))
    if not version.title:  # It was there, but made of nothing that can be shown.
        _lacks("title")
    try:
        xml = canonical(entry)
    except etree.C14NError:  # relative namespace names have no canonical form
        _refuse(N_("It cannot be compared with what we have of it."), "xmlns")
    return LiveItem(entry_id, updated, hash_of(xml), xml, version, city_of(entry))


def _required(entry: etree._Element, name: str) -> str:
    text = only(entry, name)
    return text if text.strip() else _lacks(name)


def _lacks(name: str) -> Never:
    _refuse(N_("Its “%(name)s” is missing, empty, or there more than once."), name, name=name)


def _moment(text: str, field: str = "updated") -> datetime:
    found = moment_of(text)
    if found is None:
        _refuse(N_("Its date is not understood: “%(text)s”."), field, text=text[:60])
    return found


def _node_id(text: str) -> re.Match[str]:
    found = NODE_ID.fullmatch(text)
    if found is None:
        _refuse(N_("Its id is not one of a node: “%(id)s”."), "id", id=text[:200])
    return found


def _deleted(tombstone: etree._Element) -> DeletedItem:
    entry_id, when = tombstone.get("ref", ""), tombstone.get("when", "")
    _node_id(entry_id)
    comment = tombstone.find(f"{{{AT}}}comment")
    reason = "" if comment is None else one_line(text_of(comment), 1_000)
    lang = _lang_of(comment) if reason else None
    return DeletedItem(entry_id, when, _moment(when, "when"), reason, lang)


def _lang_of(element: etree._Element | None) -> str | None:
    """The language in force there (XML 1.0 §2.12), when it is one."""
    while element is not None:
        if (found := element.get(f"{{{XML}}}lang")) is not None:
            return found if len(found) <= 35 and _LANG.fullmatch(found) else None
        element = element.getparent()
    return None


def _unread(element: etree._Element, why: Unreadable) -> UnreadItem:
    is_deleted = element.tag == TOMBSTONE
    if is_deleted:
        entry_id, updated = element.get("ref", ""), element.get("when", "")
    else:
        entry_id, updated = only(element, "id"), only(element, "updated")
    try:
        xml = canonical(element)
    except etree.C14NError:
        xml = b""
    is_id, is_date = NODE_ID.fullmatch(entry_id) is not None, moment_of(updated) is not None
    is_sound = is_id and is_date and not is_deleted
    if not entry_id.strip() or len(entry_id) > LONGEST_ID:
        entry_id = _NAMELESS + hashlib.sha256(etree.tostring(element, with_tail=False)).hexdigest()
    return UnreadItem(
        entry_id=entry_id,
        is_deleted=is_deleted,
        updated=updated if len(updated) <= LONGEST_DATE else "",
        hash=hash_of(xml) if xml and is_sound else "",
        xml=xml,
        message=why.message,
        arguments=why.arguments,
    )
