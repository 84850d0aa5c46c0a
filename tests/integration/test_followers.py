"""Who reads the log is noted without costing the log anything, and confirmed by their own lists."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from network.adoptions import followers as asking
from network.config import Settings
from network.feeds.opml import Head, Outline, serialise
from network.lib import clock
from network.lib.http import Door, user_agent
from network.log import followers
from network.log.followers import Notebook
from network.log.models import Follower
from network.subscriptions.policy import limits, open_door
from tests.sites import Reply, Site

BASE = "http://paris.example"
NOW = clock.now()


@pytest.fixture
def notebook(engine: Engine) -> Iterator[Notebook]:
    made = Notebook(lambda: Session(engine))
    yield made
    made.wait()


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    with open_door(settings) as opened:
        yield opened


@pytest.fixture
def madrid() -> Iterator[Site]:
    with Site() as site:
        yield site


def opml(*urls: str, owner: str = "Pioneer Cities – Madrid") -> Reply:
    outlines = [Outline(url, url) for url in urls]
    head = Head("Sites", owner, "http://x.example/")
    return Reply(serialise(head, [("Members", outlines)]))


def rows(session: Session) -> dict[str, Follower]:
    session.rollback()
    return {row.origin: row for row in session.scalars(select(Follower))}


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        (user_agent("http://madrid.example"), "http://madrid.example"),
        (user_agent("https://madrid.example:8443/"), "https://madrid.example:8443"),
        ("Mozilla/5.0 (compatible; Feedbot; +http://madrid.example/)", None),
        ("PioneerCities/0.1 (+javascript:alert(1)/)", None),
        ("PioneerCities/0.1 (+http://user@madrid.example/)", None),
        ("PioneerCities/0.1 (+http://madrid.example/) (+http://b.example/)", None),
        ("PioneerCities/0.1 (+http://" + "a" * 400 + ".example/)", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_node_s_own_way_of_saying_who_asks_is_believed_as_a_claim(
    said: str | None, origin: str | None
) -> None:
    assert followers.claimed(said) == origin


def test_a_reader_is_noted_once_and_then_seldom(notebook: Notebook, session: Session) -> None:
    for _ in range(3):
        notebook.note("http://madrid.example")
        notebook.wait()
    (row,) = rows(session).values()
    assert (row.origin, row.confirmed_at) == ("http://madrid.example", None)
    before = row.last_seen
    session.expunge_all()
    followers.seen(session, "http://madrid.example", before + timedelta(hours=2))
    (row,) = rows(session).values()
    assert (row.first_seen, row.last_seen) == (before, before + timedelta(hours=2))


def test_names_that_somebody_makes_up_fill_no_table(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "MOST_UNPROVED", 3)
    for number in range(9):
        followers.seen(session, f"http://{number}.example", NOW)
    assert len(rows(session)) == 3


def test_a_database_that_somebody_else_writes_holds_up_no_reader(
    settings: Settings, notebook: Notebook, engine: Engine, session: Session
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no single writer")
    other = sqlite3.connect(engine.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        notebook.note("http://madrid.example")  # returns, although nobody may write now
        notebook.note("http://madrid.example")
        assert rows(session) == {}
    finally:
        other.execute("ROLLBACK")
        other.close()
    notebook.wait()
    assert set(rows(session)) == {"http://madrid.example"}


def test_a_database_that_fails_is_tried_again_at_the_next_poll(
    engine: Engine, session: Session
) -> None:
    broken = [True]

    def sessions() -> Session:
        if broken.pop() if broken else False:
            raise OSError("no database")
        return Session(engine)

    notebook = Notebook(sessions)
    for _ in range(2):
        notebook.note("http://madrid.example")
        notebook.wait()
    assert set(rows(session)) == {"http://madrid.example"}


def test_a_site_whose_list_names_us_is_confirmed_with_the_name_it_has_there(
    session: Session, door: Door, settings: Settings, madrid: Site
) -> None:
    madrid.answers["/network.opml"] = opml("http://a.example/feed.atom", f"{BASE}/feed.atom")
    followers.seen(session, madrid.url, NOW)
    asking.confirm(session, door, BASE, limits(settings), NOW)
    row = rows(session)[madrid.url]
    assert (row.name, row.confirmed_at) == ("Pioneer Cities – Madrid", NOW)
    session.expunge_all()

    asking.confirm(session, door, BASE, limits(settings), NOW + timedelta(hours=1))
    assert len(madrid.asked) == 1, "once a day is enough"
    madrid.answers["/network.opml"] = opml("http://paris.example.evil.example/feed.atom")
    asking.confirm(session, door, BASE, limits(settings), NOW + timedelta(days=1, hours=1))
    row = rows(session)[madrid.url]
    assert (row.confirmed_at, row.checked_at) == (None, NOW + timedelta(days=1, hours=1))


@pytest.mark.parametrize(
    "answer",
    [
        Reply(b"nothing", 404),
        Reply(b"", 503),
        Reply(b"<opml><outline", 200),
        Reply(b'<!DOCTYPE x [<!ENTITY a "b">]><opml version="2.0"><body/></opml>'),
        Reply(b"<html><body>http://paris.example/feed.atom</body></html>"),
        Reply(b"", 302, {"Location": "http://127.0.0.2:1/network.opml"}),
    ],
)
def test_a_list_that_cannot_be_read_confirms_nothing(
    session: Session, door: Door, settings: Settings, madrid: Site, answer: Reply
) -> None:
    madrid.answers["/network.opml"] = answer
    followers.seen(session, madrid.url, NOW)
    asking.confirm(session, door, BASE, limits(settings), NOW)
    row = rows(session)[madrid.url]
    assert row.confirmed_at is None
    assert row.next_check > NOW


def test_a_list_on_another_site_is_not_the_follower_s_own(
    session: Session, door: Door, settings: Settings, madrid: Site
) -> None:
    with Site() as other:
        other.answers["/network.opml"] = opml(f"{BASE}/feed.atom")
        moved = {"Location": f"{other.url}/network.opml"}
        madrid.answers["/network.opml"] = Reply(b"", 302, moved)
        followers.seen(session, madrid.url, NOW)
        asking.confirm(session, door, BASE, limits(settings), NOW)
    assert rows(session)[madrid.url].confirmed_at is None


def test_who_only_ever_said_so_is_forgotten_after_a_month(session: Session) -> None:
    for name, days in (("old", 31), ("new", 1)):
        followers.seen(session, f"http://{name}.example", NOW - timedelta(days=days))
    asking.forget(session, NOW)
    assert set(rows(session)) == {"http://new.example"}
