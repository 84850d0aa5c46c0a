"""A socket that is none: what the real door sends and receives through it, as bytes."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

Ending = Literal["closed", "silent", "reset"]
"""How an answer ends: as it should, by never going on, or by a broken connection."""


@dataclass(frozen=True)
class Request:
    """What was asked. target: path and query. Names of headers are in lower case."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def past_caches(self) -> bool:
        """Whether a cache must ask anew (RFC 9111 §5.2.1.4)."""
        return "no-cache" in self.headers.get("cache-control", "")


@dataclass(frozen=True)
class Reply:
    """What is answered, whole."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((v for k, v in self.headers.items() if k.lower() == name.lower()), "")

    def as_bytes(self) -> bytes:
        """As it goes over the wire."""
        named = {name: value for name, value in self.headers.items() if name != "Content-Length"}
        body = b"" if self.status == 304 else self.body
        named |= {"Content-Length": str(len(body)), "Connection": "close"}
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "?"
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{k}: {v}" for k, v in named.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


_ALWAYS_READABLE = os.open(os.devnull, os.O_RDONLY)
"""So that no connection is taken for one that can be used again."""

Route = Callable[[Request], tuple[bytes, Ending]]


class _Incoming(io.RawIOBase):
    """The answer's bytes, and then what comes of the connection."""

    def __init__(self, content: bytes, ending: Ending) -> None:
        self._content, self._ending = io.BytesIO(content), ending

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._content.readinto(buffer)
        if not count and self._ending == "silent":
            raise TimeoutError
        if not count and self._ending == "reset":
            raise ConnectionResetError
        return count


class Wire:
    """The one connection of one request, as far as http.client and urllib3 use a socket."""

    def __init__(self, route: Route) -> None:
        self._route, self._sent = route, bytearray()

    def sendall(self, data: Any) -> None:
        self._sent += bytes(data)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        content, ending = self._route(parse(bytes(self._sent)))
        return io.BufferedReader(_Incoming(content, ending))

    def fileno(self) -> int:
        return _ALWAYS_READABLE

    def settimeout(self, _seconds: float | None) -> None: ...

    def shutdown(self, _how: int = socket.SHUT_RDWR) -> None: ...

    def close(self) -> None: ...


def parse(sent: bytes) -> Request:
    """A request from its bytes; ours have a Content-Length or no body."""
    head, _, body = sent.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    return Request(method, headers.get("host", ""), target, headers, body)
