"""How many requests a host gets at a time, and the connections kept for its next one."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from network.lib.http import failures
from network.lib.http.addresses import Guard
from network.lib.http.budget import Budget
from network.lib.http.connection import GuardedPool, GuardedTLSPool, Lease
from network.lib.http.values import Origin

IDLE_LINES = 64
IDLE_SECONDS = 60.0
"""Longer than servers keep connections; short enough that a moved name is looked up again."""


class Line(HTTPAdapter):
    """One connection to one origin, lent to one request at a time.

    `requests` sends and reads through it; its pool of urllib3 has room for a single connection.
    """

    def __init__(self, origin: Origin, guard: Guard, tls: ssl.SSLContext, budget: Budget) -> None:
        super().__init__()
        self.origin = origin
        self.idle_since = 0.0
        self._lease = Lease(guard, budget)
        scheme, host, port = origin
        self._pool: GuardedPool | GuardedTLSPool = (
            GuardedPool(host, port, lease=self._lease)
            if scheme == "http"
            else GuardedTLSPool(
                host, port, lease=self._lease, ssl_context=tls, cert_reqs="CERT_REQUIRED"
            )
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """No manager: this line's own pool is the only one."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """This line's pool, for whatever request: no proxy is ever chosen."""
        return self._pool

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to load: the shared SSLContext holds the authorities and verifies."""

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """The bare answer: this node keeps no cookies, so a malformed one cannot trouble it."""
        answer = requests.Response()
        answer.status_code, answer.headers = resp.status, CaseInsensitiveDict(resp.headers)
        answer.request, answer.raw = req, resp
        return answer

    def close(self) -> None:
        self._pool.close()

    def ask(self, request: requests.PreparedRequest, budget: Budget) -> requests.Response:
        """Send a request and return the answer with its body still to be read.

        A kept connection that the server closed meanwhile is replaced once, if the request
        may be repeated (RFC 9110 §9.2.2). Raises RemoteError.
        """
        self._lease.budget = budget
        try:
            return self.send(request, stream=True, timeout=budget.left())
        except failures.TRANSPORT as error:
            stale = self._lease.reused and not self._lease.heard
            if not stale or request.method not in ("GET", "HEAD"):
                raise failures.explain(error, str(self.origin), budget.limits.seconds) from error
        return self.ask(request, budget)


class _Gate:
    """The turns at one host, and how many requests hold or await one."""

    def __init__(self, turns: int) -> None:
        self.turns = threading.BoundedSemaphore(turns)
        self.users = 0


class Lines:
    """Lends lines: at most `per_host` at a time for a host.

    A request holds one line at a time and gives it back before it follows a redirect, so
    requests never wait for each other in a circle.
    """

    def __init__(self, guard: Guard, tls: ssl.SSLContext, per_host: int) -> None:
        self._guard, self._tls, self._per_host = guard, tls, per_host
        self._lock = threading.Lock()
        self._gates: dict[tuple[str, int | None], _Gate] = {}
        self._idle: list[Line] = []
        self._closed = False

    @contextmanager
    def borrow(self, origin: Origin, budget: Budget) -> Iterator[Line]:
        """A line to the origin, when it is this request's turn. Raises HostBusy."""
        with self._turn(origin, budget.turn()):
            line = self._take(origin) or Line(origin, self._guard, self._tls, budget)
            try:
                yield line
            finally:
                self._give_back(line)

    def close(self) -> None:
        """Close what is idle, and everything that is still lent as soon as it comes back."""
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
        for line in idle:
            line.close()

    @contextmanager
    def _turn(self, origin: Origin, seconds: float) -> Iterator[None]:
        with self._lock:
            gate = self._gates.setdefault(origin.server, _Gate(self._per_host))
            gate.users += 1
        try:
            if not gate.turns.acquire(timeout=seconds):
                raise failures.busy(str(origin))
            try:
                yield
            finally:
                gate.turns.release()
        finally:
            with self._lock:
                gate.users -= 1
                if not gate.users:
                    del self._gates[origin.server]

    def _take(self, origin: Origin) -> Line | None:
        oldest = time.monotonic() - IDLE_SECONDS
        with self._lock:
            old = [line for line in self._idle if line.idle_since < oldest]
            self._idle = [line for line in self._idle if line.idle_since >= oldest]
            found = next((line for line in reversed(self._idle) if line.origin == origin), None)
            if found:
                self._idle.remove(found)
        for line in old:
            line.close()
        return found

    def _give_back(self, line: Line) -> None:
        line.idle_since = time.monotonic()
        with self._lock:
            self._idle.append(line)
            surplus = len(self._idle) if self._closed else max(0, len(self._idle) - IDLE_LINES)
            dropped, self._idle = self._idle[:surplus], self._idle[surplus:]
        for each in dropped:
            each.close()
