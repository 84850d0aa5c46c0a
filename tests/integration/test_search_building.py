"""A rebuild uses every core, and what a process leaves behind hurts nobody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.search.whoosh_engine import WhooshEngine, building
from tests.searching import document, key, names, put, search


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WhooshEngine]:
    """An engine that builds even a small index in two processes."""
    monkeypatch.setattr(building, "FEW", 60)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    made = WhooshEngine(tmp_path / "index")
    yield made
    made.close()


def documents(number: int) -> list:
    return [
        document(f"s{i}", title=f"Parks number{i}", body="trees and grass") for i in range(number)
    ]


def test_parts_become_one_index(index: WhooshEngine, tmp_path: Path) -> None:
    told: list[int] = []
    index.rebuild(documents(230), told.append)
    assert told[-1] == 230
    assert told == sorted(told)
    assert search(index, "parks").total == 230
    assert names(search(index, "number123")) == ["s123"]
    assert len({entry.entry_id for entry in index.entries()}) == 230
    assert len(index._current().segments) == 2
    (generation,) = (tmp_path / "index").glob("g-*")
    assert not [path for path in generation.iterdir() if path.is_dir()]


def test_an_index_of_parts_goes_on_like_any_other(index: WhooshEngine) -> None:
    index.rebuild(documents(130))
    put(index, document("s7", title="Gardens"), document("new", title="Parks anew"))
    index.replace({key("s8"): []})
    while index.tidy():
        pass
    assert search(index, "parks").total == 129
    assert names(search(index, "gardens")) == ["s7"]


def test_a_process_that_dies_fails_the_rebuild_and_leaves_the_live_index(
    index: WhooshEngine, tmp_path: Path
) -> None:
    index.rebuild(documents(10))

    def dying() -> Iterator:
        yield from documents(120)
        for process in _children():
            os.kill(process, 9)
        yield from documents(5_000)

    with pytest.raises(RuntimeError, match="a process that builds the index"):
        index.rebuild(dying())
    assert search(index, "parks").total == 10
    index.rebuild(documents(100))
    assert search(index, "parks").total == 100
    assert len(list((tmp_path / "index").glob("g-*"))) == 1
    assert _children() == []


def test_a_fault_in_reading_documents_ends_the_processes(index: WhooshEngine) -> None:
    def faulty() -> Iterator:
        yield from documents(120)
        raise ValueError("the database is away")

    with pytest.raises(ValueError, match="away"):
        index.rebuild(faulty())
    assert _children() == []
    assert not index.ready()


def _children() -> list[int]:
    """The processes that build parts for us."""
    given = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [
        int(number)
        for number in given
        if b"whoosh_engine.building" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]
