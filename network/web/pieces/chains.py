"""A lineage as macros/lineage.html draws it: columns of cities, and every edge in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from network.adoptions.edges import Edge
from network.adoptions.graph import Lineage, Node
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.pieces import cards
from network.web.pieces.cards import StudyCard

STATES = ("confirmed", "declared", "contested")
SAID = {
    "declared": N_("%(source)s → %(target)s (declared)"),
    "confirmed": N_("%(source)s → %(target)s (confirmed)"),
    "contested": N_("%(source)s → %(target)s (contested)"),
}


@dataclass(frozen=True, slots=True)
class Chain:
    """title, desc: the drawing in words. columns: nodes by level. edges: from source to target.

    states: those that the drawing has, in the order of its legend.
    """

    title: str
    desc: str
    columns: list[list[dict[str, Any]]]
    edges: list[dict[str, Any]]
    states: list[str]


def chain(lineage: Lineage) -> Chain | None:
    """The drawing; None when the study has neither source nor adopter."""
    if not lineage.edges:
        return None
    shown = {c.study_key: c for c in cards.cards_of([n.key for n in lineage.nodes if n.known])}
    nodes = {node.key: node for node in lineage.nodes}
    edges = [_edge(edge, nodes, shown) for edge in lineage.edges]
    levels = sorted({node.level for node in lineage.nodes})
    columns = [
        [_node(n, shown, lineage.centre) for n in lineage.nodes if n.level == level]
        for level in levels
    ]
    states = [state for state in STATES if any(edge["state"] == state for edge in edges)]
    return Chain(locale._("Who learned from whom"), _described(edges), columns, edges, states)


def label(key: str, card: StudyCard | None, title: str = "") -> str:
    """Whom an end of an adoption stands for: its city, or the site of one that we do not know."""
    return (card.city_name if card else None) or urlsplit(key).hostname or title


def _node(node: Node, shown: dict[str, StudyCard], centre: str) -> dict[str, Any]:
    card = shown.get(node.key)
    sub = str(card.year) if card and card.year else ""
    name = label(node.key, card, node.title)
    return {"id": node.key, "label": name, "sub": sub, "here": node.key == centre}


def _edge(edge: Edge, nodes: dict[str, Node], shown: dict[str, StudyCard]) -> dict[str, Any]:
    told: dict[str, Any] = {"source": edge.source, "target": edge.target}
    for name in ("source", "target"):
        node = nodes[told[name]]
        card = shown.get(node.key)
        told[f"{name}_label"] = label(node.key, card, node.title)
        told[f"{name}_title"] = card.title if card else node.title or node.key
        told[f"{name}_url"] = card.url if card else node.key
        told[f"{name}_lang"] = card.lang if card else None
    said = ("state", "reason", "lang", "decided")
    return told | {name: getattr(edge, name) for name in said}


def _described(edges: list[dict[str, Any]]) -> str:
    said = [(SAID[edge["state"]], edge["source_label"], edge["target_label"]) for edge in edges]
    return "; ".join(locale._(words, source=one, target=other) for words, one, other in said)
