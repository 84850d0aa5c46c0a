"""A lineage as macros/lineage.html draws it: columns of cities, and every edge in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from network.adoptions.graph import Lineage, Node
from network.web import cards, locale
from network.web.cards import StudyCard


@dataclass(frozen=True, slots=True)
class Chain:
    """title, desc: the drawing in words. columns: nodes by level. edges: from source to target."""

    title: str
    desc: str
    columns: list[list[dict[str, Any]]]
    edges: list[dict[str, Any]]


def chain(lineage: Lineage) -> Chain | None:
    """The drawing; None when the study has neither source nor adopter."""
    if not lineage.edges:
        return None
    shown = {c.study_key: c for c in cards.cards_of([n.key for n in lineage.nodes if n.known])}
    nodes = {node.key: node for node in lineage.nodes}
    edges = [
        _edge(nodes[a], nodes[b], shown) for a, b in lineage.edges if a in nodes and b in nodes
    ]
    levels = sorted({node.level for node in lineage.nodes})
    columns = [
        [_node(n, shown, lineage.centre) for n in lineage.nodes if n.level == level]
        for level in levels
    ]
    return Chain(locale._("Who learned from whom"), _described(edges), columns, edges)


def _label(node: Node, shown: dict[str, StudyCard]) -> str:
    card = shown.get(node.key)
    return (card.city_name if card else None) or urlsplit(node.key).hostname or node.title


def _node(node: Node, shown: dict[str, StudyCard], centre: str) -> dict[str, Any]:
    card = shown.get(node.key)
    sub = str(card.year) if card and card.year else ""
    return {"id": node.key, "label": _label(node, shown), "sub": sub, "here": node.key == centre}


def _edge(source: Node, target: Node, shown: dict[str, StudyCard]) -> dict[str, Any]:
    edge: dict[str, Any] = {"source": source.key, "target": target.key}
    for name, node in (("source", source), ("target", target)):
        card = shown.get(node.key)
        edge[f"{name}_label"] = _label(node, shown)
        edge[f"{name}_title"] = card.title if card else node.title or node.key
        edge[f"{name}_url"] = card.url if card else node.key
        edge[f"{name}_lang"] = card.lang if card else None
    return edge


def _described(edges: list[dict[str, Any]]) -> str:
    return "; ".join(f"{edge['source_label']} → {edge['target_label']}" for edge in edges)
