"""How many processes run the tests, and which of them begins with what."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest

HERE = Path(conftest.__file__).parent
FILES = (
    *("browser/test_a.py", "browser/test_b.py", "integration/test_twenty_thousand.py"),
    *("journeys/test_a.py", "journeys/test_b.py", "journeys/test_c.py", "unit/test_a.py"),
    *(f"web/test_{number}.py" for number in range(20)),
)
EACH = 5
"""Tests of a file."""


@pytest.mark.parametrize(
    ("named", "processes"),
    [
        (["tests"], (os.cpu_count() or 1) + 2),
        (["tests/unit", "tests/web/test_log.py"], (os.cpu_count() or 1) + 2),
        (["tests/web/test_log.py"], 0),
        (["tests/web/test_log.py::test_an_empty_log"], 0),
        (["tests/web/test_log.py", "tests/web/test_feeds.py"], 2),
    ],
    ids=["all", "a folder", "a file", "a test", "two files"],
)
def test_a_single_file_is_done_before_other_processes_have_begun(
    monkeypatch: pytest.MonkeyPatch, named: list[str], processes: int
) -> None:
    monkeypatch.chdir(HERE.parent)
    config: Any = SimpleNamespace(args=named)
    assert conftest.pytest_xdist_auto_num_workers(config) == processes


def shares(processes: int) -> list[list[str]]:
    """The files of the tests that each process is given to begin with."""
    made = [SimpleNamespace(path=HERE / file) for file in FILES for _ in range(EACH)]
    items: Any = list(made)
    config: Any = SimpleNamespace(workerinput={"workercount": processes})
    conftest.pytest_collection_modifyitems(config, items)
    assert sorted(map(id, items)) == sorted(map(id, made)), "none is lost, none is run twice"
    files = [item.path.relative_to(HERE).as_posix() for item in items]
    ends = [len(files) * number // processes for number in range(processes + 1)]
    return [files[start:end] for start, end in pairwise(ends)]


@pytest.mark.parametrize("processes", [2, 3, 4, 6])
def test_what_shares_nodes_is_run_by_one_process(processes: int) -> None:
    given = shares(processes)
    assert set(given[0][: 2 * EACH]) == set(FILES[:2]), "the browser’s tests come first"
    for file in FILES[2:6]:
        (runs,) = (share for share in given if file in share)
        assert runs.count(file) == EACH
        assert runs.index(file) < 4 * EACH, "what takes longest is begun before the rest"


def test_one_process_keeps_the_order() -> None:
    (share,) = shares(1)
    assert share == [file for file in FILES for _ in range(EACH)]
