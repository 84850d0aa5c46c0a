"""The publisher of the protocol: records what is published or withdrawn, and reads the log's pages.

What followers would hold back is not written: the strict reader of logs reads each row first.
Writing functions belong to the caller's transaction, so that a study and its entry commit together.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from network.catalogue import store as catalogue
from network.catalogue.values import Version
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib.db import read_anew, table_of, upsert
from network.log.entry import State, digest, state_line
from network.log.items import Proved, prove
from network.log.models import FeedEntry, LogState

PAGE = 50
"""Entries in an archive page (N of the protocol)."""


_ROWS = select(FeedEntry.seq, FeedEntry.updated, FeedEntry.xml).order_by(FeedEntry.seq.desc())
_POSITION = select(LogState.epoch, LogState.seq).where(LogState.id == 1)
_MARK = _POSITION.add_columns(LogState.mark, FeedEntry.hash).outerjoin(
    FeedEntry, FeedEntry.seq == LogState.seq
)
"""What each follower asks for; made once, because making a statement costs like running it."""
_STATE, _ENTRY = table_of(LogState), table_of(FeedEntry)
_LOCKED = select(_STATE.c.seq).with_for_update()
_MOVE_ON = update(_STATE).values(seq=bindparam("to"), mark=bindparam("new_mark"))
_RECENT = select(_ENTRY.c.updated).where(_ENTRY.c.seq > bindparam("cut"), _ENTRY.c.kind == "live")
_LOGGED = select(_ENTRY.c.entry_id, _ENTRY.c.kind, _ENTRY.c.updated, _ENTRY.c.hash).where(
    _ENTRY.c.entry_id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one document of the log, newest first, with seq, updated and xml.

    prev: the next older archive's number.
    """

    rows: Sequence[Row[int, str, bytes]]
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


def cities_changed(session: Session, slugs: Collection[str]) -> None:
    """What it causes that cities are described otherwise: pages and the search index change, and
    the head, whose ETag is new although no row changed."""
    jobs.add_many(session, Kind.INDEX, catalogue.place_changed(session, slugs))
    renew_mark(session)


def renew_mark(session: Session) -> None:
    """Say that the head reads otherwise although no row changed."""
    ensure_state(session).mark = secrets.token_hex(8)


def record(
    session: Session, entry_id: str, updated: str, xml: bytes, meant: Version | None = None
) -> int | None:
    """Publish an entry or its new content; gives its seq, or None when nothing changed.

    meant: the version that readers are to find in it. Raises Unreadable, and nothing is written,
    when others could not read the entry, or would read something else.
    """
    return Writer(session, [entry_id]).write([prove(entry_id, "live", updated, xml, meant)])[0]


def withdraw(session: Session, entry_id: str, when: str, tombstone: bytes) -> int | None:
    """Put a tombstone (RFC 6721) where the entry was; its text leaves every page of the log.

    Raises Unreadable when others could not read it.
    """
    return Writer(session, [entry_id]).write([prove(entry_id, "deleted", when, tombstone)])[0]


class Logged(NamedTuple):
    """A row of the log, live or deleted, without its text."""

    entry_id: str
    kind: str
    updated: str
    hash: str


class Writer:
    """The log while a transaction writes to it: until that ends, nobody else does.

    rows: those of the given entries by entry id. seq: of the newest row of all.
    """

    def __init__(self, session: Session, entry_ids: Collection[str]) -> None:
        self._session = session
        # The lock on the state's row orders writers, so that seq never goes out of commit order.
        seq = session.scalar(_LOCKED)
        self.seq = ensure_state(session).seq if seq is None else seq
        found = session.execute(_LOGGED, {"ids": list(entry_ids)})
        self.rows = {row.entry_id: Logged(*row) for row in found}

    def write(self, proved: Iterable[Proved]) -> list[int | None]:
        """Put rows where the log has older ones, or none; gives their seqs, None for what the log
        has exactly so."""
        new: list[dict[str, Any]] = []
        seqs: list[int | None] = []
        for each in proved:
            row = self.rows.get(each.entry_id)
            is_new = not row or (row.kind, row.updated, row.hash) != (
                each.kind, each.updated, each.hash,
            )  # fmt: skip
            if is_new:
                self.seq += 1
                new.append({"seq": self.seq, **asdict(each)})
            seqs.append(self.seq if is_new else None)
        self._session.flush()
        if new:
            upsert(self._session, _ENTRY, new)
            self._session.execute(_MOVE_ON, {"to": self.seq, "new_mark": secrets.token_hex(8)})
            read_anew(self._session, LogState, FeedEntry)
        return seqs


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
    epoch, seq = position(session)
    live = lines(session)
    return State(epoch, seq, len(live), digest(live))


def position(session: Session) -> tuple[str, int]:
    """(epoch, seq) alone, without reading the log."""
    row = session.execute(_POSITION).first()
    return (row.epoch, row.seq) if row else ("", 0)


def mark(session: Session) -> tuple[str, int, str, str]:
    """What the documents' ETags are made of: position, random mark, and the newest row's hash.

    A log restored from a backup without a new epoch comes to the same position again with other
    rows, perhaps by the same last entry, when what was lost is imported again; a 304 would then
    prove to followers what is not so.
    """
    row = session.execute(_MARK).first()
    return (row.epoch, row.seq, row.mark, row.hash or "") if row else ("", 0, "", "")


def cut(seq: int) -> int:
    """Rows above it are in the head, which spans the open page and the last full one."""
    return max(0, seq // PAGE - 1) * PAGE


def recent_dates(session: Session, seq: int) -> set[str]:
    """What the rows that will share a document with the one after `seq` say as `updated`."""
    return set(session.scalars(_RECENT, {"cut": cut(seq)}))


def head(session: Session) -> Page:
    """The newest rows."""
    _, seq = position(session)
    start = cut(seq)
    rows = session.execute(_ROWS.where(FeedEntry.seq > start))
    return Page(rows.all(), start // PAGE - 1 if start else None)


def archive(session: Session, number: int) -> Page | None:
    """Archive page k: rows with k·N < seq ≤ (k+1)·N; None when there is no such page yet."""
    _, seq = position(session)
    if not 0 <= number < cut(seq) // PAGE:
        return None
    above, last = number * PAGE, (number + 1) * PAGE
    rows = session.execute(_ROWS.where(FeedEntry.seq > above, FeedEntry.seq <= last))
    return Page(rows.all(), number - 1 if number else None)
