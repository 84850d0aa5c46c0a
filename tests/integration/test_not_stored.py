"""An entry that is read and cannot be stored is held back; the rest of its city is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.catalogue import store as catalogue
from network.catalogue.models import Version
from network.cities.models import City
from network.following import health, queries
from network.intake import unread, walk
from network.lib import clock
from network.moderation.gate import Gate
from network.moderation.shelf import Shelf
from network.subscriptions.models import UnreadEntry
from tests.integration.following import Poll, everything, shown
from tests.sites import Node

BAD = "Practice 4"
Break = Callable[[pytest.MonkeyPatch], None]


def at_the_gate(patch: pytest.MonkeyPatch) -> None:
    sift = Gate.sift

    def broken(gate: Gate, found: list[Any]) -> list[Any]:
        if any(item.version.title.startswith(BAD) for item in found):
            raise LookupError("no four passes")
        return sift(gate, found)

    patch.setattr(Gate, "sift", broken)


def with_its_city(patch: pytest.MonkeyPatch) -> None:
    """After its city was learnt, so that this is rolled back too."""
    arrival = Shelf._arrival

    def broken(shelf: Shelf, item: Any) -> Any:
        found = arrival(shelf, item)
        if item.version.title.startswith(BAD):
            raise ZeroDivisionError
        return found

    patch.setattr(Shelf, "_arrival", broken)


def in_the_database(patch: pytest.MonkeyPatch) -> None:
    """A value that neither database has."""
    columns = catalogue.columns

    def broken(version: Any) -> dict[str, Any]:
        nothing = {"summary": None} if version.title.startswith(BAD) else {}
        return columns(version) | nothing

    patch.setattr(catalogue, "columns", broken)


STEPS = pytest.mark.parametrize("step", [at_the_gate, with_its_city, in_the_database])


def standing(session: Session, followed: int) -> tuple[int, int | None, str]:
    session.rollback()
    peer = queries.peer_or_fail(session, followed)
    session.rollback()
    return peer.unread, peer.complete_seq, health.state(peer, clock.now())


def ids(node: Node, numbers: Iterable[int]) -> list[str]:
    return sorted(node.version(number).entry_id for number in numbers)


def title_of(session: Session, entry_id: str) -> str:
    session.rollback()
    title = session.get_one(Version, entry_id).title
    session.rollback()
    return title


@STEPS
def test_the_rest_is_shown_nobody_says_that_all_is_and_the_next_word_of_its_city_heals_it(
    session: Session, followed: int, madrid: Node, poll: Poll, step: Break,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for number in (4, 5):
        madrid.publish(number, city="ghent")
    with monkeypatch.context() as broken:
        step(broken)
        assert poll().kind == "read"
        assert shown(session) == ids(madrid, (1, 2, 3, 5))
        assert standing(session, followed) == (1, None, "partial")
        place = session.get_one(Version, ids(madrid, [5])[0]).place
        assert session.get(City, place) is not None, "what was rolled back is learnt again"
        (held,) = unread.of_source(session, followed)
        assert (held.entry_id, held.reason) == (ids(madrid, [4])[0], (unread.NOT_STORED, {}))
        session.rollback()
        before = everything(session)
        madrid.asked.clear()
        assert poll().kind == "unchanged"
        assert len(madrid.asked) == 1, "the log is not read anew at each look"
        assert everything(session) == before
        madrid.publish(6)
        poll()
        assert shown(session) == ids(madrid, (1, 2, 3, 5, 6))
        assert standing(session, followed) == (1, None, "partial")
    madrid.publish(4, city="ghent")
    poll()
    assert shown(session) == ids(madrid, range(1, 7))
    assert standing(session, followed) == (0, 7, "ok")
    assert session.scalars(select(UnreadEntry)).all() == []


@STEPS
def test_what_stood_there_before_stays_on_show_and_can_be_withdrawn(
    session: Session, followed: int, madrid: Node, poll: Poll, step: Break,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    step(monkeypatch)
    (second,) = ids(madrid, [2])
    madrid.publish(2, title=f"{BAD}2")
    poll()
    assert title_of(session, second) == "Practice 2"
    assert standing(session, followed) == (1, None, "partial")
    madrid.withdraw(second)
    poll()
    assert shown(session) == ids(madrid, (1, 3))
    assert standing(session, followed) == (0, 5, "ok")


def test_when_more_than_a_log_may_have_cannot_be_stored_nothing_of_it_is(
    session: Session, followed: int, madrid: Node, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "MOST_UNREAD", 1)
    at_the_gate(monkeypatch)
    for number in (40, 41, 5):
        madrid.publish(number)
    outcome = poll()
    assert outcome.kind == "failed"
    assert "More than 1 entries" in str(outcome.error)
    assert shown(session) == ids(madrid, (1, 2, 3))
    assert session.scalars(select(UnreadEntry)).all() == []
