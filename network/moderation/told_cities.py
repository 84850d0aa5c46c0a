"""The cities that a followed node writes about: which of ours each is, and who has the last word.

A city's own node has it. Which node that is, a node says of itself, and it is believed while no
other that we follow says so and the city is not our own: the first keeps the word, until it is
blocked or left, or until an administrator gives it to another. What a node says of other cities
adds what is not known yet of a city that we know from feeds alone; of those nodes, the one that
was followed first may also change it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from network.catalogue import store as catalogue
from network.catalogue.models import Study
from network.cities import hearing
from network.cities import service as cities
from network.cities.models import MEMBER, City
from network.cities.service import CityValue
from network.lib import clock
from network.lib.errors import NotFound
from network.lib.i18n import N_
from network.log import service as log
from network.log.places import Place
from network.subscriptions.models import Subscription, ToldCity


@dataclass(frozen=True, slots=True)
class Moved:
    """A slug of theirs turned out to mean another city of ours than it did."""

    slug: str
    before: str
    after: City


_TOLD = (
    select(ToldCity, City)
    .outerjoin(City, City.slug == ToldCity.city)
    .where(ToldCity.subscription_id == bindparam("its_id"))
)


class ToldCities:
    """One followed site's cities, in the caller's transaction."""

    def __init__(self, session: Session, source: Subscription, now: datetime) -> None:
        self.session, self.source, self.now = session, source, now
        rows = session.execute(_TOLD, {"its_id": source.id}).all()
        self._told = {row.slug: row for row, _ in rows}
        self._cities = {city.slug: city for _, city in rows if city is not None}
        self._has_learnt = False

    def ours(self, slug: str) -> City | None:
        """The city of a slug of ours; added if there is none (any more)."""
        return self._meet(CityValue(slug, {"en": slug}))

    def theirs(self, value: CityValue) -> City | None:
        """The city here that an entry names, by what it says of it; added if there is none."""
        return self._told_of(value) or self._meet(value)

    def known(self, named: CityValue | str) -> City | None:
        """The same for what an entry says of a city, or for a slug of ours; adds none."""
        if isinstance(named, str):
            return cities.by_key(self.session, named)
        return self._told_of(named) or hearing.find(self.session, named)

    def _told_of(self, value: CityValue) -> City | None:
        row = self._told.get(value.slug)
        return None if row is None else self._cities.get(row.city)

    def _meet(self, value: CityValue) -> City | None:
        """The city that is meant; added if there is none."""
        found, key = hearing.meant(self.session, value)
        if found is None and key is not None:
            self._has_learnt = True
            return hearing.add(self.session, key, value, self.now)
        return found

    def hear(self, places: Sequence[Place], ours: str | None) -> list[Moved]:
        """Take in what the node's head says of cities; gives those that mean others than before.

        ours: slug of this node's own city, of which nobody else has the last word.
        """
        if not places and not self._told:
            return []
        catalogue.take_turn(self.session)  # before a city is learnt, because others learn too
        rank = _Rank(self.session, self.source)
        spoke = {row.city for row in self._told.values() if row.speaks}
        claimed = {place.city.slug for place in places if place.own}
        for row in self._told.values():
            row.own = row.own and row.slug in claimed
            row.speaks = row.speaks and row.own
        changed, moved = set[str](), list[Moved]()
        for place in places:
            before, city = self._meant(place)
            if city is None:
                continue
            if before is not None and before is not city:
                moved.append(Moved(place.city.slug, before.slug, city))
            row = self._told.get(place.city.slug) or ToldCity(
                subscription_id=self.source.id, slug=place.city.slug, speaks=False
            )
            row.city, row.own = city.slug, place.own
            self.session.add(row)
            self._told[row.slug], self._cities[city.slug] = row, city
            row.speaks = place.own and city.slug != ours and rank.speaks(city)
            believed = row.speaks or (city.slug != ours and rank.may_add(city))
            if believed and hearing.describe(city, place.city, self.now):
                changed.add(city.slug)
        is_named = self._name_speaker(spoke)
        self.session.flush()
        if is_named or self._has_learnt:
            catalogue.touch(self.session)
        if changed:
            log.cities_changed(self.session, changed)
        return moved

    def _meant(self, place: Place) -> tuple[City | None, City | None]:
        """The city that the slug meant until now, and the one that it means by what is said now.

        To a node that has told us nothing but slugs, a slug meant ours. A city's own site may
        say that even its country was wrong, and does not become another city by that.
        """
        value, row = place.city, self._told.get(place.city.slug)
        if row is None:
            before = cities.by_key(self.session, value.slug)
        else:
            before = self._cities.get(row.city)
        if before is not None and not hearing.tells_more(before, value):
            same = (row is not None and row.speaks) or not hearing.is_other(before, value)
            if same:
                return before, before
        return before, self._meet(value)

    def _name_speaker(self, spoke: Collection[str]) -> bool:
        """Write down, with each city that this node had or has the last word on, that it has;
        whether that is new of one."""
        speaks, is_new = {row.city for row in self._told.values() if row.speaks}, False
        for slug in speaks | set(spoke):
            city = self._cities[slug]
            said_by = urlsplit(self.source.origin).netloc if slug in speaks else None
            is_new = is_new or city.said_by != said_by
            city.said_by = said_by
        self.source.city = next(iter(speaks), self.source.city)
        return is_new


class _Rank:
    """Whose word on a city counts, of the nodes that are followed and not blocked."""

    def __init__(self, session: Session, source: Subscription) -> None:
        self._mine = source.id
        rows = session.execute(
            select(ToldCity.city, ToldCity.subscription_id, ToldCity.speaks)
            .join(Subscription, Subscription.id == ToldCity.subscription_id)
            .where(Subscription.state != "blocked")
        ).all()
        self._speaker = {row.city: row.subscription_id for row in rows if row.speaks}
        self._first: dict[str, int] = {}
        for row in rows:
            first = self._first.get(row.city, row.subscription_id)
            self._first[row.city] = min(first, row.subscription_id)

    def speaks(self, city: City) -> bool:
        """Whether this node, which says to be the city's site, has the last word on it."""
        return self._speaker.get(city.slug, self._mine) == self._mine

    def may_add(self, city: City) -> bool:
        """Whether what this node says of somebody else's city is taken."""
        if city.origin != MEMBER or city.slug in self._speaker:
            return False
        return self._first.get(city.slug, self._mine) >= self._mine


