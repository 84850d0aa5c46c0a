"""An index through commits and rebuilds, seen by readers elsewhere, whichever engine keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from network.search import inverting
from network.search.engine import IndexBusy, IndexMissing, SearchEngine
from network.search.values import SearchDocument
from tests.searching import document, key, names, put, search


@pytest.fixture
def writer(open_index: Callable[..., SearchEngine]) -> SearchEngine:
    """The worker's engine."""
    return open_index(patience=0.2)


@pytest.fixture
def reader(open_index: Callable[..., SearchEngine]) -> SearchEngine:
    """A web process's engine."""
    return open_index()


def studies(engine: SearchEngine) -> set[str]:
    return set(names(search(engine, "")))


def test_a_reader_sees_each_commit(writer: SearchEngine, reader: SearchEngine) -> None:
    put(writer, document("a", title="Parks"))
    assert names(search(reader, "parks")) == ["a"]
    put(writer, document("b", title="Parks"))
    assert set(names(search(reader, "parks"))) == {"a", "b"}
    put(writer, document("a", title="Trees"))
    assert names(search(reader, "parks")) == ["b"]
    assert names(search(reader, "trees")) == ["a"]


def test_what_is_withdrawn_is_gone_at_once(writer: SearchEngine, reader: SearchEngine) -> None:
    put(writer, *(document(f"s{i}", title="Parks") for i in range(5)))
    assert search(reader, "parks").total == 5
    writer.replace({key("s3"): []})
    results = search(reader, "parks")
    assert "s3" not in names(results)
    assert results.total == 4 == results.facets["language"]["en"]


def test_a_withdrawn_version_leaves_the_others(writer: SearchEngine, reader: SearchEngine) -> None:
    put(writer, document("a", "fr", title="Arbres"), document("a", "en", title="Zzyzx"))
    put(writer, document("a", "fr", title="Arbres"))
    assert search(reader, "zzyzx").total == 0
    assert names(search(reader, "arbres")) == ["a"]


def test_an_entry_that_moves_to_another_study_is_held_once(writer: SearchEngine) -> None:
    first = document("a", title="Parks")
    put(writer, first)
    put(writer, replace(first, study_key=key("b")))
    assert [entry.study_key for entry in writer.entries()] == [key("b")]


def test_entries_tell_what_is_held(writer: SearchEngine) -> None:
    held = [document("a", "fr", title="É"), document("a", "en"), document("b")]
    put(writer, *held)
    assert {(e.entry_id, e.study_key, e.fingerprint) for e in writer.entries()} == {
        (d.entry_id, d.study_key, d.fingerprint) for d in held
    }


def test_a_writer_that_fails_changes_nothing(writer: SearchEngine, reader: SearchEngine) -> None:
    put(writer, document("a", title="Parks"))
    with pytest.raises(TypeError):
        writer.replace({key("b"): [document("b", title=None)]})
    assert studies(reader) == {"a"}
    put(writer, document("b"))
    assert studies(reader) == {"a", "b"}


def test_readers_are_served_while_a_writer_works(
    writer: SearchEngine, reader: SearchEngine
) -> None:
    put(writer, document("s0", title="Parks"))
    stop, faults = threading.Event(), []

    def read() -> None:
        seen = 0
        while not stop.is_set():
            results = search(reader, "parks")
            if not results.ready or results.total < seen or len(results.hits) != results.total:
                faults.append(results)
            seen = results.total

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(1, 25):
        put(writer, document(f"s{i}", title="Parks"))
    writer.rebuild(document(f"s{i}", title="Parks") for i in range(25))
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert search(reader, "parks").total == 25


def test_without_an_index_readers_are_told_and_writers_refused(
    writer: SearchEngine, reader: SearchEngine
) -> None:
    results = search(reader, "parks")
    assert (results.ready, results.total, results.hits) == (False, 0, [])
    assert results.message is not None
    assert not reader.ready()
    with pytest.raises(IndexMissing):
        writer.replace({key("a"): []})
    with pytest.raises(IndexMissing):
        writer.entries()


def test_the_live_index_serves_until_the_new_one_is_whole(
    writer: SearchEngine, reader: SearchEngine
) -> None:
    put(writer, document("old"))

    def documents() -> Iterator[SearchDocument]:
        yield document("new")
        assert studies(reader) == {"old"}

    writer.rebuild(documents())
    assert studies(reader) == {"new"}


def test_an_empty_index_is_ready(writer: SearchEngine, reader: SearchEngine) -> None:
    writer.rebuild([])
    results = search(reader, "parks")
    assert results.ready
    assert results.total == search(reader, "").total == 0


def test_what_is_there_already_is_not_written_again(
    writer: SearchEngine, reader: SearchEngine
) -> None:
    put(writer, document("a", title="Parks"), document("a", "fr", title="Parcs"))
    put(writer, document("a", title="Parks"), document("a", "fr", title="Parcs"))
    writer.replace({key("gone"): []})
    assert len(list(reader.entries())) == 2


def test_a_rebuild_holds_exactly_its_documents_and_tells_its_progress(
    writer: SearchEngine, reader: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inverting, "AT_ONCE", 500)
    put(writer, document("old", title="Parks"))
    assert studies(reader) == {"old"}
    told: list[int] = []
    writer.rebuild((document(f"s{i}", body="0123456789") for i in range(120)), told.append)
    assert search(reader, "").total == 120
    assert "old" not in studies(reader)
    assert told == [50, 100, 120]


def test_a_rebuild_that_fails_leaves_the_live_index(
    writer: SearchEngine, reader: SearchEngine
) -> None:
    put(writer, document("old"))

    def documents() -> Iterator[SearchDocument]:
        yield document("new")
        raise ValueError

    with pytest.raises(ValueError):
        writer.rebuild(documents())
    assert studies(reader) == {"old"}
    writer.rebuild([document("new")])
    assert studies(reader) == {"new"}


def test_a_second_writer_is_refused_after_its_patience(
    writer: SearchEngine, reader: SearchEngine
) -> None:
    writer.rebuild([])

    def documents() -> Iterator[SearchDocument]:
        with pytest.raises(IndexBusy):
            writer.replace({key("a"): [document("a")]})
        assert not writer.tidy()
        yield document("b")

    reader.rebuild(documents())
    put(writer, document("a"))
    assert studies(writer) == {"a", "b"}
