"""Whoever follows a node by the feed of one topic or city of it has just that shown here.

The node is followed by its log all the same, because that alone can be proved; a rule of moderation
keeps back what the feed would not have had. The feed's id says what it was narrowed to
(docs/protocol.md, “Reader feeds”).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.orm import Session

from network.catalogue import store as catalogue
from network.cities import service as cities
from network.cities.service import CityValue
from network.lib import clock
from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.log.reading import parse_document, read_id
from network.moderation import service as moderation
from network.moderation.gate import rule_of
from network.moderation.rules import Mode, make_rule
from network.moderation.told_cities import ToldCities
from network.subscriptions.models import Subscription
from network.topics import service as topics

SHOWN: dict[Mode, str] = {
    "publish-some": N_(
        "Of this node, only this is shown at once, in every language: %(names)s. The rest of what"
        " it publishes arrives too, and waits where you read what is held; without the rule all of"
        " it is shown."
    ),
    "publish": N_(
        "The address is that of a feed with a part of this node. All its case studies are shown"
        " all the same: no rule can say what that part is, or the node was followed before. Change"
        " its rule to show fewer of them."
    ),
    "hold": N_(
        "The address is that of a feed with a part of this node. The rule that the node is under"
        " holds for all of it."
    ),
}
"""What is shown of a node that somebody follows by the feed of a part of it, by the mode of the
rule that it is under then."""
_FEED = re.compile(r".+/[^/]+\.(?:atom|rss|json)")
_FORMAT = re.compile(r"\.(?:rss|json)$")
_ID = re.compile(r".+/id/feed/[a-z-]+\?(.*)")


@dataclass(frozen=True, slots=True)
class Part:
    """What a feed was narrowed to, in its node's words. kind: what value is the slug of.

    city: what the node's log says of it, if it is a city.
    """

    kind: Literal["topic", "city"]
    slug: str
    city: CityValue | None = None


def full(typed: str) -> str:
    """An address as it was typed, with a scheme."""
    address = typed.strip()
    return address if "://" in address else f"https://{address}"


def is_part(typed: str, log: str) -> bool:
    """Whether somebody who gave this address, and follows a node's log for it, had only the feed of
    a part of the node in mind."""
    given, whole = urlsplit(full(typed)), urlsplit(log)
    named = bool(_FEED.fullmatch(given.path)) or (bool(given.query) and "/feed." in given.path)
    is_log = given.path.startswith("/feed/archive/") or given[2:4] == whole[2:4]
    return named and not is_log


def in_atom(address: str) -> str:
    """Where the same feed is in Atom, the one of its formats that has an id."""
    parts = urlsplit(address)
    return parts._replace(path=_FORMAT.sub(".atom", parts.path)).geturl()


def read(feed: bytes, log: bytes, url: str) -> Part | None:
    """The one topic or city that a node's feed in Atom was narrowed to; None where it was narrowed
    otherwise, or not at all, and where that cannot be read.

    url: of both. Raises RemoteError when a city is named and the log cannot be read: whoever wants
    one city alone is not helped by all of them.
    """
    found = None
    with suppress(RemoteError):
        found = _ID.fullmatch(read_id(feed, url))
    given = dict(parse_qsl(found[1])) if found else {}
    given.pop("scope", None)  # a log has what its node writes in any case
    match list(given.items()):
        case [("topic", slug)]:
            return Part("topic", slug)
        case [("city", slug)]:
            places = (place.city for place in parse_document(log, url).places)
            return Part("city", slug, next((city for city in places if city.slug == slug), None))
    return None


def narrow(session: Session, source: Subscription, part: Part, *, is_new: bool) -> None:
    """Show what is of a part of a node, in the caller's transaction: beside what its rule shows at
    once already, or that alone when the node is new here. Any other rule stays as it is, and so do
    all rules when nobody here knows the topic or the city."""
    rule = rule_of(source)
    if not (is_new or rule.mode == "publish-some"):
        return
    named = _topic(session, part) if part.kind == "topic" else _city(session, source, part)
    if named is None:
        return
    about = (*rule.topics, named) if part.kind == "topic" else rule.topics
    places = (*rule.cities, named) if part.kind == "city" else rule.cities
    made = make_rule("publish-some", about, rule.languages, places)
    moderation.set_rule(session, source.id, made)


def _topic(session: Session, part: Part) -> str | None:
    found = topics.by_slug(session, part.slug)
    return found.slug if found else None


def _city(session: Session, source: Subscription, part: Part) -> str | None:
    """The city of ours; added, if the node says what it is."""
    if part.city is None:
        found = cities.by_key(session, part.slug)
    else:
        catalogue.take_turn(session)  # before a city is learnt, because others learn too
        found = ToldCities(session, source, clock.now()).theirs(part.city)
    return found.slug if found else None


def said(mode: Mode) -> str:
    """What to tell somebody who follows a node by the feed of a part of it. Arguments: names."""
    return SHOWN.get(mode, SHOWN["hold"])
