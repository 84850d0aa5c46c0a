"""What of a followed site waits for a person, and what becomes of it, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

from network.catalogue import tombstones
from network.catalogue.models import Version
from network.catalogue.values import Link
from network.cities.models import MEMBER, City
from network.following import queries, service
from network.jobs.models import Job
from network.lib.db import writing
from network.lib.errors import NotFound
from network.lib.http import Door
from network.moderation import review
from network.moderation import service as moderation
from network.moderation.rules import Rule
from network.search import documents
from network.subscriptions.models import HeldVersion, ModeratedStudy
from tests.integration.following import RULES, everything, jobs, lines, shown
from tests.sites import Node, Reply, Site

HOLD = Rule("hold")
LONG = "<p>" + " ".join(f"word{n}" for n in range(200)) + "</p>"
Poll = Callable[[], None]


@pytest.fixture
def follow(session: Session, door: Door, madrid: Node) -> Callable[..., int]:
    """Follows Madrid, which has three studies, under a rule; gives the subscription."""

    def do(rule: Rule | None = None) -> int:
        for number in (1, 2, 3):
            madrid.publish(number, body_html=LONG)
        id_ = service.follow(session, door, madrid.url, RULES, rule=rule).id
        _settle(session)
        return id_

    return do


@pytest.fixture
def poll(session: Session, engine: Engine, door: Door) -> Poll:
    def do() -> None:
        session.rollback()
        for peer in queries.peers(session):
            session.rollback()
            assert service.poll(sessionmaker(engine), door, peer.id, RULES).kind != "failed"
        session.expire_all()

    return do


def _settle(session: Session) -> None:
    with writing(session):
        session.execute(delete(Job))
    session.expire_all()


def queue(session: Session, which: review.List = "waiting") -> list[review.QueueRow]:
    session.expire_all()
    rows, total = review.page(session, which)
    assert total == len(rows)
    session.rollback()
    return rows


def held(session: Session) -> list[str]:
    session.rollback()
    found = sorted(session.scalars(select(HeldVersion.entry_id)))
    session.rollback()
    return found


def ids(node: Node, *numbers: int) -> list[str]:
    return [node.version(number).entry_id for number in numbers]


def key(node: Node, number: int) -> str:
    return node.version(number).study_key


def test_what_is_held_is_proved_like_all_else_and_nowhere_to_be_seen(
    session: Session, follow: Any, madrid: Node
) -> None:
    id_ = follow(HOLD)
    peer = queries.peer_or_fail(session, id_)
    assert lines(session, id_) == madrid.lines()
    assert (peer.complete_seq, peer.lag, peer.studies, peer.waiting) == (3, 0, 0, 3)
    assert held(session) == sorted(ids(madrid, 1, 2, 3))
    assert shown(session) == []
    assert session.scalars(select(Version.entry_id)).all() == []
    assert list(documents.all_documents(session)) == []


def test_a_city_that_only_a_held_study_names_is_not_learnt_before_it_is_shown(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.publish(1, city="alcala-de-henares")
    service.follow(session, door, madrid.url, RULES, rule=HOLD)
    assert session.get(City, "alcala-de-henares") is None
    (row,) = queue(session)
    moderation.approve(session, None, row.id)
    assert session.get_one(City, "alcala-de-henares").country == "ES"


def test_by_default_everything_is_shown_at_once(
    session: Session, follow: Any, madrid: Node
) -> None:
    follow()
    assert shown(session) == sorted(ids(madrid, 1, 2, 3))
    assert queue(session) == held(session) == []


def test_an_approved_study_is_as_if_it_had_never_waited(
    session: Session, follow: Any, madrid: Node, door: Door
) -> None:
    id_ = follow()
    whole = everything(session)
    service.unfollow(session, id_)
    with writing(session):
        session.execute(delete(City).where(City.origin == MEMBER))
        session.execute(delete(Job))
    id_ = service.follow(session, door, madrid.url, RULES, rule=HOLD).id
    _settle(session)
    assert moderation.approve_all(session, None, id_) == 3
    found = everything(session)
    assert set(jobs(session)) == {key(madrid, n) for n in (1, 2, 3)}
    assert held(session) == []
    for table in ("study_topic", "inspiration", "city"):
        assert found[table] == whole[table]
    assert [r[0] for r in found["version"]] == [r[0] for r in whole["version"]]
    assert shown(session) == sorted(ids(madrid, 1, 2, 3))


def test_refused_is_not_shown_and_stays_refused_whatever_its_city_does(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    id_ = follow(HOLD)
    row = queue(session)[0]
    moderation.refuse(session, None, row.id, "Not a practice")
    assert [r.note for r in queue(session, "refused")] == ["Not a practice"]
    assert len(queue(session)) == 2
    madrid.publish(1, title="Again", body_html=LONG)
    poll()
    assert len(queue(session)) == 2
    assert queue(session, "refused")[0].changed
    madrid.withdraw(ids(madrid, 1)[0])
    poll()
    assert ids(madrid, 1)[0] not in held(session), "its text went with the withdrawal"
    madrid.publish(1, title="And again", body_html=LONG)
    poll()
    moderation.set_rule(session, id_, Rule())
    assert shown(session) == sorted(ids(madrid, 2, 3))
    madrid.publish(1, title="Under a rule that lets everything through", body_html=LONG)
    poll()
    assert shown(session) == sorted(ids(madrid, 2, 3))
    assert lines(session, id_) == madrid.lines()


def test_a_decision_is_undone(session: Session, follow: Any, madrid: Node) -> None:
    follow(HOLD)
    before = {row.id for row in queue(session)}
    for decide in (moderation.approve, moderation.refuse):
        _settle(session)
        row = queue(session)[0]
        decide(session, None, row.id)
        assert len(queue(session)) == 2
        moderation.undo(session, row.id)
        assert {row.id for row in queue(session)} == before
        assert shown(session) == []
        assert held(session) == sorted(ids(madrid, 1, 2, 3))
    assert (queue(session)[0].decided_at, queue(session)[0].state) == (None, "waiting")


def test_a_small_change_of_an_approved_study_is_shown_at_once_and_small_changes_add_up(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    id_ = follow(HOLD)
    moderation.approve_all(session, None, id_)
    _settle(session)
    text, changes = LONG, 0
    for number in range(0, 200, 5):
        text = text.replace(f"word{number} ", f"other{number} ")
        madrid.publish(1, body_html=text)
        poll()
        if queue(session):
            break
        changes += 1
        assert session.get_one(Version, ids(madrid, 1)[0]).title == "Practice 1"
    assert 2 < changes < 12
    assert f"other{number}" not in _body(session, madrid, 1), "what was approved stays on show"
    assert key(madrid, 1) in jobs(session)


def _body(session: Session, madrid: Node, number: int) -> str:
    session.expire_all()
    body = session.get_one(Version, ids(madrid, number)[0]).body_html
    session.rollback()
    return body


def test_a_text_that_its_city_makes_shorter_is_shorter_at_once(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    id_ = follow(HOLD)
    moderation.approve_all(session, None, id_)
    madrid.publish(1, body_html="<p>" + " ".join(f"word{n}" for n in range(20)) + "</p>")
    poll()
    assert "word150" not in _body(session, madrid, 1)
    assert queue(session) == []


@pytest.mark.parametrize(
    "change",
    [{"title": "Buy now"}, {"summary": "Another"}, {"body_html": "<p>Something</p>" + LONG * 2},
     {"body_html": LONG + '<p><a href="https://spam.example/">x</a></p>'},
     {"inspired_by": (Link("https://spam.example/", "x"),)}],
)  # fmt: skip
def test_a_change_that_a_person_must_read_waits_while_what_was_approved_stays(
    session: Session, follow: Any, madrid: Node, poll: Poll, change: dict[str, Any]
) -> None:
    id_ = follow(HOLD)
    moderation.approve_all(session, None, id_)
    _settle(session)
    before = everything(session)
    madrid.publish(1, **{"body_html": LONG} | change)
    poll()
    (row,) = queue(session)
    after = everything(session)
    assert (row.shown, row.changed, row.state) == (True, True, "approved")
    for table in ("study", "version", "inspiration", "job"):
        assert after[table] == before[table]
    assert lines(session, id_) == madrid.lines(), "the copy has it"
    assert review.changed_since(session, ids(madrid, 1)[0]) is not None
    moderation.refuse(session, None, row.id)
    assert everything(session)["version"] == before["version"]
    assert queue(session) == []
    moderation.undo(session, row.id)
    assert len(queue(session)) == 1
    moderation.approve(session, None, row.id)
    assert everything(session)["version"] != before["version"]
    assert held(session) == queue(session) == []


def test_a_study_is_taken_off_whole(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    id_ = follow(HOLD)
    moderation.approve_all(session, None, id_)
    madrid.publish(1, title="Changed", body_html=LONG)
    poll()
    (row,) = queue(session)
    moderation.refuse(session, None, row.id, whole=True)
    assert shown(session) == sorted(ids(madrid, 2, 3))
    assert key(madrid, 1) in jobs(session)
    moderation.approve(session, None, row.id)
    assert session.get_one(Version, ids(madrid, 1)[0]).title == "Changed"


def test_withdrawn_by_its_city_goes_from_the_queue_and_leaves_nothing_to_read(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    id_ = follow(HOLD)
    row = queue(session)[0]
    madrid.withdraw(row.study_key + "/en", "A mistake")
    poll()
    assert len(held(session)) == len(queue(session)) == 2
    assert tombstones.of_source(session, id_) == []
    with pytest.raises(NotFound):
        moderation.approve(session, None, row.id)
    assert session.get(ModeratedStudy, row.id) is None


def test_what_a_full_replay_no_longer_has_goes_from_the_queue(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    backup = madrid.save() if madrid.lines() else None
    follow(HOLD)
    assert backup is None
    older = [madrid.save()[0], *[r for r in madrid.save()[1:] if r[0] != ids(madrid, 3)[0]]]
    madrid.restore(older, renew=True)
    poll()
    assert held(session) == sorted(ids(madrid, 1, 2))
    assert len(queue(session)) == 2


@pytest.mark.parametrize(
    ("rule", "through"),
    [
        (Rule("publish-some", topics=("open-data",)), {1}),
        (Rule("publish-some", languages=("es",)), {3}),
        (Rule("publish-some", ("open-data",), ("es",)), {1, 3}),
        (Rule("hold-some", topics=("open-data",)), {2, 3}),
        (Rule("hold-some", ("mobility",), ("es",)), {1}),
    ],
)
def test_a_rule_by_topic_or_language_decides_on_arrival_and_for_what_is_here(
    session: Session, door: Door, madrid: Node, rule: Rule, through: set[int]
) -> None:
    made = {
        1: madrid.publish(1, topics=("open-data",)),
        2: madrid.publish(2, topics=("mobility",)),
        3: madrid.publish(3, "es", topics=()),
    }
    expected = sorted(made[n] for n in through)
    id_ = service.follow(session, door, madrid.url, RULES, rule=rule).id
    assert shown(session) == expected
    changes = moderation.set_rule(session, id_, Rule())
    assert (changes.shown, changes.held) == (3 - len(through), 0)
    assert shown(session) == sorted(made.values())
    _settle(session)
    changes = moderation.set_rule(session, id_, rule)
    assert (changes.shown, changes.held) == (0, 3 - len(through))
    assert shown(session) == expected
    gone = {made[n].rpartition("/")[0] for n in made if n not in through}
    assert set(jobs(session)) == gone
    moderation.set_rule(session, id_, rule)
    assert shown(session) == expected


def test_one_language_of_a_study_waits_while_the_other_is_shown(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.publish(1, "en")
    madrid.publish(1, "es")
    rule = Rule("publish-some", languages=("en",))
    id_ = service.follow(session, door, madrid.url, RULES, rule=rule).id
    assert shown(session) == [f"{key(madrid, 1)}/en"]
    (row,) = queue(session)
    assert (row.shown, row.titles) == (True, (("es", "Practice 1"),))
    moderation.set_rule(session, id_, Rule("publish-some", languages=("es",)))
    assert shown(session) == [f"{key(madrid, 1)}/es"]
    moderation.approve(session, None, queue(session)[0].id)
    assert len(shown(session)) == 2


def test_a_new_rule_can_spare_what_readers_see_already(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    id_ = follow()
    before = everything(session)
    changes = moderation.set_rule(session, id_, HOLD, keep_shown=True)
    assert (changes.shown, changes.held) == (0, 0)
    after = everything(session)
    for table in ("study", "version", "job"):
        assert after[table] == before[table]
    madrid.publish(4)
    poll()
    assert [row.study_key for row in queue(session)] == [key(madrid, 4)]


def test_unblocking_restores_exactly_what_was_shown_before(
    session: Session, follow: Any, madrid: Node, poll: Poll
) -> None:
    id_ = follow(HOLD)
    first, second, third = queue(session)
    moderation.approve(session, None, first.id)
    moderation.refuse(session, None, second.id)
    before = everything(session)
    service.block(session, id_)
    assert shown(session) == []
    service.unblock(session, id_)
    after = everything(session)
    assert {**after, "job": 0} == {**before, "job": 0}
    service.block(session, id_)
    moderation.approve(session, None, third.id)
    moderation.set_rule(session, id_, Rule())
    assert shown(session) == [], "a blocked site is not shown, whatever is decided meanwhile"
    service.unblock(session, id_)
    assert shown(session) == sorted([f"{first.study_key}/en", f"{third.study_key}/en"])


def test_no_longer_following_forgets_what_was_held(
    session: Session, follow: Any, madrid: Node
) -> None:
    service.unfollow(session, follow(HOLD))
    for table in (HeldVersion, ModeratedStudy):
        assert session.scalars(select(table)).all() == []


def test_an_ordinary_feed_is_held_from_its_first_item_on(session: Session, door: Door) -> None:
    feed = Path(__file__).parent.parent / "data" / "feeds" / "jekyll-feed.atom"
    with Site() as site:
        site.answers["/feed.xml"] = Reply(feed.read_bytes(), headers={"Content-Type": "text/xml"})
        id_ = service.follow(session, door, f"{site.url}/feed.xml", RULES, rule=HOLD).id
    peer = queries.peer_or_fail(session, id_)
    assert shown(session) == []
    assert peer.waiting == len(held(session)) > 0
    before = held(session)
    moderation.approve_all(session, None, id_)
    assert shown(session) == before


def test_many_studies_are_paged_and_decided_at_once(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.publish_many(range(1, 451))
    id_ = service.follow(session, door, madrid.url, RULES, rule=HOLD).id
    pages = [review.page(session, "waiting", number) for number in (1, 2, 23, 24)]
    assert [len(rows) for rows, _ in pages] == [20, 20, 10, 0]
    assert {total for _, total in pages} == {450}
    assert moderation.approve_all(session, None, id_) == 450
    assert len(shown(session)) == 450
    assert moderation.set_rule(session, id_, Rule("publish-some", ("mobility",))).held == 0
    for row in list(session.scalars(select(ModeratedStudy.id)))[:1]:
        moderation.undo(session, row)
    assert len(shown(session)) == 449
