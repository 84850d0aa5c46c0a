"""Connections that only lead where the guard allows and never outlive their budget."""

from __future__ import annotations

import io
import socket
import threading
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import BadStatusLine, HTTPResponse, parse_headers
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from network.lib.http import failures
from network.lib.http.addresses import Address, Guard
from network.lib.http.budget import Budget

ADDRESSES_TRIED = 6
SECONDS_PER_ADDRESS = 5.0
"""One dead address of several must not use up all the time."""


class Place(NamedTuple):
    """Where a name leads: an address and what `socket` needs to connect to exactly it."""

    address: Address
    family: int
    sockaddr: tuple[Any, ...]


@dataclass(slots=True)
class Lease:
    """What a connection needs to know about the request that uses it at the moment.

    reused: the request went out on a connection that had served another one before.
    heard: something of the answer has arrived.
    """

    guard: Guard
    budget: Budget
    reused: bool = False
    heard: bool = False


def resolve(host: str, port: int, budget: Budget) -> list[Place]:
    """All places that a name leads to, each exactly once. Raises RemoteError.

    The system's resolver cannot be interrupted, so a thread of its own waits for it.
    """
    answers: SimpleQueue[list[Place] | Exception] = SimpleQueue()
    threading.Thread(target=_look_up, args=(host, port, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=budget.left())
    except Empty:
        raise failures.slow(str(budget.origin), budget.limits.seconds) from None
    if isinstance(answer, Exception) or not answer:
        raise failures.unknown_name(host)
    return answer


def _look_up(host: str, port: int, answers: SimpleQueue[list[Place] | Exception]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # A zone ("fe80::1%eth0") says through which of our interfaces, not which address.
        places = [
            Place(ip_address(str(sockaddr[0]).partition("%")[0]), family, sockaddr)
            for family, _, _, _, sockaddr in found
        ]
        answers.put(list(dict.fromkeys(places)))
    except (OSError, ValueError) as error:  # ValueError: a label too long, a NUL in the name
        answers.put(error)


def connect(host: str, port: int, lease: Lease) -> socket.socket:
    """A socket to one of the host's addresses, after every one of them was checked.

    The address that was checked is the address that is connected to: the name is not looked up
    again, so it cannot change its answer in between (DNS rebinding). Raises RemoteError.
    """
    budget = lease.budget
    places = resolve(host, port, budget)
    lease.guard.check_addresses(budget.url, port, (place.address for place in places))
    last: OSError | None = None
    tried = places[:ADDRESSES_TRIED]
    for place in tried:
        seconds = budget.left() if place is tried[-1] else min(budget.left(), SECONDS_PER_ADDRESS)
        try:
            return _open(place, seconds, budget)
        except OSError as error:
            last = error
    budget.left()  # if the time is over, that is the reason to give
    raise failures.unreachable(str(budget.origin), last)


def _open(place: Place, seconds: float, budget: Budget) -> socket.socket:
    opened = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(seconds)
        opened.connect(place.sockaddr)
        opened.settimeout(budget.left())
    except BaseException:
        opened.close()
        raise
    return opened


class MeteredReader(io.RawIOBase):
    """Reads from a socket while the budget lasts, counting every byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, lease: Lease) -> None:
        self._raw, self._sock, self._lease = raw, sock, lease

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        budget = self._lease.budget
        self._sock.settimeout(budget.left())
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            raise failures.slow(str(budget.origin), budget.limits.seconds) from None
        if count:
            self._lease.heard = True
            budget.receive(count)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class MeteredResponse(HTTPResponse):
    """The standard library's reading of HTTP/1.1, through a metered reader."""

    def __init__(self, sock: socket.socket, *args: Any, lease: Lease, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._lease = lease
        self.fp = io.BufferedReader(MeteredReader(self.fp.detach(), sock, lease))

    def _read_status(self) -> tuple[str, int, str]:
        """The first status line that is not an interim answer's (RFC 9110 §15.2).

        The standard library passes over 100 alone, and would take Early Hints for the answer and
        the answer for the next request's.
        """
        version, status, reason = super()._read_status()  # type: ignore[misc]
        while 100 < status < 200:
            if status == HTTPStatus.SWITCHING_PROTOCOLS:  # nobody asked for that
                raise BadStatusLine(f"{status} {reason}")
            parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason

    def begin(self) -> None:
        self._lease.budget.begin_head()
        super().begin()
        self._lease.budget.begin_body()


class GuardedConnection(HTTPConnection):
    """A plain connection that obeys its lease."""

    def __init__(self, *args: Any, lease: Lease, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lease = lease
        self._used: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        return connect(self._dns_host, self.port, self._lease)

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._lease.heard = False
        self._lease.reused = self.sock is not None and self.sock is self._used
        self.timeout = self._lease.budget.left()  # urllib3 gives it to the socket for sending
        metered = partial(MeteredResponse, lease=self._lease)
        self.response_class = metered  # type: ignore[assignment]  # called, never subclassed
        super().request(*args, **kwargs)
        self._used = self.sock


class GuardedTLSConnection(GuardedConnection, HTTPSConnection):
    """The same over TLS: the name, not the address, is sent (SNI) and verified."""


class GuardedPool(HTTPConnectionPool):
    """One plain connection to one origin."""

    ConnectionCls = GuardedConnection


class GuardedTLSPool(HTTPSConnectionPool):
    """One TLS connection to one origin."""

    ConnectionCls = GuardedTLSConnection
