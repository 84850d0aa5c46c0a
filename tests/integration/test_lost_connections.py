"""Connections to PostgreSQL that end within a request, wherever it is: readers get their page, or
are told to come again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from network.app import create_app
from network.lib.db import db
from tests import postgresql
from tests.nodes import Node
from tests.writing import publish

PAGES = ("/fr/", "/fr/etudes-de-cas/paris/budget-participatif", "/en/search?q=budget", "/feed.atom")
MOST = 60
"""Statements that no page needs."""


@pytest.fixture
def node(cluster: postgresql.Cluster, tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path / "home", "paris", database_url=cluster.create("lost"))
    publish(node)
    yield node
    cluster.drop("lost")


class Losing:
    """Ends the connection of a statement of a request: the first, the second …"""

    def __init__(self, node: Node, at: int) -> None:
        self.address = node.settings.database_url.replace("+psycopg", "")
        self.at, self.asked = at, 0

    def __call__(self, given: Any, *_more: Any) -> None:
        self.asked += 1
        if self.asked == self.at:
            backend = given.connection.driver_connection.info.backend_pid
            with psycopg.connect(self.address) as other:
                other.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])


def statuses(app: Flask, node: Node, path: str, when: str) -> list[int]:
    """What a page answers when each of its statements in turn loses the connection, and at last
    none."""
    found: list[int] = []
    with app.app_context():
        engine = db.engine
    for at in range(1, MOST):
        losing = Losing(node, at)
        event.listen(engine, when, losing)
        try:
            fresh = f"{'&' if '?' in path else '?'}fresh={when}{at}"
            found.append(app.test_client().get(path + fresh, base_url=node.url).status_code)
        finally:
            event.remove(engine, when, losing)
        if losing.asked < at:
            break
    return found


@pytest.mark.postgresql
@pytest.mark.parametrize("when", ["before_cursor_execute", "after_cursor_execute"])
def test_a_connection_that_is_lost_spoils_no_answer_without_a_word(node: Node, when: str) -> None:
    app = create_app(node.settings)
    for path in PAGES:
        found = statuses(app, node, path, when)
        assert len(found) > 2
        assert set(found) <= {200, 503}
        assert found[-1] == 200
    with app.app_context():
        db.engine.dispose()
