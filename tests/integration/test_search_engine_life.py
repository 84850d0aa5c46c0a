"""The index through commits, crashes, rebuilds and damage, seen by readers elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.search.query import parse
from network.search.values import Filters, SearchDocument
from network.search.whoosh_engine import WhooshEngine, building, merging
from network.search.whoosh_engine.codec import CODEC
from network.search.whoosh_engine.schema import SCHEMA
from network.search.whoosh_engine.segment import SegmentView
from network.search.whoosh_engine.snapshot import Snapshot
from network.search.whoosh_engine.store import Generation, Store
from tests.searching import document, key, names, put, search

ROOT = Path(__file__).parents[2]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the index is."""
    return tmp_path / "index"


@pytest.fixture
def writer(directory: Path) -> Iterator[WhooshEngine]:
    """The worker's engine."""
    made = WhooshEngine(directory, patience=0.2)
    yield made
    made.close()


@pytest.fixture
def reader(directory: Path) -> Iterator[WhooshEngine]:
    """A web process's engine."""
    made = WhooshEngine(directory)
    yield made
    made.close()


def studies(engine: WhooshEngine) -> set[str]:
    return set(names(search(engine, "")))


# Commits


def test_one_commit_for_all_changes(writer: WhooshEngine, directory: Path) -> None:
    put(writer, document("a"))
    before = Store(directory).open().number()
    writer.replace({key("a"): [], key("b"): [document("b")], key("c"): [document("c")]})
    assert Store(directory).open().number() == before + 1
    assert studies(writer) == {"b", "c"}


def test_what_is_there_already_is_not_written_again(writer: WhooshEngine, directory: Path) -> None:
    put(writer, document("a", title="Parks"), document("a", "fr", title="Parcs"))
    before = Store(directory).open().number()
    put(writer, document("a", title="Parks"), document("a", "fr", title="Parcs"))
    writer.replace({key("gone"): []})
    assert Store(directory).open().number() == before
    assert len(list(writer.entries())) == 2


def test_a_reader_who_opens_the_index_between_two_commits_opens_it_again(
    writer: WhooshEngine, reader: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(writer, document("s0"))
    read, commits = WhooshEngine._read, iter(range(1, 6))

    def late(self: WhooshEngine, generation: Generation) -> Snapshot:
        if self is reader and (number := next(commits, None)):
            put(writer, document(f"s{number}"))
            raise FileNotFoundError("a commit took it away")
        return read(self, generation)

    monkeypatch.setattr(WhooshEngine, "_read", late)
    assert studies(reader) == {f"s{n}" for n in range(6)}


# Merging


def test_many_commits_make_few_segments_and_lose_nothing(
    writer: WhooshEngine,
    reader: WhooshEngine,
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merging, "MOST_SEGMENTS", 10)
    for i in range(30):
        put(writer, document(f"s{i}", title="Parks", body=f"number {i} " * i, year=2000 + i))
        if i % 7 == 6:
            writer.replace({key(f"s{i - 3}"): []})
    expected = {f"s{i}" for i in range(30)} - {"s3", "s10", "s17", "s24"}
    assert len(Store(directory).open().state().segments) < 2 * merging.FACTOR
    assert set(names(search(reader, "parks"))) == expected
    assert search(reader, "number").facets["year"] == {
        f"{2000 + i}": 1 for i in range(1, 30) if f"s{i}" in expected
    }


def test_tidying_comes_to_an_end_and_changes_no_answer(
    writer: WhooshEngine, reader: WhooshEngine, directory: Path
) -> None:
    put(writer, *(document(f"s{i}", title="Parks", body=f"x{i} " * i) for i in range(20)))
    writer.replace({key(f"s{i}"): [] for i in range(0, 20, 2)})
    before = names(search(reader, "parks"))
    assert writer.tidy()
    assert not writer.tidy()
    assert names(search(reader, "parks")) == before
    (segment,) = Store(directory).open().state().segments
    assert not segment.has_deletions()


def test_tidying_makes_way(writer: WhooshEngine, directory: Path) -> None:
    assert not writer.tidy()
    put(writer, *(document(f"s{i}") for i in range(4)))
    writer.replace({key(f"s{i}"): [] for i in range(3)})
    with Store(directory).writing():
        assert not writer.tidy()
    assert writer.tidy()


# Rebuilding


def test_a_rebuild_leaves_one_generation_even_when_one_before_failed(
    writer: WhooshEngine, reader: WhooshEngine, directory: Path
) -> None:
    put(writer, document("old"))

    def documents() -> Iterator[SearchDocument]:
        yield document("new")
        raise ValueError

    with pytest.raises(ValueError):
        writer.rebuild(documents())
    writer.rebuild(document(f"s{i}") for i in range(120))
    assert search(reader, "").total == 120
    assert len(list(directory.glob("g-*"))) == 1


# Damage


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"other g-1\n", b"g-1", b"../.. x y"])
def test_a_pointer_that_makes_no_sense_counts_as_no_index(
    writer: WhooshEngine, reader: WhooshEngine, directory: Path, content: bytes
) -> None:
    put(writer, document("a"))
    (directory / "current").write_bytes(content)
    assert not search(reader, "").ready
    writer.rebuild([document("a")])
    assert studies(reader) == {"a"}


