"""Whether the database's file is whole, looked at again and again while somebody wants to know.

A page that is destroyed is met when it is read, which may be next year; a monitor asks today.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from threading import Lock, Thread

from network.lib import sqlite

SHARE = 50
"""A look that took a second comes again after this many at the earliest: it reads every page."""
LONGEST = 3600.0
"""Seconds after which a file is looked at that has not changed: disks decay."""
PATIENCE = 2.0
"""Seconds that an answer waits for a look; a large database is told of with the next."""


class Wholeness:
    """What is known of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._looking: Thread | None = None
        self._seen: tuple[int, int] | None = None
        self._again = self._at_latest = 0.0
        self._damage: str | None = None

    def damage(self) -> str | None:
        """What is wrong with the file as far as is known by now; None when it is whole."""
        with self._lock:
            if self._is_due():
                self._looking = Thread(target=self._look, name="wholeness", daemon=True)
                self._looking.start()
            looking = self._looking
        if looking:
            looking.join(PATIENCE)
        return self._damage

    def _is_due(self) -> bool:
        if self._looking and self._looking.is_alive():
            return False
        now = time.monotonic()
        return now >= self._at_latest or (now >= self._again and self._stamp() != self._seen)

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    def _look(self) -> None:
        began, seen = time.monotonic(), self._stamp()
        try:
            found = sqlite.damage(self._path) if seen[1] else "the file is not there, or empty"
        except (OSError, sqlite3.Error) as error:  # as good as damaged for whoever wants to read
            found = str(error)
        ended = time.monotonic()
        self._again = ended + SHARE * (ended - began)
        self._at_latest = max(ended + LONGEST, self._again)
        self._damage, self._seen = found, seen
