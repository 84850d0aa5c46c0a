"""Real nodes for journeys and benchmarks: processes on loopback, with server and worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar
from unittest import mock

from sqlalchemy.orm import Session

from network import config
from network.accounts import passwords
from network.accounts import service as accounts
from network.cli.context import database
from network.cli.node import prepare
from network.following import service as subscriptions
from network.lib.db import writing
from network.log import service as log
from network.subscriptions.policy import open_door

T = TypeVar("T")
DATABASE = "pioneer.sqlite"
PASSWORD = "quatre fontaines et un pont"


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(ask: Callable[[], T], seconds: float = 120) -> T:
    """The first true answer; fails when there is none in time (a bound, not a measurement)."""
    deadline, pause = time.monotonic() + seconds, 0.02
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} seconds"
        time.sleep(pause)
        pause = min(1.2 * pause, 0.25)  # who is asked without a pause has none for its work


@cache
def _prepared() -> bytes:
    """A database as `init` leaves it, made once for the nodes of a process."""
    with tempfile.TemporaryDirectory(prefix="pioneer-node-") as folder:
        node = config.load({"PIONEER_HOME": folder})
        prepare(node)
        return (node.home / DATABASE).read_bytes()


_hashed_once = cache(passwords.hash_password)
"""What is made for nobody to guess takes long; every person of a test has the same password."""


class Node:
    """One city's node. Its environment is all it shares with the test."""

    def __init__(self, home: Path, city: str, language: str = "en", **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.city = city
        values = {
            "home": str(home),
            "base_url": self.url,
            "port": str(self.port),
            "city": city,
            "language": language,
            "name": f"Pioneer Cities {city.title()}",
            "poll_seconds": "1",
            "allow_private_addresses": "127.0.0.0/8",
        } | settings
        self.environment = {f"PIONEER_{name.upper()}": value for name, value in values.items()}
        self.environment["PIONEER_CONFIG"] = os.devnull  # this machine's own node is none of ours
        self.settings = config.load(self.environment)
        self.process: subprocess.Popen[bytes] | None = None
        if "database_url" not in settings:
            home.mkdir(parents=True, exist_ok=True)
            (home / DATABASE).write_bytes(_prepared())
        prepare(self.settings)
        hashed = mock.patch.object(passwords, "hash_password", _hashed_once)
        with self.database() as session, hashed:
            with writing(session):
                log.renew_epoch(session)  # no two nodes have the same
            for role in accounts.ROLES:
                accounts.add(session, f"{role}@{city}.example", role.title(), role, PASSWORD)

    @contextmanager
    def database(self) -> Iterator[Session]:
        """A session on the node's database, as another process of the node would have."""
        with database(self.settings) as session:
            yield session

    def start(
        self, *options: str, command: str = "serve", stderr: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start the server with its worker, or another command, and wait for the server.

        stderr: where its log goes instead of the test's.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "network", command, *options],
            env={k: v for k, v in os.environ.items() if not k.startswith("PIONEER_")}
            | self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        if command == "serve":
            self.process = process
            eventually(lambda: self.status("/healthz") == 200)
        return process

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the server (and its worker with it)."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(20)
        if self.process.stdin:
            self.process.stdin.close()

    def get(self, path: str, **headers: str) -> Any:
        """GET a path as a browser without cookies would; the answer whatever its status."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            return urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            return error

    def status(self, path: str) -> int:
        """The status of a path; 0 when nobody answers."""
        try:
            with self.get(path) as answer:
                return int(answer.status)
        except (urllib.error.URLError, ConnectionError):
            return 0

    def text(self, path: str) -> str:
        """The body of a path."""
        with self.get(path) as answer:
            return str(answer.read().decode())

    def follow(self, other: Node) -> None:
        """Follow another node by its home page."""
        with self.database() as session, open_door(self.settings) as door:
            subscriptions.follow(session, door, f"{other.url}/", self.settings)