@pytest.mark.parametrize("pattern", ["*.toc", "*.trm", "*.pst", "*facts.col", "*topics.col"])
@pytest.mark.parametrize("damage", ["missing", "empty", "noise"])
def test_a_damaged_index_is_no_index_and_is_built_anew(
    directory: Path, pattern: str, damage: str
) -> None:
    made = WhooshEngine(directory)
    put(made, *(document(f"s{i}", title="Parks", body=f"x{i} " * 40) for i in range(20)))
    made.close()
    for path in directory.glob(f"g-*/{pattern}"):
        if damage == "missing":
            path.unlink()
        else:
            path.write_bytes(b"" if damage == "empty" else b"\xee" * path.stat().st_size)
    reader = WhooshEngine(directory)
    assert not search(reader, "parks").ready
    assert not reader.ready()
    assert not WhooshEngine(directory).ready()
    made.rebuild([document("a", title="Parks")])
    assert names(search(reader, "parks")) == ["a"]
    reader.close()
    made.close()


# Crashes

_CRASHING = """
import os, signal, sys
from pathlib import Path
from network.search.whoosh_engine import WhooshEngine
from tests.searching import document, key
point, directory = sys.argv[1], Path(sys.argv[2])

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

import whoosh.index
from network.search.whoosh_engine import gathering, store
if point == "flush": gathering.Writer._flush_segment = die
if point == "toc": whoosh.index.TOC.write = die
if point == "clean": whoosh.index.clean_files = die
if point == "publish": store.Store.publish = die
if point == "replace": store.os.replace = die
if point == "sweep":
    begin = store.Store.begin
    store.Store.begin = lambda self: (begin(self), setattr(store.Store, "sweep", die))[0]
engine = WhooshEngine(directory)
if point in ("publish", "replace", "sweep"):
    engine.rebuild([document("new", title="Parks")])
else:
    engine.replace({key("old"): [], key("new"): [document("new", title="Parks")]})
"""


