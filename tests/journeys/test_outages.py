"""The database goes away under a running node, and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import postgresql
from tests.nodes import Node, eventually
from tests.writing import publish


@pytest.mark.postgresql
def test_an_outage_of_postgresql_is_a_handful_of_lines_and_over_when_it_is_over(
    cluster: postgresql.Cluster, tmp_path: Path
) -> None:
    server = postgresql.Cluster()  # its own: others need the one of all tests
    try:
        node = Node(tmp_path / "home", "paris", database_url=server.create("node"))
        publish(node)
        errors = tmp_path / "errors"
        with errors.open("wb") as told:
            node.start(stderr=told)
            eventually(lambda: node.status("/readyz") == 200)
            server.halt()
            for _ in range(40):
                assert node.status("/readyz") == 503
                assert node.status("/fr/etudes-de-cas/") == 503
            server.begin()
            eventually(lambda: node.status("/readyz") == 200)
            assert node.status("/fr/etudes-de-cas/paris/budget-participatif") == 200
            publish(node, title="Après")
            eventually(lambda: "Après" in node.text("/fr/recherche?q=apres"))
            node.stop()
    finally:
        server.stop()
    lines = errors.read_text().splitlines()
    assert 0 < len(lines) < 10, lines
    assert "Traceback" not in "".join(lines)
