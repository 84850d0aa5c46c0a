"""The studies that a list selects, in its order: a page of cards, or all for a document."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import case as when
from sqlalchemy.orm import Session, aliased, selectinload

from network.catalogue.models import Inspiration, Study, Version
from network.catalogue.queries import Card, Filter, best_version, cards, narrow
from network.lib.db import as_sorted
from network.lib.i18n import LANGUAGES

PAGE = 20
"""Studies on a page of a list."""

NEWEST = "newest"
ADOPTED = "adopted"
TITLE = "title"
ORDERS = (NEWEST, ADOPTED, TITLE)
"""How a list can be put in order; the first is the usual one."""

AT_A_TIME = 200
"""Studies read at a time, so that memory does not grow with the list."""


def browse(
    session: Session, filters: Filter, lang: str, page: int = 1, order: str = NEWEST
) -> list[Card]:
    """One page of cards, in one of ORDERS. page counts from 1."""
    start = (page - 1) * PAGE
    if order == ADOPTED:
        return cards(session, _most_adopted(session, filters, start), lang)
    keys = narrow(select(Study.study_key), filters)
    if order == TITLE:
        keys = keys.order_by(_title(lang))
    found = session.scalars(keys.order_by(*_NEWEST_FIRST).limit(PAGE).offset(start))
    return cards(session, list(found), lang)


_NEWEST_FIRST = (Study.sort_at.desc(), Study.study_key.desc())


def _title(lang: str) -> ColumnElement[str]:
    """A study's title as best_version chooses it, as a list is sorted by it."""
    rank = when((Version.lang == lang, 0), (Version.translation == "original", 1), else_=2)
    title = (
        select(Version.title)
        .where(Version.study_key == Study.study_key)
        .order_by(rank, Version.lang.not_in(LANGUAGES), Version.lang)
        .limit(1)
    )
    return as_sorted(title.scalar_subquery())


def _most_adopted(session: Session, filters: Filter, start: int) -> list[str]:
    """A page of keys: few studies have adopters, and the others follow them newest first.

    In two questions, because a join with the numbers reads all of them for each study on SQLite.
    """
    numbers = {row.key: row.number for row in session.execute(_ADOPTERS)}
    having = select(_ADOPTERS.subquery().c.key)
    rows = session.execute(
        narrow(select(Study.study_key, Study.sort_at), filters).where(Study.study_key.in_(having))
    ).all()
    first = sorted(((numbers[key], at, key) for key, at in rows), reverse=True)
    page = [key for *_, key in first[start : start + PAGE]]
    if len(page) < PAGE:
        others = narrow(select(Study.study_key), filters).where(Study.study_key.not_in(having))
        others = others.order_by(*_NEWEST_FIRST).limit(PAGE - len(page))
        page += session.scalars(others.offset(max(0, start - len(first))))
    return page


_ADOPTER = aliased(Study)
_ADOPTED = func.coalesce(Version.study_key, Inspiration.target_key)
_ADOPTERS = (
    select(_ADOPTED.label("key"), func.count(Inspiration.study_key.distinct()).label("number"))
    .join(_ADOPTER, _ADOPTER.study_key == Inspiration.study_key)
    .outerjoin(Version, Version.url == Inspiration.target_key)
    .where(_ADOPTER.shown, Inspiration.study_key != _ADOPTED)
    .group_by(_ADOPTED)
)
"""How many shown studies say that they were inspired by a study, by its id or its page."""


def newest(session: Session, filters: Filter, lang: str, number: int) -> list[Card]:
    """The newest studies."""
    keys = narrow(select(Study.study_key), filters).order_by(*_NEWEST_FIRST)
    return cards(session, list(session.scalars(keys.limit(number))), lang)


def every(session: Session, filters: Filter, lang: str) -> Iterator[tuple[Study, Version]]:
    """Each selected study with its best version for a reader of `lang`, newest first."""
    query = narrow(select(Study.study_key), filters).order_by(*_NEWEST_FIRST)
    keys = list(session.scalars(query))
    for start in range(0, len(keys), AT_A_TIME):
        batch = keys[start : start + AT_A_TIME]
        rows = session.scalars(
            select(Study).where(Study.study_key.in_(batch)).options(selectinload(Study.versions))
        )
        found = {study.study_key: study for study in rows}
        for key in batch:
            if key in found:
                yield found[key], best_version(found[key].versions, lang)
        session.expunge_all()
