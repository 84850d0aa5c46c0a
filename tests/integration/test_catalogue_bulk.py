"""Writing many versions at once comes to the same rows as writing them one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from network.catalogue import queries, store
from network.catalogue.models import (
    Adoption,
    FormerAddress,
    Inspiration,
    Rendition,
    Study,
    StudyTopic,
    Version,
)
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


def test_what_comes_again_keeps_when_it_came_and_what_is_gone_of_it_goes(session: Session) -> None:
    put(session, value("1", "fr"), value("1", "en"), source_id=7, received=NOON)
    bare = {"topics": ("water",), "inspired_by": (), "adoptions": (), "alternates": ()}
    later = NOON + timedelta(days=2)
    put(session, value("1", "fr", **bare), source_id=7, received=later, shown=False)
    found = rows(session)
    versions = session.scalars(select(Version).order_by(Version.lang)).all()
    assert [row.received for row in versions] == [NOON, NOON]
    assert (found["inspiration"], found["adoption"]) == ([], [])
    assert {topic for topic, _study in found["study_topic"]} == {"water", "open-data", "en"}
    assert {row[0] for row in found["rendition"]} == {versions[0].entry_id}
    study = session.get_one(Study, versions[0].study_key)
    assert (study.shown, study.source_id, study.sort_at) == (False, 7, NOON)


def test_a_study_stands_where_it_was_first_heard_of(session: Session) -> None:
    ahead = {"published": NOON + timedelta(days=9)}
    heard = [None, NOON - timedelta(days=1)]
    made = [value("1", "en", **ahead), value("1", "fr", **ahead)]
    arrivals = [store.Arrival(v, "FR", came) for v, came in zip(made, heard, strict=True)]
    with writing(session):
        store.put_many(session, arrivals, source_id=7, received=NOON)
    assert session.scalars(select(Study.sort_at)).one() == NOON - timedelta(days=1)
    received = select(Version.received).order_by(Version.lang)
    assert session.scalars(received).all() == [NOON, NOON - timedelta(days=1)]


def test_objects_that_were_read_before_are_read_anew(session: Session) -> None:
    put(session, value("1", "fr"), source_id=7, received=NOON)
    with writing(session):
        row, study = session.scalars(select(Version)).one(), session.scalars(select(Study)).one()
        assert (row.title, study.year) == ("Même titre", 2014)
        new = value("1", "fr", title="Un autre", facts=Facts(start="2020"))
        store.put(session, new, source_id=7, received=NOON)
        assert (row.title, study.year) == ("Un autre", 2020)


def test_a_page_that_moves_leaves_its_address_behind(session: Session) -> None:
    put(session, value("1", "fr"), source_id=7, received=NOON)
    put(session, value("1", "fr", slug="autre"), source_id=7, received=NOON)
    put(session, value("1", "fr", slug="autre", city="lyon"), source_id=7, received=NOON)
    put(session, value("1", "fr", slug="autre", city="lyon"), source_id=7, received=NOON)
    former = session.scalars(select(FormerAddress).order_by(FormerAddress.slug)).all()
    assert [(row.place, row.slug) for row in former] == [
        ("paris", "autre"),
        ("paris", "meme-titre"),
    ]


def test_the_last_version_takes_its_study_with_it_and_any_other_speaks_for_it(
    session: Session,
) -> None:
    put(session, value("1", "fr"), value("1", "en"), source_id=7, received=NOON)
    with writing(session):
        assert store.remove(session, value("1", "fr").entry_id) == value("1", "fr").study_key
    study = session.scalars(select(Study)).one()
    assert (study.year, study.published) == (1999, value("1", "en").published)
    assert {topic for topic, _ in rows(session)["study_topic"]} == {"open-data", "en"}
    with writing(session):
        assert store.remove(session, value("1", "en").entry_id) == value("1", "en").study_key
        assert store.remove(session, value("1", "en").entry_id) is None
    assert not any(rows(session).values())


def put(session: Session, *versions: Value, **how: Any) -> None:
    with writing(session):
        store.put_many(session, [store.Arrival(each, "FR") for each in versions], **how)
