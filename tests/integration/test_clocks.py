"""A clock that was ahead and is right again: nothing waits for it, heads a list or is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, Table, insert, select
from sqlalchemy.orm import Session, sessionmaker

from network.adoptions import followers
from network.adoptions.models import Mention, SentMention
from network.adoptions.webmention import moderation
from network.backup.rows import INDEX, tables
from network.case_studies import publish, service
from network.catalogue import listing, store
from network.catalogue.models import Study, Withdrawn
from network.catalogue.queries import Filter
from network.catalogue.tombstones import of_source
from network.cli.main import pioneer_cities
from network.config import Settings
from network.feeds import hub_delivery
from network.feeds.models import HubSubscription, HubTopic
from network.following import health, icons, queries
from network.jobs import service as jobs
from network.jobs.models import Job, Lease
from network.lib import clock
from network.lib.db import Moment, writing
from network.log.models import FeedEntry, Follower
from network.push import asking
from network.saved_searches import digests
from network.saved_searches.models import SavedSearch, StudyDebut
from network.subscriptions import claims, turns
from network.subscriptions.models import PushLease, Subscription
from network.worker import clocks
from tests.web.conftest import make_version
from tests.writing import draft

YEAR = timedelta(days=365)
WAITS = ("until", "due", "next", "run_at", "expires")


def ahead() -> datetime:
    """A time that was set while the clock was a year ahead."""
    return clock.now() + YEAR


def soon() -> datetime:
    """A time that was set with the right clock."""
    return clock.now() + timedelta(seconds=50)


def followed(session: Session, **values: Any) -> Subscription:
    row = Subscription(
        **{"url": "https://lyon.example/feed", "kind": "member", "origin": "https://lyon.example"}
        | {"created": clock.now(), "next_poll": clock.now(), "title": "Lyon"}
        | values
    )
    with writing(session):
        session.add(row)
    return row


def test_every_column_of_a_time_to_come_says_how_far_ahead_it_is_ever_set() -> None:
    columns = [
        column
        for table in tables()
        for column in (table.columns if table.name not in INDEX else ())
        if isinstance(column.type, Moment) and any(word in column.name for word in WAITS)
    ]
    assert len(columns) >= 14
    assert [str(c) for c in columns if not {"longest", "said"} & c.info.keys()] == []


@pytest.mark.parametrize("column", ["next_poll", "claimed_until"])
def test_a_feed_that_would_wait_for_the_wrong_clock_is_due(session: Session, column: str) -> None:
    row = followed(session, **{"token": "elsewhere", column: ahead()})
    assert [c.subscription_id for c in claims.claim_due(session, 5)] == [row.id]


@pytest.mark.parametrize("column", ["next_poll", "claimed_until"])
def test_a_feed_that_waits_as_it_should_is_left_alone(session: Session, column: str) -> None:
    followed(session, **{"token": "elsewhere", column: soon()})
    assert claims.claim_due(session, 5) == []


def test_a_claim_of_the_wrong_clock_takes_no_turn_of_a_host(session: Session) -> None:
    followed(session, token="elsewhere", claimed_until=ahead())
    assert turns._under_way(session) == {}


@pytest.mark.parametrize(("when", "claimed"), [(ahead, 1), (soon, 0)])
@pytest.mark.parametrize("column", ["run_at", "claimed_until"])
def test_a_job_of_the_wrong_clock_is_done(
    session: Session, column: str, when: Callable[[], datetime], claimed: int
) -> None:
    given = {"run_at": clock.now(), "created": clock.now()} | {column: when()}
    with writing(session):
        session.add(Job(kind="index", key="a", payload={}, **given))
    assert len(jobs.claim(session, "index")) == claimed


@pytest.mark.parametrize(("when", "free"), [(ahead, True), (soon, False)])
def test_the_lead_of_the_wrong_clock_is_free(
    session: Session, when: Callable[[], datetime], free: bool
) -> None:
    with writing(session):
        session.add(Lease(name="leader", holder="somebody", until=when()))
    assert (jobs.leader(session, "leader") is None) == free
    assert jobs.lead(session, "leader", "me") == free


@pytest.mark.parametrize(("when", "due"), [(ahead, True), (soon, False)])
def test_leases_pictures_mentions_followers_and_searches_are_due(
    session: Session, engine: Engine, when: Callable[[], datetime], due: bool
) -> None:
    now = clock.now()
    row = followed(session, icon_due=when(), succeeded_at=now)
    with writing(session):
        session.add_all(
            [
                PushLease(
                    subscription_id=row.id, hub="https://h.example", topic="https://t.example",
                    token="t", secret="s", due=when(),
                ),
                Mention(
                    digest="a", source="https://a.example", target="https://b.example",
                    study_key="k", host="a.example", received=now, next_check=when(),
                ),
                SentMention(
                    digest="b", study_key="k", source="https://a.example",
                    target="https://b.example", state="waiting", turn=1, next_try=when(),
                ),
                Follower(origin="https://f.example", first_seen=now, last_seen=now,
                         next_check=when()),
                SavedSearch(
                    handle="h", email="lea@example.org", name="Eau", lang="fr", query="eau",
                    filters={}, every="weekly", created=now, confirmed=now, since=now, due=when(),
                ),
            ]
        )  # fmt: skip
    moderation.queue_due(session)
    digests.queue_due(session, now)
    icons.plan(session)
    asking.keep(sessionmaker(engine, expire_on_commit=False))
    session.rollback()
    kinds = set(session.scalars(select(Job.kind)))
    expected = {"webmention-check", "webmention-send", "search-digest", "icon", "websub-subscribe"}
    assert kinds == (expected if due else set())
    assert followers.due(session, now) == (["https://f.example"] if due else [])
    assert moderation.is_anything_due(session) is False  # each has its job


def test_a_lease_at_our_hub_ends_as_one_that_begins_now(session: Session, engine: Engine) -> None:
    now, sessions = clock.now(), sessionmaker(engine, expire_on_commit=False)
    with writing(session):
        topic = HubTopic(path="/feed.atom", content=b"x", hash="h", rendered_at=ahead())
        session.add(topic)
        session.flush()
        for number, until in enumerate((ahead(), now + timedelta(days=20))):
            session.add(
                HubSubscription(
                    topic_id=topic.id, digest=str(number), topic="t", callback="https://c.example",
                    host="c.example", until=until, wanted_at=ahead(), busy_until=ahead(),
                )
            )  # fmt: skip
    hub_delivery.sweep(sessions)
    session.rollback()
    wrong, right = session.scalars(select(HubSubscription).order_by(HubSubscription.digest))
    assert now + timedelta(days=9) < wrong.until < now + timedelta(days=11)
    assert right.until == now + timedelta(days=20)
    session.rollback()
    assert hub_delivery._begin(session, wrong.id) is not None, "no delivery is under way"


def test_news_are_looked_for_where_the_last_look_lies_ahead(session: Session) -> None:
    now = clock.now()
    with writing(session):
        store.put(
            session, make_version("http://paris.example", 1, "fr"), source_id=None, received=now
        )
        session.add(StudyDebut(study_key="gone", at=ahead()))
        search = SavedSearch(
            handle="h", email="lea@example.org", name="Eau", lang="fr", query="eau", filters={},
            every="daily", created=ahead(), confirmed=ahead(), since=ahead(), due=ahead(),
        )  # fmt: skip
        session.add(search)
    digests.note_debuts(session, now)
    assert len(digests._candidates(session, search, now)) == 1
    assert session.get_one(StudyDebut, "gone", populate_existing=True).at == now


def test_what_was_seen_ahead_is_not_said_to_be_proved(session: Session) -> None:
    row = followed(
        session, next_poll=ahead(), polled_at=ahead(), succeeded_at=ahead(), complete_at=ahead(),
        complete_seq=3, publisher_seq=3,
    )  # fmt: skip
    found = queries.peer_or_fail(session, row.id)
    assert (found.complete_at, found.proved_at, found.last_success) == (None, None, None)
    assert "complete" not in health.in_english(found, clock.now(), "UTC")


def test_a_look_that_is_too_far_ahead_is_late(session: Session) -> None:
    now = clock.now()
    right = {"polled_at": now, "succeeded_at": now, "complete_at": now, "complete_seq": 3}
    row = followed(session, next_poll=ahead(), publisher_seq=3, **right)
    assert health.state(queries.peer_or_fail(session, row.id), now) == "late"
    with writing(session):
        row.next_poll = soon()
    assert health.state(queries.peer_or_fail(session, row.id), now) == "ok"


# Lists


def titles(session: Session) -> list[str]:
    return [card.title for card in listing.browse(session, Filter(), "fr")]


def test_what_came_while_the_clock_was_ahead_heads_no_list_afterwards(
    session: Session, engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()

    def come(number: int, moment: datetime) -> None:
        version = make_version(settings.base_url, number, "fr", title=f"Étude {number}")
        version = replace(version, published=moment)
        with writing(session):
            store.put(session, version, source_id=None, received=moment)

    come(1, ahead())
    come(2, now)
    assert titles(session) == ["Étude 1", "Étude 2"]
    tools: Any = type("Tools", (), {"sessions": sessionmaker(engine, expire_on_commit=False)})
    clocks.settle(tools)
    session.rollback()
    later = now + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    come(3, later)
    assert titles(session)[0] == "Étude 3"
    indexed = session.scalars(select(Job.key).where(Job.kind == "index")).all()
    assert [key.endswith("1") or "0001" in key for key in indexed] == [True]


def test_a_followed_date_in_the_future_heads_no_list(session: Session) -> None:
    now = clock.now()
    for number, published in ((1, ahead()), (2, now)):
        version = make_version("https://lyon.example", number, "fr", title=f"Étude {number}")
        version = replace(version, published=published)
        with writing(session):
            store.put(session, version, source_id=1, received=now - timedelta(hours=3 - number))
    assert titles(session) == ["Étude 2", "Étude 1"]


def test_a_withdrawal_from_the_future_comes_last(session: Session) -> None:
    given = {"shown": True, "lang": "fr", "place": "lyon", "topics": [], "source_id": 1}
    with writing(session):
        for slug, when in (("futur", ahead()), ("passe", clock.now())):
            session.add(
                Withdrawn(entry_id=slug, study_key=slug, slug=slug, withdrawn_at=when, **given)
            )
    assert [each.slug for each in of_source(session, 1)] == ["passe", "futur"]


# Publishing


def dates(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(FeedEntry.updated).order_by(FeedEntry.seq)))


def test_a_change_after_the_clock_went_back_is_later_by_a_second_and_new_studies_are_of_now(
    session: Session, settings: Settings
) -> None:
    now, wrong = clock.now(), ahead()
    old = service.create(session, None, draft("Ancienne"), now=wrong)
    publish.publish(session, None, old, settings, now=wrong)
    new = service.create(session, None, draft("Nouvelle"), now=now)
    publish.publish(session, None, new, settings, now=now)
    assert dates(session) == [_rfc(wrong), _rfc(now)]
    assert publish.publish(session, None, old, settings, now=now) != [], "its first date is wrong"
    assert publish.publish(session, None, old, settings, now=now) == []
    assert dates(session) == [_rfc(now), _rfc(wrong + timedelta(seconds=1))]
    publish.withdraw(session, None, old, "Erreur.", now=now)
    assert dates(session) == [_rfc(now), _rfc(wrong + timedelta(seconds=2))]
    keys = select(Study.published)
    assert session.scalars(keys).all() == [now]


def _rfc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


# check


def checked(settings: Settings, database_url: str) -> list[str]:
    environment = {"PIONEER_HOME": str(settings.home), "PIONEER_DATABASE_URL": database_url}
    result = CliRunner().invoke(pioneer_cities, ["check"], env=environment)
    return [line for line in result.output.splitlines() if " clock " in line]


def test_check_says_that_the_clock_was_ahead(
    session: Session, settings: Settings, database_url: str
) -> None:
    (line,) = checked(settings, database_url)
    assert line.startswith("ok")
    followed(session, next_poll=soon(), polled_at=clock.now())
    _add_entry(session, clock.now())
    (line,) = checked(settings, database_url)
    assert line.startswith("ok")
    followed(session, url="https://b.example/f", origin="https://b.example", next_poll=ahead())
    _add_entry(session, ahead())
    times, entries = checked(settings, database_url)
    assert times.startswith("warning")
    assert "(subscription)" in times
    assert f"{ahead():%Y-%m-%d}" in times
    assert "1 published entries" in entries


def _add_entry(session: Session, updated: datetime) -> None:
    table: Table = FeedEntry.__table__  # type: ignore[assignment]
    number = len(dates(session)) + 1
    row = {"entry_id": f"e{number}", "seq": number, "kind": "live", "updated": _rfc(updated)}
    with writing(session):
        session.execute(insert(table), [row | {"xml": b"<x/>", "hash": "h"}])
