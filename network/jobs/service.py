"""The outbox: a job is added in the caller's transaction and claimed by a conditional update.

A job runs at least once: a worker that dies leaves its lease to run out, and another takes the job.
Handlers are therefore idempotent.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, case, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from network.jobs.holders import claimed_by
from network.jobs.kinds import Kind
from network.jobs.models import LONGEST_LEASE, LONGEST_WAIT, Job, Lease
from network.lib import clock
from network.lib.db import table_of, writing

LEASE = timedelta(seconds=60)
AT_ONCE = 500
"""Jobs added or forgotten by one statement: a log read from nothing causes twenty thousand."""
ATTEMPTS = 12
"""After this many failures a job is dead and waits for a person."""
FEW = 4
"""Of more jobs nobody asks whether each one waits already: that costs more than it saves."""
CHUNK = 500
"""Jobs looked for at a time; below every database's limit of parameters."""


_JOB = table_of(Job)
_WAITING = select(_JOB.c.kind, _JOB.c.key).where(
    tuple_(_JOB.c.kind, _JOB.c.key).in_(bindparam("jobs", expanding=True)),
    _JOB.c.state == "waiting",
    _JOB.c.token.is_(None),
)
_ADD = insert(_JOB)


def add_all(session: Session, jobs: Collection[tuple[Kind, str]]) -> None:
    """Add jobs by kind and key in the caller's transaction: of up to FEW, none that already waits
    unclaimed."""
    there: set[tuple[str, str]] = set()
    if 0 < len(jobs) <= FEW:
        there = {(row.kind, row.key) for row in session.execute(_WAITING, {"jobs": list(jobs)})}
    _insert(session, [job for job in jobs if job not in there])


def add(session: Session, kind: Kind, key: str, **payload: Any) -> None:
    """Add a job in the caller's transaction, unless the same one already waits unclaimed."""
    waiting = select(Job.id).where(
        Job.kind == kind, Job.key == key, Job.state == "waiting", Job.token.is_(None)
    )
    if session.scalar(waiting.limit(1)) is None:
        session.add(
            Job(kind=kind, key=key, payload=payload, run_at=clock.now(), created=clock.now())
        )


def add_many(session: Session, kind: Kind, keys: Iterable[str]) -> None:
    """Add one job per key in the caller's transaction; a duplicate does no harm."""
    _insert(session, [(kind, key) for key in dict.fromkeys(keys)])


def _insert(session: Session, jobs: Sequence[tuple[Kind, str]]) -> None:
    now = clock.now()
    for start in range(0, len(jobs), AT_ONCE):
        rows = [
            {"kind": kind, "key": key, "payload": {}, "run_at": now, "created": now,
             "state": "waiting", "attempts": 0, "error": ""}
            for kind, key in jobs[start : start + AT_ONCE]
        ]  # fmt: skip
        session.execute(_ADD, rows)


def schedule(session: Session, kind: Kind, times: Mapping[str, datetime], **payload: Any) -> None:
    """Add a job per key for its time; one that waits unclaimed takes the earlier time instead.

    payload: of all of them, also of those that waited.
    """
    keys = iter(times)
    while chunk := list(islice(keys, CHUNK)):
        waiting = select(Job).where(
            Job.kind == kind, Job.key.in_(chunk), Job.state == "waiting", Job.token.is_(None)
        )
        found = {job.key: job for job in session.scalars(waiting)}
        for key in chunk:
            if job := found.get(key):
                job.run_at, job.payload = min(job.run_at, times[key]), payload
            else:
                session.add(
                    Job(
                        kind=kind,
                        key=key,
                        payload=payload,
                        run_at=times[key],
                        created=clock.now(),
                    )
                )
        session.flush()


def claim(session: Session, kind: Kind, limit: int = 1, token: str = "") -> list[Job]:
    """Take up to `limit` due jobs of a kind for the length of a lease, oldest first.

    token: of the claim (`Holder.token`); without one nobody but its lease gives it back.
    """
    return claim_any(session, (kind,), limit, token=token)


