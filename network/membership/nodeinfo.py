"""What another node says of itself (NodeInfo): its name, city, languages, and where its lists are.

It is asked for politely and believed only about itself: what cannot be read counts as not said.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from network.lib.errors import RemoteError
from network.lib.http import Door, Limits
from network.reading.words.language import declared_language
from network.reading.words.text import TITLE_LENGTH, cut, one_line
from network.subscriptions import fetch
from network.subscriptions.policy import Policy

PROTOCOL = "urn:pioneer-cities:1"
WELL_KNOWN = "/.well-known/nodeinfo"
SCHEMA = re.compile(r"https?://nodeinfo\.diaspora\.software/ns/schema/(2\.[0-9])")
MOST_BYTES = 256 * 1024
_SLUG = re.compile(r"[a-z0-9-]{1,100}")


@dataclass(frozen=True, slots=True)
class NodeDescription:
    """A node of the network. city: a slug. log, opml: addresses on its own host."""

    name: str
    city: str | None
    language: str | None
    languages: tuple[str, ...]
    log: str | None
    opml: str | None


def describe(door: Door, address: str, policy: Policy) -> NodeDescription | None:
    """What the node at an address says of itself; None when it is no node, or does not say."""
    origin = fetch.origin_of(address)
    limits = Limits(seconds=min(10.0, float(policy.fetch_seconds)), body_bytes=MOST_BYTES)
    try:
        links = _read(door, origin + WELL_KNOWN, origin, limits).get("links")
        href = _newest(links if isinstance(links, list) else [], origin)
        return _description(_read(door, href, origin, limits), origin) if href else None
    except (RemoteError, ValueError, RecursionError):
        return None


def _read(door: Door, url: str, origin: str, limits: Limits) -> dict[str, Any]:
    response = fetch.get(door, url, limits)
    if not fetch.same_site(response.url, origin):
        raise ValueError("another site speaks for this one")
    value = json.loads(response.content)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _newest(links: list[Any], origin: str) -> str | None:
    """The document of the newest schema that we know."""
    found = []
    for link in links[:20]:
        if isinstance(link, dict) and (schema := SCHEMA.fullmatch(str(link.get("rel")))):
            found.append((schema[1], _own(link.get("href"), origin)))
    return max(((version, href) for version, href in found if href), default=(None, None))[1]


def _description(value: dict[str, Any], origin: str) -> NodeDescription | None:
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("protocol") != PROTOCOL:
        return None
    languages = metadata.get("languages")
    city = metadata.get("city")
    return NodeDescription(
        name=cut(one_line(str(metadata.get("nodeName") or "")), TITLE_LENGTH),
        city=city if isinstance(city, str) and _SLUG.fullmatch(city) else None,
        language=_language(metadata.get("language")),
        languages=tuple(
            filter(None, map(_language, languages[:20] if isinstance(languages, list) else []))
        ),
        log=_own(metadata.get("log"), origin),
        opml=_own(metadata.get("opml"), origin),
    )


def _language(value: object) -> str | None:
    return declared_language(value) if isinstance(value, str) else None


def _own(value: object, origin: str) -> str | None:
    """An address on the node's own host, or None."""
    if not isinstance(value, str) or len(value) > 2_000:
        return None
    url = urljoin(origin + "/", value)
    return url if fetch.same_site(url, origin) else None
