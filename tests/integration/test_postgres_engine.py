"""The index in PostgreSQL: equal to Whoosh's for a reader, and shared by several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from whoosh.util.numeric import byte_to_length, length_to_byte

from network import config
from network.search.engine import IndexMissing
from network.search.inverting import invert
from network.search.opening import open_search
from network.search.postgres_engine import PostgresEngine, blocks
from network.search.postgres_engine.runs import merged, read_rows, run_of, unpacked
from network.search.postings import rounded
from network.search.query import parse
from network.search.values import NEWEST, RELEVANCE, Filters, SearchDocument
from network.search.whoosh_engine import WhooshEngine
from tests.searching import document, key, names, put, search

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.postgresql


@pytest.fixture
def writer(index_url: str) -> Iterator[PostgresEngine]:
    """The worker's engine."""
    made = PostgresEngine(index_url, patience=0.2)
    yield made
    made.close()


@pytest.fixture
def reader(index_url: str) -> Iterator[PostgresEngine]:
    """A web process's engine, on another machine perhaps."""
    made = PostgresEngine(index_url)
    yield made
    made.close()


def count(url: str, table: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return int(found or 0)


# Equal to Whoosh

WORDS = (
    "logement", "logements", "logemant", "l’été", "ete", "école", "porte-parole", "porteparole",
    "travaux", "travail", "housing", "houses", "house", "parks", "park", "participatif", "R&D",
    "1 000", "the", "de", "la", "budget", "budgets", "bugdet",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)


@st.composite
def documents(draw: st.DrawFn) -> SearchDocument:
    topic = draw(st.sampled_from(["housing", "parks"]))
    city = draw(st.sampled_from(["paris", "lyon", None]))
    return document(
        draw(st.sampled_from("abcdefg")),
        draw(st.sampled_from(["fr", "en", "es"])),
        title=draw(texts),
        summary=draw(texts),
        body=draw(texts),
        published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 3))),
        topics=(topic,),
        topic_words=(("en", topic), ("fr", "logement" if topic == "housing" else "parcs")),
        city=city,
        city_words=(("fr", city),) if city else (),
        year=draw(st.sampled_from([2020, 2021, None])),
        completeness=draw(st.sampled_from([0.0, 0.5, 1.0])),
    )


CLAUSES = (*WORDS, '"budget participatif"', '"la école"', "-park", "city:paris", "topic:parks")
queries = st.lists(st.sampled_from(CLAUSES), max_size=4).map(" ".join)
Change = dict[str, list[SearchDocument]]


def together(given: Sequence[SearchDocument]) -> Change:
    """The documents by study, the last of each version."""
    versions = {d.entry_id: d for d in given}.values()
    return {k: [d for d in versions if d.study_key == k] for k in {d.study_key for d in versions}}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=st.lists(documents(), max_size=8),
    then=st.lists(documents(), max_size=5),
    gone=st.sets(st.sampled_from("abcdefg"), max_size=3),
    gather=st.booleans(),
    asked=st.lists(queries, min_size=1, max_size=4),
    filters=st.sampled_from([Filters(), Filters(topic="parks"), Filters(language="fr")]),
)
def test_a_reader_gets_the_same_from_both_engines(
    writer: PostgresEngine,
    tmp_path_factory: pytest.TempPathFactory,
    first: list[SearchDocument],
    then: list[SearchDocument],
    gone: set[str],
    gather: bool,
    asked: list[str],
    filters: Filters,
) -> None:
    whoosh = WhooshEngine(tmp_path_factory.mktemp("index"))
    for engine in (whoosh, writer):
        engine.rebuild(d for versions in together(first).values() for d in versions)
        engine.replace(together(then))
        engine.replace({key(study): [] for study in gone})
    if gather:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(blocks, "FRESH", 1)
            while writer.tidy():
                pass
    for query in asked:
        for lang in ("fr", "en"):
            for sort in (RELEVANCE, NEWEST):
                theirs, ours = (
                    engine.search(parse(query), filters, lang, limit=100, sort=sort)
                    for engine in (whoosh, writer)
                )
                assert ours == theirs
    assert set(writer.entries()) == set(whoosh.entries())
    whoosh.close()


def test_lengths_are_rounded_as_whoosh_rounds_them() -> None:
    for length in [*range(3000), *range(3000, 200_000, 97)]:
        assert rounded(length) == byte_to_length(length_to_byte(length))


