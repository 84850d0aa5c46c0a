"""Who says to have been inspired by whom, and what the other city says of it.

An adoption is known from the adopter's own study, from a verdict in the entry of the study that it
adopted, or from a Webmention that this node shows. Whoever follows the cities concerned comes to
the same adoptions and states, in whatever order their entries arrived: nothing here depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from network.adoptions.models import Mention
from network.catalogue.models import Adoption, Inspiration, Study, Version
from network.catalogue.queries import VISIBLE
from network.subscriptions.models import Subscription

State = Literal["declared", "confirmed", "contested"]
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Edge:
    """One adoption. source, target: study_keys, or addresses of what we do not know.

    state: declared (by the adopter alone), confirmed or contested (by the source's city).
    reason, lang: why it is contested. decided: when. title: what the unknown end is called by
    whoever names it. known: whether we show both ends.
    """

    source: str
    target: str
    known: bool
    title: str = ""
    state: State = "declared"
    reason: str = ""
    lang: str | None = None
    decided: datetime | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """(source, target)."""
        return self.source, self.target


def sources_of(session: Session, keys: Collection[str]) -> list[Edge]:
    """What these shown studies were inspired by, study by study, as their authors listed it."""
    rows = session.execute(_NAMED, {"keys": list(keys)}).all()
    known = resolve(session, {row.target_key for row in rows})
    verdicts = _Verdicts(session, set(known.values()))
    found: dict[tuple[str, str], Edge] = {}
    for row in sorted(rows, key=lambda row: (row.study_key, row.position, row.href)):
        source = known.get(row.target_key, row.target_key)
        if source != row.study_key:
            edge = Edge(source, row.study_key, row.target_key in known, row.title or row.href)
            found.setdefault(edge.ends, verdicts.apply(edge))
    return list(found.values())


def adopters_of(session: Session, keys: Collection[str], home: str) -> list[Edge]:
    """Who was inspired by these shown studies: the oldest studies first, then what we do not know.

    A study of a city that we hear ourselves counts by its own word alone; of others we believe
    the verdicts of the cities that they learned from, and the Webmentions that this node shows.
    home: this node's own address, in the ids of its studies.
    """
    verdicts = _Verdicts(session, keys)
    found = _claims(session, keys, verdicts.told(), home)
    return [verdicts.apply(edge) for edge in found.values()]


def claims_of(session: Session, keys: Collection[str], home: str) -> list[Edge]:
    """Who says to this node to have been inspired by these studies of its own, verdicts apart."""
    return list(_claims(session, keys, [], home).values())


def _claims(
    session: Session, keys: Collection[str], told: Iterable[Edge], home: str
) -> dict[tuple[str, str], Edge]:
    found = {edge.ends: edge for edge in _by_their_own_word(session, keys)}
    others = [*_mentioned(session, keys), *told]
    heard = _heard(session, {edge.target for edge in others}, home)
    for edge in sorted(others, key=lambda edge: (edge.ends, edge.title == "")):
        if edge.target not in heard and edge.target != edge.source:
            found.setdefault(edge.ends, edge)
    return found


_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_NAMED = select(
    Inspiration.study_key,
    Inspiration.position,
    Inspiration.href,
    Inspiration.target_key,
    Inspiration.title,
).where(Inspiration.study_key.in_(_KEYS))
_URLS = select(Version.url, Version.study_key).where(Version.study_key.in_(_KEYS))
_NAMING = (
    select(Inspiration.study_key, Inspiration.target_key, Study.sort_at)
    .join(Study, Study.study_key == Inspiration.study_key)
    .where(Inspiration.target_key.in_(bindparam("addresses", expanding=True)), VISIBLE)
)
_GIVEN: BindParameter[Any] = bindparam("addresses", expanding=True)
_SHOWN = select(Study.study_key).where(Study.study_key.in_(_GIVEN), VISIBLE)
_PAGES = (
    select(Version.url, Version.study_key)
    .join(Study, Study.study_key == Version.study_key)
    .where(Version.url.in_(_GIVEN), VISIBLE)
)
"""What every page of a study asks; made once, because making a statement costs like running it."""


def resolve(session: Session, addresses: set[str]) -> dict[str, str]:
    """address → study_key for the permanent ids and pages of studies that we show."""
    if not addresses:
        return {}
    given = {"addresses": list(addresses)}
    found = {row.url: row.study_key for row in session.execute(_PAGES, given)}
    return found | {key: key for key in session.scalars(_SHOWN, given)}


def _by_their_own_word(session: Session, keys: Collection[str]) -> Iterable[Edge]:
    addresses = {row.url: row.study_key for row in session.execute(_URLS, {"keys": list(keys)})}
    addresses |= {key: key for key in keys}
    rows = session.execute(_NAMING, {"addresses": list(addresses)})
    for row in sorted(rows, key=lambda row: (row.sort_at, row.study_key, row.target_key)):
        if addresses[row.target_key] != row.study_key:
            yield Edge(addresses[row.target_key], row.study_key, True)


def _mentioned(session: Session, keys: Collection[str]) -> list[Edge]:
    """Adoptions that a page elsewhere told us of (Webmention); studies of ours alone have them."""
    rows = session.execute(
        select(Mention.study_key, Mention.source, Mention.title).where(
            Mention.study_key.in_(list(keys)),
            Mention.state == "shown",
            Mention.kind == "adoption",
        )
    ).all()
    known = resolve(session, {row.source for row in rows})
    return [
        Edge(row.study_key, known.get(row.source, row.source), row.source in known, row.title)
        for row in rows
    ]


def _heard(session: Session, keys: Collection[str], home: str) -> set[str]:
    """Those that are studies of this node, or of a member whose log this node reads itself."""
    if not keys:
        return set()
    members = select(Subscription.origin, Subscription.former_origins)
    rows = session.execute(members.where(Subscription.kind == "member"))
    origins = [home, *(origin for row in rows for origin in (row[0], *row[1]))]
    roots = tuple(f"{origin}/id/" for origin in origins)
    return {key for key in keys if key.startswith(roots)}


class _Verdicts:
    """What the cities of some studies say of their adopters."""

    def __init__(self, session: Session, sources: Collection[str]) -> None:
        rows = _rows(session, sources)
        self._known = resolve(session, {row.target_key for row in rows})
        self._rows: dict[tuple[str, str], Adoption] = {}
        for row in sorted(rows, key=lambda row: (row.decided or LONG_AGO, row.href)):
            adopter = self._known.get(row.target_key, row.target_key)
            self._rows[row.study_key, adopter] = row  # of two, the latest

    def told(self) -> list[Edge]:
        """The adoptions that verdicts alone speak of."""
        known = set(self._known.values())
        return [
            Edge(source, adopter, adopter in known, row.title)
            for (source, adopter), row in self._rows.items()
        ]

    def apply(self, edge: Edge) -> Edge:
        """The adoption with its state."""
        row = self._rows.get(edge.ends)
        if row is None:
            return edge
        state: State = "confirmed" if row.verdict == "confirmed" else "contested"
        return Edge(
            edge.source, edge.target, edge.known, edge.title or row.title,
            state, row.reason, row.lang, row.decided,
        )  # fmt: skip


def _rows(session: Session, sources: Collection[str]) -> Sequence[Adoption]:
    if not sources:
        return []
    return session.scalars(select(Adoption).where(Adoption.study_key.in_(list(sources)))).all()
