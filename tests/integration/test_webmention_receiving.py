"""What is done with a Webmention: what webmention.rocks asks of receivers, and the rules of trust.

Sources are real pages on loopback, asked through the door; the endpoint itself is tested in
tests/web and in the journeys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from network.adoptions.models import Mention
from network.adoptions.webmention import checking, moderation, receiving
from network.adoptions.webmention.receiving import TooMany, receive
from network.case_studies import publish as publication
from network.case_studies.drafts import TextDraft
from network.catalogue import addresses, store
from network.catalogue import queries as catalogue
from network.catalogue.models import Version as VersionRow
from network.catalogue.values import Link, Version
from network.following import service as subscriptions
from network.jobs.kinds import Kind
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import Forbidden, InvalidInput
from network.lib.http import Door, networks
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from tests.mentioning import Bench, Web, html
from tests.sites import NOON, Reply
from tests.writing import draft, publish_in

BASE = "http://paris.example"
PAGE = f"{BASE}/fr/etudes-de-cas/paris/budget-participatif"
INSPIRED = "urn:pioneer-cities:1#inspired-by"


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as site:
        yield site


@pytest.fixture
def bench(engine, settings) -> Iterator[Bench]:
    with open_door(settings) as door:
        yield Bench(engine, settings, door)


@pytest.fixture
def study(session, settings) -> str:
    """The key of a study in both languages."""
    english = TextDraft("Participatory budget", summary="S.", body="Text.")
    return f"{BASE}/id/{publish_in(session, settings, draft(texts={'en': english}))}"


def follow(session, web: Web, title: str = "Madrid", **values) -> int:
    given = {"url": f"{web.url}/feed.atom", "origin": web.url, "kind": "member"} | values
    with writing(session):
        row = Subscription(title=title, created=clock.now(), next_poll=clock.now(), **given)
        session.add(row)
        session.flush()
        return row.id


def mention(session) -> Mention:
    session.rollback()
    return session.scalars(select(Mention).execution_options(populate_existing=True)).one()


def linking(text: str = "We took this up.", href: str = PAGE) -> str:
    return f'<p>{text} <a href="{href}">Paris</a> did it first, and told us how it went.</p>'


def ask_again(session, source: str, target: str = PAGE) -> None:
    """As `receive`, when the last look is some seconds ago."""
    session.rollback()
    with writing(session):
        for row in session.scalars(select(Mention)):
            row.verified_at = row.verified_at and row.verified_at - timedelta(minutes=5)
    receive(session, source, target, BASE)


@pytest.mark.parametrize(
    "target",
    [
        PAGE,
        f"{PAGE}#results",
        f"{PAGE}?utm_source=x",
        f"{PAGE}/",
        f"{BASE}/en/case-studies/paris/participatory-budget",
        f"{BASE}/en/case-studies/paris/budget-participatif",
        "{id}",
        "{id}/",
        "{id}/fr",
        "{id}/en#x",
        "http://PARIS.example:80/fr/etudes-de-cas/paris/budget-participatif",
        "https://paris.example/fr/etudes-de-cas/paris/budget%2Dparticipatif",
    ],
)
def test_any_spelling_of_a_study_of_ours_is_a_target(session, study, target):
    row = receive(session, "https://ghent.example/", target.replace("{id}", study), BASE)
    assert (row.study_key, row.state) == (study, "new")


def test_an_address_that_a_page_had_before_is_a_target_still(session, bench, web, study):
    source = web.page("/post", linking())
    receive(session, source, PAGE, BASE)
    bench.work()
    with writing(session):
        row = session.scalars(select(VersionRow).where(VersionRow.lang == "fr")).one()
        left = [addresses.Left(row.study_key, row.lang, row.place, row.slug)]
        row.slug = "un-autre-nom"
        session.flush()
        addresses.leave(session, left)
    assert mention(session).state == "waiting"
    web.answers["/post"] = Reply(b"gone", 410)
    ask_again(session, source)
    bench.work()
    assert mention(session).state == "gone"


@pytest.mark.parametrize(
    ("source", "target", "field"),
    [
        ("", PAGE, "source"),
        ("https://ghent.example/", "", "target"),
        ("ghent", PAGE, "source"),
        ("ftp://ghent.example/x", PAGE, "source"),
        ("javascript:alert(1)", PAGE, "source"),
        ("http://", PAGE, "source"),
        ("http://user:word@ghent.example/", PAGE, "source"),
        ("http://[::1", PAGE, "source"),
        ("https://ghent.example/a b", PAGE, "source"),
        (f"https://ghent.example/{'x' * 2000}", PAGE, "source"),
        ("https://ghent.example/", "mailto:a@b.example", "target"),
        (PAGE, PAGE, "source"),
        (f"{PAGE}#a", f"{PAGE}#b", "source"),
        (f"{BASE}/fr/", PAGE, "source"),
        ("https://ghent.example/", f"{BASE}/", "target"),
        ("https://ghent.example/", f"{BASE}/fr/", "target"),
        ("https://ghent.example/", f"{PAGE}-x", "target"),
        ("https://ghent.example/", f"{PAGE}/lineage", "target"),
        ("https://ghent.example/", PAGE.replace("paris.example", "madrid.example"), "target"),
        ("https://ghent.example/", PAGE.replace("example/", "example:8080/"), "target"),
        ("https://ghent.example/", f"{BASE}/id/00000000-0000-4000-8000-000000000001", "target"),
        ("https://ghent.example/", f"{BASE}/en/etudes-de-cas/paris/budget-participatif", "target"),
    ],
)
def test_what_makes_no_sense_is_refused_and_keeps_nothing(session, study, source, target, field):
    with pytest.raises(InvalidInput) as refused:
        receive(session, source, target, BASE)
    assert refused.value.field == field
    assert session.scalar(select(func.count(Mention.id))) == 0
    assert session.scalar(select(Job.id).where(Job.kind == Kind.WEBMENTION_CHECK)) is None


def test_a_followed_study_is_no_target(session, study):
    version = Version(
        f"{BASE}/id/00000000-0000-4000-8000-000000000009/fr",
        f"{BASE}/id/00000000-0000-4000-8000-000000000009",
        "fr", "T", "S", "", f"{BASE}/fr/etudes-de-cas/paris/autre", NOON, NOON,
        city="paris", slug="autre",
    )  # fmt: skip
    with writing(session):
        store.put(session, version, source_id=7, received=NOON)
    for target in (version.url, version.study_key):
        with pytest.raises(InvalidInput):
            receive(session, "https://ghent.example/", target, BASE)


def test_verification_is_asynchronous_and_a_stranger_waits_for_a_person(session, study, web, bench):
    receive(session, web.page("/post", linking()), PAGE, BASE)
    assert web.asked == []
    before = catalogue.version(session)
    assert bench.work() == ["webmention-check"]
    row = mention(session)
    assert (row.state, row.kind, row.trusted) == ("waiting", "mention", False)
    assert (row.title, row.site, row.lang) == ("A page", "", "en")
    assert row.excerpt.startswith("We took this up. Paris did it first")
    assert row.next_check > clock.now()
    assert catalogue.version(session) == before, "readers see no difference"


def test_a_member_is_shown_at_once_and_pages_are_made_anew(session, study, web, bench):
    follow(session, web)
    body = f'<a rel="{INSPIRED}" href="{PAGE}">Paris</a>'
    receive(session, web.page("/post", body), PAGE, BASE)
    before = catalogue.version(session)
    bench.work()
    row = mention(session)
    assert (row.state, row.kind, row.trusted) == ("shown", "adoption", True)
    assert (row.title, row.site) == ("A page", "Madrid")
    assert catalogue.version(session) > before


def test_the_same_pair_twice_is_one_row_and_one_look(session, study, web, bench):
    source = web.page("/post", linking())
    for _ in range(3):
        receive(session, source, PAGE, BASE)
    assert bench.work() == ["webmention-check"]
    assert web.paths == ["/post"]
    for _ in range(3):
        receive(session, source, PAGE, BASE)
    assert bench.work() == [], "asked again within seconds, it is looked at a little later"
    assert mention(session).next_check <= clock.now() + receiving.REST


def test_an_update_is_seen(session, study, web, bench):
    follow(session, web)
    source = web.page("/post", linking("Planned."))
    receive(session, source, PAGE, BASE)
    bench.work()
    web.page("/post", f'<p class="x"><a href="{PAGE}" rel="{INSPIRED}">Done</a> ' + "y" * 60)
    ask_again(session, source)
    bench.work()
    row = mention(session)
    assert (row.kind, row.state) == ("adoption", "shown")
    assert row.excerpt.startswith("Done yyy")


@pytest.mark.parametrize(
    "after",
    [
        html("<p>The link is gone.</p>"),
        html(linking(href=f"{BASE}/fr/")),
        Reply(b"Gone", 410, {"Content-Type": "text/html"}),
        Reply(b"Not found", 404),
        html(f"<!-- {linking()} -->"),
    ],
    ids=["link removed", "links elsewhere", "410", "404", "commented out"],
)
def test_what_no_longer_links_goes_at_once_and_can_come_back(session, study, web, bench, after):
    follow(session, web)
    source = web.page("/post", linking())
    receive(session, source, PAGE, BASE)
    bench.work()
    assert mention(session).state == "shown"
    before = catalogue.version(session)
    web.answers["/post"] = after
    ask_again(session, source)
    bench.work()
    assert mention(session).state == "gone"
    assert catalogue.version(session) > before
    assert mention(session).error

    web.page("/post", linking())
    ask_again(session, source)
    bench.work()
    assert mention(session).state == "shown"


def test_a_page_that_never_linked_is_not_shown(session, study, web, bench):
    follow(session, web)
    receive(session, web.page("/post", "<p>Nothing</p>"), PAGE, BASE)
    bench.work()
    assert mention(session).state == "gone"
    receive(session, f"{web.url}/nowhere", PAGE, BASE)
    bench.work()
    session.rollback()
    assert set(session.scalars(select(Mention.state))) == {"gone"}


def test_redirects_of_the_source_are_followed(session, study, web, bench):
    follow(session, web)
    web.page("/new", linking())
    web.answers["/old"] = Reply(b"", 301, {"Location": "/new"})
    receive(session, f"{web.url}/old", PAGE, BASE)
    bench.work()
    assert mention(session).state == "shown"


def test_a_members_redirect_to_another_site_is_not_trusted(session, study, web, bench):
    follow(session, web)
    with Web() as stranger:
        web.answers["/out"] = Reply(b"", 302, {"Location": stranger.page("/x", linking())})
        receive(session, f"{web.url}/out", PAGE, BASE)
        bench.work()
        assert (mention(session).state, mention(session).trusted) == ("waiting", False)
        bench.duties()
        assert mention(session).state == "waiting"


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", f'{{"in-reply-to": "{PAGE}"}}'), ("text/plain", f"See {PAGE} there")],
)
def test_documents_without_markup_are_read_as_well(session, study, web, bench, kind, body):
    web.answers["/post"] = Reply(body.encode(), headers={"Content-Type": kind})
    receive(session, f"{web.url}/post", PAGE, BASE)
    bench.work()
    assert mention(session).state == "waiting"
    assert "text/html" in web.asked[0].headers["accept"]


def test_a_page_whose_site_does_not_say_what_it_is_is_read_as_a_page(session, study, web, bench):
    web.answers["/post"] = Reply(linking().encode())
    receive(session, f"{web.url}/post", PAGE, BASE)
    bench.work()
    assert mention(session).state == "waiting"


def test_a_page_is_read_to_its_limit(session, study, web, bench):
    web.page("/post", linking() + "<p>suite</p>" * (1 << 18))
    receive(session, f"{web.url}/post", PAGE, BASE)
    bench.work()
    row = mention(session)
    assert (row.state, row.failures, row.error) == ("waiting", 0, "")


def test_a_link_beyond_the_limit_is_not_found_and_that_is_said(session, study, web, bench):
    web.page("/post", "x" * (1 << 20) + linking())
    receive(session, f"{web.url}/post", PAGE, BASE)
    bench.work()
    row = mention(session)
    assert (row.state, row.error_arguments) == ("gone", {"megabytes": 1})
    assert "longer than" in row.error


@pytest.mark.parametrize(
    "query",
    [
        "?utm_source=lettre&utm_medium=courriel",
        "?fbclid=abc",
        "?mtm_campaign=x#suite",
        "?xtor=RSS-1",
    ],
)
def test_a_link_with_marks_of_counters_is_a_link_to_the_study(session, study, web, bench, query):
    web.page("/post", linking(href=f"{PAGE}{query}"))
    web.page("/autre", linking())
    receive(session, f"{web.url}/post", PAGE, BASE)
    receive(session, f"{web.url}/autre", f"{PAGE}{query.partition('#')[0]}", BASE)
    bench.work()
    assert [row.state for row in session.scalars(select(Mention))] == ["waiting", "waiting"]


def test_a_source_that_does_not_answer_keeps_what_it_had_for_days(session, study, web, bench):
    follow(session, web)
    source = web.page("/post", linking())
    receive(session, source, PAGE, BASE)
    bench.work()
    web.answers["/post"] = Reply(b"", 503)
    waits = []
    while mention(session).state == "shown":
        come_due(session)
        bench.duties()
        bench.work()
        row = mention(session)
        waits.append((row.next_check or row.verified_at) - row.verified_at)
    assert mention(session).state == "gone"
    assert waits[:-1] == list(checking.AGAIN)
    assert sum(waits, timedelta()) > timedelta(days=7)


def come_due(session) -> None:
    session.rollback()
    with writing(session):
        for row in session.scalars(select(Mention)):
            row.next_check = clock.now() - timedelta(seconds=1)


def test_no_private_address_is_looked_at(session, engine, study, make_settings, web):
    settings = make_settings(allow_private_addresses="")
    receive(session, web.page("/post", linking()), PAGE, BASE)
    with open_door(settings) as door:
        Bench(engine, settings, door).work()
    assert web.asked == []
    assert mention(session).state == "gone"


def test_it_is_looked_at_again_after_a_day_a_week_and_then_each_month(session, study, web, bench):
    receive(session, web.page("/post", linking()), PAGE, BASE)
    seen = []
    for days in (0, 0.5, 2, 7, 9, 60):
        session.rollback()
        with writing(session):
            session.scalars(select(Mention)).one().received = clock.now() - timedelta(days=days)
        come_due(session)
        bench.duties()
        bench.work()
        seen.append(round((mention(session).next_check - clock.now()) / timedelta(days=1)))
    assert seen == [1, 1, 7, 7, 30, 30]
    bench.duties()
    assert bench.work() == [], "not before its time"


def test_a_person_accepts_refuses_and_takes_it_back(session, study, web, bench):
    source = web.page("/post", linking())
    receive(session, source, PAGE, BASE)
    bench.work()
    number = mention(session).id
    before = catalogue.version(session)
    assert moderation.decide(session, number, "accepted") == ""
    assert mention(session).state == "shown"
    assert catalogue.version(session) > before
    assert moderation.decide(session, number, "refused") == "accepted"
    assert mention(session).state == "refused"
    ask_again(session, source)
    assert bench.work() == [], "what was refused is not looked at"
    assert moderation.decide(session, number, "") == "refused"
    assert mention(session).state == "waiting"


def test_other_words_than_those_accepted_wait_for_a_person_again(session, study, web, bench):
    source = web.page("/post", linking("Lovely."))
    receive(session, source, PAGE, BASE)
    bench.work()
    moderation.decide(session, mention(session).id, "accepted")
    ask_again(session, source)
    bench.work()
    assert mention(session).state == "shown"
    web.page("/post", linking("Buy pills here."))
    ask_again(session, source)
    bench.work()
    assert mention(session).state == "waiting"


def test_all_of_a_site_can_be_accepted(session, study, web, bench):
    with Web() as other:
        for number in range(3):
            receive(session, web.page(f"/{number}", linking()), PAGE, BASE)
        receive(session, other.page("/x", linking()), PAGE, BASE)
        bench.work()
        assert moderation.accept_site(session, web.url.partition("//")[2]) == 3
        session.rollback()
        states = session.execute(select(Mention.host, Mention.state)).all()
        assert {(h in web.url, s) for h, s in states} == {(True, "shown"), (False, "waiting")}


def test_all_that_came_from_a_blocked_host_vanishes_and_unblocking_restores_it(
    session, study, web, bench
):
    number = follow(session, web)
    receive(session, web.page("/post", linking()), PAGE, BASE)
    bench.work()
    bench.duties()
    assert mention(session).state == "shown"
    subscriptions.block(session, number)
    before = catalogue.version(session)
    bench.duties()
    assert mention(session).state == "refused"
    assert catalogue.version(session) > before
    with pytest.raises(Forbidden):
        receive(session, f"{web.url}/other", PAGE, BASE)
    subscriptions.unblock(session, number)
    for _ in range(2):
        bench.duties()
        bench.work()
    assert mention(session).state == "shown"


def test_following_a_site_shows_what_waited_and_leaving_it_asks_again(session, study, web, bench):
    receive(session, web.page("/post", linking()), PAGE, BASE)
    bench.work()
    bench.duties()
    number = follow(session, web)
    for _ in range(2):
        bench.duties()
        bench.work()
    assert mention(session).state == "shown"
    subscriptions.unfollow(session, number)
    bench.duties()
    assert mention(session).state == "waiting"


def test_a_feed_that_is_no_member_is_not_trusted(session, study, web, bench):
    follow(session, web, kind="foreign")
    receive(session, web.page("/post", linking()), PAGE, BASE)
    bench.work()
    assert mention(session).state == "waiting"


def test_a_members_own_entry_says_that_it_is_an_adoption(session, study, web, bench):
    number = follow(session, web)
    source = web.page("/post", linking())
    version = Version(
        f"{web.url}/id/x/en", f"{web.url}/id/x", "en", "T", "S", "", source, NOON, NOON,
        slug="t", inspired_by=(Link(study, ""),),
    )  # fmt: skip
    with writing(session):
        store.put(session, version, source_id=number, received=NOON)
    receive(session, source, PAGE, BASE)
    bench.work()
    assert mention(session).kind == "adoption"


def test_the_mentions_of_a_withdrawn_study_rest_until_it_is_back(
    session, settings, study, web, bench
):
    source = web.page("/post", linking())
    receive(session, source, PAGE, BASE)
    bench.work()
    publication.withdraw(session, None, study.rpartition("/")[2], "Une erreur.")
    asked = len(web.asked)
    come_due(session)
    bench.duties()
    bench.work()
    assert len(web.asked) == asked
    with pytest.raises(InvalidInput):
        receive(session, source, PAGE, BASE)


def test_one_host_brings_so_many_an_hour_and_a_member_more(session, study, web, monkeypatch):
    monkeypatch.setattr(receiving, "NEW_PER_HOUR", 3)
    for number in range(3):
        receive(session, f"{web.url}/{number}", PAGE, BASE)
    with pytest.raises(TooMany) as refused:
        receive(session, f"{web.url}/4", PAGE, BASE)
    assert refused.value.seconds > 0
    receive(session, f"{web.url}/1", PAGE, BASE)
    receive(session, "https://other.example/", PAGE, BASE)
    session.rollback()
    follow(session, web)
    receive(session, f"{web.url}/5", PAGE, BASE)


def test_strangers_fill_so_many_rows_and_members_are_heard_all_the_same(
    session, study, web, monkeypatch
):
    monkeypatch.setattr(receiving, "STRANGERS", 2)
    for number in range(2):
        receive(session, f"https://host{number}.example/", PAGE, BASE)
    with pytest.raises(TooMany):
        receive(session, "https://host3.example/", PAGE, BASE)
    session.rollback()
    follow(session, web)
    receive(session, f"{web.url}/", PAGE, BASE)


def test_nobody_can_have_us_trouble_a_host(session, study, web, bench, monkeypatch):
    monkeypatch.setattr(checking, "LOOKS_PER_MINUTE", 5)
    for number in range(12):
        receive(session, web.page(f"/{number}", linking()), PAGE, BASE)
    bench.work()
    assert len(web.asked) == 5
    session.rollback()
    later = select(func.count(Mention.id)).where(Mention.state == "new")
    assert session.scalar(later) == 7, "the others are looked at later"


def test_a_busy_host_is_asked_later_and_that_is_no_failure(session, engine, study, web, settings):
    with Door("tests", allow_private=networks(["127.0.0.0/8"]), per_host=1) as door:
        bench = Bench(engine, settings, door)
        receive(session, web.page("/post", linking()), PAGE, BASE)
        held = checking.LIMITS
        try:
            checking.LIMITS = type(held)(wait=0.01)

            def slow(_headers) -> Reply:
                bench.work()
                return html(linking())

            web.answers["/slow"] = slow
            door.get(f"{web.url}/slow")
        finally:
            checking.LIMITS = held
    row = mention(session)
    assert (row.state, row.failures) == ("new", 0)
    assert row.next_check <= clock.now() + checking.SOON


def test_what_links_no_more_is_forgotten_after_a_while(session, study, web, bench):
    receive(session, web.page("/never", "nothing"), PAGE, BASE)
    receive(session, web.page("/once", linking()), PAGE, BASE)
    bench.work()
    web.page("/once", "nothing")
    ask_again(session, f"{web.url}/once")
    bench.work()

    def remembered(days: float) -> set[str]:
        session.rollback()
        with writing(session):
            for row in session.scalars(select(Mention)):
                row.verified_at = clock.now() - timedelta(days=days)
        moderation.forget_old(session)
        return set(session.scalars(select(Mention.source)))

    assert len(remembered(0.5)) == 2
    assert remembered(2) == {f"{web.url}/once"}
    assert remembered(31) == set()
