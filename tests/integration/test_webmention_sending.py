"""Who is told of what our studies link to: at publication, after each change, at the withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from network.adoptions.models import SentMention
from network.adoptions.webmention import sending
from network.case_studies import publish as publication
from network.case_studies import service
from network.case_studies.drafts import TextDraft
from network.catalogue.values import Facts, Link
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.subscriptions.policy import open_door
from network.worker.tools import Tools
from tests.mentioning import Bench, Web
from tests.sites import Reply
from tests.writing import draft, publish_in

OURS = "http://paris.example/fr/etudes-de-cas/paris/budget-participatif"
ENDPOINT = '<link rel="webmention" href="/endpoint?for=pages">'


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as site:
        site.endpoints["/endpoint?for=pages"] = Reply(b"", 202)
        yield site


@pytest.fixture
def bench(engine, settings) -> Iterator[Bench]:
    with open_door(settings) as door:
        yield Bench(engine, settings, door)


@pytest.fixture
def sent(web: Web) -> Callable[[], list[tuple[str, str]]]:
    """(source, target path) of what arrived since the last look."""
    seen = 0

    def new() -> list[tuple[str, str]]:
        nonlocal seen
        arrived = web.sent("/endpoint?for=pages")[seen:]
        seen += len(arrived)
        return sorted((source, target.removeprefix(web.url)) for source, target in arrived)

    return new


def rows(session) -> dict[str, SentMention]:
    session.rollback()
    found = session.scalars(select(SentMention).execution_options(populate_existing=True))
    return {row.target.partition("/")[2].partition("/")[2].partition("/")[2]: row for row in found}


def change(session, settings, study_id: str, **values) -> None:
    """Save a study anew, with these values, and publish it."""
    study = service.locked(session, study_id)
    version = study.lock_version
    session.rollback()
    service.save(session, None, study_id, draft(**values), version)
    publication.publish(session, None, study_id, settings)


def inspired(*addresses: str) -> tuple[Link, ...]:
    return tuple(Link(address, "") for address in addresses)


def test_publication_tells_every_page_that_the_study_links_to(session, settings, web, bench, sent):
    for path in ("/lisbon", "/evidence", "/text", "/silent"):
        web.page(path, ENDPOINT if path != "/silent" else "")
    text = TextDraft("Budget participatif", summary="S.", body=f"Voir [là]({web.url}/text).")
    written = draft(
        inspired_by=inspired(f"{web.url}/lisbon"),
        facts=Facts(evidence=inspired(f"{web.url}/evidence", f"{web.url}/silent")),
    )
    written.texts["fr"] = text  # type: ignore[index]
    publish_in(session, settings, written)
    assert sent() == [], "nothing is asked of the network while somebody waits for a page"

    bench.work()

    assert sent() == [(OURS, "/evidence"), (OURS, "/lisbon"), (OURS, "/text")]
    found = rows(session)
    assert {path: row.state for path, row in found.items()} == {
        "lisbon": "accepted", "evidence": "accepted", "text": "accepted", "silent": "none",
    }  # fmt: skip
    assert found["lisbon"].endpoint == f"{web.url}/endpoint?for=pages"
    assert (found["lisbon"].status, found["silent"].status) == (202, None)
    assert web.posted[0].form.keys() == {"source", "target"}, "the query is not sent in the body"
    assert web.posted[0].content_type == "application/x-www-form-urlencoded"


def test_a_change_tells_again_who_is_linked_to_and_once_who_no_longer_is(
    session, settings, web, bench, sent
):
    one, two = web.page("/one", ENDPOINT), web.page("/two", ENDPOINT)
    study_id = publish_in(session, settings, draft(inspired_by=inspired(one, two)))
    bench.work()
    assert sent() == [(OURS, "/one"), (OURS, "/two")]

    change(session, settings, study_id, title="Budget", slug="budget-participatif",
           inspired_by=inspired(two))  # fmt: skip
    bench.work()
    assert sent() == [(OURS, "/one"), (OURS, "/two")]
    assert {p: r.present for p, r in rows(session).items()} == {"one": False, "two": True}

    change(session, settings, study_id, title="Le budget", slug="budget-participatif",
           inspired_by=inspired(two))  # fmt: skip
    bench.work()
    assert sent() == [(OURS, "/two")], "who was told that the link is gone is left in peace"


def test_a_withdrawal_tells_everyone_who_was_told(session, settings, web, bench, sent):
    study_id = publish_in(
        session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT)))
    )
    bench.work()
    sent()
    publication.withdraw(session, None, study_id, "Une erreur.")
    bench.work()
    assert sent() == [(OURS, "/one")]
    publication.publish(session, None, study_id, settings)
    bench.work()
    assert sent() == [(OURS, "/one")]
    assert rows(session)["one"].present


def test_publishing_what_is_published_already_tells_nobody(session, settings, web, bench, sent):
    target = web.page("/one", ENDPOINT)
    study_id = publish_in(session, settings, draft(inspired_by=inspired(target)))
    bench.work()
    sent()
    publication.publish(session, None, study_id, settings)
    assert bench.work() == []
    assert sent() == []


def test_a_study_without_links_causes_no_job(session, settings, bench):
    publish_in(session, settings, draft())
    assert bench.work() == []


def test_both_languages_tell_a_page_once_and_the_original_does(session, settings, web, bench, sent):
    target = web.page("/one", ENDPOINT)
    english = TextDraft("Budget", summary="S.", body=f"[x]({web.page('/two', ENDPOINT)})")
    publish_in(session, settings, draft(inspired_by=inspired(target), texts={"en": english}))
    bench.work()
    assert sent() == [
        ("http://paris.example/en/case-studies/paris/budget", "/two"),
        (OURS, "/one"),
    ]


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8001", "http://localhost:8001"])
def test_a_node_that_only_its_own_machine_reaches_tells_nobody_outside(
    base_url, session, make_settings, web, bench, sent
):
    settings = make_settings(base_url=base_url)
    bench.tools = Tools(settings, bench.sessions, bench.tools.door, bench.tools.page)
    outside = ("https://www.paris.fr/", "https://8.8.8.8/", "http://localhost.example/")
    near = web.page("/one", ENDPOINT)
    publish_in(session, settings, draft(inspired_by=inspired(*outside, near)))
    bench.work()
    assert list(rows(session)) == ["one"]
    assert [target for _, target in sent()] == ["/one"]


def test_our_own_pages_are_not_told(session, settings, bench):
    first = publish_in(session, settings, draft("The first"))
    bench.work()
    own = f"http://paris.example/id/{first}"
    publish_in(session, settings, draft("The second", inspired_by=inspired(own)))
    assert bench.work() == ["webmention"]
    assert rows(session) == {}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_one(status, session, settings, web, bench):
    web.endpoints["/endpoint?for=pages"] = Reply(b"", status)
    publish_in(session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT))))
    bench.work()
    assert (rows(session)["one"].state, rows(session)["one"].status) == ("accepted", status)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410])
def test_a_refusal_is_for_good(status, session, settings, web, bench):
    web.endpoints["/endpoint?for=pages"] = Reply(b"no", status)
    publish_in(session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT))))
    bench.work()
    row = rows(session)["one"]
    assert (row.state, row.status, row.next_try) == ("failed", status, None)
    assert row.error


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_fault_of_the_site_is_tried_again_until_it_is_over(
    status, session, settings, web, bench, sent
):
    web.endpoints["/endpoint?for=pages"] = Reply(b"", status)
    publish_in(session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT))))
    bench.work()
    row = rows(session)["one"]
    assert (row.state, row.failures) == ("waiting", 1)
    assert row.next_try > clock.now()
    bench.duties()
    assert bench.work() == [], "not before its time"

    come_due(session)
    web.endpoints["/endpoint?for=pages"] = Reply(b"", 202)
    bench.duties()
    bench.work()
    assert rows(session)["one"].state == "accepted"
    assert len(sent()) == 2


def come_due(session) -> None:
    session.rollback()
    with writing(session):
        for row in session.scalars(select(SentMention)):
            row.next_try = clock.now() - timedelta(seconds=1)


def test_a_site_that_never_answers_is_given_up_after_days(session, settings, web, bench):
    web.endpoints["/endpoint?for=pages"] = Reply(b"", 503, {"Retry-After": "7200"})
    publish_in(session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT))))
    waits = []
    bench.work()
    while (row := rows(session)["one"]).state == "waiting":
        waits.append(row.next_try - row.sent_at)
        come_due(session)
        bench.duties()
        bench.work()
    assert row.state == "failed"
    assert waits[0] == timedelta(hours=2), "it asked for that"
    assert waits == sorted(waits)
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=14)
    session.rollback()
    assert session.scalar(select(Job.id).where(Job.kind.startswith("webmention"))) is None


def test_a_target_that_does_not_answer_is_tried_again(session, settings, web, bench):
    web.answers["/one"] = Reply(b"", 503)
    publish_in(session, settings, draft(inspired_by=inspired(f"{web.url}/one")))
    bench.work()
    assert rows(session)["one"].state == "waiting"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirected_endpoint_is_followed(status, session, settings, web, bench):
    web.endpoints["/endpoint?for=pages"] = Reply(b"", status, {"Location": "/new"})
    web.endpoints["/new"] = Reply(b"", 202)
    target = web.page("/one", ENDPOINT)
    publish_in(session, settings, draft(inspired_by=inspired(target)))
    bench.work()
    assert web.sent("/new") == [(OURS, target)]
    assert rows(session)["one"].state == "accepted"


def test_an_endpoint_that_redirects_in_a_circle_is_given_up(session, settings, web, bench):
    web.endpoints["/endpoint?for=pages"] = Reply(b"", 302, {"Location": "/endpoint?for=pages"})
    publish_in(session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT))))
    bench.work()
    assert rows(session)["one"].state == "failed"
    assert len(web.posted) == sending.HOPS


def test_no_private_address_is_told_unless_the_operator_allowed_it(
    session, engine, make_settings, web
):
    settings = make_settings(allow_private_addresses="")
    with open_door(settings) as door:
        bench = Bench(engine, settings, door)
        publish_in(session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT))))
        bench.work()
    row = rows(session)["one"]
    assert row.state == "failed"
    assert web.asked == []
    assert web.posted == []


def test_a_large_document_is_asked_for_its_headers_alone(session, settings, web, bench):
    web.answers["/report.pdf"] = Reply(b"%PDF", headers={"Content-Type": "application/pdf"})
    publish_in(session, settings, draft(facts=Facts(evidence=inspired(f"{web.url}/report.pdf"))))
    bench.work()
    assert rows(session)["report.pdf"].state == "none"
    assert web.paths == [], "no GET"


def test_a_change_during_a_telling_is_told_as_well(session, settings, web, bench, sent):
    study_id = publish_in(
        session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT)))
    )

    def changed_meanwhile() -> Reply:
        web.endpoints["/endpoint?for=pages"] = Reply(b"", 202)
        with bench.sessions() as other:
            sending.plan(other, f"http://paris.example/id/{study_id}", settings.base_url)
        return Reply(b"", 202)

    web.endpoints["/endpoint?for=pages"] = changed_meanwhile
    bench.work()
    assert len(sent()) == 2
    assert rows(session)["one"].state == "accepted"


def test_a_person_can_have_a_site_told_again(session, settings, web, bench, sent):
    web.endpoints["/endpoint?for=pages"] = Reply(b"no", 400)
    publish_in(session, settings, draft(inspired_by=inspired(web.page("/one", ENDPOINT))))
    bench.work()
    web.endpoints["/endpoint?for=pages"] = Reply(b"", 202)
    assert sending.send_again(session, rows(session)["one"].id)
    bench.work()
    assert rows(session)["one"].state == "accepted"
    assert not sending.send_again(session, 999)
