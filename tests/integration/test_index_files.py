"""What an index keeps open: nothing of small segments, however many there are."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from network.search.whoosh_engine import WhooshEngine, store
from tests.searching import document, names, put, search


def open_in(directory: Path) -> list[str]:
    """The files of a directory that this process holds open."""
    held = []
    for number in os.listdir("/proc/self/fd"):
        try:
            held.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:  # the one that listed them
            continue
    return [path for path in held if path.startswith(str(directory))]


def grown(directory: Path, commits: int) -> WhooshEngine:
    """An index of as many segments, with what has been asked of it."""
    index = WhooshEngine(directory)
    for number in range(commits):
        put(index, document(f"s{number}", title=f"Parks {number}", body="trees " * 50))
        assert len(names(search(index, "parks"))) == number + 1
    return index


def test_small_segments_keep_no_file_open(tmp_path: Path) -> None:
    index = grown(tmp_path, 12)
    assert open_in(tmp_path) == []
    assert names(search(index, "7")) == ["s7"]
    index.close()


def test_large_files_stay_open_so_that_a_merge_takes_nothing_from_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "HELD", 0)
    index = grown(tmp_path, 3)
    assert len(open_in(tmp_path)) == 3 * 5
    index.close()
    gc.collect()  # what was read of older commits goes with its readers
    assert open_in(tmp_path) == []
