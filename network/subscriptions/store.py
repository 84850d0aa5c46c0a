"""Applies what was decided: the copy, the read model, the cities, the index's jobs and the cursor
in one transaction, or nothing of it.

Every function belongs to the caller's transaction and holds on to the claim under which the poll
began: when another process has taken over since, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from network.catalogue import store as catalogue
from network.catalogue.models import Study
from network.catalogue.models import Version as VersionRow
from network.catalogue.values import Version
from network.cities import service as cities
from network.cities.service import CityValue
from network.jobs import service as jobs
from network.subscriptions.aside import Aside
from network.subscriptions.claims import Claim, ClaimLost
from network.subscriptions.decide import Held, Plan
from network.subscriptions.models import RemoteEntry, Subscription
from network.subscriptions.parse_member import LiveItem

T = TypeVar("T")

CHUNK = 500
"""Rows written or removed at a time; below every database's limit of parameters."""


def held(session: Session, subscription_id: int) -> dict[str, Held]:
    """Our copy, without its content."""
    rows = session.execute(
        select(RemoteEntry.entry_id, RemoteEntry.kind, RemoteEntry.updated, RemoteEntry.hash).where(
            RemoteEntry.subscription_id == subscription_id
        )
    )
    return {row.entry_id: Held(row.kind, row.updated, row.hash) for row in rows}


def apply_member(
    session: Session, claim: Claim, plan: Plan, aside: Aside, now: datetime
) -> list[str]:
    """Bring our copy of a member's log up to date; gives the keys of the studies that changed."""
    writer = _Writer(session, claim, now)
    writer.forget([*plan.forgotten, *plan.deleted])
    writer.drop_rows([*plan.forgotten, *plan.deleted, *plan.changed])
    writer.keep_rows(_kept(entry_id, plan.result[entry_id], None) for entry_id in plan.deleted)
    for chunk in _chunks((*plan.new.values(), *plan.changed.values())):
        items: list[LiveItem] = [aside.get(slot) for slot in chunk]
        writer.keep_rows(_kept(i.entry_id, plan.result[i.entry_id], i.xml) for i in items)
        writer.publish((item.version, item.city) for item in items)
    return writer.finish()


def apply_foreign(
    session: Session, claim: Claim, versions: Mapping[str, tuple[Version, str]], now: datetime
) -> list[str]:
    """Write new and changed items of a foreign feed: entry_id → (version, hash of its content)."""
    writer = _Writer(session, claim, now)
    writer.drop_rows(versions)
    writer.keep_rows(
        {"entry_id": entry_id, "kind": "live", "hash": hash_, "xml": None}
        | {"updated": version.published.isoformat()}
        for entry_id, (version, hash_) in versions.items()
    )
    writer.publish((version, None) for version, _ in versions.values())
    return writer.finish()


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

    def __init__(self, session: Session, claim: Claim, now: datetime) -> None:
        self.session, self.now = session, now
        self.id = claim.subscription_id
        self.keys: dict[str, None] = {}
        self.cities: dict[CityValue, tuple[str | None, str | None]] = {}
        row = session.get(Subscription, self.id, populate_existing=True)
        if row is None or row.token != claim.token:
            raise ClaimLost
        self.shown = row.state != "blocked"

    def forget(self, entry_ids: Iterable[str]) -> None:
        """Take entries out of what readers can see."""
        for chunk in _chunks(entry_ids):
            shown = self.session.execute(
                select(VersionRow.entry_id, VersionRow.study_key)
                .join(Study, Study.study_key == VersionRow.study_key)
                .where(VersionRow.entry_id.in_(chunk), Study.source_id == self.id)
            ).all()
            for entry_id, study_key in shown:
                self.keys[study_key] = None
                catalogue.remove(self.session, entry_id)

    def drop_rows(self, entry_ids: Iterable[str]) -> None:
        """Make way for the rows that take their place."""
        for chunk in _chunks(entry_ids):
            self.session.execute(
                delete(RemoteEntry).where(
                    RemoteEntry.subscription_id == self.id, RemoteEntry.entry_id.in_(chunk)
                )
            )

    def keep_rows(self, rows: Iterable[dict[str, Any]]) -> None:
        """Remember entries."""
        for chunk in _chunks(rows):
            self.session.execute(
                insert(RemoteEntry), [{"subscription_id": self.id, **row} for row in chunk]
            )

    def publish(self, versions: Iterable[tuple[Version, CityValue | None]]) -> None:
        """Put versions where readers see them, with the cities that they name."""
        waiting = iter(versions)
        first = next(waiting, None)
        if first is None:
            return
        catalogue.touch(self.session)  # before a city is learnt, because others learn too
        catalogue.put_many(
            self.session,
            (self._arrival(version, city) for version, city in chain([first], waiting)),
            source_id=self.id,
            received=self.now,
            shown=self.shown,
        )

    def _arrival(self, version: Version, city: CityValue | None) -> catalogue.Arrival:
        self.keys[version.study_key] = None
        if city is None and version.city:
            city = CityValue(version.city, version.city)
        if city is None:
            return catalogue.Arrival(version)
        if city not in self.cities:
            known = cities.learn(self.session, city)
            self.cities[city] = (known.slug, known.country) if known else (None, None)
        slug, country = self.cities[city]
        return catalogue.Arrival(replace(version, city=slug), country)

    def finish(self) -> list[str]:
        """Add the index's jobs; gives the keys of the studies that changed."""
        jobs.add_many(self.session, "index", self.keys)
        return list(self.keys)


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(values)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