@pytest.mark.parametrize("point", ["flush", "toc", "clean", "publish", "replace", "sweep"])
def test_a_writer_killed_at_any_point_leaves_the_old_or_the_new_and_no_lock(
    writer: WhooshEngine, reader: WhooshEngine, directory: Path, point: str
) -> None:
    put(writer, document("old", title="Parks"))
    done = subprocess.run(
        [sys.executable, "-c", _CRASHING, point, str(directory)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    after_the_change = point in ("clean", "sweep")
    assert names(search(reader, "parks")) == (["new"] if after_the_change else ["old"])
    put(writer, document("next", title="Parks"))
    writer.replace({key("old"): [], key("new"): [document("new", title="Parks")]})
    assert set(names(search(reader, "parks"))) == {"new", "next"}


def test_what_a_killed_writer_leaves_behind_is_cleared_away(
    writer: WhooshEngine, directory: Path
) -> None:
    put(writer, document("old"))
    for point in ("flush", "toc", "publish"):
        subprocess.run(
            [sys.executable, "-c", _CRASHING, point, str(directory)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=False,
        )
    writer.rebuild([document("a")])
    files = {path.name for path in directory.glob("g-*/*")}
    (segment,) = Store(directory).open().state().segments
    assert len(list(directory.glob("g-*"))) == 1
    assert all(n.startswith((segment.segment_id(), "_MAIN_", "MAIN_WRITELOCK")) for n in files)


# What we rely on in the pinned Whoosh


def view(directory: Path) -> SegmentView:
    generation = Store(directory).open()
    (segment,) = generation.state().segments
    return SegmentView(generation.path, segment)


def places_of(segment: SegmentView, number: int) -> list[int]:
    """Where `mot` stands in a document, as Whoosh's own matcher says."""
    matcher = CODEC.terms_reader(segment._storage, segment._segment).matcher(
        "words", b"mot", SCHEMA["words"].format
    )
    matcher.skip_to(number)
    return np.frombuffer(matcher.value(), np.uint16).tolist()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_posting_lists_as_arrays_equal_what_the_matcher_says(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int]
) -> None:
    directory = tmp_path_factory.mktemp("index")
    engine = WhooshEngine(directory)
    engine.rebuild(document(f"s{i}", body="mot autre " * n) for i, n in enumerate(counts))
    segment = view(directory)
    for field in ("en", "words"):
        found = segment.postings(field, "mot")
        expected = {i: n for i, n in enumerate(counts) if n}
        assert dict(zip(found.ids.tolist(), found.weights.tolist(), strict=True)) == expected
    among = np.array([n % 3 > 0 for n in range(len(counts))])
    occurrences = segment.occurrences("mot", among)
    expected_counts = [n if asked else 0 for n, asked in zip(counts, among, strict=True)]
    assert np.bincount(occurrences >> 16, minlength=len(counts)).tolist() == expected_counts


def test_arrays_span_the_codecs_blocks(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "FEW", 2500)  # one segment
    engine = WhooshEngine(directory)
    engine.rebuild(document(f"s{i}", body="mot " * (1 + i % 3)) for i in range(2500))
    segment = view(directory)
    reader = CODEC.terms_reader(segment._storage, segment._segment)
    matcher = reader.matcher("en", b"mot", SCHEMA["en"].format)
    expected = []
    while matcher.is_active():
        expected.append((matcher.id(), matcher.weight()))
        matcher.next()
    reader.close()
    found = segment.postings("en", "mot")
    assert list(zip(found.ids.tolist(), found.weights.tolist(), strict=True)) == expected
    assert len(expected) == 2500
    for some in ([0, 2499], [1023, 1024, 1025], [2048], []):
        among = np.zeros(2500, np.bool_)
        among[some] = True
        places = [n << 16 | place for n in some for place in places_of(segment, n)]
        assert segment.occurrences("mot", among).tolist() == places


def test_no_compound_files_are_written(writer: WhooshEngine, directory: Path) -> None:
    put(writer, document("a"))
    assert not list(directory.glob("g-*/*.seg"))


def test_segments_are_reused_between_commits(writer: WhooshEngine, reader: WhooshEngine) -> None:
    put(writer, document("a"))
    search(reader, "")
    first = list(reader._views.values())
    put(writer, document("b"))
    reader.search(parse(""), Filters(), "en")
    assert first[0] in reader._views.values()
    assert len(reader._views) == 2
