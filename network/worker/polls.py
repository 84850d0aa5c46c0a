"""Looks at followed feeds in threads, and claims and settles them many at a time.

A look at an unchanged feed costs little more than asking for it: its claim and what it came to each
share a transaction with those of other feeds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from sqlalchemy.orm import Session, sessionmaker

from network.config import Settings
from network.following import service
from network.lib.http import Door
from network.subscriptions import claims
from network.subscriptions.claims import Claim, Settled

log = logging.getLogger(__name__)

AHEAD = 4
"""Claims for each thread: one that it works on and those that wait for it. So few that each begins
well within its lease even when every site before it takes all the time that it may."""


class Polls:
    """The looks of one worker. wake: called when there is something to do for `round` at once.
    token: makes one for claims.
    """

    def __init__(
        self,
        settings: Settings,
        sessions: sessionmaker[Session],
        door: Door,
        wake: Callable[[], None],
        token: Callable[[], str] = str,
    ) -> None:
        self._settings, self._sessions, self._door, self._wake = settings, sessions, door, wake
        self._token = token
        self._most = settings.poll_threads * AHEAD
        self._pool = ThreadPoolExecutor(settings.poll_threads, thread_name_prefix="poll")
        self._lock = Lock()
        self._running: dict[Future[None], Claim] = {}
        self._settled: list[Settled] = []
        self._more = False

    def round(self) -> int:
        """Write what looks came to, and begin what is due; gives how many are under way."""
        self._settle()
        room = self._most - len(self._running)
        if room >= self._most // 2:
            with self._sessions() as session:
                due = claims.claim_due(session, room, self._token())
            self._more = len(due) == room
            for claim in due:
                self._begin(claim)
        return len(self._running)

    def close(self) -> None:
        """Finish the looks under way, and give back those that have not begun."""
        with self._lock:
            running = dict(self._running)
        unused = [claim for future, claim in running.items() if future.cancel()]
        self._pool.shutdown(wait=True)
        self._settle()
        with self._sessions() as session:
            claims.give_back(session, unused)

    def _begin(self, claim: Claim) -> None:
        future = self._pool.submit(self._look, claim)
        with self._lock:
            self._running[future] = claim
        future.add_done_callback(self._ended)

    def _look(self, claim: Claim) -> None:
        try:
            outcome = service.poll(self._sessions, self._door, claim, self._settings, self._keep)
        except Exception:
            log.exception("polling subscription %s failed unexpectedly", claim.subscription_id)
        else:
            if outcome.kind == "read":
                self._wake()

    def _ended(self, future: Future[None]) -> None:
        with self._lock:
            del self._running[future]
            low = len(self._running) <= self._most // 2
        if (low and self._more) or len(self._settled) >= self._most:
            self._wake()

    def _keep(self, settled: Settled) -> None:
        with self._lock:
            self._settled.append(settled)

    def _settle(self) -> None:
        with self._lock:
            looks, self._settled = self._settled, []
        if looks:
            with self._sessions() as session:
                claims.settle_many(session, looks)
