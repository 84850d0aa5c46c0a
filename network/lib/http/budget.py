"""What one request may still use, asked before every operation on its socket."""

from __future__ import annotations

import time
from collections.abc import Callable

from network.lib.http import failures
from network.lib.http.values import Limits, Origin


class Budget:
    """The seconds and bytes that are left of a request's limits.

    Time runs from the first `start` until the end of the last redirect's body, whatever is
    waited for; bytes are counted per answer. Every socket operation gets the time left as its
    timeout, so that nothing can be dripped past the deadline and no second thread is needed
    to enforce it.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.url = ""
        self.origin = Origin("http", "", 80)
        self._clock = clock
        self._end: float | None = None
        self._room = 0
        self._in_head = True

    def start(self, url: str, origin: Origin) -> None:
        """Turn to the next address; the first one sets the clock going."""
        self.url, self.origin = url, origin
        if self._end is None:
            self._end = self._clock() + self.limits.seconds

    def turn(self) -> float:
        """Seconds that this request may wait for its turn at a host."""
        if self._end is None:
            return self.limits.wait
        return min(self.limits.wait, self.left())

    def left(self) -> float:
        """Seconds left, more than 0. Raises RemoteError when there are none."""
        left = (self._end or 0.0) - self._clock()
        if left <= 0:
            raise failures.slow(str(self.origin), self.limits.seconds)
        return left

    def begin_head(self) -> None:
        """From here on an answer's status line and headers arrive."""
        self._in_head, self._room = True, self.limits.head_bytes

    def begin_body(self) -> None:
        """From here on an answer's body arrives."""
        self._in_head, self._room = False, self.limits.wire_bytes

    def receive(self, count: int) -> None:
        """Count bytes that arrived. Raises RemoteError when there are too many."""
        self._room -= count
        if self._room < 0 and self._in_head:
            raise failures.too_many_headers(str(self.origin))
        if self._room < 0:
            raise failures.too_large(str(self.origin), self.limits.wire_bytes)
