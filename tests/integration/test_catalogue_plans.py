"""SQLite reaches studies whose keys are known by their keys, however many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from network.adoptions import edges, graph
from network.catalogue import queries

KEYS = [f"https://paris.example/id/{n}" for n in range(20)]


@pytest.fixture
def asked(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """The statements that the database has been asked, with their values."""
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL has statistics to plan by")
    found: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, said: str, values: Any, *_rest: object) -> None:
        if said.startswith("SELECT"):
            found.append((said, values))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield found
    event.remove(session.get_bind(), "before_cursor_execute", note)


def test_no_question_about_known_studies_reads_all_that_are_shown(
    session: Session, asked: list[tuple[str, Any]]
) -> None:
    queries.cards(session, KEYS, "en")
    queries.study(session, KEYS[0])
    edges.adopters_of(session, KEYS, "http://paris.example")
    edges.sources_of(session, KEYS)
    edges.resolve(session, set(KEYS))
    graph.around(session, KEYS[0], "http://paris.example")
    statements = list(asked)
    assert len(statements) >= 7
    connection = session.connection()
    for said, values in statements:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)
        steps = " ".join(row[3] for row in plan)
        assert "(shown=?)" not in steps, (said, steps)
        assert not re.search(r"SCAN (study|version|inspiration)\b", steps), (said, steps)
