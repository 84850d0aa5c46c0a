"""The worker's loop: index changes, poll what is due, run other jobs, and lead or stand by.

Any number of workers may run. One leads, and only the leader writes the search index; polls and
other jobs are shared by claims. A worker killed at any moment loses nothing: its claims run out, or
are given back at once when its successor on the same machine sees that it is dead.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from network.config import Settings
from network.jobs import holders
from network.jobs import service as jobs
from network.jobs.holders import LEADER, Holder
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib.db import is_trouble, open_engine
from network.lib.errors import RemoteError
from network.lib.http import Door
from network.search import service as search
from network.search.engine import IndexBusy, SearchEngine
from network.subscriptions import claims
from network.worker import handlers
from network.worker.polls import Polls
from network.worker.tools import Duty, OwnPage, Tools, Work

log = logging.getLogger(__name__)

LEAD = timedelta(seconds=30)
RENEW, TRY = 10.0, 2.0
"""Seconds between two renewals of the lead, and between two attempts to win it."""
IDLE_SECONDS = 0.25
REST_SECONDS = 5.0
"""After a fault, so that a database that is away is not asked, and logged, without end."""
BATCH = 50
"""Studies indexed in one commit."""
JOB_THREADS = 32
"""Jobs that ask something of other sites, at a time: most of them wait."""
DUTY_THREADS = 8
"""Apart from those of jobs, which other sites may keep waiting."""
JOB_LEASE = timedelta(minutes=5)
"""Longer than the slowest exchange with another site may take."""


def _no_pages(_address: str) -> OwnPage:
    return OwnPage(503, "text/plain", b"")


class Worker:
    """One worker process of a node."""

    def __init__(
        self,
        settings: Settings,
        search_engine: SearchEngine,
        door: Door,
        engine: Engine | None = None,
        page: Callable[[str], OwnPage] = _no_pages,
    ) -> None:
        self.settings = settings
        self.search = search_engine
        self.door = door
        self.engine = engine or open_engine(settings.database_url)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        self.holder = Holder(settings.home)
        self.leads = False
        self._renew_at = time.monotonic()
        self._wake = Event()
        self.polls = Polls(settings, self.sessions, door, self._wake.set, self.holder.token)
        self.tools = Tools(settings, self.sessions, door, page, search_engine)
        self._job_pool = ThreadPoolExecutor(JOB_THREADS, thread_name_prefix="job")
        self._duty_pool = ThreadPoolExecutor(DUTY_THREADS, thread_name_prefix="duty")
        self._jobs: set[Future[None]] = set()
        self._due = {duty.name: time.monotonic() for duty in handlers.DUTIES}
        self._duties: dict[str, Future[None]] = {}

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; then finish what is under way."""
        log.info("worker %s starts", self.holder.name)
        try:
            while not stop.is_set():
                self._pause(stop, self._safely(self.round))
        finally:
            self.close()
            self.engine.dispose()

    def close(self) -> None:
        """Finish what is under way in threads, begin nothing more, and give the rest back."""
        self._safely(self.polls.close)
        for pool in (self._job_pool, self._duty_pool):
            pool.shutdown(wait=True, cancel_futures=True)
        self._safely(self._give_back)
        self.holder.close()

    def _pause(self, stop: Event, seconds: float) -> None:
        """Rest; a short rest ends as soon as there is something to do."""
        (stop if seconds > IDLE_SECONDS else self._wake).wait(seconds)
        self._wake.clear()

    def round(self) -> float:
        """Do what there is to do; gives the seconds to wait before the next round."""
        with self.sessions() as session:
            self._lead(session)
            busy = self.leads and self._index(session)
        self._start_jobs()
        self._start_duties()
        self.polls.round()
        if busy:
            return 0.0
        return 0.0 if self.leads and self._tidy() else IDLE_SECONDS

    def _tidy(self) -> bool:
        """A piece of the index's upkeep; it can wait while a command rebuilds the index."""
        try:
            with self.sessions() as session:
                return search.upkeep(session, self.search)
        except IndexBusy:
            return False

    def _safely(self, work: Callable[[], float | None]) -> float:
        """A fault of the database or of ours must not end the worker: note it, rest, go on."""
        try:
            return work() or 0.0
        except Exception:
            log.exception("the worker met an unexpected error and goes on")
            return REST_SECONDS

    def _lead(self, session: Session) -> None:
        if time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + (RENEW if self.leads else TRY)
        self._bury(session)
        led, self.leads = self.leads, jobs.lead(session, LEADER, self.holder.name, LEAD)
        if self.leads and not led:
            self._take_over(session)

    def _bury(self, session: Session) -> None:
        """Give back at once what workers of this machine held when they died."""
        for name in holders.dead(self.settings.home):
            jobs.give_back(session, name)
            claims.release_claims(session, name)
            jobs.step_down(session, LEADER, name)
            holders.forget(self.settings.home, name)

    def _take_over(self, session: Session) -> None:
        """Only the leader indexes, so claims on index jobs were the last leader's; and an index
        that a crash left behind is mended before anything else."""
        jobs.release(session, Kind.INDEX)
        mended = search.repair(session, self.search)
        if mended:
            log.info("mended %s studies in the search index", mended)

    def _index(self, session: Session) -> bool:
        claimed = jobs.claim(session, Kind.INDEX, BATCH, self.holder.token())
        return bool(claimed) and self._index_studies(session, claimed)

    def _index_studies(self, session: Session, claimed: Sequence[Job]) -> bool:
        """Index studies together, or each alone when that fails, so that none of them keeps others
        from being found; whether any was indexed."""
        try:
            search.index_studies(session, self.search, [job.key for job in claimed])
        except Exception as error:  # any fault of the index: try again later, and say why
            session.rollback()
            busy = isinstance(error, IndexBusy) or is_trouble(error)
            if len(claimed) > 1 and not busy:
                return sum(self._index_studies(session, [job]) for job in claimed) > 0
            if not isinstance(error, IndexBusy):
                log.exception("indexing failed")
            for job in claimed:
                jobs.fail(session, job, repr(error))
            return False
        jobs.finish(session, claimed)
        return True

    def _start_jobs(self) -> None:
        self._jobs = {future for future in self._jobs if not future.done()}
        free = JOB_THREADS - len(self._jobs)
        if free <= 0 or not handlers.HANDLERS:
            return
        with self.sessions() as session:
            claimed = jobs.claim_any(
                session, handlers.HANDLERS, free, JOB_LEASE, self.holder.token()
            )
        for job in claimed:
            self._jobs.add(self._job_pool.submit(self._run_job, job))

    def _run_job(self, job: Job) -> None:
        with self.sessions() as session:
            try:
                work = Work(job.key, job.payload, job.attempts)
                handlers.HANDLERS[Kind(job.kind)](self.tools, work)
            except RemoteError as error:
                log.info("%s %s failed: %s", job.kind, job.key, error)
                jobs.fail(session, job, str(error))
            except Exception as error:
                log.exception("%s %s failed unexpectedly", job.kind, job.key)
                jobs.fail(session, job, repr(error))
            else:
                jobs.finish(session, [job])

    def _start_duties(self) -> None:
        """Only the leader has duties, and each is done by one thread at a time."""
        now = time.monotonic()
        for duty in handlers.DUTIES if self.leads else ():
            running = self._duties.get(duty.name)
            if (running is None or running.done()) and self._due[duty.name] <= now:
                self._duties[duty.name] = self._duty_pool.submit(self._run_duty, duty)

    def _run_duty(self, duty: Duty) -> None:
        try:
            duty.run(self.tools)
        except Exception:
            log.exception("the duty %s failed and is done again later", duty.name)
        finally:
            self._due[duty.name] = time.monotonic() + duty.every.total_seconds()

    def _give_back(self) -> None:
        """Let whoever comes next begin at once."""
        with self.sessions() as session:
            jobs.give_back(session, self.holder.name, unused=True)
            jobs.step_down(session, LEADER, self.holder.name)
