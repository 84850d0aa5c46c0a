"""Where a site says what it is (NodeInfo 2.x, nodeinfo.diaspora.software), and its log in that."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from network.reading.words.text import address

_LARGEST = 2 * 1024 * 1024
"""Bytes of a document that are looked at."""
NODEINFO = "/.well-known/nodeinfo"
_NODEINFO_REL = "http://nodeinfo.diaspora.software/ns/schema/2."


def nodeinfo_address(content: bytes, url: str) -> str | None:
    """Where the document that NODEINFO answers with says that NodeInfo 2.x is."""
    for link in _members(_members(_json(content)).get("links"), list):
        if str(_members(link).get("rel")).startswith(_NODEINFO_REL):
            return address(url, str(_members(link).get("href")))
    return None


def log_in_nodeinfo(content: bytes, url: str) -> str | None:
    """The log that NodeInfo's metadata name, if this is a node of our protocol."""
    metadata = _members(_members(_json(content)).get("metadata"))
    log = metadata.get("log")
    return address(url, log) if isinstance(log, str) else None


def _json(content: bytes) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(content[:_LARGEST])
    return None


def _members(value: Any, kind: type = dict) -> Any:
    return value if isinstance(value, kind) else kind()
