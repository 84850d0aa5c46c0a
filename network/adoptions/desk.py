"""The adoptions of this node's own studies, for the editors who confirm or contest them."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.accounts.models import User
from network.adoptions.edges import Edge, adopters_of, claims_of, resolve
from network.adoptions.models import Mention
from network.case_studies import verdicts, versions
from network.case_studies.models import Verdict
from network.case_studies.verdicts import Opinion
from network.catalogue import queries
from network.catalogue.models import Inspiration, Study, Version
from network.lib.db import writing
from network.lib.errors import NotFound
from network.lib.i18n import N_
from network.log.items import Unreadable


def cases(session: Session, base_url: str, key: str | None = None) -> list[Edge]:
    """Adoptions of all our studies, or of one, by others: those that nobody answered come first."""
    keys = [key] if key else _adopted(session)
    found = [
        edge
        for edge in adopters_of(session, keys, base_url)
        if not edge.target.startswith(f"{base_url}/id/")  # our own say so on our own site
    ]
    return sorted(found, key=lambda edge: edge.state != "declared")


def unanswered(session: Session, base_url: str) -> int:
    """How many of them nobody has confirmed or contested."""
    return sum(edge.state == "declared" for edge in cases(session, base_url))


def answer(
    session: Session,
    user: User | None,
    study_id: str,
    adopter: str,
    opinion: Opinion | None,
    base_url: str,
) -> list[str]:
    """Publish what the city says of an adoption; with None, that it says nothing any more.

    adopter: as in an Edge. Gives the ids of changed entries. Raises NotFound when nobody says (any
    more) to have adopted the study, and whatever `verdicts.decide` raises.
    """
    key = versions.study_key(base_url, study_id)
    edge = next((e for e in cases(session, base_url, key) if e.target == adopter), None)
    if edge is None:
        raise NotFound(N_("Nobody says any more that they adopted this."))
    names = _names(session, study_id, adopter)
    if opinion is None:
        return verdicts.take_back(session, user, study_id, names, base_url)
    opinion = replace(opinion, title=_title(session, edge) or opinion.title)
    return verdicts.decide(session, user, study_id, adopter, opinion, base_url, instead_of=names)


def _title(session: Session, edge: Edge) -> str:
    """What the adopter is called: its original's title, or what a page said of itself."""
    found = queries.study(session, edge.target, bodies=False) if edge.known else None
    return (
        min(found.versions, key=lambda v: v.translation != "original").title
        if found
        else edge.title
    )


def _names(session: Session, study_id: str, adopter: str) -> set[str]:
    """The addresses under which the city spoke of the adopter: its id, or one of its pages."""
    spoken = {address for _study_id, address in verdicts.given(session, study_id)}
    known = resolve(session, spoken)
    return {adopter} | {address for address in spoken if known.get(address) == adopter}


def reconcile(session: Session, base_url: str, now: datetime) -> list[str]:
    """Publish only those verdicts whose adopter still says so; gives the ids of changed entries.

    What nobody says any more must not stay in the log as an adoption, and a member that is
    blocked must not stay there by its name. An entry that others cannot read anyway, of the time
    before that was checked, waits for its correction and holds up no other.
    """
    changed: list[str] = []
    for study_id, rows in _by_study(session).items():
        standing = _standing(session, study_id, base_url, rows)
        if any(row.stands != (row.adopter in standing) for row in rows):
            with suppress(Unreadable), writing(session):
                changed += verdicts.keep_standing(session, study_id, standing, base_url, now)
    session.rollback()
    return changed


def _by_study(session: Session) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for (study_id, _adopter), row in sorted(verdicts.given(session).items()):
        found.setdefault(study_id, []).append(row)
    return found


def _standing(
    session: Session, study_id: str, base_url: str, rows: Collection[Verdict]
) -> set[str]:
    """Of the adopters that were answered, those that say so now, by whichever name."""
    key = versions.study_key(base_url, study_id)
    said = {edge.target for edge in claims_of(session, [key], base_url)}
    known = resolve(session, {row.adopter for row in rows})
    return {row.adopter for row in rows if {row.adopter, known.get(row.adopter)} & said}


def _adopted(session: Session) -> list[str]:
    """Our studies that somebody else names."""
    own = Study.source_id.is_(None)
    by_id = select(Study.study_key).join(Inspiration, Inspiration.target_key == Study.study_key)
    by_page = (
        select(Study.study_key)
        .join(Version, Version.study_key == Study.study_key)
        .join(Inspiration, Inspiration.target_key == Version.url)
    )
    told = (
        select(Study.study_key)
        .join(Mention, Mention.study_key == Study.study_key)
        .where(Mention.state == "shown", Mention.kind == "adoption")
    )
    asked = (each.where(own).distinct() for each in (by_id, by_page, told))
    return sorted({key for each in asked for key in session.scalars(each)})
