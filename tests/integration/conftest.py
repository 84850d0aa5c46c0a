"""What tests of real parts share: a search index of each kind, the door, another city's node
and the following of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from network.following import service
from network.lib.db import open_engine
from network.lib.http import Door, networks
from network.search.engine import SearchEngine
from network.search.postgres_engine import PostgresEngine
from network.search.whoosh_engine import WhooshEngine
from tests import postgresql
from tests.conftest import KINDS
from tests.integration.following import RULES, Poll
from tests.sites import Node

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


@pytest.fixture
def door() -> Iterator[Door]:
    """The way out, open to this machine as well."""
    with Door("tests", allow_private=networks(["127.0.0.0/8"])) as opened:
        yield opened


@pytest.fixture
def madrid(tmp_path: Path) -> Iterator[Node]:
    """Another city's node, without a study."""
    with Node(tmp_path) as node:
        yield node


@pytest.fixture
def followed(session: Session, door: Door, madrid: Node) -> int:
    """Madrid, which has three studies, followed; gives the subscription."""
    for number in (1, 2, 3):
        madrid.publish(number)
    return service.follow(session, door, madrid.url, RULES).id


@pytest.fixture
def poll(engine: Engine, door: Door, followed: int) -> Poll:
    sessions = sessionmaker(engine)
    return lambda: service.poll(sessions, door, followed, RULES)


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind with nothing in it."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path}/pioneer.sqlite")
        yield engine
        engine.dispose()
        return
    server: postgresql.Cluster = request.getfixturevalue("cluster")
    name = f"t{uuid.uuid4().hex[:12]}"
    engine = open_engine(server.create(name))
    yield engine
    engine.dispose()
    server.drop(name)
