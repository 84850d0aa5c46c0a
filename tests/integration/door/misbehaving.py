"""Servers, names and networks that misbehave, for the tests of the one door."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from network.lib.errors import RemoteError
from network.lib.http import Door, Limits, user_agent

AGENT = user_agent("https://node.example")
BRIEF = Limits(seconds=0.4)
USUAL = Limits(seconds=20)
CHUNKED = "Transfer-Encoding: chunked"
PATIENCE = 5.0
"""How long a bad server goes on: long enough for a test to fail, not for a suite to hang."""

Script = Callable[[socket.socket, bytes], Any]


class Peer:
    """A server that hands every request, with its connection, to a script.

    raw: whatever arrives is taken for a request, be it HTTP or not.
    """

    def __init__(
        self,
        script: Script,
        address: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        raw: bool = False,
    ) -> None:
        self._tls, self._raw = tls, raw
        self.script, self.requests = script, list[bytes]()
        self.stopped = threading.Event()
        self._listener = socket.create_server((address, 0))
        self.host, self.port = self._listener.getsockname()
        self.url = f"http://{self.host}:{self.port}/feed"
        self._accepted, self._connections = 0, list[socket.socket]()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return self._accepted

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._accepted += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self._connections.append(connection)
        with suppress(OSError), self._secured(connection) as talk:
            self._connections.append(talk)
            while request := self._request(talk):
                self.requests.append(request)
                self.script(talk, request)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _request(self, connection: socket.socket) -> bytes:
        request = b""
        while not self._is_whole(request):
            received = connection.recv(65536)
            if not received or self.stopped.is_set():
                return b""
            request += received
        return request

    def _is_whole(self, request: bytes) -> bool:
        """Whether a request is there with its body, unless that is one too long to wait for."""
        if self._raw:
            return bool(request)
        head, end, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d{1,5})\r\n", head + b"\r\n")
        return bool(end) and len(body) >= int(length[1] if length else 0)

    def close(self) -> None:
        self.stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def says(*args: Any, **kwargs: Any) -> Script:
    return lambda connection, _: connection.sendall(answer(*args, **kwargs))


def cut(data: bytes) -> Script:
    """Send this and hang up."""

    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)

    return script


def drips(start: bytes, drop: bytes) -> Script:
    """Send a beginning, then drop after drop, each well within any timeout of a single read."""

    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            connection.sendall(drop)
            time.sleep(0.02)
        connection.shutdown(socket.SHUT_RDWR)

    return script


def floods(start: bytes, wave: bytes, mebibytes: int = 200) -> Script:
    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        for _ in range((mebibytes << 20) // len(wave)):
            connection.sendall(wave)

    return script


def redirects(target: str, status: str = "302 Found", body: bytes = b"") -> Script:
    return says(body, f"Location: {target}", status=status)


def refusal(door: Door, url: str, words: str, limits: Limits = USUAL) -> RemoteError:
    with pytest.raises(RemoteError, match=words) as caught:
        door.get(url, limits=limits)
    return caught.value


class Names:
    """A domain name system and a network that a test makes up: public addresses lead to a peer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, Iterator[list[str]]] = {}
        self.asked, self.connected = list[str](), list[str]()
        self.peer: Peer | None = None
        monkeypatch.setattr(socket, "getaddrinfo", self._getaddrinfo)
        real = socket.socket.connect

        def connect(sock: socket.socket, address: tuple[Any, ...]) -> None:
            self.connected.append(address[0])
            assert self.peer, "nothing should have connected"
            real(sock, (self.peer.host, self.peer.port))

        monkeypatch.setattr(socket.socket, "connect", connect)

    def _getaddrinfo(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        found = next(self.answers[host])
        families = [socket.AF_INET6 if ":" in text else socket.AF_INET for text in found]
        return [
            (family, socket.SOCK_STREAM, 6, "", (text, port))
            for family, text in zip(families, found, strict=True)
        ]
