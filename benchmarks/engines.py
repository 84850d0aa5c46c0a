"""Each search engine with an empty index of its own; PostgreSQL is started for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from network import config
from network.cli.node import prepare
from network.search.engine import SearchEngine
from network.search.lexicon import Lexicon
from network.search.postgres_engine import PostgresEngine
from network.search.whoosh_engine import WhooshEngine
from tests.postgresql import Cluster


@contextmanager
def whoosh(folder: Path, lexicon: Callable[[], Lexicon]) -> Iterator[SearchEngine]:
    """The embedded one."""
    engine = WhooshEngine(folder / "index", lexicon=lexicon)
    yield engine
    engine.close()


@contextmanager
def postgresql(folder: Path, lexicon: Callable[[], Lexicon]) -> Iterator[SearchEngine]:
    """The one in the node's database."""
    cluster = Cluster()
    try:
        url = cluster.create("benchmark")
        values = {"PIONEER_HOME": str(folder / "home"), "PIONEER_DATABASE_URL": url}
        prepare(config.load(values))
        engine = PostgresEngine(url, lexicon=lexicon)
        yield engine
        engine.close()
    finally:
        cluster.stop()
