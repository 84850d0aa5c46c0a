"""The lineage of a study: what it was inspired by and what it inspired, across every city known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from network.catalogue.models import Inspiration, Study, Version
from network.catalogue.queries import VISIBLE

LARGEST = 60
"""Studies in one lineage; beyond it the farthest are left out."""


@dataclass(frozen=True, slots=True)
class Node:
    """A study in a lineage. key: its study_key, or the address of one that we do not know.

    level: 0 for the study asked about, negative for what came before it, positive for after.
    title: what the inspired study calls it; the best that there is for an unknown one.
    """

    key: str
    level: int
    known: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class Lineage:
    """edges: (source, target) keys, from what inspired to what was inspired."""

    centre: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]


Link = tuple[str, str, Node]


def around(session: Session, key: str) -> Lineage:
    """The study's ancestors and descendants, level by level, each study once."""
    nodes = {key: Node(key, 0, True)}
    edges: dict[tuple[str, str], None] = {}
    for step, links_of in ((-1, _sources), (1, _adopters)):
        frontier, level = [key], step
        while frontier and len(nodes) < LARGEST:
            frontier = _advance(session, nodes, edges, frontier, level, links_of)
            level += step
    return Lineage(key, tuple(sorted(nodes.values(), key=lambda n: (n.level, n.key))), tuple(edges))


def _advance(
    session: Session,
    nodes: dict[str, Node],
    edges: dict[tuple[str, str], None],
    frontier: list[str],
    level: int,
    links_of: Callable[[Session, Iterable[str], int], list[Link]],
) -> list[str]:
    """One step away from the centre; gives the known studies that were not there before."""
    following: list[str] = []
    for source, target, node in links_of(session, frontier, level):
        if node.key not in nodes:
            if len(nodes) >= LARGEST:
                continue
            nodes[node.key] = node
            if node.known:
                following.append(node.key)
        edges[source, target] = None
    return following


def _sources(session: Session, keys: Iterable[str], level: int) -> list[Link]:
    """(source, target, source's node) of what these studies were inspired by."""
    rows = session.execute(
        select(Inspiration.study_key, Inspiration.target_key, Inspiration.title)
        .where(Inspiration.study_key.in_(list(keys)))
        .order_by(Inspiration.study_key, Inspiration.position)
    ).all()
    known = resolve(session, {row.target_key for row in rows})
    return [
        (
            (source := known.get(row.target_key, row.target_key)),
            row.study_key,
            Node(source, level, row.target_key in known, row.title),
        )
        for row in rows
    ]


def _adopters(session: Session, keys: Iterable[str], level: int) -> list[Link]:
    """(source, target, target's node) of the studies inspired by these."""
    keys = list(keys)
    pages = session.execute(
        select(Version.url, Version.study_key).where(Version.study_key.in_(keys))
    )
    addresses = {row.url: row.study_key for row in pages} | {key: key for key in keys}
    rows = session.execute(
        select(Inspiration.study_key, Inspiration.target_key)
        .join(Study, Study.study_key == Inspiration.study_key)
        .where(Inspiration.target_key.in_(list(addresses)), VISIBLE)
        .order_by(Study.published, Study.study_key)
    )
    return [
        (addresses[row.target_key], row.study_key, Node(row.study_key, level, True)) for row in rows
    ]


_GIVEN: BindParameter[Any] = bindparam("addresses", expanding=True)
_KEYS = select(Study.study_key).where(Study.study_key.in_(_GIVEN), VISIBLE)
_PAGES = (
    select(Version.url, Version.study_key)
    .join(Study, Study.study_key == Version.study_key)
    .where(Version.url.in_(_GIVEN), VISIBLE)
)


def resolve(session: Session, addresses: set[str]) -> dict[str, str]:
    """address → study_key for the permanent ids and pages of studies that we show."""
    given = {"addresses": list(addresses)}
    found = {row.url: row.study_key for row in session.execute(_PAGES, given)}
    return found | {key: key for key in session.scalars(_KEYS, given)}


def most_adopted(session: Session) -> str | None:
    """The shown study that most others say they were inspired by."""
    return session.scalar(
        select(Inspiration.target_key)
        .join(Study, Study.study_key == Inspiration.target_key)
        .where(Study.shown)
        .group_by(Inspiration.target_key)
        .order_by(func.count().desc(), Inspiration.target_key)
        .limit(1)
    )
