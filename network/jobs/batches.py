"""Long work that somebody watches: offered, chosen, done item by item, and told in plain words.

Each item that was chosen is a job of its own, so a worker that is killed loses nothing, and what
fails or hangs holds up no other item.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.jobs.models import Batch, BatchItem
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import PioneerError

KEPT = timedelta(days=90)
"""How long the page of a batch has something to show."""

Said = tuple[str, dict[str, Any]]
"""A message to translate, and its arguments."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that may be done. label: what people call it. payload: what its job needs."""

    label: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a batch comes from. title, origin, source, notice: as the table has them."""

    kind: Kind
    title: str
    origin: str
    source: str
    notice: Said | None = None


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as a page shows it."""

    id: int
    number: int
    label: str
    state: str
    payload: Mapping[str, Any]
    said: Said | None
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as a page shows it. items: in their order."""

    id: int
    kind: str
    title: str
    origin: str
    source: str
    state: str
    created: datetime
    notice: Said | None
    items: Sequence[ItemView] = field(default_factory=tuple)

    def having(self, *states: str) -> list[ItemView]:
        """The items in one of these states."""
        return [item for item in self.items if item.state in states]


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch in a list. chosen: items to do; open: those that still wait."""

    id: int
    title: str
    state: str
    created: datetime
    chosen: int
    open: int
    failed: int


def offer(session: Session, about: Offer, entries: Iterable[Entry]) -> int:
    """Keep what may be done for somebody to choose from; gives the batch's number."""
    with writing(session):
        notice, arguments = about.notice or ("", {})
        batch = Batch(
            kind=about.kind,
            title=about.title,
            origin=about.origin,
            source=about.source,
            state="offered",
            created=clock.now(),
            notice=notice,
            notice_arguments=arguments or None,
        )
        session.add(batch)
        session.flush()
        session.add_all(
            BatchItem(
                batch_id=batch.id,
                number=number,
                label=entry.label,
                payload=dict(entry.payload),
                state="offered",
            )
            for number, entry in enumerate(entries, 1)
        )
        # After the new one has its number, so that no number, and address, is ever used again.
        session.execute(delete(Batch).where(Batch.created < clock.now() - KEPT))
        return batch.id


def begin(session: Session, batch_id: int, numbers: Collection[int]) -> int:
    """Have these items done and leave the others; gives how many. A second time does nothing."""
    with writing(session):
        batch = session.get(Batch, batch_id, with_for_update=True, populate_existing=True)
        if batch is None or batch.state != "offered":
            return 0
        items = _items(session, batch_id, "offered")
        chosen = [item for item in items if item.number in numbers]
        if not chosen:
            return 0
        batch.state = "begun"
        for item in items:
            item.state = "left"
        _have_done(session, batch.kind, chosen)
        return len(chosen)


def again(session: Session, batch_id: int) -> int:
    """Try again what failed; gives how many items that is."""
    with writing(session):
        batch = session.get(Batch, batch_id, with_for_update=True, populate_existing=True)
        if batch is None:
            return 0
        failed = _items(session, batch_id, "failed")
        _have_done(session, batch.kind, failed)
        return len(failed)


def _items(session: Session, batch_id: int, state: str) -> Sequence[BatchItem]:
    return session.scalars(
        select(BatchItem)
        .where(BatchItem.batch_id == batch_id, BatchItem.state == state)
        .order_by(BatchItem.number)
    ).all()


def _have_done(session: Session, kind: str, items: Iterable[BatchItem]) -> None:
    keys = []
    for item in items:
        item.state, item.outcome, item.outcome_arguments = "waiting", "", None
        keys.append(str(item.id))
    jobs.add_many(session, Kind(kind), keys)


def waiting(session: Session, key: str) -> ItemView | None:
    """The item that a job is about, unless it is settled or gone."""
    row = session.get(BatchItem, int(key), populate_existing=True)
    item = _view(row) if row is not None and row.state == "waiting" else None
    session.rollback()
    return item


def settle(
    session: Session,
    key: str,
    state: str,
    outcome: Said,
    result: Mapping[str, Any] | None = None,
) -> None:
    """Write what came of an item: done or failed; or waiting, with why it is tried again."""
    message, arguments = outcome
    with writing(session):
        session.execute(
            update(BatchItem)
            .where(BatchItem.id == int(key), BatchItem.state == "waiting")
            .values(
                state=state,
                outcome=message,
                outcome_arguments=_storable(arguments),
                result=dict(result) if result else None,
                settled=None if state == "waiting" else clock.now(),
            )
        )


def said(error: PioneerError) -> Said:
    """What an error says, as an outcome."""
    return error.message, error.arguments


def _storable(arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    plain = {k: v if isinstance(v, int | float) else str(v)[:500] for k, v in arguments.items()}
    return plain or None


def view(session: Session, batch_id: int) -> BatchView | None:
    """A batch with all its items."""
    batch = session.get(Batch, batch_id, populate_existing=True)
    if batch is None:
        return None
    rows = session.scalars(
        select(BatchItem)
        .where(BatchItem.batch_id == batch_id)
        .order_by(BatchItem.number)
        .execution_options(populate_existing=True)
    )
    return BatchView(
        id=batch.id,
        kind=batch.kind,
        title=batch.title,
        origin=batch.origin,
        source=batch.source,
        state=batch.state,
        created=batch.created,
        notice=(batch.notice, batch.notice_arguments or {}) if batch.notice else None,
        items=tuple(_view(row) for row in rows),
    )


def recent(session: Session, limit: int = 10) -> list[Summary]:
    """The newest batches that were begun."""
    state = BatchItem.state
    columns = (
        Batch.id,
        Batch.title,
        Batch.state,
        Batch.created,
        func.count().filter(state.not_in(("left", "offered"))),
        func.count().filter(state == "waiting"),
        func.count().filter(state == "failed"),
    )
    rows = session.execute(
        select(*columns)
        .join(BatchItem, BatchItem.batch_id == Batch.id)
        .where(Batch.state == "begun")
        .group_by(Batch.id, Batch.title, Batch.state, Batch.created)
        .order_by(Batch.id.desc())
        .limit(limit)
    )
    return [Summary(*row) for row in rows]


def _view(row: BatchItem) -> ItemView:
    return ItemView(
        id=row.id,
        number=row.number,
        label=row.label,
        state=row.state,
        payload=row.payload,
        said=(row.outcome, row.outcome_arguments or {}) if row.outcome else None,
        result=row.result or {},
    )
