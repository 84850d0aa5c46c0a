"""What a log says again and again: of a database in trouble, or a server with much to do, one line
now and then is enough."""

from __future__ import annotations

import logging
import time
from threading import Lock

from network.lib.db import first_line, is_trouble

EVERY = 60.0
"""Seconds in which a process says the same trouble once."""


class OneLine(logging.Filter):
    """Makes one line of an error that a database in trouble raised, without its trace, and keeps
    back those that follow: nobody reads a thousand, and a full disk has no room for them."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._said: dict[str, float] = {}
        self._kept_back = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged; it is changed when it is of such an error."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not is_trouble(error):
            return True
        with self._lock:
            return self._say(record, error)

    def _say(self, record: logging.LogRecord, error: BaseException) -> bool:
        driver = getattr(error, "orig", None) or error
        kind, now = type(driver).__name__, time.monotonic()
        if self._said.get(kind, now - EVERY) > now - EVERY:
            self._kept_back += 1
            return False
        record.msg, record.args = (
            "%s: the database cannot be used: %s (%s errors like it were not logged)",
            (record.getMessage(), first_line(driver), self._kept_back),
        )
        record.exc_info = record.exc_text = None
        self._said[kind], self._kept_back = now, 0
        return True


class Seldom(logging.Filter):
    """Lets through one record in so many seconds, of a logger that has one thing to say."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._next = 0.0

    def filter(self, _record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        now = time.monotonic()
        with self._lock:
            if now < self._next:
                return False
            self._next = now + EVERY
        return True


_ONE_LINE, _QUEUE = OneLine(), Seldom()


def be_brief() -> None:
    """Have what this process logs go through it. Safe to repeat."""
    for handler in (*logging.root.handlers, logging.lastResort):
        if handler is not None:
            handler.addFilter(_ONE_LINE)
    # waitress says so of every request that waits for a thread, be it for a millisecond.
    logging.getLogger("waitress.queue").addFilter(_QUEUE)
