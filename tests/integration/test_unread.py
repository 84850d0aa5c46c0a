"""One entry that cannot be read is held back and told; the rest of the city is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue.models import Version, Withdrawn
from network.following import health, queries, service
from network.following.queries import PeerView
from network.intake import unread
from network.lib import clock
from network.lib.http import Door
from network.log import items, reading_entry
from network.subscriptions.models import RemoteEntry, Subscription, UnreadEntry
from tests.integration.following import RULES, Poll, everything, shown
from tests.sites import Node

Change = Callable[[bytes], bytes]


def without_title(xml: bytes) -> bytes:
    return re.sub(rb"(<title[^>]*>).*?(</title>)", "\\1\u200b\u3164\\2".encode(), xml)


def undated(xml: bytes) -> bytes:
    return re.sub(rb"<updated>.*?</updated>", b"<updated>soon</updated>", xml)


def without_date(xml: bytes) -> bytes:
    return re.sub(rb"<updated>.*?</updated>", b"", xml)


def without_id(xml: bytes) -> bytes:
    return re.sub(rb"<id>.*?</id>", b"", xml)


def of_nobody(xml: bytes) -> bytes:
    return re.sub(rb"<id>.*?</id>", b"<id>urn:uuid:7b0c9b1e</id>", xml)


def without_canonical_form(xml: bytes) -> bytes:
    return xml.replace(b"<entry ", b'<entry xmlns:x="not/absolute" x:a="1" ', 1)


def view(session: Session, subscription_id: int) -> PeerView:
    session.rollback()
    found = queries.peer_or_fail(session, subscription_id)
    session.rollback()
    return found


def held_back(session: Session, subscription_id: int) -> list[unread.HeldBack]:
    session.rollback()
    found = unread.of_source(session, subscription_id)
    session.rollback()
    return found


def title_of(session: Session, entry_id: str) -> str:
    session.rollback()
    title = session.get_one(Version, entry_id).title
    session.rollback()
    return title


def id_of(node: Node, number: int) -> str:
    return node.version(number).entry_id


def assert_partial(session: Session, followed: int, number: int = 1) -> None:
    """The rest is there, and nobody says that all is."""
    peer = view(session, followed)
    assert (peer.unread, peer.complete_seq, peer.complete_at) == (number, None, None)
    assert health.state(peer, clock.now()) == "partial"
    assert not peer.doubtful
    assert f"{number} entries are held back" in health.in_english(peer, clock.now(), "UTC")


@pytest.mark.parametrize("change", [without_title, undated])
def test_an_entry_that_cannot_be_read_is_held_back_and_the_rest_is_shown(
    session: Session, followed: int, madrid: Node, poll: Poll, change: Change
) -> None:
    madrid.publish(4)
    madrid.spoil(id_of(madrid, 4), change)
    madrid.publish(5)
    assert poll().kind == "read"
    assert shown(session) == sorted(id_of(madrid, n) for n in (1, 2, 3, 5))
    assert_partial(session, followed)
    (held,) = held_back(session, followed)
    assert held.entry_id == id_of(madrid, 4)
    assert held.since <= clock.now()
    assert ("title" in str(held.reason)) == (change is without_title)
    before = everything(session)
    assert poll().kind == "unchanged"
    assert everything(session) == before
    assert_partial(session, followed)


@pytest.mark.parametrize(
    "change",
    [without_date, without_id, of_nobody, without_canonical_form],
    ids=lambda c: c.__name__,
)
def test_also_when_the_digest_cannot_tell_whether_it_is_there(
    session: Session, followed: int, madrid: Node, poll: Poll, change: Change
) -> None:
    madrid.publish(4)
    madrid.spoil(id_of(madrid, 4), change)
    assert poll().kind == "read"
    madrid.publish(5)
    assert poll().kind == "read"
    assert shown(session) == sorted(id_of(madrid, n) for n in (1, 2, 3, 5))
    assert_partial(session, followed)
    assert len(held_back(session, followed)) == 1
    poll()
    assert_partial(session, followed)
    madrid.publish(4)
    poll()
    assert view(session, followed).complete_seq == 7
    assert held_back(session, followed) == []
    assert len(shown(session)) == 5


def test_in_an_archive_too_and_from_the_first_look_on(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.publish_many(range(1, 4))
    madrid.spoil(id_of(madrid, 2), without_title)
    madrid.publish_many(range(4, 161))
    found = service.follow(session, door, madrid.url, RULES)
    assert len(shown(session)) == 159
    assert_partial(session, found.id)


def test_what_stood_there_before_stays_until_the_correction_arrives(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish(2, title="Better")
    madrid.spoil(id_of(madrid, 2), without_title)
    poll()
    assert title_of(session, id_of(madrid, 2)) == "Practice 2"
    assert_partial(session, followed)
    since = held_back(session, followed)[0].since
    madrid.spoil(id_of(madrid, 2), undated)
    poll()
    assert [each.since for each in held_back(session, followed)] == [since]
    madrid.publish(2, title="Best")
    poll()
    assert title_of(session, id_of(madrid, 2)) == "Best"
    peer = view(session, followed)
    assert (peer.unread, peer.complete_seq) == (0, 7)
    assert health.state(peer, clock.now()) == "ok"


def test_what_is_withdrawn_instead_is_gone(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.spoil(id_of(madrid, 2), without_title)
    poll()
    madrid.withdraw(id_of(madrid, 2))
    poll()
    assert shown(session) == sorted(id_of(madrid, n) for n in (1, 3))
    assert view(session, followed).complete_seq == 5
    assert session.scalars(select(UnreadEntry)).all() == []


def test_a_withdrawal_that_cannot_be_read_takes_the_text_off_all_the_same(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.withdraw(id_of(madrid, 2))
    madrid.spoil(id_of(madrid, 2), lambda xml: re.sub(rb'when="[^"]*"', b'when="now"', xml))
    poll()
    assert shown(session) == sorted(id_of(madrid, n) for n in (1, 3))
    (held,) = held_back(session, followed)
    assert (held.is_deleted, held.updated) == (True, "now")
    assert_partial(session, followed)
    madrid.publish(2)
    poll()
    assert len(shown(session)) == 3
    assert view(session, followed).complete_seq == 6


def test_a_tombstone_that_we_hold_stays_when_it_cannot_be_read_any_more(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.withdraw(id_of(madrid, 2), "Figures")
    poll()
    madrid.spoil(id_of(madrid, 2), lambda xml: re.sub(rb'when="[^"]*"', b'when="now"', xml))
    poll()
    session.rollback()
    assert session.get_one(Withdrawn, id_of(madrid, 2)).reason == "Figures"
    session.rollback()
    assert_partial(session, followed)


def test_a_newer_version_of_the_software_reads_it_although_nothing_changed_there(
    session: Session, followed: int, madrid: Node, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = reading_entry.version_of

    def stricter(*arguments: object) -> object:
        version = strict(*arguments)  # type: ignore[arg-type]
        if version.title == "Practice 4":
            raise items.Unreadable("Nobody understands fours.")
        return version

    madrid.publish(4)
    madrid.publish_many(range(5, 120))
    with monkeypatch.context() as older:
        older.setattr(items, "version_of", stricter)
        poll()
        assert_partial(session, followed)
        madrid.asked.clear()
        assert poll().kind == "unchanged"
        assert len(madrid.asked) == 1
    assert poll().kind == "read"
    assert len(shown(session)) == 119
    peer = view(session, followed)
    assert (peer.unread, peer.complete_seq) == (0, 119)
    assert poll().kind == "unchanged"


def test_a_hostile_log_of_nothing_readable_fills_no_table(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish_many(range(10, 111))
    for number in range(10, 111):
        madrid.spoil(id_of(madrid, number), without_title)
    outcome = poll()
    assert outcome.kind == "failed"
    assert "More than 100 entries" in str(outcome.error)
    assert len(shown(session)) == 3
    assert session.scalars(select(UnreadEntry)).all() == []
    madrid.publish(110)
    assert poll().kind == "read"
    assert_partial(session, followed, 100)


def test_a_row_that_is_too_large_to_be_kept_is_told_all_the_same(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish(4, body_html=f"<p>{'mot ' * 40_000}</p>")
    madrid.spoil(id_of(madrid, 4), without_title)
    poll()
    assert_partial(session, followed)
    assert session.scalars(select(UnreadEntry.xml)).all() == [None]
    assert poll().kind == "unchanged"


def test_somebody_else_s_ids_are_refused_whether_they_can_be_read_or_not(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.publish_as("https://other.example/id/1/fr")
    madrid.spoil("https://other.example/id/1/fr", without_title)
    assert poll().kind == "failed"
    assert held_back(session, followed) == []
    assert view(session, followed).doubtful


def test_a_wrong_digest_is_an_alarm_beside_what_cannot_be_read(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.spoil(id_of(madrid, 2), without_title)
    poll()
    madrid.publish(4)
    wrong = b'digest="%s"' % (b"0" * 64)
    madrid.changed = lambda document: re.sub(rb'digest="\w+"', wrong, document)
    assert poll().kind == "failed"
    assert health.state(view(session, followed), clock.now()) == "alert"
    assert len(shown(session)) == 3


def test_nothing_of_it_is_left_when_the_site_is_not_followed_any_more(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    madrid.spoil(id_of(madrid, 2), without_title)
    poll()
    service.unfollow(session, followed)
    for table in (UnreadEntry, RemoteEntry, Subscription):
        assert session.scalars(select(table)).all() == []


def test_a_copy_that_was_complete_says_since_when_it_is_not(
    session: Session, followed: int, madrid: Node, poll: Poll
) -> None:
    proved = view(session, followed).complete_at
    assert proved is not None
    madrid.spoil(id_of(madrid, 2), without_title)
    poll()
    poll()
    assert view(session, followed).proved_at == proved
    assert clock.now() - proved < timedelta(hours=1)
