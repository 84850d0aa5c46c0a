"""Writing many versions at once comes to the same rows as writing them one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from network.catalogue import queries, store
from network.catalogue.models import Adoption, Inspiration, Rendition, Study, StudyTopic, Version
from network.catalogue.values import Adoption as Verdict
from network.catalogue.values import Facts, Link
from network.catalogue.values import Version as Value
from network.lib.db import writing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES = (Rendition, Adoption, Inspiration, StudyTopic, Version, Study)


def value(study: str, lang: str, **changed: Any) -> Value:
    made = Value(
        entry_id=f"http://a.example/id/{study}/{lang}",
        study_key=f"http://a.example/id/{study}",
        lang=lang,
        title="Même titre",
        summary="",
        body_html="<p>.</p>",
        url=f"http://a.example/{study}/{lang}",
        published=NOON + timedelta(hours=len(lang + study)),
        updated=NOON,
        city="paris",
        topics=("open-data", lang),
        translation="original" if lang == "fr" else "human",
        facts=Facts(start="2014" if lang == "fr" else "1999", status="running"),
        inspired_by=(Link("http://b.example/1", lang), Link("http://b.example/1"), Link("x")),
        adoptions=(
            Verdict("http://c.example/1", "confirmed", title=lang, decided=NOON),
            Verdict("http://c.example/2", "contested", reason="Non.", lang=lang),
        ),
        alternates=(("en", f"http://a.example/id/{study}/en"), ("de", "http://d.example/page")),
    )
    return replace(made, **changed)


VERSIONS = [value(study, lang) for study in ("1", "22", "333") for lang in ("en", "fr", "es")]


def rows(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for table in TABLES:
        query = select(*table.__table__.columns)
        found[table.__tablename__] = sorted((tuple(r) for r in session.execute(query)), key=repr)
    session.rollback()
    return found


@pytest.mark.parametrize("chunk", [1, 2, 4, 200])
def test_any_number_at_a_time_gives_the_same_rows(
    session: Session, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    with writing(session):
        for each in VERSIONS:
            store.put(session, each, source_id=7, received=NOON, country="FR")
    expected = rows(session)
    with writing(session):
        for table in TABLES:
            session.execute(delete(table))
    monkeypatch.setattr(store, "CHUNK", chunk)
    with writing(session):
        arrivals = [store.Arrival(each, "FR") for each in VERSIONS]
        store.put_many(session, arrivals, source_id=7, received=NOON)
    assert rows(session) == expected
    lead = session.get_one(Study, "http://a.example/id/1")
    assert (lead.year, lead.status, lead.country) == (2014, "running", "FR")


def test_writing_the_same_again_changes_nothing_but_the_version(session: Session) -> None:
    arrivals = [store.Arrival(each, "FR") for each in VERSIONS]
    with writing(session):
        store.put_many(session, arrivals, source_id=7, received=NOON)
    before, version = rows(session), queries.version(session)
    with writing(session):
        store.put_many(session, arrivals, source_id=7, received=NOON + timedelta(days=1))
    assert rows(session) == before
    assert queries.version(session) > version


def test_equal_slugs_of_one_city_and_language_are_told_apart(session: Session) -> None:
    with writing(session):
        arrivals = [store.Arrival(each) for each in VERSIONS]
        store.put_many(session, arrivals, source_id=7, received=NOON)
    slugs = session.scalars(select(Version.slug).where(Version.lang == "fr")).all()
    assert len(set(slugs)) == 3
    assert sum(slug == "meme-titre" for slug in slugs) == 1
