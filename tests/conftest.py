"""Fixtures for every test: a prepared database of each kind, and settings of a node."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache
from werkzeug.routing.rules import Rule, RulePart

from network import config
from network.accounts import passwords
from network.cli.node import prepare
from network.lib.db import open_engine
from tests import postgresql

BASE_URL = "http://paris.example"


class Compiled(BytecodeCache):
    """Templates are compiled once for all the applications of a process; each test makes one."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled from the same source."""
        if bucket.key in self._held:
            bucket.bytecode_from_string(self._held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._held[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}


_parse_rule, _compile_builder = Rule._parse_rule, Rule._compile_builder
_parsed: dict[Hashable, tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}
_builders: dict[Hashable, Callable[..., Any]] = {}


def _parsed_once(self: Rule, text: str) -> list[RulePart]:
    key = (text, *self.map.converters.items())
    if key in _parsed:
        parts, trace, converters = _parsed[key]
        self._trace += trace
        self._converters |= converters
        self.arguments |= converters.keys()
    else:
        before = len(self._trace)
        parts = list(_parse_rule(self, text))
        _parsed[key] = parts, self._trace[before:], dict(self._converters)
    return parts


def _compiled_when_asked(self: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    def build(rule: Rule, **values: Any) -> Any:
        key = (append_unknown, rule.rule, *sorted((rule.defaults or {}).items()))
        if key not in _builders:
            _builders[key] = _compile_builder(rule, append_unknown)
        return _builders[key](rule, **values)

    return build


# The applications of a process have the same few hundred addresses, and a test asks for some.
Rule._parse_rule = _parsed_once  # type: ignore[method-assign]
Rule._compile_builder = _compiled_when_asked  # type: ignore[method-assign]

_statements: LRUCache[Any, Any] = LRUCache(2000)

# Statements are compiled once for all the engines of a process that are of one kind: each test
# makes an engine.
Engine._compiled_cache = property(lambda _: _statements, lambda *_: None)  # type: ignore[assignment]
DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[assignment]
DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]

# Most of what a test makes is gone with it: looking through all that is alive is for later, and
# nothing that was imported is ever looked through (see pytest_collection_finish).
gc.set_threshold(100_000, 20, 20)

# Nothing here has to survive a power cut, and SQLite waits for a disk at each commit.
if postgresql.memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(postgresql.memory()))

# A busy machine must not fail a property; in CI the same commit has the same examples, while every
# run by hand looks at new ones.
hypothesis.settings.register_profile(
    "default", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("default"), derandomize=True
)
# A fault that was put in is to be noticed, and nobody reads its smallest example.
hypothesis.settings.register_profile(
    "mutation",
    hypothesis.settings.get_profile("ci"),
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


TOGETHER = ("browser/",)
"""Tests that share what is long in the making: one process runs them."""
LONG = ("integration/test_twenty_thousand.py", "journeys/")
"""Other tests that take longest, which wait for processes of their own; those of a file share them,
so that one process runs them too."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes more than cores, for journeys spend much of their time waiting for each other;
    none but this one for a single file, which is done before others have begun."""
    files = [Path(argument.partition("::")[0]) for argument in config.args]
    several = len(files) if all(path.is_file() for path in files) else sys.maxsize
    return min((os.cpu_count() or 1) + 2, several) if several > 1 else 0


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have several processes begin with what takes longest, so that none is left with it.

    Each process is given as many tests that follow each other, and takes from others at the end.
    """
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    if processes == 1:
        return
    here = Path(__file__).parent
    together, rest = [], []
    long: dict[str, list[pytest.Item]] = {}
    for item in items:
        path = item.path.relative_to(here).as_posix()
        if path.startswith(LONG):
            long.setdefault(path, []).append(item)
        else:
            (together if path.startswith(TOGETHER) else rest).append(item)
    files = sorted(long, key=lambda path: not path.startswith(LONG[0]))
    others = [files[number :: processes - 1] for number in range(processes - 1)]
    first = [together, *([item for path in paths for item in long[path]] for paths in others)]
    dealt: list[pytest.Item] = []
    for number, begun in enumerate(first):
        dealt += begun
        end = len(items) * (number + 1) // processes
        taken = max(0, end - len(dealt))
        dealt += rest[:taken]
        rest = rest[taken:]
    items[:] = dealt + rest


def pytest_collection_finish() -> None:
    """Leave modules, tables and tests to themselves: they stay to the end of the process."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    """A PostgreSQL server; where there is none the test is skipped, but never in CI."""
    if postgresql.binaries() is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL must be there in CI")
        pytest.skip("PostgreSQL is not installed")
    server = postgresql.Cluster()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as `init` leaves it, to copy."""
    home = tmp_path_factory.mktemp("prepared")
    prepare(config.load({"PIONEER_HOME": str(home)}))
    return home / "pioneer.sqlite"


@pytest.fixture(scope="session")
def prepared_postgresql(
    cluster: postgresql.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of a PostgreSQL database as `init` leaves it, to copy."""
    url = cluster.create("prepared")
    prepare(
        config.load(
            {"PIONEER_HOME": str(tmp_path_factory.mktemp("pg")), "PIONEER_DATABASE_URL": url}
        )
    )
    return "prepared"


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@contextmanager
def prepared_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """A prepared, empty database of a kind; one on SQLite is in the folder."""
    if kind == "sqlite":
        path = folder / "pioneer.sqlite"
        shutil.copy(request.getfixturevalue("prepared_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("prepared_postgresql")
    server: postgresql.Cluster = request.getfixturevalue("cluster")
    name = f"t{uuid.uuid4().hex[:12]}"
    yield server.create(name, template)
    server.drop(name)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A prepared, empty database of each kind."""
    with prepared_database(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a prepared database."""
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on a prepared database."""
    with Session(engine, expire_on_commit=False) as opened:
        yield opened


def settings_in(home: Path, database_url: str, /, **values: Any) -> config.Settings:
    """Settings of a node in a folder; keyword arguments are settings in text."""
    given = {
        "home": str(home),
        "base_url": BASE_URL,
        "city": "paris",
        "language": "fr",
        "database_url": database_url,
        "allow_private_addresses": "127.0.0.0/8",
    }
    given |= values
    return config.load({f"PIONEER_{name.upper()}": value for name, value in given.items()})


@pytest.fixture
def make_settings(tmp_path: Path, database_url: str) -> Callable[..., config.Settings]:
    """Settings of a node in a temporary folder; keyword arguments are settings in text."""
    return partial(settings_in, tmp_path, database_url)


@pytest.fixture
def settings(make_settings: Callable[..., config.Settings]) -> config.Settings:
    """A node's settings."""
    return make_settings()


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed in no time: how strong the node's own hashes are, test_passwords says."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    nobody = cheap.hash("nobody has this password")
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "_nobody", lambda: nobody)
