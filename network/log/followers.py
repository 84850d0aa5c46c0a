"""Who reads this node's log, as far as their requests say it; proof comes later, from their lists.

Noting a reader must cost a poll nothing: a page of the log never waits for the database's writer,
and never fails because of this.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from threading import Lock, Thread

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.lib import clock
from network.lib.db import writing
from network.lib.sanitise import web_url
from network.log.models import Follower

log = logging.getLogger(__name__)

SELDOM = timedelta(hours=1)
"""How often one reader is noted: its polls in between write nothing."""
MOST_UNPROVED = 500
"""Readers that no list has confirmed, kept at a time; names cost whoever invents them nothing."""
MOST_REMEMBERED = 2_000
_NODE = re.compile(r"PioneerCities/[0-9A-Za-z.+-]{1,30} \(\+(https?://[^\s()<>\"]{1,250}?)/?\)")

Sessions = Callable[[], AbstractContextManager[Session]]


def claimed(user_agent: str | None) -> str | None:
    """The node that a request says it is from (lib.http.user_agent), or None."""
    found = _NODE.fullmatch(user_agent or "")
    address = web_url(found[1]) if found else None
    return address if address == (found and found[1]) else None


def seen(session: Session, origin: str, now: datetime) -> None:
    """Write down that a node asked for the log."""
    with writing(session):
        row = session.get(Follower, origin)
        if row is not None:
            row.last_seen = now
            return
        unproved = select(func.count()).where(Follower.confirmed_at.is_(None))
        if (session.scalar(unproved) or 0) < MOST_UNPROVED:
            session.add(Follower(origin=origin, first_seen=now, last_seen=now, next_check=now))


def all_of(session: Session) -> list[Follower]:
    """Everybody who was noted, the confirmed first, then by when they were seen last."""
    rows = session.scalars(select(Follower)).all()
    return sorted(rows, key=lambda r: (r.confirmed_at is None, -r.last_seen.timestamp(), r.origin))


class Notebook:
    """What one process has noted lately, and the thread that writes it down."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = Lock()
        self._lately: dict[str, float] = {}
        self._waiting: dict[str, datetime] = {}
        self._thread: Thread | None = None

    def note(self, origin: str) -> None:
        """Note a reader; returns at once, and does nothing for one that was noted lately."""
        moment = time.monotonic()
        with self._lock:
            if moment - self._lately.get(origin, -1e9) < SELDOM.total_seconds():
                return
            if len(self._lately) >= MOST_REMEMBERED:
                self._lately.clear()
            self._lately[origin] = moment
            self._waiting[origin] = clock.now()
            if self._thread is None:
                self._thread = Thread(target=self._write, name="followers", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until all that was noted is written or given up (for tests, and a good end)."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _write(self) -> None:
        while (taken := self._next()) is not None:
            origin, moment = taken
            try:
                with self._sessions() as session:
                    seen(session, origin, moment)
            except Exception:  # whatever is wrong with the database, the next poll notes it again
                log.debug("a follower was not noted", exc_info=True)
                with self._lock:
                    self._lately.pop(origin, None)

    def _next(self) -> tuple[str, datetime] | None:
        with self._lock:
            if not self._waiting:
                self._thread = None
                return None
            return self._waiting.popitem()
