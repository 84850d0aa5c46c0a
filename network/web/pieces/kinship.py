"""A study's nearest kin as its page lists them: what taught it, who adopted it, in which state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from network.adoptions.edges import Edge, adopters_of, sources_of
from network.facts.links import Link
from network.web.entrance.context import session, settings
from network.web.pieces import cards, chains


@dataclass(frozen=True, slots=True)
class Kin:
    """One related study. key: its study_key, or the address of one that we do not know. place: its
    city, or the site of one that we do not know.

    state, reason, reason_lang, decided: see adoptions.edges.Edge. target_label: who says that it
    learned; source_label: who was learned from, and may confirm it.
    """

    key: str
    title: str
    url: str
    place: str
    lang: str | None
    state: str
    reason: str
    reason_lang: str | None
    decided: datetime | None
    source_label: str
    target_label: str


def kin_of(key: str) -> tuple[list[Kin], list[Kin]]:
    """What a shown study was inspired by, and who adopted it."""
    sources, adopters = (
        sources_of(session(), [key]),
        adopters_of(session(), [key], settings().base_url),
    )
    keys = dict.fromkeys([key, *(e.source for e in sources), *(e.target for e in adopters)])
    shown = {card.study_key: card for card in cards.cards_of(list(keys))}
    return (
        _listed(sources, [edge.source for edge in sources], shown),
        _listed(adopters, [edge.target for edge in adopters], shown),
    )


def declared(links: Sequence[Link]) -> list[Kin]:
    """What a draft says that it was inspired by, which nobody has been asked about yet."""
    shown = {card.study_key: card for card in cards.cards_of([link.href for link in links])}
    return [
        _kin(Edge(link.href, "", known=link.href in shown, title=link.title), link.href, shown)
        for link in links
    ]


def _listed(
    edges: Sequence[Edge], far_ends: Sequence[str], shown: dict[str, cards.StudyCard]
) -> list[Kin]:
    return [_kin(edge, far, shown) for edge, far in zip(edges, far_ends, strict=True)]


def _kin(edge: Edge, far: str, shown: dict[str, cards.StudyCard]) -> Kin:
    card = shown.get(far)
    return Kin(
        key=far,
        title=card.title if card else edge.title or far,
        url=card.url if card else far,
        place=chains.label(far, card, edge.title),
        lang=card.lang if card else None,
        state=edge.state,
        reason=edge.reason,
        reason_lang=edge.lang,
        decided=edge.decided,
        source_label=chains.label(edge.source, shown.get(edge.source), edge.title),
        target_label=chains.label(edge.target, shown.get(edge.target), edge.title),
    )
