"""Studies of the same topics from cities of about the same size."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.catalogue.models import Study, StudyTopic
from network.cities.models import City


def of_similar_size(
    session: Session,
    topics: Collection[str],
    city: str,
    population: int,
    without: Collection[str] = (),
    limit: int = 6,
) -> list[str]:
    """Keys of shown studies from other cities with half to twice the inhabitants: those with most
    of the topics first, then the newest. Without topics, any."""
    shared = func.count()
    query = (
        select(Study.study_key)
        .join(City, City.slug == Study.city)
        .where(Study.shown, City.slug != city, Study.study_key.not_in(list(without)))
        .where(City.population.between(-(-population // 2), population * 2))
        .group_by(Study.study_key, Study.sort_at)
    )
    if topics:
        query = query.join(StudyTopic, StudyTopic.study_key == Study.study_key).where(
            StudyTopic.topic.in_(list(topics))
        )
    found = query.order_by(shared.desc(), Study.sort_at.desc(), Study.study_key).limit(limit)
    return list(session.scalars(found))
