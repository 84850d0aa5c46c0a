"""Nodes that run: a test's own, or those of all the tests of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.nodes import Node

Start = Callable[..., Node]


@contextmanager
def starting(home: Path) -> Iterator[Start]:
    """Starts nodes, and stops them in the end."""
    nodes: list[Node] = []

    def make(city: str, **settings: str) -> Node:
        nodes.append(Node(home / city, city, **settings))
        nodes[-1].start()
        return nodes[-1]

    try:
        yield make
    finally:
        for node in nodes:
            node.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts nodes, and stops them after the test."""
    with starting(tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def start_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts nodes that all the tests of a file share, for each takes long to start."""
    with starting(tmp_path_factory.mktemp("nodes")) as make:
        yield make
