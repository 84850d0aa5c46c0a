"""The network between the nodes: names, addresses, caches, and everything that goes wrong there."""

from __future__ import annotations

import gzip
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from unittest.mock import patch

from network.lib.http import connection, failures
from network.lib.http.connection import Place
from tests.simulation.chance import Chance
from tests.simulation.wire import Ending, Reply, Request, Wire

Server = Callable[[Request], Reply]

PRIVATE = {
    "inside.example": ("10.0.0.8",),
    "metadata.example": ("169.254.169.254",),
    "mixed.example": ("93.184.216.200", "127.0.0.1"),
    "mapped.example": ("::ffff:127.0.0.1",),
}
"""Hosts that lead, or might lead, into somebody's own network."""
REBINDING = "rebinding.example"
"""A host whose name leads to a public address and to loopback by turns."""
KEPT = 5
"""Copies that a cache has of one address."""


class Unreachable(AssertionError):
    """The node asked for something that it must not be able to ask for."""


class ServerDied(BaseException):
    """The process that was to answer was killed while it did."""


@dataclass(frozen=True)
class Weather:
    """How often each thing goes wrong, of one request. slow: seconds that an answer may take.

    stale: a cache that heeds `no-cache` gives an old copy. replayed, of one look: somebody who
    heeds nothing gives an old head, again and again; but not in two looks in a row, which a
    follower has to believe (decision 6).
    """

    lost: float = 0.0
    silent: float = 0.0
    cut: float = 0.0
    refused: float = 0.0
    stale: float = 0.0
    wrong_304: float = 0.0
    redirected: float = 0.0
    maintenance: float = 0.0
    squeezed: float = 0.0
    gone: float = 0.0
    replayed: float = 0.0
    slow: int = 0


CALM = Weather()
WEATHERS = (
    Weather(squeezed=0.3),
    Weather(lost=0.05, silent=0.05, cut=0.06, refused=0.05, redirected=0.03, squeezed=0.2, slow=20),
    Weather(stale=0.35, squeezed=0.2, replayed=0.2),
    Weather(replayed=0.5),
    Weather(lost=0.15, silent=0.05, cut=0.1, refused=0.1, stale=0.15, wrong_304=0.05,
            redirected=0.06, maintenance=0.05, squeezed=0.2, gone=0.02, replayed=0.1, slow=90),
)  # fmt: skip


