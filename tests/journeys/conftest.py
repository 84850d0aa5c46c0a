"""Nodes that run: a test's own, or those of all the tests of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.nodes import Node

Start = Callable[..., Node]


@contextmanager
def starting(home: Path) -> Iterator[Start]:
    """Starts nodes, and stops them in the end, each of them whatever becomes of another."""
    with ExitStack() as stack:

        def make(city: str, **settings: str) -> Node:
            node = Node(home / city, city, **settings)
            stack.callback(node.stop)
            node.start()
            return node

        yield make


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
