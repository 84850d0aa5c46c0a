"""The lineage of a study: what it was inspired by and what it inspired, across every city known."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.adoptions.edges import Edge, adopters_of, sources_of
from network.catalogue.models import Inspiration, Study

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
    """nodes: level by level. edges: every adoption between two of them."""

    centre: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


EdgesOf = Callable[[Session, Collection[str]], list[Edge]]


def around(session: Session, key: str, home: str) -> Lineage:
    """The study's ancestors and descendants, level by level, each study once.

    home: this node's own address, in the ids of its studies.
    """
    nodes = {key: Node(key, 0, True)}
    _walk(session, nodes, key, -1, sources_of)
    _walk(session, nodes, key, 1, partial(adopters_of, home=home))
    known = [node.key for node in nodes.values() if node.known]
    found = [*sources_of(session, known), *adopters_of(session, known, home)]
    between = {e.ends: e for e in found if e.source in nodes and e.target in nodes}
    edges = sorted(
        between.values(), key=lambda e: (_place(nodes, e.source), _place(nodes, e.target))
    )
    return Lineage(key, tuple(sorted(nodes.values(), key=lambda n: (n.level, n.key))), tuple(edges))


def _place(nodes: dict[str, Node], key: str) -> tuple[int, str]:
    return nodes[key].level, key


def _walk(session: Session, nodes: dict[str, Node], key: str, step: int, edges_of: EdgesOf) -> None:
    """Add what lies in one direction, as long as there is room."""
    frontier, level = [key], step
    while frontier and len(nodes) < LARGEST:
        following: list[str] = []
        for edge in edges_of(session, frontier):
            far = edge.source if step < 0 else edge.target
            if far in nodes or len(nodes) >= LARGEST:
                continue
            nodes[far] = Node(far, level, edge.known, "" if edge.known else edge.title)
            if edge.known:
                following.append(far)
        frontier, level = following, level + step


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
