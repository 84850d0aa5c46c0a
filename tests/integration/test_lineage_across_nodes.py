"""Nodes that follow the same cities see the same lineage, in whatever order the entries came.

The cities' entries are the real ones: written as entries, read as a member's document, stored in
the read model of each observer. What differs is when each observer polls which city.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete
from sqlalchemy.orm import Session

from network.adoptions import graph
from network.adoptions.edges import Edge
from network.catalogue import store
from network.catalogue.models import Adoption as AdoptionRow
from network.catalogue.models import Inspiration, Rendition, Study, StudyTopic
from network.catalogue.models import Version as VersionRow
from network.catalogue.values import Adoption, Link, Version
from network.lib.db import Base, prepare_engine, writing
from network.log.document import feed_xml
from network.log.entry import entry_xml
from network.log.items import LiveItem
from network.log.reading import parse_document
from tests.adopting import NOON, follow, receive, version

CITIES = ("http://paris.example", "http://madrid.example", "http://seoul.example")
HERE = "http://here.example"
BLOG = "http://blog.example/we-tried-it"
numbers = st.integers(1, 3)
city = st.sampled_from(CITIES)


def study(origin: str, number: int, **changes: Any) -> Version:
    """A study by its number. It is as old as its number says, wherever it is."""
    published = NOON + timedelta(hours=number)
    return version(number, origin=origin, published=published, **changes)


def address(origin: str, number: int, how: str) -> str:
    """What people paste: the id, an id with a language, or the page."""
    made = study(origin, number)
    return {"id": made.study_key, "version": made.entry_id, "page": made.url}[how]


links = st.lists(
    st.builds(address, city, numbers, st.sampled_from(["id", "version", "page"])) | st.just(BLOG),
    max_size=2,
)
publishing = st.tuples(st.just("publish"), city, numbers, links)
withdrawing = st.tuples(st.just("withdraw"), city, numbers, st.none())
adopters = st.builds(address, city, numbers, st.sampled_from(["id", "page"])) | st.just(BLOG)
judging = st.tuples(
    st.just("judge"),
    city,
    numbers,
    st.tuples(adopters, st.sampled_from(["confirmed", "contested"])),
)
polling = st.tuples(st.just("poll"), st.integers(0, 3), city, st.none())
steps = st.lists(publishing | publishing | withdrawing | judging | polling, max_size=25)


@dataclass
class City:
    """What a city has published: its live studies, and when each last changed."""

    live: dict[str, Version] = field(default_factory=dict)
    clock: int = 0

    def put(self, changed: Version) -> None:
        self.clock += 1
        self.live[changed.entry_id] = replace(
            changed, updated=NOON + timedelta(days=1, seconds=self.clock)
        )

    def document(self, origin: str) -> bytes:
        entries = [entry_xml(each, "A city") for each in self.live.values()]
        return feed_xml(f"{origin}/feed.atom", "A city", [], NOON, entries, author="A city")


class Observer:
    """A node's read model. home: the city that it is itself, None for one that only follows."""

    def __init__(self, home: str | None) -> None:
        self.home = home
        self.engine = prepare_engine(create_engine("sqlite://"))
        Base.metadata.create_all(self.engine)
        self.sources: dict[str, int | None] = {home: None} if home else {}
        with Session(self.engine) as session:
            for origin in CITIES:
                if origin != home:
                    self.sources[origin] = follow(session, origin)

    def forget(self) -> None:
        """Begin anew, without making the tables again."""
        with Session(self.engine) as session, writing(session):
            for table in (Rendition, AdoptionRow, Inspiration, StudyTopic, VersionRow, Study):
                session.execute(delete(table))

    def poll(self, origin: str, published: City) -> None:
        """Take in what the city has now, and out what it has no longer."""
        items = parse_document(published.document(origin), f"{origin}/feed.atom").items
        source = self.sources[origin]
        with Session(self.engine) as session, writing(session):
            held = set(self._held(session, origin))
            for entry_id in sorted(held - {item.entry_id for item in items}):
                store.remove(session, entry_id)
            for item in items:
                assert isinstance(item, LiveItem)
                store.put(session, item.version, source_id=source, received=NOON)

    def _held(self, session: Session, origin: str) -> Iterator[str]:
        for row in session.query(Study).where(Study.study_key.startswith(origin)):
            yield f"{row.study_key}/en"

    def lineage(self, key: str) -> tuple[list[tuple[str, int, str]], list[Edge]]:
        with Session(self.engine) as session:
            found = graph.around(session, key, self.home or HERE)
        return [(node.key, node.level, node.title) for node in found.nodes], list(found.edges)


@pytest.fixture(scope="module")
def observers() -> Iterator[list[Observer]]:
    """Each of the cities, and a node that only follows them all."""
    made = [*map(Observer, CITIES), Observer(None)]
    yield made
    for observer in made:
        observer.engine.dispose()


