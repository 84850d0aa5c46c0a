"""The worker: what a committed change causes happens once, whoever dies in between."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.jobs import holders
from network.jobs import service as jobs
from network.jobs.holders import Holder
from network.jobs.models import Job, Lease
from network.lib import clock
from network.lib.db import writing
from network.search import service as search
from network.search.engine import IndexBusy
from network.search.opening import open_search
from network.search.query import parse
from network.search.values import Filters
from network.subscriptions.models import Subscription
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


def test_a_study_that_cannot_be_indexed_keeps_no_other_from_being_found(
    worker, session, settings, index, monkeypatch
):
    work(worker)
    real = search.documents_for

    def fails(given, keys):
        documents = real(given, keys)
        if "Mauvaise" in repr(documents):
            raise LookupError("broken")
        return documents

    monkeypatch.setattr(search, "documents_for", fails)
    for title in ("Les ruches municipales", "Mauvaise étude", "Les ruches du parc"):
        publish_in(session, settings, draft(title))
    work(worker, 1)
    assert found(index, "ruches") == 2
    (left,) = session.scalars(select(Job).where(Job.kind == "index")).all()
    assert "broken" in left.error
    session.rollback()


def test_a_job_whose_worker_died_is_done_by_the_next_and_the_study_is_there_once(
    worker, session, settings, index
):
    publish_in(session, settings, draft("Les ruches municipales"))
    assert killed_leader(session, settings, "index")
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


def killed_leader(session, settings, kind: str) -> list[Job]:
    """Another process leads, claims jobs, and is killed; gives what it had claimed."""
    program = (
        "import pathlib, sys\n"
        "from network.jobs.holders import Holder\n"
        "held = Holder(pathlib.Path(sys.argv[1]))\n"
        "print(held.name, flush=True)\n"
        "sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(settings.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stdin
    name = process.stdout.readline().strip()
    assert holders.dead(settings.home) == [], "it runs"
    assert jobs.lead(session, LEADER, name, timedelta(seconds=25))
    claimed = jobs.claim(session, kind, 50, f"{name}-1")
    process.kill()
    process.wait()
    process.stdout.close()
    process.stdin.close()
    return claimed


def test_what_a_killed_worker_held_is_free_at_once_and_what_others_hold_is_not(
    session, settings, worker
):
    with writing(session):
        jobs.add_many(session, "strange", ["a", "b"])
    (kept,) = jobs.claim(session, "strange", 1, "somebody-else")
    (given,) = killed_leader(session, settings, "strange")
    with writing(session):
        held = {"claimed_until": clock.now() + timedelta(minutes=5), "title": "", "kind": "foreign"}
        for name, token in (("a", given.token), ("b", "somebody-else")):
            at = {"url": f"http://{name}.example/", "origin": f"http://{name}.example"}
            times = {"created": clock.now(), "next_poll": clock.now() + timedelta(hours=1)}
            session.add(Subscription(token=token, **held, **at, **times))
    worker.round()
    assert worker.leads
    assert [job.id for job in jobs.claim(session, "strange", 5)] == [given.id]
    session.rollback()
    feeds = session.scalars(select(Subscription).order_by(Subscription.url)).all()
    assert [feed.token for feed in feeds] == [None, "somebody-else"]
    assert session.get_one(Job, kept.id, populate_existing=True).token == "somebody-else"
    assert list((settings.home / "holders").iterdir()) == [worker.holder._path]


def test_two_workers_of_one_process_id_and_host_do_not_both_lead(settings, index, engine, worker):
    with open_door(settings) as door:
        second = Worker(settings, index, door, engine)
        worker.round()
        second.round()
        assert (worker.leads, second.leads) == (True, False)
        second.close()


def test_a_lock_of_another_machine_says_nothing(settings):
    holder = Holder(settings.home)
    holder._file.seek(0)
    holder._file.write("another-boot another-host")
    holder._file.truncate()
    holder._file.close()
    assert holders.dead(settings.home) == []
    holder._path.write_text(holders._machine())
    assert holders.dead(settings.home) == [holder.name]
    holder._path.write_text(f"another-boot {socket.gethostname()}")
    assert holders.dead(settings.home) == [holder.name], "this machine was started anew"


def test_a_worker_that_ends_gives_back_what_it_had_not_begun(settings, index, engine, session):
    with writing(session):
        jobs.add(session, "strange", "a")
    with open_door(settings) as door:
        ending = Worker(settings, index, door, engine)
        ending.round()
        (job,) = jobs.claim(session, "strange", 1, ending.holder.token())
        assert job.attempts == 1
        ending.close()
    session.rollback()
    assert jobs.leader(session, LEADER) is None
    (again,) = jobs.claim(session, "strange")
    assert again.attempts == 1, "it was never tried"
    assert list((settings.home / "holders").iterdir()) == []


def test_a_job_that_kills_every_worker_is_dead_in_the_end(session):
    with writing(session):
        jobs.add(session, "strange", "a")
    for _ in range(jobs.ATTEMPTS):
        assert jobs.claim(session, "strange", 1, "victim-1")
        jobs.give_back(session, "victim")
    assert jobs.claim(session, "strange") == []
    assert jobs.counts(session) == {"waiting": 0, "dead": 1}


def test_a_failed_job_waits_and_says_why_and_in_the_end_is_dead(session):
    with writing(session):
        jobs.add(session, "index", "a-key")
    for attempt in range(1, jobs.ATTEMPTS + 1):
        (job,) = jobs.claim(session, "index")
        assert job.attempts == attempt
        before = clock.now()
        jobs.fail(session, job, "no room on the disk")
        assert jobs.claim(session, "index") == [], "it waits"
        waits = session.get_one(Job, job.id, populate_existing=True).run_at - before
        longer = timedelta(seconds=min(3600, 2**attempt))
        assert longer <= waits <= longer + timedelta(seconds=5), "twice as long each time"
        with writing(session):
            session.get_one(Job, job.id).run_at = clock.now()
    assert jobs.counts(session) == {"waiting": 0, "dead": 1}
    assert session.get_one(Job, job.id).error == "no room on the disk"


def test_a_worker_whose_lease_ran_out_cannot_finish_what_another_has_taken(session):
    with writing(session):
        jobs.add(session, "index", "a-key")
    (slow,) = jobs.claim(session, "index")
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
