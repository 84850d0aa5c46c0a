"""Following a member over real HTTP, from the first look to every way it can go wrong."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from network.catalogue.models import Study, Version
from network.cities import service as cities
from network.cities.models import City
from network.following import queries, service
from network.following.queries import PeerView
from network.intake import member
from network.intake.service import Outcome
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.http import Door
from network.log.places import Place
from network.subscriptions.models import RemoteEntry, Subscription
from tests.integration.following import RULES, Poll, Rules, everything, jobs, lines, shown
from tests.sites import ATOM, NOON, Node, Reply, Site, failing_at


@pytest.fixture
def followed(session: Session, madrid: Node, followed: int) -> int:
    """Nothing of following is left to be seen: neither its requests nor its jobs."""
    madrid.asked.clear()
    with writing(session):
        session.execute(delete(Job))
    session.rollback()
    return followed


def view(session: Session, subscription_id: int) -> PeerView:
    session.expire_all()
    found = queries.peer_or_fail(session, subscription_id)
    session.rollback()
    return found


def row(session: Session, subscription_id: int) -> Subscription:
    found = session.get_one(Subscription, subscription_id, populate_existing=True)
    session.rollback()
    return found


def test_the_first_look_brings_everything_and_proves_it(
    session: Session, followed: int, madrid: Node
) -> None:
    peer = view(session, followed)
    assert lines(session, followed) == madrid.lines()
    assert (peer.kind, peer.title, peer.studies, peer.lag) == ("member", "Madrid", 3, 0)
    assert peer.complete_seq == 3
    assert peer.complete_at == peer.last_success
    assert peer.last_error is None


def test_what_arrives_is_shown_with_its_city_topics_and_source(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.city = "alcala-de-henares"
    entry_id = madrid.publish(7, "es", title="Presupuestos participativos")
    found = service.follow(session, door, madrid.url, RULES)
    version = session.get_one(Version, entry_id)
    study = session.get_one(Study, version.study_key)
    assert (version.title, version.lang, version.place) == (
        "Presupuestos participativos",
        "es",
        "alcala-de-henares",
    )
    assert (study.source_id, study.shown, study.country, study.year) == (found.id, True, "ES", 2014)
    assert session.get_one(City, "alcala-de-henares").name("en") == "Madrid"
    assert jobs(session) == [study.study_key]


def test_a_member_cannot_rename_a_city_that_we_ship(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.city, madrid.name = "paris", "Not Paris"
    madrid.publish(1)
    service.follow(session, door, madrid.url, RULES)
    assert session.get_one(City, "paris").name("en") == "Paris"


def test_an_unchanged_member_answers_304_and_only_the_bookkeeping_is_written(
    session: Session, followed: int, madrid: Node, poll: Poll, engine: Engine
) -> None:
    before = everything(session)
    with failing_at(engine, 0) as statements:
        assert poll().kind == "unchanged"
    assert madrid.asked[0].headers["if-none-match"] == row(session, followed).etag
    assert len(madrid.asked) == 1
    assert all(s.startswith("UPDATE subscription") for s in statements)
    assert everything(session) == before


def test_a_change_a_new_entry_and_a_withdrawal_arrive_with_their_jobs(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    first = madrid.publish(1, title="Better")
    madrid.withdraw(madrid.version(2).entry_id)
    new = madrid.publish(9)
    outcome = poll()
    assert lines(session, followed) == madrid.lines()
    assert session.get_one(Version, first).title == "Better"
    assert session.get(Version, madrid.version(2).entry_id) is None
    assert set(outcome.keys) == {
        i.rpartition("/")[0] for i in (first, new, madrid.version(2).entry_id)
    }
    assert jobs(session) == sorted(outcome.keys)
    assert view(session, followed).complete_seq == 6


def test_withdrawn_text_leaves_our_copy_but_its_tombstone_stays(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    entry_id = madrid.version(1).entry_id
    madrid.withdraw(entry_id)
    poll()
    kept = session.get_one(RemoteEntry, (followed, entry_id))
    assert (kept.kind, kept.hash, kept.xml) == ("deleted", "", None)


def test_polling_twice_is_polling_once(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish(1, title="Better")
    poll()
    once = everything(session)
    with writing(session):  # forget the validators, so that everything is read again
        session.execute(update(Subscription).values(etag="", content_hash=""))
    assert poll() == Outcome("read")
    assert everything(session) == once


def test_a_site_without_validators_is_not_parsed_again_for_the_same_bytes(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.changed = lambda document: document
    with writing(session):
        session.execute(update(Subscription).values(etag=""))
    madrid.answers["/feed.atom"] = lambda _headers: Reply(madrid._serve("/feed.atom").body)
    assert poll().kind == "unchanged"


def test_a_long_history_is_read_through_its_archives(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.publish_many(range(1, 161))
    found = service.follow(session, door, madrid.url, RULES)
    assert "/feed/archive/0.atom" in madrid.paths
    assert lines(session, found.id) == madrid.lines()
    assert view(session, found.id).studies == 160


def test_a_lost_archive_changes_nothing_and_shows_how_far_behind_we_are(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    before = everything(session)
    madrid.publish_many(range(4, 161))
    madrid.answers["/feed/archive/0.atom"] = Reply(b"", 500)
    outcome = poll()
    peer = view(session, followed)
    assert outcome.kind == "failed"
    assert everything(session) == before
    assert (peer.complete_seq, peer.lag) == (3, 157)
    assert peer.last_error == (
        "%(host)s answered with an error (%(status)s).",
        {"host": madrid.url.removeprefix("http://"), "status": 500},
    )
    del madrid.answers["/feed/archive/0.atom"]
    assert poll().kind == "read"
    assert lines(session, followed) == madrid.lines()


@pytest.mark.parametrize("renew", [True, False])
def test_a_member_restored_from_a_backup_is_equal_after_two_polls(
    session: Session, followed: int, madrid: Node, poll: Poll, renew: bool
) -> None:
    backup = madrid.save()
    madrid.publish(1, title="Lost in the disk")
    madrid.publish(4)
    madrid.withdraw(madrid.version(2).entry_id)
    poll()
    madrid.restore(backup, renew)
    poll()
    poll()
    assert lines(session, followed) == madrid.lines()
    assert shown(session) == sorted(line.split()[0] for line in madrid.lines())
    assert view(session, followed).lag == 0


def test_a_restored_member_that_comes_to_the_same_place_again_is_not_taken_for_unchanged(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    backup = madrid.save()
    madrid.publish(4, title="Lost in the disk")
    poll()
    madrid.restore(backup, renew=False)
    madrid.publish(5, title="Written after the restore")
    for _ in range(3):
        poll()
    assert lines(session, followed) == madrid.lines()
    assert shown(session) == sorted(line.split()[0] for line in madrid.lines())


def test_a_restored_member_that_comes_there_by_the_same_last_entry_is_not_taken_for_unchanged(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    """What was lost is imported again: the newest row is the same, one below it is not."""
    backup = madrid.save()
    for title in ("Lost in the disk", "Written after the restore"):
        madrid.publish(1, title=title)
        madrid.clock = NOON + timedelta(days=900)
        madrid.publish(5, title="Imported with a date of its own")
        poll()
        if title.startswith("Lost"):
            madrid.restore(backup, renew=False)
    poll()
    assert lines(session, followed) == madrid.lines()


def test_an_old_copy_of_the_head_brings_nothing_withdrawn_back(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    old = madrid._serve("/feed.atom")
    madrid.withdraw(madrid.version(2).entry_id)
    poll()
    before = everything(session)
    madrid.answers["/feed.atom"] = Reply(old.body)
    assert poll().kind == "failed"
    after = everything(session)
    assert {**after, "cursor": 0} == {**before, "cursor": 0}
    assert view(session, followed).complete_seq is None, "there is reason to doubt it"
    del madrid.answers["/feed.atom"]
    poll()
    assert lines(session, followed) == madrid.lines()
    assert view(session, followed).complete_seq == 4


def test_a_full_replay_does_not_write_what_did_not_change(
    session: Session, followed: int, madrid: Node, poll: Poll, engine: Engine
) -> None:
    madrid.restore(madrid.save(), renew=True)
    received = session.scalars(select(Version.received)).all()
    session.rollback()
    with failing_at(engine, 0) as statements:
        assert poll() == Outcome("read")
    assert not any("remote_entry" in s or "version" in s for s in statements)
    assert session.scalars(select(Version.received)).all() == received
    assert row(session, followed).left_epochs != []


def test_a_lying_digest_raises_an_alarm_and_the_old_copy_stays(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    before = shown(session)
    madrid.publish(1, title="Better")
    madrid.changed = lambda d: d.replace(b'count="3"', b'count="4"')
    assert poll().kind == "failed"
    peer = view(session, followed)
    assert shown(session) == before
    assert peer.complete_seq is peer.complete_at is None
    assert peer.last_error is not None
    assert "do not add up" in peer.last_error[0]


def test_member_a_cannot_touch_the_ids_of_member_b(
    session: Session, followed: int, madrid: Node, poll: Poll, door: Door, tmp_path: Path
) -> None:
    before = everything(session)
    with Node(tmp_path, "Evil") as evil:
        evil.publish_as(madrid.version(1).entry_id)
        evil.withdraw(madrid.version(2).entry_id)
        found = service.follow(session, door, evil.url, RULES)
    after = everything(session)
    for table in ("remote_entry", "study", "version", "job"):
        assert after[table] == before[table]
    error = view(session, found.id).last_error
    assert error is not None
    assert error[1]["entry_id"] == madrid.version(1).entry_id


def test_entries_of_others_that_are_not_counted_are_refused_and_said(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    stranger = "http://stranger.example/id/00000001-0000-4000-8000-000000000000/en"
    madrid.publish_as(stranger)
    with Session(madrid.engine) as there:
        state = madrid._head(there)
    count = [line for line in madrid.lines() if not line.startswith(stranger)]
    from network.log.entry import digest

    madrid.changed = lambda d: d.replace(b'count="4"', b'count="3"').replace(
        digest(madrid.lines()).encode(), digest(count).encode()
    )
    assert state
    assert poll().kind == "read"
    peer = view(session, followed)
    assert peer.notice is not None
    assert peer.notice[1] == {"number": 1, "entry_id": stranger}
    assert stranger not in shown(session)


def gzipped(document: bytes) -> Reply:
    bomb = gzip.compress(document + b" " * 50_000_000)
    return Reply(bomb, headers={"Content-Encoding": "gzip", "Content-Type": ATOM})


def doctype(document: bytes) -> Reply:
    head, _, rest = document.partition(b"?>")
    return Reply(head + b'?><!DOCTYPE feed [<!ENTITY a "b">]>' + rest)


def latin(document: bytes) -> Reply:
    text = document.decode().replace('encoding="utf-8"', 'encoding="iso-8859-1"')
    return Reply(text.replace("Practice", "Prácticas").encode("iso-8859-1"))


BAD: dict[str, Callable[[bytes], Reply]] = {
    "truncated in the document": lambda d: Reply(d[: len(d) // 2]),
    "truncated on the wire": lambda d: Reply(
        d[:500], headers={"Content-Length": str(len(d)), "Content-Type": ATOM}
    ),
    "empty": lambda _d: Reply(b""),
    "huge": lambda d: Reply(d + b" " * 3_000_000),
    "gzip-bombed": gzipped,
    "with a document type": doctype,
    "in another encoding": latin,
    "NUL": lambda d: Reply(d.replace(b"Practice", b"Pr\0ctice")),
    "a page": lambda _d: Reply(b"<!doctype html><title>Maintenance</title>"),
    "an RSS feed": lambda _d: Reply(b"<rss version='2.0'><channel/></rss>"),
    "a bad date": lambda d: Reply(d.replace(b"<updated>2026", b"<updated>20x6")),
    "no state": lambda d: Reply(d.replace(b"pc:state", b"pc:steak")),
    "redirected for ever": lambda _d: Reply(b"", 302, {"Location": "/feed.atom"}),
    "redirected to a private address": lambda _d: Reply(
        b"", 302, {"Location": "http://10.0.0.1/feed.atom"}
    ),
    "redirected to a file": lambda _d: Reply(b"", 302, {"Location": "file:///etc/passwd"}),
    "not found": lambda _d: Reply(b"", 404),
    "forbidden": lambda _d: Reply(b"", 403),
    "broken": lambda _d: Reply(b"", 500),
    "304 out of nowhere": lambda _d: Reply(b"", 304),
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_document_is_refused_in_plain_words_and_changes_nothing(
    session: Session, followed: int, madrid: Node, poll: Poll, how: str
) -> None:
    with writing(session):  # no validators: a 304 is then an answer to no question
        session.execute(update(Subscription).values(etag="", last_modified=""))
    before, looked = everything(session), row(session, followed).succeeded_at
    madrid.publish(1, title="Never seen")
    madrid.answers["/feed.atom"] = BAD[how](madrid._serve("/feed.atom").body)
    assert poll().kind == "failed"
    assert everything(session) == before
    peer = view(session, followed)
    assert peer.last_success == looked
    assert peer.failures == 1
    assert peer.last_error is not None
    message, arguments = peer.last_error
    assert message % arguments
    assert "Traceback" not in message
    del madrid.answers["/feed.atom"]
    poll()
    assert lines(session, followed) == madrid.lines()


def test_a_member_that_takes_for_ever_is_given_up(
    session: Session, followed: int, madrid: Node, engine: Engine, door: Door
) -> None:
    before, released = everything(session), Event()

    def hang(_headers: object) -> Reply:
        released.wait(10)
        return Reply(b"too late")

    madrid.publish(4)
    madrid.answers["/feed.atom"] = hang
    outcome = service.poll(sessionmaker(engine), door, followed, Rules(fetch_seconds=1))
    released.set()
    assert outcome.error is not None
    assert "took longer" in outcome.error.message
    assert everything(session) == before


def test_nothing_is_half_applied_wherever_the_process_ends(
    session: Session, followed: int, madrid: Node, poll: Poll, engine: Engine
) -> None:
    before = everything(session)
    madrid.publish(1, title="Better")
    madrid.withdraw(madrid.version(2).entry_id)
    madrid.publish(9, city="toledo")
    number = 0
    while True:
        number += 1
        with writing(session):
            session.execute(update(Subscription).values(claimed_until=None))
        with failing_at(engine, number):
            try:
                outcome = poll()
            except KeyboardInterrupt:
                assert everything(session) == before, f"half applied at statement {number}"
                continue
        break
    assert number > 10
    assert outcome.kind == "read"
    assert lines(session, followed) == madrid.lines()


def test_much_is_written_in_parts_and_nothing_is_claimed_before_the_last(
    session: Session,
    followed: int,
    madrid: Node,
    poll: Poll,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(member, "MOST_AT_ONCE", 2)
    cursor = row(session, followed).cursor
    madrid.publish(1, title="Better")
    madrid.withdraw(madrid.version(2).entry_id)
    for number in range(4, 11):
        madrid.publish(number)
    counts: set[int] = set()
    number = 0
    while True:
        number += 1
        with writing(session):
            session.execute(update(Subscription).values(claimed_until=None))
        with failing_at(engine, number):
            try:
                poll()
            except KeyboardInterrupt:
                counts.add(len(lines(session, followed)))
                assert row(session, followed).cursor == cursor
                assert len(lines(session, followed)) <= len(madrid.lines())
                continue
        break
    assert len(counts) > 2, "several transactions"
    assert row(session, followed).cursor > (cursor or 0)
    assert lines(session, followed) == madrid.lines()
    assert view(session, followed).last_error is None


def test_a_fault_of_ours_is_written_down_and_raised(
    session: Session, followed: int, madrid: Node, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(session)
    madrid.publish(4)

    def broken(*_: object, **__: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("network.moderation.shelf.Shelf.finish", broken)
    with pytest.raises(ValueError, match="a bug"):
        poll()
    peer = view(session, followed)
    assert everything(session) == before
    assert peer.last_error is not None
    assert peer.next_poll > clock.now()


def test_who_lost_the_claim_during_the_walk_writes_nothing(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    before = everything(session)
    madrid.publish(4)
    served = madrid._serve

    def steal(_headers: object) -> Reply:
        with writing(session):
            session.execute(update(Subscription).values(token="another"))
        return served("/feed.atom")

    madrid.answers["/feed.atom"] = steal
    assert poll() == Outcome("lost")
    assert everything(session) == before
    assert row(session, followed).token == "another"


def test_unfollowed_during_the_walk_nothing_comes_back(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish(4)

    def leave(_headers: object) -> Reply:
        service.unfollow(session, followed)
        return madrid._serve("/feed.atom")

    madrid.answers["/feed.atom"] = leave
    assert poll() == Outcome("lost")
    assert shown(session) == []
    assert everything(session)["remote_entry"] == []


def test_no_transaction_is_open_while_the_network_is_asked(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish_many(range(4, 161))
    refused = []

    def write(_headers: object) -> Reply:
        try:
            with writing(session):
                session.execute(update(Subscription).values(title="written meanwhile"))
        except Exception as error:
            refused.append(error)
        return madrid._serve("/feed/archive/0.atom")

    madrid.answers["/feed/archive/0.atom"] = write
    assert poll().kind == "read"
    assert refused == []


def test_what_a_log_says_of_its_city_while_it_is_read_is_heard_with_what_it_says_of_studies(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish_many(range(4, 161))

    def change(_headers: object) -> Reply:
        madrid.publish(1)
        madrid.name = "Madrid de nuevo"
        madrid.describe(Place(replace(madrid.place(), population=3_400_000), own=True))
        return madrid._serve("/feed/archive/0.atom")

    madrid.answers["/feed/archive/0.atom"] = change
    assert poll().kind == "read"
    assert lines(session, followed) == madrid.lines()
    city = cities.by_slug(session, "madrid")
    assert city is not None
    assert city.population == 3_400_000
    assert row(session, followed).title == "Madrid de nuevo"


def test_failures_make_us_patient_but_never_let_go(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.answers["/feed.atom"] = Reply(b"", 500)
    waits = []
    for _ in range(12):
        poll()
        peer = view(session, followed)
        waits.append((peer.next_poll - clock.now()).total_seconds())
    assert 595 < waits[0] <= 660
    assert 1195 < waits[1] <= 1320
    assert waits[-1] == pytest.approx(86_400, abs=5)
    assert peer.state == "active"


@pytest.mark.parametrize("status", [200, 500])
def test_a_thousand_feeds_do_not_come_due_together(
    session: Session, followed: int, madrid: Node, poll: Poll, monkeypatch, status: int
) -> None:
    """After a look and after a failure, chance lengthens the wait by up to a tenth."""
    madrid.answers["/feed.atom"] = Reply(madrid._serve("/feed.atom").body, status)
    waits = []
    for chance in (0.0, 1.0):
        monkeypatch.setattr("random.random", lambda chance=chance: chance)
        with writing(session):
            session.execute(update(Subscription).values(failures=0))
        poll()
        waits.append((view(session, followed).next_poll - clock.now()).total_seconds())
    assert waits[1] == pytest.approx(waits[0] * 1.1, abs=3)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7200"}, 7200),
        (503, {"Retry-After": "7200"}, 7200),
        (200, {"Cache-Control": "max-age=3600"}, 3600),
        (200, {"Cache-Control": "max-age=315360000"}, 86_400),
        (200, {}, 300),
    ],
)
def test_the_other_sides_wishes_are_heeded_up_to_a_day(
    session: Session,
    followed: int,
    madrid: Node,
    poll: Poll,
    status: int,
    headers: dict[str, str],
    seconds: int,
) -> None:
    body = madrid._serve("/feed.atom").body if status == 200 else b""
    madrid.answers["/feed.atom"] = Reply(body, status, headers)
    poll()
    wait = view(session, followed).next_poll - clock.now()
    assert timedelta(seconds=seconds - 3) <= wait <= timedelta(seconds=min(seconds * 1.1, 86_400))


def test_410_ends_the_looking_and_keeps_the_content(
    session: Session, followed: int, madrid: Node, poll: Poll, door: Door
) -> None:
    before = shown(session)
    madrid.answers["/feed.atom"] = Reply(b"", 410)
    poll()
    assert view(session, followed).state == "gone"
    assert shown(session) == before
    with writing(session):
        session.execute(update(Subscription).values(next_poll=clock.now() - timedelta(days=1)))
    assert service.claim_due(session, 10) == []
    del madrid.answers["/feed.atom"]
    service.poll_now(session, followed)
    assert poll().kind == "unchanged"
    assert view(session, followed).state == "active"


def test_a_permanent_move_on_the_same_site_is_remembered(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.answers["/feed.atom"] = Reply(b"", 301, {"Location": "/log.atom"})
    madrid.publish(4)
    madrid.answers["/log.atom"] = lambda _headers: madrid._serve("/feed.atom")
    assert poll().kind == "read"
    assert view(session, followed).url == f"{madrid.url}/log.atom"


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_move_to_another_site_waits_for_consent(
    session: Session, followed: int, madrid: Node, poll: Poll, tmp_path: Path, status: int
) -> None:
    before = everything(session)
    with Node(tmp_path, "Nueva") as new:
        new.publish(50)
        moved = {"Location": f"{new.url}/feed.atom"}
        madrid.answers["/feed.atom"] = Reply(b"", status, moved)
        assert poll().kind == "failed"
        assert everything(session) == before
        peer = view(session, followed)
        assert (peer.pending_url, peer.url) == (f"{new.url}/feed.atom", f"{madrid.url}/feed.atom")
        service.accept_move(session, followed)
        assert poll().kind == "read"
        peer = view(session, followed)
        assert (peer.pending_url, peer.origin) == (None, new.url)
        assert lines(session, followed) == new.lines()


@pytest.mark.parametrize("status", [302, 307])
def test_a_member_is_not_answered_for_by_another_site_not_even_for_a_while(
    session: Session, followed: int, madrid: Node, poll: Poll, tmp_path: Path, status: int
) -> None:
    before = everything(session)
    with Node(tmp_path, "Nueva") as new:
        new.publish(50)
        madrid.answers["/feed.atom"] = Reply(b"", status, {"Location": f"{new.url}/feed.atom"})
        assert poll().kind == "failed"
    assert everything(session) == before
    assert view(session, followed).pending_url is None


def test_410_of_another_site_says_nothing_about_the_member(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    with Site() as other:
        other.answers["/gone"] = Reply(b"", 410)
        madrid.answers["/feed.atom"] = Reply(b"", 302, {"Location": f"{other.url}/gone"})
        assert poll().kind == "failed"
    assert view(session, followed).state == "active"


def test_a_blocked_member_vanishes_and_comes_back(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    before = shown(session)
    service.block(session, followed)
    assert shown(session) == []
    assert len(jobs(session)) == 3
    madrid.publish(4)
    assert poll() == Outcome("lost")
    assert madrid.asked == []
    service.unblock(session, followed)
    assert shown(session) == before
    poll()
    assert len(shown(session)) == 4


def test_what_arrives_while_a_member_is_being_blocked_stays_hidden(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish(4)

    def block(_headers: object) -> Reply:
        service.block(session, followed)
        return madrid._serve("/feed.atom")

    madrid.answers["/feed.atom"] = block
    poll()
    assert shown(session) == []


def test_unfollowing_takes_everything_out(session: Session, followed: int) -> None:
    service.unfollow(session, followed)
    left = everything(session)
    assert left["remote_entry"] == left["study"] == left["version"] == left["cursor"] == []
    assert len(jobs(session)) == 3


def test_due_feeds_are_claimed_once_and_the_longest_overdue_first(
    session: Session, followed: int, engine: Engine
) -> None:
    now = clock.now()
    with writing(session):
        session.execute(update(Subscription).values(next_poll=now - timedelta(hours=1)))
        session.add(
            Subscription(
                url="http://older.example/feed", kind="foreign", origin="http://older.example",
                created=now, next_poll=now - timedelta(hours=2),
            )
        )  # fmt: skip
    with Session(engine) as another:
        first = service.claim_due(session, 1)
        second = service.claim_due(another, 5)
        assert [c.subscription_id for c in second] == [followed]
        assert first[0].subscription_id != followed
        assert service.claim_due(another, 5) == []
        with writing(session):
            session.execute(update(Subscription).values(claimed_until=now - timedelta(1)))
        assert service.claim_due(another, 0) == []  # due, but nothing is left to take
        assert len(service.claim_due(another, 5)) == 2
        service.release_claims(another)
        assert len(service.claim_due(session, 5)) == 2