@settings(max_examples=60)
@given(steps=steps)
def test_every_observer_of_the_same_cities_sees_the_same_lineage(
    observers: list[Observer], steps: list[Any]
) -> None:
    cities = {origin: City() for origin in CITIES}
    for observer in observers:
        observer.forget()
    for verb, who, number, what in steps:
        if verb == "poll":
            observers[who].poll(number, cities[number])
            continue
        made = study(who, number)
        before = cities[who].live.get(made.entry_id)
        if verb == "withdraw":
            cities[who].live.pop(made.entry_id, None)
        elif verb == "publish":
            told = tuple(Link(href, f"as {who} calls it") for href in what)
            kept = before.adoptions if before else ()
            cities[who].put(replace(made, inspired_by=told, adoptions=kept))
        elif before:
            given_now = Adoption(what[0], what[1], "adopter", "why", "en", decided=NOON)
            others = [a for a in before.adoptions if a.href != what[0]]
            cities[who].put(replace(before, adoptions=(*others, given_now)))
    # At last everybody has polled everybody, each in an order of its own.
    for turn, observer in enumerate(observers):
        for origin in CITIES[turn % 3 :] + CITIES[: turn % 3]:
            observer.poll(origin, cities[origin])
    for published in cities.values():
        for each in published.live.values():
            first, *rest = [o.lineage(each.study_key) for o in observers]
            for other in rest:
                assert other == first


@pytest.fixture
def seen(session: Session) -> Session:
    """A node that follows two cities, on each database: Madrid adopted what Paris did."""
    paris = follow(session, CITIES[0])
    madrid = follow(session, CITIES[1])
    receive(session, madrid, study(CITIES[1], 2, inspired_by=(address(CITIES[0], 1, "page"),)))
    assert (paris, madrid) == (1, 2)
    return session


PARIS, MADRID = study(CITIES[0], 1), study(CITIES[1], 2)


def edges(session: Session, key: str) -> list[tuple[str, str, str, str]]:
    found = graph.around(session, key, HERE).edges
    session.rollback()
    return [(e.source, e.target, e.state, e.reason) for e in found]


def judged(verdict: str, href: str, **values: Any) -> Version:
    told = Adoption(href, verdict, decided=NOON, **values)  # type: ignore[arg-type]
    return replace(PARIS, adoptions=(told,))


def test_a_study_known_by_its_page_alone_keeps_its_title_and_becomes_the_study_when_it_comes(
    seen: Session,
) -> None:
    before = graph.around(seen, MADRID.study_key, HERE)
    assert next((n.key, n.known, n.title) for n in before.nodes) == (
        PARIS.url, False, f"to {PARIS.url}",
    )  # fmt: skip
    receive(seen, 1, PARIS)
    assert edges(seen, MADRID.study_key) == [(PARIS.study_key, MADRID.study_key, "declared", "")]
    assert edges(seen, PARIS.study_key) == edges(seen, MADRID.study_key)
    with writing(seen):
        store.remove(seen, PARIS.entry_id)
    assert [node.key for node in graph.around(seen, MADRID.study_key, HERE).nodes] == [
        PARIS.url, MADRID.study_key,
    ]  # fmt: skip


def test_only_the_city_of_the_source_can_say_what_it_thinks_of_an_adoption(seen: Session) -> None:
    receive(seen, 1, PARIS)
    boast = replace(MADRID, adoptions=(Adoption(PARIS.study_key, "confirmed"),))
    link = (Link(PARIS.study_key, "P"),)
    receive(seen, 2, replace(boast, inspired_by=link))
    assert edges(seen, PARIS.study_key) == [(PARIS.study_key, MADRID.study_key, "declared", "")]
    receive(seen, 1, judged("contested", MADRID.url, reason="Non.", lang="fr"))
    assert edges(seen, PARIS.study_key) == [
        (PARIS.study_key, MADRID.study_key, "contested", "Non.")
    ]


def test_a_verdict_about_a_site_that_nobody_follows_shows_it_with_the_title_it_is_given(
    seen: Session,
) -> None:
    receive(seen, 1, judged("confirmed", BLOG, title="We tried it"))
    found = graph.around(seen, PARIS.study_key, HERE)
    blog = next(node for node in found.nodes if node.key == BLOG)
    assert (blog.title, blog.known, blog.level) == ("We tried it", False, 1)
    assert (PARIS.study_key, BLOG, "confirmed", "") in edges(seen, PARIS.study_key)


def test_of_two_verdicts_on_one_adopter_the_later_counts(seen: Session) -> None:
    one = Adoption(MADRID.url, "contested", reason="Non.", decided=NOON)
    later = Adoption(MADRID.study_key, "confirmed", decided=NOON + timedelta(days=1))
    for told in ((one, later), (later, one)):
        receive(seen, 1, replace(PARIS, adoptions=told))
        assert [edge[2] for edge in edges(seen, PARIS.study_key)] == ["confirmed"]


def test_a_lineage_stays_within_its_bound_and_is_the_same_whatever_came_first(
    seen: Session,
) -> None:
    receive(seen, 1, PARIS)
    for number in (*range(80, 45, -1), *range(3, 46)):
        receive(seen, 2, study(CITIES[1], number, inspired_by=(PARIS.study_key,)))
    found = graph.around(seen, PARIS.study_key, HERE)
    assert len(found.nodes) == graph.LARGEST
    oldest = {study(CITIES[1], number).study_key for number in range(2, 61)}
    assert {node.key for node in found.nodes} == {PARIS.study_key, *oldest}