@given(st.lists(documents(), max_size=6))
def test_postings_come_back_from_bytes_as_they_were(given: list[SearchDocument]) -> None:
    parts = [run_of(invert([each]), 7 + 3 * i) for i, each in enumerate(given)]
    fresh = [unpacked(each.packed(), 7 + 3 * i) for i, each in enumerate(parts)]
    run = merged(parts)
    for other in (read_rows(run.rows(7), 7), merged([merged([]), *fresh])):
        for mine, theirs in zip(
            (run.terms, run.documents, run.weights, run.counts, run.places),
            (other.terms, other.documents, other.weights, other.counts, other.places),
            strict=True,
        ):
            assert np.array_equal(mine, theirs)


# Blocks


def test_fresh_documents_become_blocks_and_no_answer_changes(
    writer: PostgresEngine,
    reader: PostgresEngine,
    index_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "FRESH", 4)
    monkeypatch.setattr(blocks, "BLOCK", 10)
    for i in range(23):
        put(writer, document(f"s{i}", title=f"Parks {i}", body=f"the parks of x{i} " * i))
        if i % 6 == 5:
            writer.replace({key(f"s{i - 3}"): []})
        if i % 5 == 4:
            before = search(reader, "parks"), search(reader, '"parks of"')
            while writer.tidy():
                pass
            assert (search(reader, "parks"), search(reader, '"parks of"')) == before
            assert count(index_url, "search_fresh") < 4
    assert 2 <= count(index_url, "search_block") <= 5
    assert not writer.tidy()


