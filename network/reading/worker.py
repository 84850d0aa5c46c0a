"""The process in which foreign feeds are parsed: reads documents from its parent, answers JSON.

Run as `python -m network.reading.worker` with a socket as standard input; see
reading.child for why. Each request brings its own limits, which the system enforces.
"""

from __future__ import annotations

import json
import resource
import socket
import struct
import sys
from typing import Any

from network.lib.errors import RemoteError
from network.reading.feeds.foreign import parse_feed
from network.reading.values import dump_feed

IDLE_SECONDS = 120
"""An unused worker ends and gives its memory back; the parent then starts another."""


def main() -> None:
    """Answer requests until the parent closes the line, or nothing comes for IDLE_SECONDS."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=sys.stdin.fileno()) as line:
        while (answer := _serve_one(line)) is not None:
            line.sendall(struct.pack("!I", len(answer)) + answer)
            if answer == OUT_OF_MEMORY:
                return


OUT_OF_MEMORY = b"M"


def _serve_one(line: socket.socket) -> bytes | None:
    line.settimeout(IDLE_SECONDS)
    try:
        lengths = _read(line, 8)
        line.settimeout(None)
        head, content = (_read(line, length) for length in struct.unpack("!II", lengths))
    except (TimeoutError, EOFError, ConnectionError):
        return None
    return _answer(json.loads(head), content)


def _read(line: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        piece = line.recv(min(length - len(received), 1 << 20))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)


def _answer(request: dict[str, Any], content: bytes) -> bytes:
    _limit(request["seconds"], request["memory"])
    try:
        feed = parse_feed(
            content, request["content_type"], request["url"], request["content_language"]
        )
        return b"F" + dump_feed(feed)
    except RemoteError as error:
        return b"E" + _error(error)
    except MemoryError:
        return OUT_OF_MEMORY


def _error(error: RemoteError) -> bytes:
    said = {
        "message": error.message,
        "arguments": {name: str(value) for name, value in error.arguments.items()},
        "retryable": error.retryable,
    }
    return json.dumps(said).encode()


def _limit(seconds: float, memory: int) -> None:
    """Soft limits only: they are set anew for each document, and past documents' time is spent."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    for kind, value in ((resource.RLIMIT_CPU, until), (resource.RLIMIT_AS, memory)):
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, hard))


if __name__ == "__main__":
    main()
