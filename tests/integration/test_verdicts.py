"""A city confirms or contests an adoption of its study, and says so in the study's own entries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest
from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.accounts.models import User
from network.adoptions import desk, edges
from network.case_studies import publish, service, verdicts
from network.case_studies.models import Verdict
from network.case_studies.verdicts import Opinion
from network.catalogue.models import Adoption
from network.config import Settings
from network.following import service as subscriptions
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import Forbidden, InvalidInput, NotFound
from network.log import service as log
from network.log.entry import content_hash
from network.log.models import FeedEntry
from tests.adopting import MADRID, follow, mention, receive, version
from tests.sites import failing_at
from tests.writing import TextDraft, draft, publish_in

BASE = "http://paris.example"
ENGLISH = TextDraft(title="Budget", summary="What we tried.", translation="human")
CONFIRM = Opinion("confirmed")
CONTEST = Opinion("contested", "Ce n’est pas\nla même chose.", "fr")


@pytest.fixture
def study(session: Session, settings: Settings) -> str:
    """A published study in two languages, which a followed study of Madrid names; its id."""
    made = publish_in(session, settings, draft(texts={"en": ENGLISH}))
    receive(session, follow(session), version(1, (f"{BASE}/id/{made}",)))
    return made


ADOPTER = version(1).study_key


def entries(session: Session) -> dict[str, FeedEntry]:
    session.rollback()
    found = {row.entry_id: row for row in session.scalars(select(FeedEntry))}
    session.expunge_all()
    return found


def said(row: FeedEntry) -> list[tuple[str | None, str | None, str | None, str | None]]:
    found = etree.fromstring(row.xml).iter("{urn:pioneer-cities:1}adoption")
    xml_lang = "{http://www.w3.org/XML/1998/namespace}lang"
    return [(e.get("href"), e.get("verdict"), e.text, e.get(xml_lang)) for e in found]


def states(session: Session, study_id: str) -> list[tuple[str, str, str]]:
    found = edges.adopters_of(session, [f"{BASE}/id/{study_id}"], BASE)
    session.rollback()
    return [(edge.target, edge.state, edge.reason) for edge in found]


def test_a_verdict_stands_in_every_language_s_entry_with_a_new_seq_and_a_later_date(
    session: Session, study: str
) -> None:
    before = entries(session)
    changed = desk.answer(session, None, study, ADOPTER, CONTEST, BASE)
    after = entries(session)
    assert sorted(changed) == sorted(before)
    assert {row.seq for row in after.values()} == {3, 4}
    for entry_id, row in after.items():
        assert said(row) == [(ADOPTER, "contested", "Ce n’est pas la même chose.", "fr")]
        assert datetime.fromisoformat(row.updated) > datetime.fromisoformat(
            before[entry_id].updated
        )
    assert states(session, study) == [(ADOPTER, "contested", "Ce n’est pas la même chose.")]
    session.rollback()
    assert session.scalar(select(Adoption.title)) == "Practice 1"


def test_the_log_s_state_is_that_of_its_entries_after_a_verdict(
    session: Session, study: str
) -> None:
    before = log.read_state(session)
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    after = log.read_state(session)
    assert (after.count, after.seq) == (2, before.seq + 2)
    assert after.digest != before.digest
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    assert log.read_state(session) == after, "to say it twice changes nothing"


def test_taking_a_verdict_back_gives_the_entry_that_was_but_for_its_date(
    session: Session, study: str
) -> None:
    before = entries(session)
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    desk.answer(session, None, study, ADOPTER, None, BASE)
    for entry_id, row in entries(session).items():
        old = before[entry_id]
        assert row.xml == old.xml.replace(old.updated.encode(), row.updated.encode(), 1)
    assert states(session, study) == [(ADOPTER, "declared", "")]


def test_a_verdict_publishes_nothing_that_an_author_saved_meanwhile(
    session: Session, settings: Settings, study: str
) -> None:
    with writing(session):
        stored = service.locked(session, study)
        written, revision = service.draft_of(stored), stored.lock_version
    texts = {**written.texts, "fr": replace(written.texts["fr"], title="Pas encore public")}
    service.save(session, None, study, replace(written, texts=texts), revision)
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    assert b"Pas encore public" not in b"".join(row.xml for row in entries(session).values())
    publish.publish(session, None, study, settings)
    published = entries(session)[f"{BASE}/id/{study}/fr"]
    assert b"Pas encore public" in published.xml
    assert [each[1] for each in said(published)] == ["confirmed"], "the verdict stays"
    assert publish.publish(session, None, study, settings) == []


def test_a_verdict_survives_withdrawal_and_new_publication(
    session: Session, settings: Settings, study: str
) -> None:
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    publish.withdraw(session, None, study, "Une erreur.")
    session.rollback()
    assert session.scalar(select(Adoption.href)) is None
    with pytest.raises(InvalidInput):
        desk.answer(session, None, study, ADOPTER, None, BASE)
    publish.publish(session, None, study, settings)
    assert states(session, study) == [(ADOPTER, "confirmed", "")]


def test_a_verdict_is_written_whole_or_not_at_all(session: Session, study: str) -> None:
    before, number = entries(session), 0
    while True:
        number += 1
        try:
            with failing_at(session.get_bind(), number) as seen:
                desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
        except KeyboardInterrupt:
            session.rollback()
            kept = entries(session)
            assert {i: r.hash for i, r in kept.items()} == {i: r.hash for i, r in before.items()}
            assert states(session, study) == [(ADOPTER, "declared", "")]
            assert session.scalar(select(Verdict.digest)) is None
            session.rollback()
        else:
            break
    assert number > 5, seen
    assert states(session, study) == [(ADOPTER, "confirmed", "")]
    session.rollback()
    keys = list(session.scalars(select(Job.key).where(Job.kind == "index")))
    assert f"{BASE}/id/{study}" in keys


@pytest.mark.parametrize(
    ("opinion", "field"),
    [
        (Opinion("contested"), "reason"),
        (Opinion("contested", " \n "), "reason"),
        (Opinion("contested", "x" * 501), "reason"),
        (Opinion("contested", "Warum", "de"), "lang"),
        (Opinion("praised"), "verdict"),
    ],
)
def test_what_cannot_be_said_changes_nothing(
    session: Session, study: str, opinion: Opinion, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.answer(session, None, study, ADOPTER, opinion, BASE)
    assert caught.value.field == field
    session.rollback()
    assert states(session, study) == [(ADOPTER, "declared", "")]


def test_only_those_who_decide_may_speak_for_the_city(session: Session, study: str) -> None:
    author = User(id=7, email="ines@paris.example", name="Ines", role="author")
    with pytest.raises(Forbidden):
        desk.answer(session, author, study, ADOPTER, CONFIRM, BASE)


def test_nobody_can_be_confirmed_who_does_not_say_so(session: Session, study: str) -> None:
    with pytest.raises(NotFound):
        desk.answer(session, None, study, "http://spam.example/", CONFIRM, BASE)


def test_what_nobody_says_any_more_is_no_longer_published_and_comes_back_with_it(
    session: Session, study: str
) -> None:
    source = session.scalars(select(Adoption.study_key)).all()
    assert source == []
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    receive(session, 1, version(1))
    assert states(session, study) == [], "a city that we hear counts by its own word"
    assert desk.reconcile(session, BASE, clock.now()) != []
    assert [said(row) for row in entries(session).values()] == [[], []]
    assert desk.reconcile(session, BASE, clock.now()) == []
    receive(session, 1, version(1, (f"{BASE}/id/{study}",)))
    assert desk.reconcile(session, BASE, clock.now()) != []
    assert states(session, study) == [(ADOPTER, "confirmed", "")]


def test_a_blocked_member_is_not_named_in_our_log(session: Session, study: str) -> None:
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    subscriptions.block(session, 1)
    assert states(session, study) == []
    desk.reconcile(session, BASE, clock.now())
    assert b"madrid.example" not in b"".join(row.xml for row in entries(session).values())
    subscriptions.unblock(session, 1)
    desk.reconcile(session, BASE, clock.now())
    assert states(session, study) == [(ADOPTER, "confirmed", "")]


def test_an_entry_that_nobody_can_read_holds_up_no_other(session: Session, study: str) -> None:
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    with writing(session):
        for row in session.scalars(select(FeedEntry)):
            row.xml = re.sub(rb"(<title[^>]*>)[^<]*", rb"\1 ", row.xml)
            row.hash = content_hash(row.xml)
    before = {entry_id: row.seq for entry_id, row in entries(session).items()}
    receive(session, 1, version(1))
    assert desk.reconcile(session, BASE, clock.now()) == []
    assert {entry_id: row.seq for entry_id, row in entries(session).items()} == before


def test_a_page_elsewhere_is_answered_by_its_address_and_later_by_its_id(
    session: Session, study: str
) -> None:
    page = version(2, origin="http://lyon.example").url
    mention(session, f"{BASE}/id/{study}", page, title="Lyon aussi")
    mention(session, f"{BASE}/id/{study}", "http://x.example/", state="waiting")
    assert [edge.target for edge in desk.cases(session, BASE)] == [ADOPTER, page]
    assert desk.unanswered(session, BASE) == 2
    desk.answer(session, None, study, page, CONTEST, BASE)
    assert [e.title for e in edges.adopters_of(session, [f"{BASE}/id/{study}"], BASE)][
        1
    ] == "Lyon aussi"

    lyon = follow(session, "http://lyon.example")
    known = version(2, (f"{BASE}/id/{study}",), origin="http://lyon.example")
    receive(session, lyon, known)
    assert [each[:2] for each in states(session, study)] == [
        (known.study_key, "contested"),
        (ADOPTER, "declared"),
    ]
    desk.answer(session, None, study, known.study_key, CONFIRM, BASE)
    assert session.scalars(select(Verdict.adopter)).all() == [known.study_key]
    assert desk.unanswered(session, BASE) == 1
    desk.answer(session, None, study, known.study_key, None, BASE)
    assert desk.unanswered(session, BASE) == 2


def test_a_study_of_our_own_needs_no_answer(
    session: Session, settings: Settings, study: str
) -> None:
    from network.catalogue.values import Link

    link = Link(f"{BASE}/id/{study}", "Budget")
    publish_in(session, settings, draft("Une suite", inspired_by=(link,)))
    assert [edge.target for edge in desk.cases(session, BASE)] == [ADOPTER]
    assert len(states(session, study)) == 2


def test_the_desk_asks_about_what_names_a_page_of_ours_too(
    session: Session, settings: Settings, study: str
) -> None:
    page = f"{BASE}/en/case-studies/paris/budget"
    receive(session, 1, version(5, (page,)))
    assert version(5).study_key in {edge.target for edge in desk.cases(session, BASE)}


def test_given_tells_who_said_what(session: Session, study: str) -> None:
    desk.answer(session, None, study, ADOPTER, CONFIRM, BASE)
    assert set(verdicts.given(session)) == {(study, ADOPTER)}
    assert set(verdicts.given(session, "other")) == set()
    assert MADRID in ADOPTER
