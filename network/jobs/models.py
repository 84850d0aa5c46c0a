"""The outbox's table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment


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
    run_at: Mapped[datetime] = mapped_column(Moment)
    created: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    token: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[str] = mapped_column(Text, default="")


class Lease(Base):
    """Who leads: a name (such as the writer of the index) held by one process for a while."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(Moment)
