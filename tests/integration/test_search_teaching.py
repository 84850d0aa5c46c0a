"""The network's own translations teach its search, in the database, for every process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue import store
from network.catalogue.models import Study
from network.catalogue.values import Version
from network.lib import clock
from network.lib.db import writing
from network.search import analysis, service, teaching
from network.search.lexicon import Lexicon
from network.search.models import LearntLexicon
from network.search.teaching import Taught
from network.search.whoosh_engine import WhooshEngine
from tests.searching import document, key, names, put, search

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = {"zibble": "quorphe", "wombat": "tasmien", "grolf": "pluvette", "snark": "crapouille"}


@pytest.fixture
def taught(session: Session) -> Taught:
    """The lexicon as another process would ask for it."""
    return Taught(lambda: Session(session.get_bind()))


@pytest.fixture
def index(tmp_path: Path, taught: Taught) -> Iterator[WhooshEngine]:
    """An engine that goes by the lexicon."""
    made = WhooshEngine(tmp_path / "index", lexicon=taught)
    yield made
    made.close()


def publish(session: Session, study: str, lang: str, title: str, when: datetime = NOW) -> None:
    """Put a version into the catalogue."""
    version = Version(
        entry_id=f"{key(study)}/{lang}", study_key=key(study), lang=lang, title=title, summary="",
        body_html="", url=f"https://city.example/{lang}/{study}", published=when, updated=when,
    )  # fmt: skip
    with writing(session):
        store.put(session, version, source_id=None, received=when, country="FR")


def translate(session: Session, number: int, when: datetime = NOW) -> None:
    """Publish studies in both languages, of two made-up words each."""
    pairs = list(WORDS.items())
    for i in range(number):
        (one, un), (two, deux) = pairs[i % 4], pairs[(i + 1 + i // 4) % 4]
        publish(session, f"t{i}", "en", f"{one} {two}", when)
        publish(session, f"t{i}", "fr", f"{un} {deux}", when)


def rows(session: Session) -> list[LearntLexicon]:
    session.rollback()
    return list(session.scalars(select(LearntLexicon)))


def test_a_word_learnt_from_translations_finds_a_study_in_the_other_language(
    session: Session, index: WhooshEngine
) -> None:
    translate(session, 12)
    publish(session, "alone", "en", "A grolf by the river")
    publish(session, "seul", "fr", "Un tasmien sur la place")
    service.reindex(session, index)
    assert "alone" not in names(search(index, "pluvette", lang="fr"))
    assert teaching.learn_if_due(session)
    index._lexicon._look_at = 0.0  # the ten seconds are over
    found = search(index, "pluvettes", lang="fr")
    hit = {hit.study_key: hit for hit in found.hits}[key("alone")]
    assert (hit.lang, hit.found_in) == ("en", "en")
    assert "<mark>grolf</mark>" in hit.title_html
    assert "seul" in names(search(index, "wombat", lang="en"))
    assert found.did_you_mean is None
    assert len(found.hits) == len({one.study_key for one in found.hits})


def test_a_study_that_lacks_the_language_is_found_by_a_less_likely_translation(
    session: Session, tmp_path: Path
) -> None:
    stem = analysis.language("fr").stem
    lexicon = Lexicon.of([("grolf", stem("pluvette"), 0.9), ("grolf", stem("crapouille"), 0.2)])
    publish(session, "seul", "fr", "Un crapouille sur la place")
    publish(session, "autre", "fr", "La rue")
    index = WhooshEngine(tmp_path / "index", lexicon=lambda: lexicon)
    service.reindex(session, index)
    assert names(search(index, "grolf", lang="en")) == ["seul"]
    index.close()


def test_nothing_is_learnt_where_nothing_is_translated(session: Session) -> None:
    publish(session, "a", "en", "Parks")
    assert not teaching.learn_if_due(session)
    assert rows(session) == []


def test_it_is_learnt_anew_only_when_enough_changed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    translate(session, 40)
    assert teaching.learn_if_due(session)
    assert not teaching.learn_if_due(session)
    later = NOW + timedelta(hours=2)
    publish(session, "t0", "fr", "quorphe nouveau", later)
    assert not teaching.learn_if_due(session), "one of forty"
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=2))
    assert teaching.learn_if_due(session), "one of forty, a day later"
    for i in range(3):
        publish(session, f"t{i}", "fr", "quorphe encore", NOW + timedelta(days=3))
    assert teaching.learn_if_due(session), "three of forty"
    (row,) = rows(session)
    assert (row.version, row.studies) == (3, 40)


@pytest.mark.parametrize("stems", [None, "3-2.2.0"])
def test_a_lexicon_of_other_stems_is_learnt_anew(session: Session, stems: str | None) -> None:
    translate(session, 12)
    assert teaching.learn_if_due(session)
    (row,) = rows(session)
    with writing(session):
        row.stems = stems
    assert teaching.learn_if_due(session)
    assert not teaching.learn_if_due(session)


def test_what_is_not_shown_teaches_nothing(session: Session) -> None:
    translate(session, 12)
    with writing(session):
        for study in session.scalars(select(Study)):
            study.shown = False
    assert not teaching.learn_if_due(session)


def test_a_process_sees_the_newer_lexicon_and_keeps_its_own_meanwhile(
    session: Session, taught: Taught
) -> None:
    assert taught().words["fr"].get("quorph") is None
    translate(session, 12)
    teaching.learn_if_due(session)
    assert taught().words["fr"].get("quorph") is None
    taught._look_at = 0.0
    assert [m.stem for m in taught().words["fr"]["quorph"]][:1] == ["zibbl"]
    assert taught() is taught()


def test_without_a_database_the_shipped_lexicon_serves() -> None:
    def broken() -> Session:
        raise OSError("the database is away")

    assert Taught(broken)() is teaching.shipped()


@pytest.mark.parametrize(
    ("lang", "asked", "other"),
    [("fr", "logement", "Housing"), ("en", "bike", "Des vélos"), ("fr", "déchets", "Waste"),
     ("en", "homelessness", "Le sans-abrisme"), ("fr", "toilettes", "Toilets")],
)  # fmt: skip
def test_a_new_site_knows_the_words_of_cities(
    session: Session, index: WhooshEngine, lang: str, asked: str, other: str
) -> None:
    publish(session, "a", "en" if lang == "fr" else "fr", other)
    service.reindex(session, index)
    assert names(search(index, asked, lang=lang)) == ["a"]


@pytest.fixture
def taught_engine(tmp_path: Path) -> WhooshEngine:
    """An engine that knows one word of the other language."""
    known = Lexicon.of([("grolf", analysis.language("fr").stem("pluvette"), 0.9)])
    return WhooshEngine(tmp_path / "taught", lexicon=lambda: known)


def test_a_title_in_the_other_language_is_a_title(taught_engine: WhooshEngine) -> None:
    long = " ".join(f"mot{i}" for i in range(30))
    put(
        taught_engine,
        document("title", "fr", title="Pluvette ouverte", body=long),
        document("text", "fr", title="Autre", body=f"{long} pluvette pluvette"),
        document("english", "en", body="nothing"),
    )
    scores = {hit.study_key: hit.score for hit in search(taught_engine, "grolf").hits}
    assert scores[key("title")] > 1.4 * scores[key("text")]


def test_a_translation_counts_everywhere_where_nobody_has_the_word(
    taught_engine: WhooshEngine,
) -> None:
    put(
        taught_engine,
        document("both", "fr", body="des pluvettes sur le lycée"),
        document("both", "en", body="on top of the school"),
    )
    assert names(search(taught_engine, "grolf")) == ["both"]
    put(taught_engine, document("word", "en", body="a grolf on top"))
    assert names(search(taught_engine, "grolf")) == ["word"]