def test_neglect_has_an_end(
    writer: PostgresEngine, reader: PostgresEngine, index_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MOST_FRESH", 5)
    for i in range(14):
        put(writer, document(f"s{i}", title="Parks"))
        assert count(index_url, "search_fresh") <= 5
    assert search(reader, "parks").total == 14


def test_a_block_that_lost_many_documents_is_written_again(
    writer: PostgresEngine, reader: PostgresEngine, index_url: str
) -> None:
    writer.rebuild([document(f"s{i}", title="Parks", body=f"x{i}") for i in range(10)])
    before = count(index_url, "search_posting")
    writer.replace({key(f"s{i}"): [] for i in range(2)})
    assert not writer.tidy()
    writer.replace({key("s2"): [], key("s3"): []})
    assert writer.tidy()
    assert not writer.tidy()
    assert count(index_url, "search_posting") < before
    assert search(reader, "parks").total == 6
    writer.replace({key(f"s{i}"): [] for i in range(10)})
    assert writer.tidy()
    assert count(index_url, "search_posting") == 0
    assert search(reader, "parks").total == 0


def test_removals_are_forgotten_and_a_reader_who_slept_reads_everything(
    writer: PostgresEngine, reader: PostgresEngine, index_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "KEPT", 3)
    monkeypatch.setattr(blocks, "FRESH", 1)
    put(writer, *(document(f"s{i}", title="Parks") for i in range(9)))
    assert search(reader, "parks").total == 9
    for i in range(7):
        writer.replace({key(f"s{i}"): []})
    while writer.tidy():
        pass
    put(writer, document("new", title="Parks"))
    while writer.tidy():
        pass
    assert count(index_url, "search_removal") <= 3
    assert set(names(search(reader, "parks"))) == {"s7", "s8", "new"}


def test_a_change_of_one_study_reads_no_other(
    writer: PostgresEngine, reader: PostgresEngine, index_url: str
) -> None:
    writer.rebuild([document(f"s{i}", title="Parks") for i in range(5)])
    assert search(reader, "parks").total == 5
    engine = create_engine(index_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE search_text SET facts = ''"))  # reading one would fail
    engine.dispose()
    put(writer, document("new", title="Parks"))
    writer.replace({key("s1"): []})
    assert set(names(search(reader, "parks"))) == {"s0", "s2", "s3", "s4", "new"}


# Several processes

_WRITING = """
import sys
from network.search.engine import IndexBusy
from network.search.postgres_engine import PostgresEngine
from tests.searching import document, key
url, name = sys.argv[1:]
engine = PostgresEngine(url, patience=60)
for i in range(20):
    engine.replace({key(f"{name}{i}"): [document(f"{name}{i}", title="Parks")],
                    key("shared"): [document("shared", title=f"Parks {name} {i}")]})
    if i % 4 == 3:
        engine.replace({key(f"{name}{i}"): []})
        engine.tidy()
engine.close()
"""


def started(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_two_processes_write_and_others_read_at_once(
    writer: PostgresEngine, reader: PostgresEngine, index_url: str
) -> None:
    writer.rebuild([document("shared", title="Parks")])
    processes = [started(_WRITING, index_url, name) for name in ("a", "b")]
    faults: list[object] = []

    def read() -> None:
        while any(process.poll() is None for process in processes):
            results = search(reader, "parks")
            listed = names(results)
            if not results.ready or len(set(listed)) != results.total or "shared" not in listed:
                faults.append(results)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in processes] == [0, 0]
    assert not faults
    kept = {f"{name}{i}" for name in "ab" for i in range(20) if i % 4 != 3}
    assert set(names(search(reader, "parks"))) == kept | {"shared"}
    assert len(list(reader.entries())) == len(kept) + 1


_CRASHING = """
import os, signal, sys
from network.search.postgres_engine import PostgresEngine, database, writing
from tests.searching import document, key
point, url = sys.argv[1:]

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

if point == "removed": writing._add_texts = die
if point == "written": database.set_state = die
if point == "block": writing.add_block = die
engine = PostgresEngine(url)
if point == "rebuild": database.set_state = die
if point in ("rebuild", "block"):
    engine.rebuild([document("new", title="Parks")])
else:
    engine.replace({key("old"): [], key("new"): [document("new", title="Parks")]})
"""


@pytest.mark.parametrize("point", ["removed", "written", "block", "rebuild"])
def test_a_writer_killed_in_its_transaction_changes_nothing_and_keeps_no_lock(
    writer: PostgresEngine, reader: PostgresEngine, index_url: str, point: str
) -> None:
    put(writer, document("old", title="Parks"))
    assert started(_CRASHING, point, index_url).wait() == -signal.SIGKILL
    assert names(search(reader, "parks")) == ["old"]
    patient = PostgresEngine(index_url)
    patient.replace({key("old"): [], key("new"): [document("new", title="Parks")]})
    patient.close()
    assert names(search(reader, "parks")) == ["new"]


def test_a_reader_that_is_under_way_sees_one_state(
    writer: PostgresEngine, reader: PostgresEngine
) -> None:
    put(writer, document("a", title="Parks", body="one"), document("b", title="Parks"))
    with reader._library() as library:
        writer.replace({key("a"): []})
        writer.rebuild([document("c", title="Trees")])
        assert len(library.postings("words", "parks").ids) == 2
        assert {library.stored(n)["title"] for n in range(2)} == {"Parks"}
        assert search(reader, "parks").total == 0
    assert names(search(reader, "trees")) == ["c"]


def test_whoever_began_earlier_does_not_bring_back_what_is_gone(
    writer: PostgresEngine, reader: PostgresEngine
) -> None:
    put(writer, document("a", title="Parks"))
    with reader._engine.connect() as early:
        early.execute(text("SELECT version FROM search_state"))  # its view begins here
        writer.replace({key("a"): []})
        assert search(reader, "parks").total == 0
        assert reader._snapshot(early) is None
    assert search(reader, "parks").total == 0


# Without an index


def test_a_database_that_is_away_is_told_and_comes_back(
    index_url: str, reader: PostgresEngine
) -> None:
    away = PostgresEngine(index_url.replace("searching", "nowhere"))
    assert not away.ready()
    assert not search(away, "parks").ready
    away.close()
    assert not reader.ready()
    reader.rebuild([])
    assert reader.ready()


def test_an_index_of_another_version_is_built_anew(
    writer: PostgresEngine, reader: PostgresEngine, index_url: str
) -> None:
    put(writer, document("a", title="Parks"))
    assert search(reader, "parks").ready
    engine = create_engine(index_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE search_state SET format = 'older'"))
    engine.dispose()
    assert not search(reader, "parks").ready
    with pytest.raises(IndexMissing):
        writer.replace({})
    writer.rebuild([document("b", title="Parks")])
    assert names(search(reader, "parks")) == ["b"]
    assert count(index_url, "search_state") == 1


def test_the_database_alone_chooses_the_engine(tmp_path: Path, index_url: str) -> None:
    for url, kind in ((index_url, PostgresEngine), ("", WhooshEngine)):
        given = {"PIONEER_HOME": str(tmp_path), "PIONEER_DATABASE_URL": url}
        opened = open_search(config.load(given))
        assert isinstance(opened, kind)
        opened.close()
    assert not (tmp_path / "index").exists()
