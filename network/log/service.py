"""The publisher of the protocol: records what is published or withdrawn, and reads the log's pages.

Writing functions belong to the caller's transaction, so that a study and its entry commit together.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.log.entry import State, content_hash, digest, state_line
from network.log.models import FeedEntry, LogState

PAGE = 50
"""Entries in an archive page (N of the protocol)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one document of the log, newest first. prev: the next older archive's number."""

    rows: Sequence[FeedEntry]
    prev: int | None


def ensure_state(session: Session) -> LogState:
    """The state's row, made with a fresh epoch when the node is new."""
    state = session.get(LogState, 1)
    if state is None:
        state = LogState(id=1, epoch=secrets.token_hex(16), seq=0)
        session.add(state)
        session.flush()
    return state


def renew_epoch(session: Session) -> None:
    """Say that history may have gone back (after a restore): followers replay everything."""
    ensure_state(session).epoch = secrets.token_hex(16)


def record(session: Session, entry_id: str, updated: str, xml: bytes) -> int | None:
    """Publish an entry or its new content; gives its seq, or None when nothing changed."""
    return _write(session, entry_id, "live", updated, xml)


def withdraw(session: Session, entry_id: str, when: str, tombstone: bytes) -> int | None:
    """Put a tombstone (RFC 6721) where the entry was; its text leaves every page of the log."""
    return _write(session, entry_id, "deleted", when, tombstone)


def _write(session: Session, entry_id: str, kind: str, updated: str, xml: bytes) -> int | None:
    hash_ = content_hash(xml)
    row = session.get(FeedEntry, entry_id, populate_existing=True)
    if row is not None and (row.kind, row.updated, row.hash) == (kind, updated, hash_):
        return None
    ensure_state(session)
    # The lock on the state's row orders writers, so that seq never goes out of commit order.
    state = session.scalars(select(LogState).with_for_update()).one()
    session.refresh(state)
    state.seq, state.mark = state.seq + 1, secrets.token_hex(8)
    if row is None:
        row = FeedEntry(entry_id=entry_id)
        session.add(row)
    row.seq, row.kind, row.updated, row.xml, row.hash = state.seq, kind, updated, xml, hash_
    session.flush()
    return state.seq


def lines(session: Session) -> list[str]:
    """The live rows' lines `entry_id updated hash`, sorted by code point (feed/ids.txt)."""
    rows = session.execute(
        select(FeedEntry.entry_id, FeedEntry.updated, FeedEntry.hash).where(
            FeedEntry.kind == "live"
        )
    )
    return sorted(state_line(*row) for row in rows)


def read_state(session: Session) -> State:
    """Epoch, seq, count and digest, all of one snapshot."""
    row = session.get(LogState, 1, populate_existing=True)
    if row is None:
        return State("", 0, 0, digest([]))
    live = lines(session)
    return State(row.epoch, row.seq, len(live), digest(live))


def position(session: Session) -> tuple[str, int]:
    """(epoch, seq) alone, without reading the log."""
    row = session.get(LogState, 1, populate_existing=True)
    return (row.epoch, row.seq) if row else ("", 0)


def mark(session: Session) -> tuple[str, int, str, str]:
    """What the documents' ETags are made of: position, random mark, and the newest row's hash.

    A log restored from a backup without a new epoch comes to the same position again with other
    rows, perhaps by the same last entry, when what was lost is imported again; a 304 would then
    prove to followers what is not so.
    """
    row = session.get(LogState, 1, populate_existing=True)
    if row is None:
        return "", 0, "", ""
    newest = session.scalar(select(FeedEntry.hash).where(FeedEntry.seq == row.seq))
    return row.epoch, row.seq, row.mark, newest or ""


def cut(seq: int) -> int:
    """Rows above it are in the head, which spans the open page and the last full one."""
    return max(0, seq // PAGE - 1) * PAGE


def head(session: Session) -> Page:
    """The newest rows."""
    _, seq = position(session)
    start = cut(seq)
    rows = session.scalars(
        select(FeedEntry).where(FeedEntry.seq > start).order_by(FeedEntry.seq.desc())
    )
    return Page(rows.all(), start // PAGE - 1 if start else None)


def archive(session: Session, number: int) -> Page | None:
    """Archive page k: rows with k·N < seq ≤ (k+1)·N; None when there is no such page yet."""
    _, seq = position(session)
    if not 0 <= number < cut(seq) // PAGE:
        return None
    rows = session.scalars(
        select(FeedEntry)
        .where(FeedEntry.seq > number * PAGE, FeedEntry.seq <= (number + 1) * PAGE)
        .order_by(FeedEntry.seq.desc())
    )
    return Page(rows.all(), number - 1 if number else None)
