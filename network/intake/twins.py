"""Items of a feed that are one study although their addresses are not the same any more: the site
has moved to https, or put “www.” before its name or taken it away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from itertools import product
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue.addresses import Left
from network.catalogue.models import Study, Version

_ADDRESS = re.compile(r"(\S{1,100} at )?https?://(?:www\.)?(.+)", re.I | re.S)
"""An address, or Drupal’s way of making it the id of one of its pages: “7 at https://…”."""


def spellings(identity: str) -> Iterator[str]:
    """The other ways in which a site that moved so would write an identity that is an address."""
    if found := _ADDRESS.fullmatch(identity):
        for scheme, host in product(("http", "https"), ("", "www.")):
            other = f"{found[1] or ''}{scheme}://{host}{found[2]}"
            if other != identity:
                yield other


def known_by(
    identity: str, held: Container[str], present: Container[str], id_of: Callable[[str], str]
) -> str:
    """The id under which we hold an item, perhaps by its address before a move; else its own.

    present: the identities in the feed now, where two spellings are two items.
    """
    own = id_of(identity)
    if own in held:
        return own
    others = (id_of(other) for other in spellings(identity) if other not in present)
    return next((other for other in others if other in held), own)


def doubles(session: Session, source_id: int) -> dict[str, str]:
    """Studies of a site that are here twice, from before and after such a move: the entry id of the
    later one → that of the one that came first."""
    rows = session.execute(
        select(Version.entry_id, Version.url, Version.title, Version.lang, Version.received)
        .join(Study, Study.study_key == Version.study_key)
        .where(Study.source_id == source_id)
        .order_by(Version.received, Version.entry_id)
    )
    same: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for row in rows:
        if found := _ADDRESS.fullmatch(row.url):
            same[found[2], row.title, row.lang].append(row)
    twice: dict[str, str] = {}
    for first, *later in same.values():
        twice |= {each.entry_id: first.entry_id for each in later if each.url != first.url}
    return twice


def lead_on(session: Session, twice: Mapping[str, str]) -> list[Left]:
    """What `addresses.leave` needs so that pages of the later ones lead to the first."""
    found = []
    for later, first in twice.items():
        gone, stays = session.get(Version, later), session.get(Version, first)
        if gone and stays:
            found.append(Left(stays.study_key, stays.lang, gone.place, gone.slug))
    return found
