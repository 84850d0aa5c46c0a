"""Jobs that run beside each other, and duties: tried again after failures, held up by nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.search.opening import open_search
from network.subscriptions.policy import open_door
from network.worker import handlers
from network.worker.loop import Worker
from network.worker.tools import Duty
from tests.nodes import eventually

GREET, HANG = Kind.ICON, Kind.DESCRIBE
"""What the jobs of these tests are said to be."""


def test_each_kind_of_job_has_its_handler_and_the_leaders_own_has_none():
    wanted = set(Kind) - {Kind.INDEX}
    assert set(handlers.HANDLERS) == wanted, "give each kind a row in HANDLERS"
    assert len({duty.name for duty in handlers.DUTIES}) == len(handlers.DUTIES)


@pytest.fixture
def kinds(monkeypatch) -> dict[str, handlers.Handler]:
    """Kinds of jobs for one test alone."""
    made: dict[str, handlers.Handler] = {}
    monkeypatch.setattr(handlers, "HANDLERS", made)
    monkeypatch.setattr(handlers, "DUTIES", ())
    return made


@pytest.fixture
def worker(settings, engine, kinds) -> Iterator[Worker]:
    index = open_search(settings)
    with open_door(settings) as door:
        made = Worker(settings, index, door, engine)
        yield made
        made.close()
    index.close()


def add(session, kind: str, key: str, **payload: object) -> None:
    with writing(session):
        jobs.add(session, kind, key, **payload)


def waiting(session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Job.key)))


def is_done(worker, session) -> bool:
    worker.round()
    session.rollback()
    return session.scalar(select(Job.id)) is None


def test_a_job_is_done_once_with_its_key_and_payload(worker, session, kinds):
    seen = []
    kinds[GREET] = lambda _tools, work: seen.append((work.key, dict(work.payload), work.attempt))
    add(session, GREET, "madrid", words="hola")
    eventually(lambda: is_done(worker, session))
    assert seen == [("madrid", {"words": "hola"}, 1)]


@pytest.mark.parametrize("error", [RemoteError("It does not answer."), ValueError("a fault")])
def test_a_job_that_fails_waits_and_is_tried_again(worker, session, kinds, error):
    attempts = []

    def greet(_tools, work):
        attempts.append(work.attempt)
        if work.attempt == 1:
            raise error

    kinds[GREET] = greet
    add(session, GREET, "madrid")

    def failed() -> Job | None:
        worker.round()
        session.rollback()
        return session.scalar(select(Job).where(Job.error != ""))

    job = eventually(failed)
    assert job.state == "waiting"
    assert job.run_at > clock.now()
    with writing(session):
        session.get(Job, job.id, populate_existing=True).run_at = clock.now() - timedelta(seconds=1)
    eventually(lambda: is_done(worker, session))
    assert attempts == [1, 2]


def test_a_job_that_hangs_holds_up_no_other(worker, session, kinds):
    release, done = threading.Event(), []
    kinds[HANG] = lambda _tools, _work: release.wait(30)
    kinds[GREET] = lambda _tools, work: done.append(work.key)
    add(session, HANG, "seoul")
    add(session, GREET, "madrid")
    add(session, GREET, "lisbon")
    try:
        eventually(lambda: worker.round() is not None and len(done) == 2)
        eventually(lambda: waiting(session) == ["seoul"])
    finally:
        release.set()
    eventually(lambda: is_done(worker, session))


def test_a_duty_is_done_by_the_leader_again_and_again(settings, engine, kinds, monkeypatch):
    done: list[int] = []

    def count(_tools) -> None:
        done.append(1)
        raise ValueError("a duty that fails comes round all the same")

    monkeypatch.setattr(handlers, "DUTIES", (Duty("count", timedelta(0), count),))
    index = open_search(settings)
    with open_door(settings) as door:
        leader = Worker(settings, index, door, engine)
        second = Worker(settings, index, door, engine)
        leader.round()
        second.round()
        second.close()
        assert len(done) <= 1
        eventually(lambda: leader.round() is not None and len(done) >= 2)
        assert not second.leads
        leader.close()
    index.close()
