"""Applies what was decided: the copy, the read model, the cities, the index's jobs and the cursor
in one transaction, or nothing of it.

Every function belongs to the caller's transaction and holds on to the claim under which the poll
began: when another process has taken over since, nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from network.catalogue import addresses
from network.catalogue.models import Study
from network.catalogue.models import Version as VersionRow
from network.catalogue.values import Version
from network.intake import twins, unread
from network.intake.decide import Held, Plan
from network.lib.aside import Aside
from network.lib.db import table_of, upsert
from network.log.items import DeletedItem, LiveItem, UnreadItem, read_item
from network.log.places import Place
from network.moderation import service as moderation
from network.moderation.gate import Gate
from network.moderation.shelf import Item, Shelf, chunks
from network.moderation.told_cities import Moved
from network.subscriptions.claims import Claim, ClaimLost
from network.subscriptions.models import RemoteEntry, Subscription

log = logging.getLogger(__name__)


_KEPT = table_of(RemoteEntry)


def is_items_fault(error: Exception) -> bool:
    """Whether an error is about what was to be written, and not about the database at large."""
    if not isinstance(error, DBAPIError):
        return not isinstance(error, ClaimLost)
    # PostgreSQL: data exception, integrity violation, limit exceeded (an index row, for one).
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return isinstance(error, DataError | IntegrityError) or state[:2] in ("22", "23", "54")


def held(session: Session, subscription_id: int) -> dict[str, Held]:
    """Our copy as the log has it, without its content: also what we cannot read of it."""
    rows = session.execute(
        select(RemoteEntry.entry_id, RemoteEntry.kind, RemoteEntry.updated, RemoteEntry.hash).where(
            RemoteEntry.subscription_id == subscription_id
        )
    )
    known = {row.entry_id: Held(row.kind, row.updated, row.hash) for row in rows}
    return known | unread.held(session, subscription_id)


def dated(session: Session, subscription_id: int) -> set[str]:
    """The items on show of a foreign feed that have had a date of their own: whatever had none has
    the moment of its arrival, marked or from times when nothing was marked."""
    rows = session.scalars(
        select(VersionRow.entry_id)
        .join(Study, Study.study_key == VersionRow.study_key)
        .where(Study.source_id == subscription_id, VersionRow.published != VersionRow.received)
    )
    return set(rows)


def apply_member(
    session: Session,
    claim: Claim,
    plan: Plan,
    aside: Aside,
    now: datetime,
    places: Sequence[Place] = (),
    ours: str | None = None,
    unreadable: Collection[str] = (),
) -> tuple[list[str], int]:
    """Bring our copy of a member's log up to date.

    places: the cities that its head describes. ours: slug of this node's own city. unreadable: the
    entries that were held back until now. Gives the keys of the studies that changed, and how many
    entries could be read and yet not be stored: they are held back like those that cannot be read,
    and keep no other from being shown.
    """
    writer = _Writer(session, claim, now, unreadable)
    writer.hear(places, ours)
    writer.withdraw(aside.get(slot) for slot in plan.deleted.values())
    writer.forget(plan.forgotten)
    writer.drop_rows(plan.forgotten)
    writer.are_read((*plan.forgotten, *plan.deleted))
    writer.hold_back(aside.get(slot) for slot in plan.unread.values())
    writer.keep_rows(_kept(entry_id, plan.result[entry_id], None) for entry_id in plan.deleted)
    held_back = 0
    for chunk in chunks((*plan.new.values(), *plan.changed.values())):
        items: list[LiveItem] = [aside.get(slot) for slot in chunk]
        if not writer.entries(items, plan.result):
            left = [item for item in items if not writer.entries([item], plan.result)]
            writer.hold_back(map(unread.not_stored, left))
            held_back += len(left)
    return writer.shelf.finish(), held_back


def apply_foreign(
    session: Session,
    claim: Claim,
    versions: Mapping[str, tuple[Version, str]],
    now: datetime,
    twice: Mapping[str, str] | None = None,
) -> tuple[list[str], list[str]]:
    """Write new and changed items of a foreign feed: entry_id → (version, hash of its content).

    twice: entries that go because they are another's double. Gives the keys of the studies that
    changed, and the entry ids of items that the database would not have: one of them keeps no other
    from being written.
    """
    writer = _Writer(session, claim, now)
    writer.merge(twice or {})
    refused: list[str] = []
    for chunk in chunks(versions.items()):
        if not writer.items(chunk):
            refused += [
                entry_id for entry_id, each in chunk if not writer.items([(entry_id, each)])
            ]
    return writer.shelf.finish(), refused


def _kept(entry_id: str, held: Held, xml: bytes | None) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "kind": held.kind,
        "updated": held.updated,
        "hash": held.hash,
        "xml": xml,
    }


class _Writer:
    """One subscription's writes in one transaction, and the studies that they touch."""

    def __init__(
        self, session: Session, claim: Claim, now: datetime, unreadable: Collection[str] = ()
    ) -> None:
        self.session, self.id, self.now = session, claim.subscription_id, now
        self.unreadable = unreadable
        row = session.get(Subscription, self.id, with_for_update=True, populate_existing=True)
        if row is None or row.token != claim.token:
            raise ClaimLost
        self.url = row.url
        self.shelf = Shelf(session, row, now)
        self.gate = Gate(self.shelf, row)

    def hear(self, places: Sequence[Place], ours: str | None) -> None:
        """Take in what the site says of cities, and move what turned out to be in another one."""
        changes = self.shelf.cities.hear(places, ours)
        for moved in changes:
            for chunk in chunks(self._placed(moved)):
                self.shelf.put(chunk)
            moderation.city_moved(self.session, self.id, moved.before, moved.after.slug)
        if changes:
            self.gate = Gate(self.shelf, self.session.get_one(Subscription, self.id))

    def _placed(self, moved: Moved) -> Iterator[Item]:
        """What readers see of this site under the city that its slug no longer means."""
        rows = self.session.scalars(
            select(RemoteEntry.xml)
            .join(VersionRow, VersionRow.entry_id == RemoteEntry.entry_id)
            .where(RemoteEntry.subscription_id == self.id, VersionRow.place == moved.before)
        ).all()
        for xml in rows:
            found = read_item(xml, self.url) if xml else None
            if isinstance(found, LiveItem) and found.city and found.city.slug == moved.slug:
                yield Item(found.version, found.city)

    def withdraw(self, items: Iterable[DeletedItem]) -> None:
        """Take withdrawn entries out of what readers can see, and keep why."""
        for chunk in chunks(items):
            self.shelf.bury((i.entry_id, i.when, i.comment, i.comment_lang) for i in chunk)
            self.gate.forget(i.entry_id for i in chunk)

    def forget(self, entry_ids: Iterable[str]) -> None:
        """Take entries that the log no longer knows out of what readers can see."""
        for chunk in chunks(entry_ids):
            self.shelf.take_off(chunk)
            self.gate.forget(chunk)

    def drop_rows(self, entry_ids: Iterable[str]) -> None:
        """Forget entries."""
        for chunk in chunks(entry_ids):
            self.session.execute(
                delete(RemoteEntry).where(
                    RemoteEntry.subscription_id == self.id, RemoteEntry.entry_id.in_(chunk)
                )
            )

    def keep_rows(self, rows: Iterable[dict[str, Any]]) -> None:
        """Remember entries as they are now."""
        for chunk in chunks(rows):
            upsert(self.session, _KEPT, [{"subscription_id": self.id, **row} for row in chunk])

    def are_read(self, entry_ids: Iterable[str]) -> None:
        """Hold entries back no more."""
        unread.drop(self.session, self.id, [i for i in entry_ids if i in self.unreadable])

    def hold_back(self, items: Iterable[UnreadItem]) -> None:
        """Keep in mind what cannot be read. What stood there before stays on show, unless this is
        a withdrawal: to take off too much is mended by the next look, to show it is not."""
        for chunk in chunks(items):
            unread.keep(self.session, self.id, chunk, self.now)
            withdrawn = self._live([item.entry_id for item in chunk if item.is_deleted])
            self.forget(withdrawn)
            self.drop_rows(withdrawn)

    def _live(self, entry_ids: Sequence[str]) -> Sequence[str]:
        """Those of the entries that our copy has and that are not withdrawn there."""
        mine = select(RemoteEntry.entry_id).where(RemoteEntry.subscription_id == self.id)
        live = mine.where(RemoteEntry.kind == "live", RemoteEntry.entry_id.in_(entry_ids))
        return self.session.scalars(live).all()

    def entries(self, items: Sequence[LiveItem], held: Mapping[str, Held]) -> bool:
        """Write some entries of a member's log, all or none: whether it was possible."""

        def write() -> None:
            self.are_read([item.entry_id for item in items])
            self.keep_rows(_kept(i.entry_id, held[i.entry_id], i.xml) for i in items)
            self.shelf.put(self.gate.sift([Item(item.version, item.city) for item in items]))

        return self._alone(write)

    def items(self, chunk: Sequence[tuple[str, tuple[Version, str]]]) -> bool:
        """Write some items of a foreign feed, all or none: whether it was possible."""

        def write() -> None:
            self.keep_rows(
                {"entry_id": entry_id, "kind": "live", "hash": hash_, "xml": None}
                | {"updated": version.published.isoformat()}
                for entry_id, (version, hash_) in chunk
            )
            self.shelf.put(self.gate.sift([Item(version) for _, (version, _) in chunk]))

        return self._alone(write)

    def _alone(self, write: Callable[[], None]) -> bool:
        """Write something, all or nothing of it: whether it was possible. Raises what is no item's
        fault."""
        keys = dict(self.shelf.keys)
        try:
            with self.session.begin_nested():
                write()
                self.session.flush()
        except Exception as error:
            if not is_items_fault(error):
                raise
            log.warning("items of subscription %s could not be stored", self.id, exc_info=error)
            self.session.expire_all()
            self._begin_anew(keys)
            return False
        return True

    def _begin_anew(self, keys: dict[str, None]) -> None:
        """Forget what shelf and gate know: the cities that were learnt are not there."""
        row = self.session.get_one(Subscription, self.id)
        self.shelf = Shelf(self.session, row, self.now)
        self.shelf.keys = keys
        self.gate = Gate(self.shelf, row)

    def merge(self, twice: Mapping[str, str]) -> None:
        """Take off what is another entry's double; its page leads on to the other's. One of which
        the database will not have it stays for the next look."""

        def write(double: Mapping[str, str]) -> None:
            left = twins.lead_on(self.session, double)
            self.forget(double)
            self.drop_rows(double)
            self.session.flush()
            addresses.leave(self.session, left)

        for pair in twice.items():
            self._alone(partial(write, dict([pair])))
