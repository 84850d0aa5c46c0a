"""A search index of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from network.search.engine import SearchEngine
from network.search.postgres_engine import PostgresEngine
from network.search.whoosh_engine import WhooshEngine
from tests import postgresql

OpenIndex = Callable[..., SearchEngine]


@pytest.fixture(scope="session")
def index_database(cluster: postgresql.Cluster, prepared_postgresql: str) -> str:
    """A PostgreSQL database for indexes, of one test at a time."""
    return cluster.create("searching", prepared_postgresql)


@pytest.fixture
def index_url(index_database: str) -> str:
    """That database, without an index."""
    engine = create_engine(index_database)
    with engine.begin() as connection:
        for table in ("state", "text", "fresh", "removal", "block", "posting"):
            connection.execute(text(f"DELETE FROM search_{table}"))
    engine.dispose()
    return index_database


@pytest.fixture(params=["whoosh", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenIndex]:
    """Opens engines of one kind, all on the same index, as several processes would."""
    opened: list[SearchEngine] = []

    def make(**given: Any) -> SearchEngine:
        if request.param == "whoosh":
            opened.append(WhooshEngine(tmp_path / "index", **given))
        else:
            url: str = request.getfixturevalue("index_url")
            opened.append(PostgresEngine(url, **given))
        return opened[-1]

    yield make
    for engine in opened:
        engine.close()
