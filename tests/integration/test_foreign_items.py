"""Single items of an ordinary feed: one that cannot be stored, one whose address has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from network.catalogue import addresses, rows, store
from network.catalogue.models import FormerAddress, Study, Version
from network.facts import travel
from network.following import health, queries, service
from network.intake import foreign, troubles, twins
from network.intake.foreign import item_id
from network.intake.service import Outcome
from network.intake.twins import spellings
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.http import Door
from network.moderation import gate, held_text, shelf
from network.moderation.gate import Gate
from network.moderation.held_text import of_row
from network.reading.child import parse_in_child
from network.reading.one_by_one import LeftOut
from network.reading.values import ForeignFeed
from network.subscriptions.models import RemoteEntry
from network.topics.matching import Matcher
from tests.integration.following import RULES
from tests.sites import Reply, Site

FEEDS = Path(__file__).parent.parent / "data" / "feeds"


@pytest.fixture
def ville() -> Iterator[Site]:
    with Site() as site:
        yield site


class Follower:
    """One followed feed."""

    def __init__(self, session: Session, engine: Engine, door: Door, site: Site) -> None:
        self.session, self.sessions = session, sessionmaker(engine)
        self.door, self.site, self.id = door, site, 0

    def reads(self, content: bytes) -> Outcome | None:
        self.site.answers["/rss"] = Reply(content)
        if self.id:
            return service.poll(self.sessions, self.door, self.id, RULES)
        self.id = service.follow(self.session, self.door, f"{self.site.url}/rss", RULES).id
        self.session.rollback()
        return None

    @property
    def shown(self) -> list[Version]:
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(Version).order_by(Version.title)))

    @property
    def peer(self) -> queries.PeerView:
        return queries.peer_or_fail(self.session, self.id)


@pytest.fixture
def follower(session: Session, engine: Engine, door: Door, ville: Site) -> Follower:
    return Follower(session, engine, door, ville)


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>V</title>{''.join(items)}</channel></rss>".encode()


def item(guid: str, title: str = "Un titre", link: str = "") -> str:
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>"
        f"<link>{link or guid}</link></item>"
    )


def test_an_address_longer_than_an_index_entry_is_taken_in(follower: Follower) -> None:
    follower.reads((FEEDS / "long-address.rss").read_bytes())
    assert [v.title for v in follower.shown] == ["Un article ordinaire", "Une adresse très longue"]
    assert len(follower.shown[1].url.encode()) > 2_704
    assert (follower.peer.troubles, follower.peer.last_error) == ([], None)


@pytest.fixture
def hard(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    """A database that will not have studies whose title says “refusé”."""
    put = store.put_many

    def put_many(session: Session, arrivals: Any, **more: Any) -> None:
        found = list(arrivals)
        if any("refusé" in arrival.version.title for arrival in found):
            if engine.dialect.name == "postgresql":
                session.execute(text("SELECT repeat('x', 2000000000)"))  # program limit exceeded
            session.execute(text("INSERT INTO study (study_key) VALUES (NULL)"))
        put(session, found, **more)

    monkeypatch.setattr(shelf.catalogue, "put_many", put_many)


def test_one_bad_item_stops_no_other_and_is_told_of(follower: Follower, hard: None) -> None:
    items = [item(f"g{n}", f"Titre {n}", f"/{n}") for n in range(5)]
    follower.reads(rss(*items[:2], item("mauvais", "Un titre refusé", "/m"), *items[2:]))
    assert [v.title for v in follower.shown] == [f"Titre {n}" for n in range(5)]
    (trouble,) = follower.peer.troubles
    assert (trouble["title"], trouble["message"]) == ("Un titre refusé", troubles.NOT_STORED)
    assert follower.peer.last_error is None
    keys = set(follower.session.scalars(select(Job.key).where(Job.kind == "index")))
    assert keys == {version.study_key for version in follower.shown}


def test_it_comes_as_soon_as_it_can_be_stored(
    follower: Follower, hard: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.reads(rss(item("a", "Un titre refusé", "/a"), item("b", "Autre", "/b")))
    since = follower.peer.troubles[0]["since"]
    follower.reads(rss(item("a", "Un titre refusé", "/a"), item("b", "Autre titre", "/b")))
    assert [v.title for v in follower.shown] == ["Autre titre"]
    assert follower.peer.troubles[0]["since"] == since
    monkeypatch.undo()
    assert follower.reads(rss(item("a", "Un titre refusé", "/a"), item("b", "Autre", "/b")))
    assert [v.title for v in follower.shown] == ["Autre", "Un titre refusé"]
    assert follower.peer.troubles == []


STEPS = [
    (foreign, "known_by"),
    (foreign, "content_hash"),
    (foreign, "as_version"),
    (foreign, "_body"),
    (Matcher, "match"),
    (shelf.Shelf, "_arrival"),
    (gate.Gate, "sift"),
    (addresses.Slugs, "of"),
    (store, "columns"),
    (rows, "renditions_of"),
    (travel, "to_json"),
]


def failing(real: Callable[..., Any], holder: Any) -> Callable[..., Any]:
    """A step that fails on what it is given of the item whose identity is “mauvais”."""

    def step(*given: Any, **named: Any) -> Any:
        of_an_item = given if holder is not Gate else given[1]
        mine = [each for each in of_an_item if not isinstance(each, ForeignFeed | set)]
        if any("mauvais" in repr(each) for each in mine):
            raise LookupError("broken")
        return real(*given, **named)

    return step


@pytest.mark.parametrize(("holder", "name"), STEPS)
def test_whatever_fails_on_one_item_stops_no_other_and_comes_when_it_fails_no_more(
    follower: Follower, monkeypatch: pytest.MonkeyPatch, holder: Any, name: str
) -> None:
    words = ("un", "mauvais", "deux")
    feed = rss(
        *(
            item(w, f"Titre {w}", f"/{w}").replace(
                "</item>", f"<category>{w}</category><author>{w}</author></item>"
            )
            for w in words
        )
    )
    monkeypatch.setattr(holder, name, failing(getattr(holder, name), holder))
    follower.reads(feed)
    assert [v.title for v in follower.shown] == ["Titre deux", "Titre un"]
    (trouble,) = follower.peer.troubles
    assert trouble["title"] == "Titre mauvais"
    assert trouble["message"] in (troubles.NOT_READ, troubles.NOT_STORED)
    assert follower.peer.last_error is None
    assert health.state(follower.peer, clock.now()) == "partial"
    assert "1 items could not be read or stored" in health.in_english(
        follower.peer, clock.now(), "UTC"
    )
    monkeypatch.undo()
    follower.reads(feed)  # which its site calls unchanged
    assert [v.title for v in follower.shown] == ["Titre deux", "Titre mauvais", "Titre un"]
    assert follower.peer.troubles == []
    assert health.state(follower.peer, clock.now()) == "ok"


def test_an_item_that_cannot_be_parsed_is_told_of_by_its_title(
    follower: Follower, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def parsed(*given: Any, **named: Any) -> ForeignFeed:
        feed = parse_in_child(*given, **named)
        return replace(feed, items=feed.items[1:], left_out=(LeftOut("Le mauvais", "KeyError()"),))

    monkeypatch.setattr(foreign, "parse_in_child", parsed)
    feed = rss(item("a", "Le mauvais", "/a"), item("b", "Le bon", "/b"))
    follower.reads(feed)
    (trouble,) = follower.peer.troubles
    assert (trouble["title"], trouble["message"]) == ("Le mauvais", troubles.NOT_READ)
    assert "left out 1 items, such as LeftOut(title='Le mauvais'" in caplog.text
    follower.reads(feed)
    assert follower.peer.troubles[0]["since"] == trouble["since"]
    monkeypatch.undo()
    follower.reads(feed)
    assert ([v.title for v in follower.shown], follower.peer.troubles) == (
        ["Le bon", "Le mauvais"],
        [],
    )


def test_a_text_that_is_only_cut_is_not_asked_for_again(follower: Follower) -> None:
    long = "<description>" + "mot " * 60_000 + "</description>"
    feed = rss(item("a", "Long", "/a").replace("</item>", f"{long}</item>"))
    follower.reads(feed)
    outcome = follower.reads(feed)
    assert outcome is not None and outcome.kind == "unchanged"
    assert health.state(follower.peer, clock.now()) == "ok"


def test_a_database_that_fails_is_no_fault_of_an_item(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.reads(rss(item("a", link="/a")))

    def fail(session: Session, *_given: Any, **_more: Any) -> None:
        session.execute(text("SELECT no_such_column FROM study"))

    monkeypatch.setattr(shelf.catalogue, "put_many", fail)
    with pytest.raises(Exception, match="no_such_column"):
        follower.reads(rss(item("a", link="/a"), item("b", link="/b")))
    follower.session.rollback()
    assert follower.peer.last_error is not None
    assert len(follower.shown) == 1


def test_a_text_that_was_cut_is_told_of(follower: Follower) -> None:
    long = "<description>" + "mot " * 60_000 + "</description>"
    follower.reads(rss(item("a", "Long", "/a").replace("</item>", f"{long}</item>")))
    assert [each["message"] for each in follower.peer.troubles] == [troubles.CUT]
    assert follower.shown[0].body_html.endswith("[…]</p>")


BEFORE, AFTER = "http://ville.example/?p=12", "https://ville.example/?p=12"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, AFTER),
        (AFTER, BEFORE),
        (BEFORE, "https://www.ville.example/?p=12"),
        ("https://www.ville.example/?p=12", AFTER),
    ],
)
@pytest.mark.parametrize("guid", [True, False])
def test_an_item_is_the_same_after_its_site_moved(
    follower: Follower, before: str, after: str, guid: bool
) -> None:
    def feed(url: str, title: str) -> bytes:
        each = item(url, title)
        return rss(each if guid else each.replace(f"<guid isPermaLink='false'>{url}</guid>", ""))

    follower.reads(feed(before, "Un article"))
    (first,) = follower.shown
    entry_id, received = first.entry_id, first.received
    follower.reads(feed(after, "Un article"))
    follower.reads(feed(after, "Un article, corrigé"))
    (version,) = follower.shown
    assert (version.entry_id, version.received) == (entry_id, received)
    assert (version.url, version.title) == (after, "Un article, corrigé")


def test_the_feed_of_the_case_is_one_study(follower: Follower) -> None:
    follower.reads((FEEDS / "before-https.rss").read_bytes())
    follower.reads((FEEDS / "after-https.rss").read_bytes())
    assert [v.url for v in follower.shown] == [AFTER]


def test_two_items_of_one_feed_stay_two(follower: Follower) -> None:
    both = rss(item(BEFORE, "Un"), item(AFTER, "Deux"))
    follower.reads(both)
    assert len(follower.shown) == 2
    follower.reads(rss(item(AFTER, "Deux"), item(BEFORE, "Un, changé")))
    assert [v.title for v in follower.shown] == ["Deux", "Un, changé"]


def test_a_second_item_under_the_other_spelling_is_another(follower: Follower) -> None:
    follower.reads(rss(item(BEFORE, "Un")))
    follower.reads(rss(item(AFTER, "Deux"), item(BEFORE, "Un")))
    assert [v.title for v in follower.shown] == ["Deux", "Un"]


def test_what_came_twice_in_former_times_becomes_one_whose_pages_lead_on(
    follower: Follower,
) -> None:
    follower.reads(rss(item(BEFORE, "Un article"), item("x", "Autre", "http://ville.example/x")))
    session, source = follower.session, follower.id
    first = next(v for v in follower.shown if v.title == "Un article")
    kept, entry_id = first.entry_id, item_id(source, AFTER)
    with writing(session):  # as this node wrote it before it knew
        _twin(session, first, entry_id, source)
    (slug,) = (v.slug for v in follower.shown if v.entry_id == entry_id)
    follower.reads(rss(item(AFTER, "Un article")))
    assert sorted(v.entry_id for v in follower.shown if v.title == "Un article") == [kept]
    assert session.scalar(select(func.count()).select_from(Study)) == 2
    held = select(RemoteEntry.entry_id).where(RemoteEntry.entry_id == entry_id)
    assert session.scalar(held) is None
    former = session.scalars(select(FormerAddress)).all()
    assert [(each.slug, each.study_key) for each in former] == [(slug, kept)]


def test_a_double_that_cannot_be_merged_stops_nothing(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.reads(rss(item(BEFORE, "Un article"), item("x", "Autre", "http://ville.example/x")))
    first = next(v for v in follower.shown if v.title == "Un article")
    with writing(follower.session):
        _twin(follower.session, first, item_id(follower.id, AFTER), follower.id)

    def fail(*_given: Any) -> None:
        raise LookupError("broken")

    monkeypatch.setattr(twins, "lead_on", fail)
    new = item("y", "Nouveau", "http://ville.example/y")
    follower.reads(rss(item(AFTER, "Un article"), new))
    assert follower.peer.last_error is None
    assert sorted(v.title for v in follower.shown) == [
        "Autre",
        "Nouveau",
        "Un article",
        "Un article",
    ]


def _twin(session: Session, first: Version, entry_id: str, source: int) -> None:
    session.refresh(first, ["body_html"])
    twin = replace(of_row(first), entry_id=entry_id, study_key=entry_id, url=AFTER)
    store.put(session, twin, source_id=source, received=first.received + timedelta(days=1))
    row = RemoteEntry(subscription_id=source, entry_id=entry_id, kind="live", hash="x")
    row.updated = "2026-01-01T00:00:00+00:00"
    session.add(row)


def test_only_addresses_have_other_spellings() -> None:
    assert list(spellings("tag:ville.example,2024:1")) == []
    assert list(spellings("12")) == []
    assert len(list(spellings(BEFORE))) == 3


def dated_item(guid: str, date: str, title: str = "Un titre") -> bytes:
    said = f"<pubDate>{date}</pubDate>" if date else ""
    return (
        "<rss version='2.0'><channel><title>Ville</title><item>"
        f"<guid>{guid}</guid><title>{title}</title>{said}</item></channel></rss>"
    ).encode()


@pytest.mark.parametrize("date", ["", "prochainement", "0000-00-00", "32 mars 2024"])
def test_a_date_that_is_not_there_or_cannot_be_read_is_unknown(
    follower: Follower, date: str
) -> None:
    follower.reads(dated_item("a", date))
    (found,) = follower.shown
    assert found.date_is_unknown
    assert found.published == found.updated == found.received
    follower.reads(dated_item("a", date, "Un autre titre"))
    (changed,) = follower.shown
    assert (changed.title, changed.date_is_unknown) == ("Un autre titre", True)
    assert changed.published == changed.received == found.received
    study = follower.session.get_one(Study, changed.study_key)
    assert study.sort_at == found.received


def test_a_date_is_known_once_the_feed_says_it_and_stays_known_when_it_is_lost(
    follower: Follower,
) -> None:
    follower.reads(dated_item("a", ""))
    assert [each.date_is_unknown for each in follower.shown] == [True]
    for date in ("2024-01-15", ""):
        follower.reads(dated_item("a", date))
        (found,) = follower.shown
        assert not found.date_is_unknown
        assert f"{found.published:%Y-%m-%d}" == "2024-01-15"


def test_what_came_before_dates_were_marked_is_marked_when_its_feed_changes(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = foreign.content_hash
    dated_then = datetime(2024, 1, 15, tzinfo=UTC)
    monkeypatch.setattr(
        foreign, "content_hash", lambda item: marked(replace(item, published=dated_then))
    )
    follower.reads(dated_item("a", ""))
    with writing(follower.session):
        follower.session.execute(update(Version).values(date_is_unknown=False))
    monkeypatch.undo()
    follower.reads(dated_item("a", "").replace(b"Ville", b"La ville"))
    (found,) = follower.shown
    assert found.date_is_unknown
    assert found.published == found.received


def test_a_text_that_waits_to_be_read_keeps_that_its_date_is_unknown(follower: Follower) -> None:
    follower.reads(dated_item("a", ""))
    (found,) = follower.shown
    kept = held_text.to_json(of_row(found), None)
    assert held_text.from_json(kept)[0].date_is_unknown
