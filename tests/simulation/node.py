"""A city's real node in this process: application, database, worker, door; and how it dies."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import EnvironBuilder, run_wsgi_app

from network import config
from network.app import create_app
from network.case_studies.making import Vocabulary, vocabulary
from network.cli.node import prepare
from network.lib.db import _writing, db, writing
from network.lib.http import Door
from network.log import service as log
from network.search.engine import SearchEngine
from network.search.opening import open_search
from network.subscriptions.policy import open_door
from network.worker.loop import Worker
from network.worker.tools import OwnPage
from tests.simulation.chance import Chance
from tests.simulation.index import PlainIndex
from tests.simulation.network import ServerDied
from tests.simulation.wire import Reply, Request


class Killed(BaseException):
    """`kill -9`: the process ends here, between two statements."""


class Switch:
    """Kills the process that talks to a database, before the nth thing that it asks of it.

    Counted are statements, and each COMMIT twice: before and after it happens. The dead ask
    nothing more, whatever their `finally` would like to.
    """

    def __init__(self) -> None:
        self.dead = False
        self.writes = 0
        self._left: int | None = None

    def arm(self, number: int | None) -> None:
        """Kill before the nth; None: not at all."""
        self.dead, self._left = False, number

    def pass_by(self) -> None:
        """One thing is asked."""
        if self.dead:
            raise Killed
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self.dead = True
                raise Killed

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.pass_by()
        self.writes += statement.startswith(("INSERT", "UPDATE", "DELETE"))

    def watch(self, engine: Engine) -> None:
        """Sit between the node and its database. writes: how many statements would change it."""
        event.listen(engine, "before_cursor_execute", self._statement)
        commit = engine.dialect.do_commit

        def do_commit(connection: Any) -> None:
            self.pass_by()
            commit(connection)
            self.pass_by()

        engine.dialect.do_commit = do_commit  # type: ignore[method-assign]


class Node:
    """One node. host: what the world knows it by now; hosts: all that it ever had.

    An application and its settings belong to a host and are made once for a process; `begin` makes
    everything else new.
    """

    def __init__(self, home: Path, name: str, language: str) -> None:
        self.home, self.name, self.language = home, name, language
        self.hosts = (f"{name}.example", f"new.{name}.example")
        self.switch = Switch()
        self.path = home / "pioneer.sqlite"
        self._apps: dict[str, Flask] = {}
        self._process = ExitStack()
        self._aside: sqlite3.Connection | None = None
        prepare(self._settings(self.hosts[0]))
        _fold(self.path)
        self._blank = self.path.read_bytes()

    def _settings(self, host: str) -> config.Settings:
        values = {
            "home": str(self.home),
            "base_url": f"http://{host}",
            "city": self.name,
            "language": self.language,
            "name": self.name.title(),
            "fetch_seconds": "60",
        }
        return config.load({f"PIONEER_{name.upper()}": value for name, value in values.items()})

    def begin(self, chance: Chance, real_index: bool) -> None:
        """A new node that nobody has written in or follows."""
        self.chance, self.skew = chance, timedelta()
        self.switch.arm(None)
        self._real_index = real_index
        for folder in ("index", "holders"):
            shutil.rmtree(self.home / folder, ignore_errors=True)
        self.search: SearchEngine = PlainIndex()
        self._write(self._blank)
        self.live_at(self.hosts[0])
        with self.at_work(), self.sessions() as session, writing(session):
            log.renew_epoch(session)
        with self.sessions() as session:
            self.known: Vocabulary = vocabulary(session)

    def live_at(self, host: str) -> None:
        """Have this host in every address of one's own from now on."""
        self.host, self.origin = host, f"http://{host}"
        self.settings = self._settings(host)
        self.app = self._apps.get(host) or self._application(host)
        with self.app.app_context():
            self.engine = db.engine
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        self.start_worker()

    def _application(self, host: str) -> Flask:
        app = self._apps[host] = create_app(self.settings)
        with app.app_context():
            event.listen(db.engine, "connect", _hastily)
            self.switch.watch(db.engine)
        return app

    def start_worker(self) -> None:
        """A worker process that has done nothing yet. The one before it is dead: the system let go
        of its lock, and only that."""
        self._process.close()
        if self._real_index:
            self.search = open_search(self.settings)
        self.door: Door = open_door(self.settings)
        self.worker = Worker(self.settings, self.search, self.door, self.engine, self._own_page)
        self.worker.leads = True
        lock = self.worker.holder._file
        assert lock, "a worker's death would not be noticed"
        self._process.callback(lock.close)

    def _own_page(self, address: str) -> OwnPage:
        reply = self.ask(address)
        kind = reply.header("Content-Type")
        return OwnPage(reply.status, kind, reply.body, reply.header("Link"))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this node's code runs, its clock counts."""
        before, self.chance.skew = self.chance.skew, self.skew
        try:
            yield
        finally:
            self.chance.skew = before

    def serve(self, request: Request) -> Reply:
        """What the node's application answers. Raises ServerDied."""
        with self.at_work():
            try:
                return self._ask(request)
            except Killed:
                self.rise(worker=False)
                raise ServerDied from None

    def ask(self, path: str, **headers: str) -> Reply:
        """What a visitor gets at an address of this node."""
        with self.at_work():
            return self._ask(Request("GET", self.host, path, headers))

    def _ask(self, request: Request) -> Reply:
        path, _, query = request.target.partition("?")
        environ = EnvironBuilder(
            path=path,
            query_string=query,
            method=request.method,
            base_url=self.origin,
            headers=[(name, value) for name, value in request.headers.items() if name != "host"],
            input_stream=BytesIO(request.body),
        ).get_environ()
        parts, status, headers = run_wsgi_app(self.app, environ)
        return Reply(int(status.split()[0]), dict(headers.items()), b"".join(parts))

    def idle(self) -> bool:
        """Whether no transaction is open."""
        pool: Any = self.engine.pool
        return not _writing.get() and pool.checkedout() == 0

    def rise(self, worker: bool, leader: bool = True) -> None:
        """Start what was killed. leader: it was the worker that leads, so its successor repairs."""
        self.switch.arm(None)
        self.engine.dispose()
        if not worker:
            self._forget_pages()
            return
        self.start_worker()
        if leader:
            with self.at_work(), self.sessions() as session:
                self.worker._bury(session)
                self.worker._take_over(session)

    def _forget_pages(self) -> None:
        for app in self._apps.values():
            for name in [name for name in app.extensions if name.startswith("pioneer-")]:
                del app.extensions[name]

    def backup(self) -> bytes:
        """The database as a file."""
        self._close()
        _fold(self.path)
        return self.path.read_bytes()

    def restore(self, backup: bytes, renew: bool) -> None:
        """Go back to a backup, with or without saying so, and start anew."""
        self._write(backup)
        if renew:
            with self.at_work(), self.sessions() as session, writing(session):
                log.renew_epoch(session)
        self.rise(worker=True)

    def _write(self, content: bytes) -> None:
        self.switch.writes += 1
        self._close()
        self._forget_pages()
        for path in self.home.glob("pioneer.sqlite-*"):
            path.unlink()
        self.path.write_bytes(content)

    def _close(self) -> None:
        if self._aside is not None:
            self._aside.close()
            self._aside = None
        for app in self._apps.values():
            with app.app_context():
                db.engine.dispose()

    def waiting(self) -> list[str]:
        """What went wrong with jobs that ask nobody, of which there should be nothing."""
        query = "SELECT error FROM job WHERE kind = 'index' AND error != ''"
        return [row[0] for row in self.rows(query)]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What stands in the database, asked past everything that the node is made of."""
        if self._aside is None:
            self._aside = sqlite3.connect(self.path, isolation_level=None)
        return self._aside.execute(query, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at the database, unseen by the switch."""
        armed, self.switch._left = self.switch._left, None
        try:
            with self.sessions() as session:
                yield session
        finally:
            self.switch._left = armed


def _hastily(connection: Any, _record: Any) -> None:
    """Nothing here has to survive a power cut; the order of listeners makes this the last word."""
    connection.execute("PRAGMA synchronous=OFF")


def _fold(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
