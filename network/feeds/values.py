"""A reader feed before it takes a format: what Atom, RSS and JSON Feed all say in their own way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from network.catalogue.values import Attachment, Link
from network.cities.service import CityValue


@dataclass(frozen=True, slots=True)
class Category:
    """A topic: its English slug in the shared vocabulary and its name in the feed's language."""

    term: str
    label: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The followed site that an item comes from. url: its feed; page: its front page, if known."""

    title: str
    url: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One language version of a study.

    id: an absolute IRI that never changes. url: its page at its origin. summary: plain text;
    html: sanitised, its links absolute. alternates: (language, address) of the other versions.
    place: the city that it is about. licence: address of its text, or None. origin: None for the
    node's own. facts: as facts.travel.to_json writes them. published: None where nobody knows
    it, and then updated is when it came.
    """

    id: str
    study: str
    url: str
    title: str
    summary: str
    html: str
    lang: str
    published: datetime | None
    updated: datetime
    authors: tuple[str, ...]
    categories: tuple[Category, ...] = ()
    place: CityValue | None = None
    alternates: tuple[tuple[str, str], ...] = ()
    inspired_by: tuple[Link, ...] = ()
    licence: str | None = None
    origin: Origin | None = None
    translation: str = "original"
    original_lang: str | None = None
    outdated_since: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    lang_is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in one language. All addresses are absolute.

    id: an IRI, the same in every format and for ever. page: what a person reads instead.
    addresses: format → address of this feed in it. updated: of its newest change.
    site, site_url: who publishes it. stylesheet: CSS that explains it in a browser. hub: where to
    subscribe to its changes (WebSub); empty if nowhere.
    """

    id: str
    title: str
    subtitle: str
    lang: str
    page: str
    addresses: Mapping[str, str]
    updated: datetime
    site: str
    site_url: str
    stylesheet: str
    items: tuple[Item, ...]
    hub: str = ""


_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]*", re.I)


def type_of(file: Attachment) -> str:
    """A file's media type as formats want it that must have one (RFC 6838 section 4.2)."""
    declared = file.type.split(";")[0].strip()
    return declared if _MEDIA_TYPE.fullmatch(declared) else "application/octet-stream"