def quiet(session: Session, row: ToldCity) -> None:
    """Take the last word on a city from a node; what it said stays until somebody says more."""
    row.speaks = False
    city = session.get(City, row.city)
    if city is not None:
        city.said_by = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A city that a followed node says to be the site of. slug: what it calls it. speaks: its word
    on it is the last one here; else said_by is the host whose word is, None for ours or nobody's.
    """

    slug: str
    city: City
    speaks: bool
    said_by: str | None


def claimed(session: Session, subscription_id: int) -> list[Claimed]:
    """The cities that a followed node says to be the site of."""
    rows = session.execute(
        select(ToldCity, City)
        .join(City, City.slug == ToldCity.city)
        .where(ToldCity.subscription_id == subscription_id, ToldCity.own)
        .order_by(ToldCity.slug)
    ).all()
    return [Claimed(told.slug, city, told.speaks, city.said_by) for told, city in rows]


def written_about(session: Session, subscription_id: int) -> set[str]:
    """The cities here of which a followed site writes, as its log says or as readers see."""
    told = select(ToldCity.city).where(ToldCity.subscription_id == subscription_id)
    shown = select(Study.city).where(Study.source_id == subscription_id, Study.city.is_not(None))
    return {slug for slug in session.scalars(told.union(shown)) if slug}


def give_word(session: Session, source: Subscription, slug: str) -> None:
    """Have the site, which calls a city so and says to be its site, have the last word on it.

    What it says is taken at the next look, which is due at once. Raises NotFound.
    """
    mine = session.get(ToldCity, (source.id, slug))
    if mine is None or not mine.own:
        raise NotFound(N_("This site does not say that it is the site of this city."))
    for row in session.scalars(select(ToldCity).where(ToldCity.city == mine.city)):
        row.speaks = row is mine
    listen(session, source)


def forget_source(session: Session, subscription_id: int) -> None:
    """Let go of what a site that is not followed any more said of cities."""
    silence(session, subscription_id)
    session.execute(delete(ToldCity).where(ToldCity.subscription_id == subscription_id))


def silence(session: Session, subscription_id: int) -> None:
    """Take the last word on every city from a site that is blocked, or left."""
    mine = ToldCity.subscription_id == subscription_id
    for row in session.scalars(select(ToldCity).where(mine, ToldCity.speaks)):
        quiet(session, row)
        _ask_others(session, row)


def _ask_others(session: Session, row: ToldCity) -> None:
    """Have the nodes that say the same of themselves read again: the first to answer is heard."""
    same = (
        ToldCity.city == row.city,
        ToldCity.own,
        ToldCity.subscription_id != row.subscription_id,
    )
    for found in session.scalars(
        select(Subscription).join(ToldCity).where(*same, Subscription.state != "blocked")
    ):
        listen(session, found)


def listen(session: Session, source: Subscription) -> None:
    """Have a site's head read at once, also when it has not changed since the last look."""
    source.etag = source.last_modified = source.content_hash = ""
    source.next_poll = clock.now()
