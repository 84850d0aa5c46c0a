"""The outbox's tables: work that waits, who leads, and long work that somebody watches."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment

LONGEST_WAIT = timedelta(hours=1)
"""Of a job, however often it failed."""
LONGEST_LEASE = timedelta(hours=1)
"""Of a claim or of the lead: so long may a restore take before a worker would begin beside it."""


class Job(Base):
    """Work that a committed change causes. It is deleted when done; `dead` ones wait for a person.

    key: what it is about; a waiting job of the same kind and key is not added twice.
    claimed_until: the lease; after it another worker may take the job. token: fences a worker
    whose lease ran out from finishing what another has taken.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_run_at", "state", "run_at"),
        Index("ix_job_kind_key", "kind", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(50))
    key: Mapped[str] = mapped_column(String(1000))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    run_at: Mapped[datetime] = mapped_column(Moment, info={"longest": LONGEST_WAIT})
    created: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment, info={"longest": LONGEST_LEASE})
    token: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[str] = mapped_column(Text, default="")


class Lease(Base):
    """Who leads: a name (such as the writer of the index) held by one process for a while."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(Moment, info={"longest": LONGEST_LEASE})


class Batch(Base):
    """Long work that somebody watches, item by item.

    kind: of the jobs that do it. title: what it is about, such as the name of a list. origin: the
    page that it came from. source: the address or file that the items were read from.
    state: offered (somebody chooses among its items), begun. notice: what was odd about the source.
    """

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(2000))
    state: Mapped[str] = mapped_column(String(10))
    created: Mapped[datetime] = mapped_column(Moment)
    notice: Mapped[str] = mapped_column(Text)
    notice_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)


class BatchItem(Base):
    """One thing to do, and what came of it.

    number: its place in the batch, from 1. payload: what its job needs. state: offered, waiting,
    done, failed, left (not chosen). outcome, outcome_arguments: what came of it, or why it failed
    or still waits, as a message to translate. result: what a page may link.
    """

    __tablename__ = "batch_item"
    __table_args__ = (Index("ix_batch_item_batch_id_number", "batch_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(Text, default="")
    outcome_arguments: Mapped[dict[str, Any] | None] = mapped_column(Json)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    settled: Mapped[datetime | None] = mapped_column(Moment)
