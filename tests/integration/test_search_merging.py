"""Much is merged in a process of its own; the index is written and read meanwhile."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.search.whoosh_engine import WhooshEngine, merging
from network.search.whoosh_engine.store import Store
from tests.searching import document, key, names, put, search


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the index is."""
    return tmp_path / "index"


@pytest.fixture
def index(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WhooshEngine]:
    """An engine to which eight documents are many."""
    monkeypatch.setattr(merging, "SMALL", 7)
    made = WhooshEngine(directory)
    yield made
    made.close()


def fill(index: WhooshEngine, commits: int = merging.FACTOR) -> None:
    """As many segments as make it time to merge, of two documents each."""
    for i in range(commits):
        put(
            index, document(f"s{i}", title=f"Parks number{i}", body=f"trees {i}"), document(f"t{i}")
        )


def begin(index: WhooshEngine) -> None:
    """Start merging."""
    assert not index.tidy()
    assert index._merge is not None
    assert index._merge.running


def end(index: WhooshEngine) -> bool:
    """Wait for the process; gives what upkeep says then."""
    assert index._merge is not None
    index._merge._process.wait()
    return index.tidy()


def segments(directory: Path) -> list[int]:
    """The size of each segment."""
    return sorted(s.doc_count() for s in Store(directory).open().state().segments)


def leftovers(directory: Path) -> list[Path]:
    return list(directory.glob("g-*/merge-*"))


def test_the_index_is_written_while_much_is_merged(index: WhooshEngine, directory: Path) -> None:
    fill(index)
    index.replace({key("t0"): []})
    begin(index)
    put(index, document("new", title="Parks anew"), document("s1", title="Gardens"))
    index.replace({key("s2"): [], key("t0"): [document("t0", title="Parks again")]})
    expected = {"new", "t0", "s0", *(f"s{i}" for i in range(3, 8))}
    assert set(names(search(index, "parks"))) == expected
    assert end(index)
    assert set(names(search(index, "parks"))) == expected
    assert names(search(index, "gardens")) == ["s1"]
    assert names(search(index, "number2")) == []
    assert segments(directory) == [1, 2, 13]
    assert leftovers(directory) == []
    while index.tidy():
        pass
    assert set(names(search(index, "parks"))) == expected


def test_little_is_merged_at_once_while_much_is_merged(
    index: WhooshEngine, directory: Path
) -> None:
    fill(index)
    begin(index)
    put(index, *(document(f"more{i}") for i in range(4)))
    index.replace({key(f"more{i}"): [] for i in range(3)})
    assert index.tidy()
    assert not index.tidy()
    assert segments(directory) == [1, *[2] * merging.FACTOR]
    assert end(index)
    assert segments(directory) == [1, 16]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_meanwhile_nothing_is_lost_and_nothing_comes_back(
    index: WhooshEngine, directory: Path, seed: int
) -> None:
    index.rebuild([])
    chance, held = random.Random(seed), dict[str, str]()

    def change() -> None:
        for _ in range(chance.randrange(1, 6)):
            name, word = f"s{chance.randrange(30)}", f"word{chance.randrange(5)}"
            if chance.random() < 0.4:
                held.pop(name, None)
                index.replace({key(name): []})
            else:
                held[name] = word
                put(index, document(name, title=word))

    while index._merge is None:
        change()
        index.tidy()
    change()
    end(index)
    for word in (f"word{n}" for n in range(5)):
        assert set(names(search(index, word))) == {n for n in held if held[n] == word}
    assert {entry.study_key for entry in index.entries()} == {key(name) for name in held}


def test_an_index_that_was_built_anew_keeps_nothing_of_a_merge(
    index: WhooshEngine, directory: Path
) -> None:
    fill(index)
    begin(index)
    WhooshEngine(directory).rebuild([document("only")])
    end(index)
    assert index._merge is None
    assert [entry.study_key for entry in index.entries()] == [key("only")]
    assert segments(directory) == [1]


def test_a_merge_that_dies_changes_nothing_and_is_tried_again_after_the_next_commit(
    index: WhooshEngine, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(index)
    begin(index)
    os.kill(index._merge._process.pid, signal.SIGKILL)  # type: ignore[union-attr]
    assert not end(index)
    assert "could not be merged" in caplog.text
    assert not index.tidy()
    assert index._merge is None
    assert len(segments(directory)) == merging.FACTOR
    assert leftovers(directory) == []
    put(index, document("new"))
    begin(index)
    assert end(index)
    assert segments(directory) == [17]


def test_what_cannot_be_read_is_built_anew(index: WhooshEngine, directory: Path) -> None:
    fill(index)
    for file in directory.glob("g-*/*.pst"):
        file.write_bytes(file.read_bytes()[:50].ljust(file.stat().st_size, b"\0"))
    begin(index)
    assert end(index)
    assert not index.ready()


def test_segments_that_a_commit_merged_meanwhile_are_left_as_they_are(
    index: WhooshEngine, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(index)
    begin(index)
    monkeypatch.setattr(merging, "MOST_SEGMENTS", 2)
    monkeypatch.setattr(merging, "TOO_MANY", 2)
    put(index, document("new"))
    before = segments(directory)
    assert not end(index)
    assert segments(directory) == before
    assert len({entry.study_key for entry in index.entries()}) == 17


def test_a_worker_that_dies_leaves_nobody_and_nothing_behind(
    directory: Path, tmp_path: Path
) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from network.search.whoosh_engine import WhooshEngine, merging\n"
        "from tests.integration.test_search_merging import begin, fill\n"
        "merging.SMALL = 7\n"
        "index = WhooshEngine(pathlib.Path(sys.argv[1]))\n"
        "fill(index)\n"
        "begin(index)\n"
        "print(index._merge._process.pid, flush=True)\n"
        "os.kill(index._merge._process.pid, 19)\n"  # so that it is still at it
        "os.kill(os.getpid(), 9)\n"
    )
    said = tmp_path / "said"  # and not a pipe, which who is left behind would keep open
    with said.open("w") as out:
        subprocess.run([sys.executable, "-c", program, str(directory)], stdout=out, check=False)
    process = int(said.read_text())
    os.kill(process, signal.SIGCONT)
    while _alive(process):
        time.sleep(0.05)
    (directory / next(directory.glob("g-*")).name / "merge-old").mkdir()
    index = WhooshEngine(directory)
    assert index.tidy()
    assert leftovers(directory) == []
    assert segments(directory) == [16]


def _alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
