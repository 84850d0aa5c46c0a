"""The index equals the catalogue, whatever happened in between (invariant I8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from network.catalogue import store
from network.catalogue.values import Facts, Version
from network.config import Settings
from network.lib.db import writing
from network.search import service
from network.search.documents import all_documents, documents_for
from network.search.engine import SearchEngine
from network.search.models import SearchState
from network.search.opening import open_search
from network.search.query import parse
from network.search.values import NEWEST, Filters
from network.topics.service import all_topics
from tests.searching import document, key, names, search

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def index(settings: Settings) -> Iterator[SearchEngine]:
    """The engine that goes with the database, without an index yet."""
    made = open_search(settings)
    yield made
    made.close()


def publish(
    session: Session, study: str, lang: str = "en", source_id: int | None = None, **given: Any
) -> None:
    """Put a version into the catalogue."""
    values: dict[str, Any] = {
        "title": "Untitled",
        "summary": "",
        "body_html": "",
        "url": f"https://city.example/{lang}/{study}",
        "published": NOW,
        "updated": NOW,
    }
    version = Version(
        entry_id=f"{key(study)}/{lang}", study_key=key(study), lang=lang, **(values | given)
    )
    with writing(session):
        store.put(session, version, source_id=source_id, received=NOW, country="FR")


def withdraw(session: Session, study: str, lang: str = "en") -> None:
    with writing(session):
        store.remove(session, f"{key(study)}/{lang}")


def test_a_published_study_is_found_by_its_text_and_by_what_surrounds_it(
    session: Session, index: SearchEngine
) -> None:
    publish(
        session,
        "a",
        title="Voting on the city’s money",
        body_html="<h2>Approach</h2><p>Residents <b>decide</b></p><p>together.</p>",
        city="paris",
        topics=("participatory-budgeting",),
        legal_basis="Code général",
        facts=Facts(status="running", start="2014-09", partners=("Decidim",)),
    )
    service.index_studies(session, index, [key("a")])
    for asked in (
        "money", "residents decide", "paris", "france", "budget participatif", "decidim",
        "code général", "city:paris", "city:france", "topic:budget-participatif",
        "topic:participatory-budgeting",
    ):  # fmt: skip
        assert names(search(index, asked, lang="fr")) == ["a"], asked
    facets = search(index, "").facets
    assert facets == {
        "topic": {"participatory-budgeting": 1},
        "city": {"paris": 1},
        "country": {"FR": 1},
        "size": {"1m-5m": 1},
        "status": {"running": 1},
        "year": {"2014": 1},
        "language": {"en": 1},
    }


def test_every_shipped_topic_is_found_by_its_slug_and_name_in_both_languages(
    session: Session, index: SearchEngine
) -> None:
    topics = all_topics(session)
    for topic in topics:
        publish(session, topic.slug, topics=(topic.slug,))
    service.reindex(session, index)
    for topic in topics:
        for given in topic.titles():
            found = names(search(index, f'topic:"{given}"'))
            assert topic.slug in found, given


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_synonym_of_a_topic_finds_a_study_that_says_it_in_neither_language(
    session: Session, index: SearchEngine, lang: str
) -> None:
    topics = all_topics(session)
    for topic in topics:
        publish(session, topic.slug, lang, title="Xyzzy", topics=(topic.slug,))
    service.reindex(session, index)
    for topic in topics:
        for given in topic.all_synonyms():
            for reader in ("fr", "en"):
                found = search(index, given, lang=reader)
                assert topic.slug in names(found), (given, reader)


def test_indexing_follows_edits_translations_and_withdrawals(
    session: Session, index: SearchEngine
) -> None:
    publish(session, "a", title="Parks")
    service.index_studies(session, index, [key("a")])
    publish(session, "a", title="Frobs")
    publish(session, "a", "fr", title="Bidules")
    service.index_studies(session, index, [key("a")])
    assert names(search(index, "parks")) == []
    assert [h.lang for h in search(index, "frobs", lang="fr").hits] == ["fr"]
    withdraw(session, "a", "fr")
    service.index_studies(session, index, [key("a")])
    assert search(index, "bidules", lang="fr").total == 0
    withdraw(session, "a")
    service.index_studies(session, index, [key("a")])
    assert search(index, "").total == 0


def test_what_a_blocked_source_sent_vanishes_and_returns(
    session: Session, index: SearchEngine
) -> None:
    publish(session, "a", title="Parks", source_id=7)
    publish(session, "b", title="Parks")
    service.reindex(session, index)
    for shown, expected in ((False, {"b"}), (True, {"a", "b"})):
        with writing(session):
            keys = store.show_source(session, 7, shown)
        service.index_studies(session, index, keys)
        assert set(names(search(index, "parks"))) == expected


def test_the_first_study_to_index_brings_all_the_others(
    session: Session, index: SearchEngine
) -> None:
    publish(session, "a")
    publish(session, "b")
    service.index_studies(session, index, [key("b")])
    assert set(names(search(index, ""))) == {"a", "b"}


def test_indexing_twice_holds_everything_once(session: Session, index: SearchEngine) -> None:
    publish(session, "a")
    for _ in range(2):
        service.index_studies(session, index, [key("a"), key("a"), key("unknown")])
    assert len(list(index.entries())) == 1


def test_a_date_in_the_future_does_not_come_first(session: Session, index: SearchEngine) -> None:
    publish(session, "future", published=datetime(2099, 1, 1, tzinfo=UTC))
    service.reindex(session, index)
    (hit,) = index.search(parse(""), Filters(), "en", sort=NEWEST).hits
    assert hit.study_key == key("future")
    (made,) = all_documents(session)
    assert made.published == NOW


def test_repair_mends_whatever_differs_and_nothing_else(
    session: Session, index: SearchEngine
) -> None:
    for study in ("same", "edited", "withdrawn"):
        publish(session, study, title="Parks")
    service.reindex(session, index)
    index.replace({key("ghost"): [document("ghost", title="Parks")]})
    publish(session, "edited", title="Gardens")
    publish(session, "new", title="Trees")
    withdraw(session, "withdrawn")

    expected = [key(study) for study in ("edited", "ghost", "new", "withdrawn")]
    assert service.differences(session, index) == expected
    assert service.repair(session, index) == 4
    assert service.differences(session, index) == []
    assert service.repair(session, index) == 0
    assert set(names(search(index, ""))) == {"same", "edited", "new"}
    assert names(search(index, "gardens")) == ["edited"]


def test_repair_builds_a_missing_or_damaged_index(
    session: Session, index: SearchEngine, tmp_path: Path
) -> None:
    publish(session, "a", title="Parks")
    assert service.differences(session, index) is None
    assert service.repair(session, index) == 1
    for path in (tmp_path / "index").glob("g-*/*.toc"):
        path.write_bytes(b"damaged")
    with writing(session):
        session.execute(update(SearchState).values(format="of another version"))
    index.close()
    assert service.differences(session, index) is None
    service.repair(session, index)
    assert names(search(index, "parks")) == ["a"]


def test_upkeep_builds_what_is_missing_and_then_rests(
    session: Session, index: SearchEngine
) -> None:
    publish(session, "a", title="Parks")
    assert service.upkeep(session, index)
    assert names(search(index, "parks")) == ["a"]
    assert not service.upkeep(session, index)


def test_a_change_during_a_rebuild_is_in_it_or_comes_after(
    session: Session, index: SearchEngine
) -> None:
    """The rows are read only once nobody else can write to the index."""
    publish(session, "a", title="Parks")
    assert list(all_documents(session))  # a snapshot is open now
    with Session(session.get_bind(), expire_on_commit=False) as other:
        publish(other, "a", title="Gardens")
    service.reindex(session, index)
    assert names(search(index, "gardens")) == ["a"]


def test_documents_are_given_for_every_key_asked_for(session: Session) -> None:
    publish(session, "a")
    publish(session, "a", "fr")
    found = documents_for(session, [key("a"), key("gone")])
    assert {k: len(v) for k, v in found.items()} == {key("a"): 2, key("gone"): 0}
    assert {d.entry_id for d in found[key("a")]} == {f"{key('a')}/en", f"{key('a')}/fr"}


def test_a_fingerprint_is_of_the_content_alone(session: Session) -> None:
    publish(session, "a", title="Parks", topics=("mobility", "youth"))
    first = [d.fingerprint for d in all_documents(session)]
    session.rollback()
    session.expunge_all()
    assert [d.fingerprint for d in all_documents(session)] == first
    publish(session, "a", title="Gardens", topics=("mobility", "youth"))
    assert [d.fingerprint for d in all_documents(session)] != first
