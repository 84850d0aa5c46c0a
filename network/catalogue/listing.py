"""The studies that a list selects, one after the other, for documents that hold all of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from network.catalogue.models import Study, Version
from network.catalogue.queries import Filter, best_version, narrow

AT_A_TIME = 200
"""Studies read at a time, so that memory does not grow with the list."""


def every(session: Session, filters: Filter, lang: str) -> Iterator[tuple[Study, Version]]:
    """Each selected study with its best version for a reader of `lang`, newest first."""
    query = narrow(select(Study.study_key), filters).order_by(
        Study.sort_at.desc(), Study.study_key.desc()
    )
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
