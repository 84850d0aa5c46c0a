"""The worker: what a committed change causes happens once, whoever dies in between."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from network.jobs import service as jobs
from network.jobs.models import Job, Lease
from network.lib import clock
from network.lib.db import writing
from network.search import service as search
from network.search.engine import IndexBusy
from network.search.opening import open_search
from network.search.query import parse
from network.search.values import Filters
from network.subscriptions.policy import open_door
from network.worker.loop import LEADER, REST_SECONDS, Worker
from tests.writing import draft, publish_in


@pytest.fixture
def index(settings):
    engine = open_search(settings)
    yield engine
    engine.close()


@pytest.fixture
def worker(settings, index, engine):
    with open_door(settings) as door:
        made = Worker(settings, index, door, engine)
        yield made
        made.close()


def found(index, words: str) -> int:
    return index.search(parse(words), Filters(), "fr").total


def work(worker, rounds: int = 4) -> None:
    for _ in range(rounds):
        worker.round()


def test_a_published_study_is_found_after_the_next_round(worker, session, settings, index):
    work(worker)
    publish_in(session, settings, draft("Les ruches municipales"))
    assert found(index, "ruches") == 0
    work(worker, 1)
    assert found(index, "ruches") == 1
    assert jobs.counts(session)["waiting"] == 0


def test_a_job_whose_worker_died_is_done_by_the_next_and_the_study_is_there_once(
    worker, session, settings, index
):
    publish_in(session, settings, draft("Les ruches municipales"))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with writing(session):
        session.add(
            Lease(
                name=LEADER,
                holder=f"{socket.gethostname()}/{dead.pid}",
                until=clock.now() + timedelta(seconds=25),
            )
        )
    assert jobs.claim(session, "index", 50), "the dead worker had claimed it"
    work(worker)
    assert found(index, "ruches") == 1
    assert jobs.counts(session) == {"waiting": 0, "dead": 0}
    assert search.differences(session, index) == []


def test_a_worker_stands_by_while_another_one_leads(worker, session, settings, index):
    with writing(session):
        session.add(
            Lease(name=LEADER, holder="elsewhere/1", until=clock.now() + timedelta(seconds=25))
        )
    publish_in(session, settings, draft("Les ruches municipales"))
    work(worker)
    assert not worker.leads
    assert not index.ready()
    assert jobs.counts(session)["waiting"] == 1


def test_a_worker_takes_the_lead_when_the_lease_has_run_out(worker, session):
    with writing(session):
        session.add(
            Lease(name=LEADER, holder="elsewhere/1", until=clock.now() - timedelta(seconds=1))
        )
    worker.round()
    assert worker.leads


def test_our_own_running_process_is_not_taken_for_dead(worker, session):
    with writing(session):
        session.add(
            Lease(
                name=LEADER,
                holder=f"{socket.gethostname()}/{os.getppid()}",
                until=clock.now() + timedelta(seconds=25),
            )
        )
    worker.round()
    assert not worker.leads


def test_a_failed_job_waits_and_says_why_and_in_the_end_is_dead(session):
    with writing(session):
        jobs.add(session, "index", "a-key")
    for attempt in range(1, jobs.ATTEMPTS + 1):
        (job,) = jobs.claim(session, "index")
        assert job.attempts == attempt
        jobs.fail(session, job, "no room on the disk")
        assert jobs.claim(session, "index") == [], "it waits"
        with writing(session):
            session.get_one(Job, job.id).run_at = clock.now()
    assert jobs.counts(session) == {"waiting": 0, "dead": 1}
    assert session.get_one(Job, job.id).error == "no room on the disk"


def test_a_worker_whose_lease_ran_out_cannot_finish_what_another_has_taken(session):
    with writing(session):
        jobs.add(session, "index", "a-key")
    (slow,) = jobs.claim(session, "index")
    session.expunge(slow)
    with writing(session):
        session.get_one(Job, slow.id).claimed_until = clock.now() - timedelta(seconds=1)
    (quick,) = jobs.claim(session, "index")
    jobs.finish(session, [slow])
    assert jobs.counts(session)["waiting"] == 1
    jobs.finish(session, [quick])
    assert jobs.counts(session)["waiting"] == 0


def test_a_job_that_waits_already_is_not_added_twice_but_a_claimed_one_is(session):
    for _ in range(2):
        with writing(session):
            jobs.add(session, "index", "a-key")
    assert jobs.counts(session)["waiting"] == 1
    jobs.claim(session, "index")
    with writing(session):
        jobs.add(session, "index", "a-key")
    assert jobs.counts(session)["waiting"] == 2, "what changed after the claim is indexed too"


def test_a_job_of_a_transaction_that_fails_is_not_there(session):
    def publish_and_fail() -> None:
        with writing(session):
            jobs.add(session, "index", "a-key")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        publish_and_fail()
    assert jobs.counts(session)["waiting"] == 0


def test_two_workers_claim_different_jobs(session, engine):
    with writing(session):
        jobs.add_many(session, "index", [f"key-{n}" for n in range(40)])
    taken: list[int] = []

    def take() -> None:
        with Session(engine, expire_on_commit=False) as own:
            while claimed := jobs.claim(own, "index", 3):
                taken.extend(job.id for job in claimed)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40


def test_a_fault_does_not_end_the_worker_and_it_rests_before_the_next_round(
    worker, monkeypatch, caplog
):
    def broken() -> float:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(worker, "round", broken)
    assert worker._safely(worker.round) == REST_SECONDS
    assert "the database is away" in caplog.text


def test_upkeep_waits_while_the_index_is_rebuilt(worker, monkeypatch, caplog):
    worker.round()

    def busy(*_: object) -> bool:
        raise IndexBusy

    monkeypatch.setattr(search, "upkeep", busy)
    assert worker.round() > 0
    assert caplog.text == ""
