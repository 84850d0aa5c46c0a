"""What readers see of one followed site: puts versions there and takes them off, in the caller's
transaction, with the cities that they name and the index's jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue import store as catalogue
from network.catalogue import tombstones
from network.catalogue.models import Study
from network.catalogue.models import Version as VersionRow
from network.catalogue.values import Version
from network.cities.service import CityValue
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.moderation.told_cities import ToldCities
from network.subscriptions.models import Subscription

T = TypeVar("T")

CHUNK = catalogue.CHUNK
"""Rows written or removed at a time; below every database's limit of parameters."""


@dataclass(frozen=True, slots=True)
class Item:
    """A version for readers. city: what its feed says of it; None when the version names it as we
    do. received: None for now."""

    version: Version
    city: CityValue | None = None
    received: datetime | None = None


class Shelf:
    """One site's shelf; what is put there while the site is blocked is seen after that."""

    def __init__(self, session: Session, source: Subscription, now: datetime) -> None:
        self.session, self.now = session, now
        self.source_id, self.shown = source.id, source.state != "blocked"
        self.keys: dict[str, None] = {}
        self.cities = ToldCities(session, source, now)
        self._known: dict[CityValue | str, tuple[str | None, str | None]] = {}

    def put(self, items: Iterable[Item]) -> None:
        """Put versions where readers see them, with the cities that they name."""
        waiting = iter(items)
        if (first := next(waiting, None)) is not None:
            catalogue.put_many(
                self.session,
                map(self._arrival, chain([first], waiting)),
                source_id=self.source_id,
                received=self.now,
                shown=self.shown,
            )

    def _arrival(self, item: Item) -> catalogue.Arrival:
        """What the read model takes: in the city of ours that the version names, as its site calls
        it or as we do."""
        version = item.version
        self.keys[version.study_key] = None
        if version.city is None:
            return catalogue.Arrival(version, received=item.received)
        named = item.city or version.city
        if named not in self._known:
            found = self.cities.ours(named) if isinstance(named, str) else self.cities.theirs(named)
            self._known[named] = (found.slug, found.country) if found else (None, None)
        slug, country = self._known[named]
        return catalogue.Arrival(replace(version, city=slug), country, item.received)

    def city_of(self, item: Item) -> str | None:
        """Slug of the city of ours that a version is about; None while we know none that it is."""
        named = item.city or item.version.city
        found = self.cities.known(named) if named else None
        return found.slug if found else None

    def take_off(self, entry_ids: Iterable[str]) -> None:
        """Take entries off without a word to readers."""
        for chunk in chunks(entry_ids):
            tombstones.forget(self.session, chunk)
            for entry_id in self._mine(chunk):
                catalogue.remove(self.session, entry_id)

    def take_off_studies(self, keys: Sequence[str]) -> None:
        """The same for whole studies, many times as fast."""
        self.keys |= dict.fromkeys(keys)
        for chunk in chunks(keys):
            catalogue.remove_studies(self.session, chunk)

    def bury(self, withdrawn: Iterable[tuple[str, datetime, str, str | None]]) -> None:
        """Take off what its city has withdrawn: (entry id, when, reason, its language)."""
        for chunk in chunks(withdrawn):
            ids = [entry_id for entry_id, *_ in chunk]
            known = {*self._mine(ids), *tombstones.known(self.session, self.source_id, ids)}
            for entry_id, when, reason, lang in chunk:
                if entry_id in known:
                    tombstones.bury(self.session, entry_id, when, reason, lang)

    def _mine(self, entry_ids: Sequence[str]) -> list[str]:
        """Those of the entries that are here by this site."""
        rows = self.session.execute(
            select(VersionRow.entry_id, VersionRow.study_key)
            .join(Study, Study.study_key == VersionRow.study_key)
            .where(VersionRow.entry_id.in_(entry_ids), Study.source_id == self.source_id)
        ).all()
        self.keys |= dict.fromkeys(row.study_key for row in rows)
        return [row.entry_id for row in rows]

    def finish(self) -> list[str]:
        """Add the index's jobs; gives the keys of the studies that changed."""
        jobs.add_many(self.session, Kind.INDEX, self.keys)
        return list(self.keys)


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, CHUNK at a time."""
    waiting = iter(values)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
