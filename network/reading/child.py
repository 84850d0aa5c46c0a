"""Foreign feeds parsed in a process of its own, which can be killed: no feed can hold up the node.

feedparser needs quadratic time for some documents and any amount of memory. A worker process
reads one document after another; it is bounded in processor time and memory by the system
(setrlimit), so that neither its start nor a busy machine counts, and on the clock by us, in case it
hangs. After any trouble it is killed, and the next document gets a new one. Starting one costs
about a third of a second, so a good one is kept for the next document.

What comes back is JSON, never a pickle: the worker has read hostile bytes.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from network.lib.errors import RemoteError
from network.lib.i18n import N_
from network.reading.values import ForeignFeed, load_feed

MEBIBYTE = 1024 * 1024
LONGEST_ANSWER = 256 * MEBIBYTE

PATIENCE = 30
"""How often its processor time a worker may take on the clock: a machine may have much to do."""

TOO_SLOW = N_("Reading the feed took more than %(seconds)s seconds and was given up.")
CRASHED = N_("Reading the feed used more time or memory than is allowed and was given up.")

_WORKERS = max(2, min(4, os.cpu_count() or 1))
_USES = 200
"""Documents after which a worker is replaced, so that whatever it gathered is given back."""


def parse_in_child(
    content: bytes,
    content_type: str | None,
    url: str,
    seconds: float = 10,
    memory: int = 512 * MEBIBYTE,
    content_language: str | None = None,
) -> ForeignFeed:
    """`foreign.parse_feed` within bounds; may be called from any number of threads.

    seconds: of the worker's processor time for this document, in whole seconds; on the clock it may
    take PATIENCE times as many, its start included. Waiting for a free worker does not count.
    memory: bytes of address space of the worker, of which it needs some 250 MiB for itself.
    Raises RemoteError: parse_feed's own, or not retryable when the bounds were passed.
    """
    request = {
        "content_type": content_type,
        "url": url,
        "content_language": content_language,
        "seconds": seconds,
        "memory": memory,
    }
    with _pool.turn:
        outcome = _ask(_pool.take(), request, content)
    if isinstance(outcome, RemoteError):
        raise outcome
    return outcome


def _ask(worker: _Worker, request: dict[str, Any], content: bytes) -> ForeignFeed | RemoteError:
    """The worker's answer; it goes back to the pool when it gave one, and is killed otherwise."""
    used_before = worker.uses > 0
    try:
        outcome = worker.parse(request, content)
    except ConnectionError:
        worker.kill()
        if not used_before:
            raise RemoteError(CRASHED, retryable=False) from None
        # It may have ended while it was idle, through no fault of this document.
        return _ask(_Worker(), request, content)
    except BaseException:
        worker.kill()
        raise
    _pool.put_back(worker)
    return outcome


class _Worker:
    """One process that runs `reading.worker`, and the socket to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.uses = 0
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "network.reading.worker"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C in the terminal is for the node to answer
            )

    def parse(self, request: dict[str, Any], content: bytes) -> ForeignFeed | RemoteError:
        """The worker's answer. Raises RemoteError when late, ConnectionError when it died."""
        seconds = request["seconds"] * PATIENCE
        deadline = time.monotonic() + seconds
        head = json.dumps(request).encode()
        self.uses += 1
        try:
            self.socket.settimeout(seconds)
            self.socket.sendall(struct.pack("!II", len(head), len(content)) + head)
            self.socket.settimeout(_left(deadline))
            self.socket.sendall(content)
            (length,) = struct.unpack("!I", self._read(4, deadline))
            if length > LONGEST_ANSWER:
                raise ConnectionError("answer too long")
            return _understood(self._read(length, deadline))
        except TimeoutError:
            raise RemoteError(TOO_SLOW, retryable=False, seconds=f"{seconds:g}") from None

    def _read(self, length: int, deadline: float) -> bytes:
        answer = bytearray()
        while len(answer) < length:
            self.socket.settimeout(_left(deadline))
            piece = self.socket.recv(min(length - len(answer), MEBIBYTE))
            if not piece:
                raise ConnectionError("the worker ended")
            answer += piece
        return bytes(answer)

    def alive(self) -> bool:
        """Whether it may be given another document."""
        return self.uses < _USES and self.process.poll() is None

    def kill(self) -> None:
        """End it at once; it has nothing to save."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


class _Pool:
    """The idle workers of this process, and how many may be at work at a time."""

    def __init__(self) -> None:
        self.turn = threading.BoundedSemaphore(_WORKERS)
        self.lock = threading.Lock()
        self.idle: list[_Worker] = []

    def take(self) -> _Worker:
        """A worker that is nobody else's, from now until it is put back."""
        while True:
            with self.lock:
                worker = self.idle.pop() if self.idle else None
            if worker is None:
                return _Worker()
            if worker.alive():
                return worker
            worker.kill()

    def put_back(self, worker: _Worker) -> None:
        """Keep the worker for the next document, or end it if it has done its share."""
        if not worker.alive():
            worker.kill()
            return
        with self.lock:
            self.idle.append(worker)

    def close(self) -> None:
        """End the idle workers."""
        with self.lock:
            idle, self.idle = self.idle, []
        for worker in idle:
            worker.kill()


def _understood(answer: bytes) -> ForeignFeed | RemoteError:
    """The feed, or the error that the worker reports. Raises ConnectionError for nonsense."""
    kind, body = answer[:1], answer[1:]
    try:
        if kind == b"F":
            return load_feed(body)
        if kind == b"E":
            error = json.loads(body)
            message, retryable = str(error["message"]), bool(error["retryable"])
            arguments = {str(name): str(value) for name, value in error["arguments"].items()}
            failure = RemoteError(message, retryable=retryable)
            failure.arguments = arguments
            return failure
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConnectionError("the worker answered nonsense") from error
    # "M": it ran out of memory, and ends.
    raise ConnectionError("the worker failed")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _environment() -> dict[str, str]:
    """What the worker may know: where the code is. None of the node's settings or secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    # Without this numpy's algebra reserves address space for a thread per core.
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **threads, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


_pool = _Pool()


def _after_fork() -> None:
    """A forked server process must not talk to its parent's workers: two voices on one line."""
    global _pool
    inherited, _pool = _pool.idle, _Pool()
    for worker in inherited:
        with suppress(OSError):
            worker.socket.close()
        worker.process.returncode = 0  # not our child: Popen must neither wait nor warn


def close_workers() -> None:
    """End the idle worker processes (at the node's end; tests)."""
    _pool.close()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(close_workers)