@dataclass
class Network:
    """Routes what the real door sends to whoever has the name.

    moved: hosts that send everybody to another for good. down: hosts that do not answer. on_ask:
    told of each request before it is answered. wrong: what must not have happened here, whoever
    swallowed the exception. deceived: an old copy or a false “not modified” was given out since the
    last `begin`.
    """

    chance: Chance
    weather: Weather = CALM
    servers: dict[str, Server] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    on_ask: Callable[[Request], None] = lambda _request: None
    deceived: bool = False
    asked: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    _dice: random.Random = field(default_factory=random.Random)
    _caches: dict[tuple[str, str], list[Reply]] = field(default_factory=dict)
    _lookups: int = 0
    _replay: float | None = None
    _asker: str = ""
    _replaying: tuple[str, str] | None = None
    _doubted: set[tuple[str, str]] = field(default_factory=set)

    def begin(self, *about: object, asker: str = "") -> None:
        """From here on the dice fall as they do for this purpose. asker: the node that looks."""
        self._dice, self.deceived = self.chance.dice("network", *about), False
        self._asker, self._replay, self._replaying = asker, None, None
        if self._dice.random() < self.weather.replayed:
            self._replay = self._dice.random()

    def believed(self, asker: str, host: str) -> None:
        """A look at a host came to its end, so an old head may turn up again."""
        if not self.deceived:
            self._doubted.discard((asker, host))

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Let the real door find this network below it, and no other."""
        with (
            patch.object(connection, "resolve", self._resolve),
            patch.object(connection, "_open", self._connect),
        ):
            yield

    def _resolve(self, host: str, port: int, _budget: Any) -> list[Place]:
        self._lookups += 1
        if host == REBINDING:
            texts: tuple[str, ...] = ("127.0.0.1",) if self._lookups % 2 else ("93.184.216.9",)
        elif host in PRIVATE:
            texts = PRIVATE[host]
        elif host in self.servers or host in self.moved:
            texts = (f"93.184.216.{10 + sorted({*self.servers, *self.moved}).index(host)}",)
        else:
            raise failures.unknown_name(host)
        return [Place(ip_address(text), socket.AF_INET, (text, port)) for text in texts]

    def _connect(self, place: Place, _seconds: float, _budget: Any) -> Any:
        """I10: the last place before a real connection would be made."""
        if not place.address.is_global or place.address.is_multicast:
            self.wrong.append(f"I10: a connection to {place.address}")
            raise Unreachable(self.wrong[-1])
        if place.sockaddr[1] == 443:
            raise ConnectionRefusedError  # nobody here has a certificate
        self.reached.add(str(place.address))
        return Wire(self._answer)

    def _answer(self, request: Request) -> tuple[bytes, Ending]:
        self.asked.append(f"{request.method} {request.host}{request.target}")
        self.on_ask(request)
        weather, dice = self.weather, self._dice
        chances = {name: dice.random() for name in ("slow", *_WAYS)}
        self.chance.time += timedelta(seconds=int(chances["slow"] * weather.slow))
        if request.host in self.down or chances["lost"] < weather.lost:
            return b"", "reset"
        if chances["silent"] < weather.silent:
            return b"", "silent"
        try:
            reply = self._through_caches(request, chances)
        except ServerDied:
            return b"", "reset"
        return self._on_the_way(reply, chances)

    def _through_caches(self, request: Request, chances: dict[str, float]) -> Reply:
        """What comes back, perhaps from somebody in between."""
        if request.host in self.moved:
            target = f"http://{self.moved[request.host]}{request.target}"
            return Reply(308, {"Location": target})
        for name in ("refused", "redirected", "maintenance", "gone"):
            if chances[name] < getattr(self.weather, name):
                return self._instead(name, request)
        if chances["wrong_304"] < self.weather.wrong_304:
            self.deceived = True
            return Reply(304, {"ETag": '"whatever"'})
        kept = self._caches.setdefault((request.host, request.target), [])
        if kept and not request.past_caches and chances["stale"] < self.weather.stale:
            self.deceived = True
            return _conditional(self._dice.choice(kept), request)
        if kept and self._replay is not None and self._may_replay(request):
            self.deceived = True
            return kept[int(self._replay * len(kept))]
        reply = self.servers.get(request.host, _nobody)(request)
        if reply.status == 200 and request.method == "GET" and self.weather != CALM:
            kept[:] = [*kept, reply][-KEPT:]
        return reply

    def _may_replay(self, request: Request) -> bool:
        pair = self._asker, request.host
        if request.target != "/feed.atom" or (pair in self._doubted and pair != self._replaying):
            return False
        self._doubted.add(pair)
        self._replaying = pair
        return True

    def _instead(self, name: str, request: Request) -> Reply:
        if name == "refused":
            wait = {"Retry-After": str(self._dice.choice([1, 120, 999_999]))}
            return Reply(self._dice.choice([500, 502, 503, 404, 429, 403]), wait)
        if name == "gone":
            return Reply(410)
        if name == "maintenance":
            page = b"<!doctype html><title>Back soon</title><script>alert(1)</script>"
            return Reply(200, {"Content-Type": "text/html"}, page)
        host = self._dice.choice([*PRIVATE, REBINDING, *self.servers, request.host, request.host])
        same = "" if request.target.endswith("?again") else "?again"
        where = f"http://{host}{request.target}{same}"
        return Reply(self._dice.choice([301, 302, 303, 307, 308]), {"Location": where})

    def _on_the_way(self, reply: Reply, chances: dict[str, float]) -> tuple[bytes, Ending]:
        if chances["squeezed"] < self.weather.squeezed and reply.status == 200:
            body = gzip.compress(reply.body, 1, mtime=0)
            reply = replace(reply, headers={**reply.headers, "Content-Encoding": "gzip"}, body=body)
        sent = reply.as_bytes()
        if chances["cut"] < self.weather.cut:
            return sent[: self._dice.randrange(len(sent))], self._dice.choice(["closed", "reset"])
        return sent, "closed"


_WAYS = ("lost", "silent", "cut", "refused", "stale", "wrong_304", "redirected", "maintenance",
         "squeezed", "gone")  # fmt: skip


def _nobody(_request: Request) -> Reply:
    return Reply(404)


def _conditional(reply: Reply, request: Request) -> Reply:
    """As a cache compares (RFC 9110 §13.1.2)."""
    etag = reply.header("ETag")
    if etag and request.headers.get("if-none-match") == etag:
        return Reply(304, {"ETag": etag})
    return reply
