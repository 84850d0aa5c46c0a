"""What a study's rows say of other studies: what inspired it, who adopted it, what it renders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from network.catalogue.models import Adoption, Inspiration
from network.catalogue.values import Adoption as Verdict
from network.catalogue.values import Link, Version
from network.lib.db import Base

Rows = list[dict[str, Any]]


def target_key(href: str) -> str:
    """The study's key when the address is a node's permanent id, else the address itself."""
    found = re.fullmatch(r"(https?://[^/]+/id/[0-9a-f-]{36})(/[A-Za-z0-9-]+)?/?", href.strip())
    return found[1] if found else href.strip()


def rows_of(links: Iterable[Link], adoptions: Iterable[Verdict]) -> dict[type[Base], Rows]:
    """The rows of a study's links, but for its key."""
    return {Inspiration: _inspirations(links), Adoption: _adoptions(adoptions)}


def _inspirations(links: Iterable[Link]) -> Rows:
    each_once = {link.href: link for link in links}
    return [
        {"href": link.href, "title": link.title, "position": position}
        | {"target_key": target_key(link.href)}
        for position, link in enumerate(each_once.values())
    ]


def _adoptions(adoptions: Iterable[Verdict]) -> Rows:
    names = ("href", "verdict", "title", "reason", "lang", "decided")
    return [
        {name: getattr(each, name) for name in names}
        | {"target_key": target_key(each.href), "position": position}
        for position, each in enumerate(adoptions)
    ]


def renditions_of(version: Version) -> Rows:
    """The rows of what a version is a translation of, beyond its own study."""
    keys = {target_key(href): lang for lang, href in version.alternates}
    keys.pop(version.study_key, None)
    return [
        {"entry_id": version.entry_id, "study_key": version.study_key, "position": position}
        | {"target_key": key, "lang": lang}
        for position, (key, lang) in enumerate(keys.items())
    ]