def claim_any(
    session: Session,
    kinds: Collection[Kind],
    limit: int,
    lease: timedelta = LEASE,
    token: str = "",
) -> list[Job]:
    """The same for jobs of any of these kinds."""
    now, token = clock.now(), token or secrets.token_hex(8)
    due = (
        select(Job.id)
        .where(Job.kind.in_(tuple(kinds)), Job.state == "waiting")
        .where(clock.is_due(Job.run_at, now, LONGEST_WAIT))
        .where(
            or_(
                Job.claimed_until.is_(None),
                clock.is_due(Job.claimed_until, now, LONGEST_LEASE),
            )
        )
        .order_by(Job.id)
        .limit(limit)
    )
    if session.scalar(due) is None:  # most looks find nothing
        session.rollback()
        return []
    with writing(session):
        ids = list(session.scalars(due.with_for_update(skip_locked=True)))
        session.execute(
            update(Job)
            .where(Job.id.in_(ids))
            .values(token=token, claimed_until=now + lease, attempts=Job.attempts + 1)
        )
        claimed = list(
            session.scalars(
                select(Job)
                .where(Job.id.in_(ids))
                .order_by(Job.id)
                .execution_options(populate_existing=True)
            )
        )
        for job in claimed:
            session.expunge(job)  # what was claimed, whatever becomes of it: never asked for again
        return claimed


def finish(session: Session, jobs: Iterable[Job]) -> None:
    """Forget jobs that are done, unless another worker has taken them since."""
    done = [(job.id, job.token) for job in jobs]
    with writing(session):
        for start in range(0, len(done), AT_ONCE):
            session.execute(
                delete(Job)
                .where(tuple_(Job.id, Job.token).in_(done[start : start + AT_ONCE]))
                .execution_options(synchronize_session=False)
            )


def fail(session: Session, job: Job, error: str) -> None:
    """Try again later, waiting twice as long each time up to an hour; after ATTEMPTS it is dead."""
    wait = min(LONGEST_WAIT, timedelta(seconds=2 ** min(job.attempts, 12)))
    state = "dead" if job.attempts >= ATTEMPTS else "waiting"
    with writing(session):
        session.execute(
            update(Job)
            .where(Job.id == job.id, Job.token == job.token)
            .values(
                state=state,
                error=error[:2000],
                run_at=clock.now() + wait,
                token=None,
                claimed_until=None,
            )
        )


def release(session: Session, kind: Kind) -> None:
    """Give back every claim on jobs of a kind: for the one worker that runs them, after a crash."""
    with writing(session):
        session.execute(
            update(Job)
            .where(Job.kind == kind, Job.token.is_not(None))
            .values(token=None, claimed_until=None)
        )


def give_back(session: Session, holder: str, unused: bool = False) -> None:
    """Give back every claim of a holder that does nothing any more.

    unused: it ended in good order, and what it had claimed was not begun. A job that was, and that
    killed its worker as often as it may fail, is dead.
    """
    attempts = Job.attempts - 1 if unused else Job.attempts
    state = case((attempts >= ATTEMPTS, "dead"), else_="waiting")
    with writing(session):
        session.execute(
            update(Job)
            .where(Job.token.startswith(claimed_by(holder)))
            .values(token=None, claimed_until=None, attempts=attempts, state=state)
        )


def counts(session: Session) -> dict[str, int]:
    """How many jobs wait and how many are dead."""
    rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
    return {"waiting": 0, "dead": 0} | {row[0]: row[1] for row in rows}


def lead(session: Session, name: str, holder: str, length: timedelta = LEASE) -> bool:
    """Become or stay the one holder of a name; False while another process holds it."""
    now = clock.now()
    with writing(session):
        row = session.get(Lease, name, with_for_update=True, populate_existing=True)
        if row is None:
            session.add(Lease(name=name, holder=holder, until=now + length))
            return True
        if row.holder != holder and clock.is_ahead(row.until, now, LONGEST_LEASE):
            return False
        row.holder, row.until = holder, now + length
        return True


def leader(session: Session, name: str) -> str | None:
    """Who holds a name now, as far as the lease says."""
    held = clock.is_ahead(Lease.until, clock.now(), LONGEST_LEASE)
    return session.scalar(select(Lease.holder).where(Lease.name == name, held))


def step_down(session: Session, name: str, holder: str) -> None:
    """Let another process lead at once."""
    with writing(session):
        session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
