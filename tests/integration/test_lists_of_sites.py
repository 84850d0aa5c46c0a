"""Lists of sites become subscriptions: one by one, watched, killed, told in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network.config import Settings
from network.following import service
from network.jobs import batches
from network.jobs import service as jobs
from network.jobs.batches import Entry, Offer
from network.jobs.models import Batch, BatchItem, Job
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput, RemoteError
from network.lib.http import Door
from network.membership import directory, joining, lists
from network.reading.opml import ListedSite
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from network.worker import handlers
from network.worker.tools import OwnPage, Tools, Work
from tests.sites import Node, Reply, Site

RSS = (
    b"<rss version='2.0'><channel><title>Lyon</title><link>http://lyon.example/</link>"
    b"<item><guid>a</guid><title>Un</title></item></channel></rss>"
)
PC = "urn:pioneer-cities:1"


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    with open_door(settings) as opened:
        yield opened


@pytest.fixture
def tools(settings: Settings, session: Session, door: Door) -> Tools:
    sessions = sessionmaker(session.get_bind(), expire_on_commit=False)
    return Tools(settings, sessions, door, lambda _path: OwnPage(404, "text/plain", b""))


@pytest.fixture
def madrid(tmp_path: Path) -> Iterator[Node]:
    with Node(tmp_path) as node:
        node.publish(1)
        describe(node, city="madrid", language="es", languages=["es", "en"])
        yield node


@pytest.fixture
def lyon() -> Iterator[Site]:
    with Site() as site:
        site.answers["/rss"] = Reply(RSS)
        yield site


def describe(site: Site, **metadata: Any) -> None:
    """Let a site answer as a node's NodeInfo."""
    link = {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": f"{site.url}/ni"}
    site.answers["/.well-known/nodeinfo"] = Reply(json.dumps({"links": [link]}).encode())
    value = {"version": "2.1", "metadata": {"protocol": PC, "nodeName": "M", **metadata}}
    site.answers["/ni"] = Reply(json.dumps(value).encode())


def opml(*sites: tuple[str, str], category: str = "pioneer-cities") -> bytes:
    """A list of (title, address)."""
    outlines = "".join(
        f'<outline type="rss" text="{title}" xmlUrl="{url}" category="{category}"/>'
        for title, url in sites
    )
    return (
        f"<opml version='2.0'><head><title>All</title></head><body>{outlines}</body></opml>"
    ).encode()


def offer(session: Session, *urls: str) -> int:
    after = directory.newest(session)
    entries = [Entry(url, directory.payload(ListedSite(url, url), after)) for url in urls]
    return batches.offer(session, Offer("follow", "All", "join", "http://a.example/"), entries)


def states(session: Session, batch_id: int) -> list[str]:
    session.rollback()
    found = batches.view(session, batch_id)
    assert found is not None
    return [item.state for item in found.items]


def told(session: Session, batch_id: int) -> list[str]:
    session.rollback()
    found = batches.view(session, batch_id)
    assert found is not None
    return [item.said[0] % item.said[1] if item.said else "" for item in found.items]


def run_due(tools: Tools, attempt: int = 1) -> list[str]:
    """Run every follow job that is due as the worker does; gives what went wrong."""
    wrong = []
    with tools.sessions() as session:
        for job in jobs.claim_any(session, ("follow", "describe"), 50):
            try:
                handlers.HANDLERS[job.kind](tools, Work(job.key, job.payload, attempt))
            except Exception as error:
                wrong.append(str(error))
                jobs.fail(session, job, str(error))
            else:
                jobs.finish(session, [job])
    return wrong


def followed(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Subscription.url).order_by(Subscription.id)))


def test_nothing_is_followed_before_somebody_chose(session: Session, tools: Tools, madrid: Node):
    batch_id = offer(session, f"{madrid.url}/")
    assert run_due(tools) == []
    assert (states(session, batch_id), followed(session)) == (["offered"], [])
    assert batches.begin(session, batch_id, set()) == 0
    assert states(session, batch_id) == ["offered"]


def test_what_was_chosen_is_followed_and_the_rest_is_left(
    session: Session, tools: Tools, madrid: Node, lyon: Site
):
    batch_id = offer(session, f"{madrid.url}/", "http://127.0.0.1:9/", f"{lyon.url}/rss")
    assert batches.begin(session, batch_id, {1, 3}) == 2
    assert batches.begin(session, batch_id, {2}) == 0, "a second click changes nothing"
    assert states(session, batch_id) == ["waiting", "left", "waiting"]
    assert run_due(tools) == []
    assert states(session, batch_id) == ["done", "left", "done"]
    assert told(session, batch_id) == [
        "Followed. Case studies received: 1.", "", "Followed. Case studies received: 1.",
    ]  # fmt: skip
    assert followed(session) == [f"{madrid.url}/feed.atom", f"{lyon.url}/rss"]
    run_due(tools)
    session.rollback()
    (peer,) = session.scalars(select(Subscription).where(Subscription.kind == "member"))
    assert (peer.city, peer.language) == ("madrid", "es")
    (summary,) = batches.recent(session)
    assert (summary.chosen, summary.open, summary.failed) == (2, 0, 0)


def test_what_is_followed_already_is_said_to_be(session: Session, tools: Tools, madrid: Node):
    service.follow(session, tools.door, madrid.url, tools.settings)
    batch_id = offer(session, f"{madrid.url}/")
    batches.begin(session, batch_id, {1})
    run_due(tools)
    assert told(session, batch_id) == ["Was followed already."]
    assert len(followed(session)) == 1


def test_a_blocked_site_is_not_brought_back_by_a_list(session: Session, tools: Tools, madrid: Node):
    found = service.follow(session, tools.door, madrid.url, tools.settings)
    service.block(session, found.id)
    batch_id = offer(session, f"{madrid.url}/")
    batches.begin(session, batch_id, {1})
    run_due(tools)
    assert states(session, batch_id) == ["failed"]
    assert "blocked here" in told(session, batch_id)[0]


def test_a_site_that_does_not_answer_is_tried_again_and_then_waits_for_a_person(
    session: Session, tools: Tools, lyon: Site
):
    lyon.answers["/rss"] = Reply(b"", 500)
    batch_id = offer(session, f"{lyon.url}/rss")
    batches.begin(session, batch_id, {1})
    (wrong,) = run_due(tools, attempt=1)
    assert states(session, batch_id) == ["waiting"]
    assert told(session, batch_id) == [wrong]
    with writing(session):
        session.scalars(select(Job).where(Job.kind == "follow")).one().run_at = clock.now()
    assert run_due(tools, attempt=3) == []
    assert states(session, batch_id) == ["failed"]
    assert jobs.counts(session) == {"waiting": 0, "dead": 0}
    lyon.answers["/rss"] = Reply(RSS)
    assert batches.again(session, batch_id) == 1
    run_due(tools)
    assert states(session, batch_id) == ["done"]


def test_an_address_without_a_feed_fails_at_once_with_its_reason(
    session: Session, tools: Tools, lyon: Site
):
    del lyon.answers["/rss"]
    lyon.otherwise = lambda _path: Reply(b"<!doctype html><title>x</title>")
    batch_id = offer(session, lyon.url)
    batches.begin(session, batch_id, {1})
    assert run_due(tools) == []
    assert states(session, batch_id) == ["failed"]
    assert "No feed was found" in told(session, batch_id)[0]


def test_a_site_whose_first_look_failed_is_looked_at_again(
    session: Session, tools: Tools, lyon: Site
):
    looks = iter([Reply(RSS), Reply(b"", 500)])
    lyon.answers["/rss"] = lambda _headers: next(looks)
    batch_id = offer(session, f"{lyon.url}/rss")
    batches.begin(session, batch_id, {1})
    run_due(tools)
    assert states(session, batch_id) == ["failed"]
    assert len(followed(session)) == 1
    lyon.answers["/rss"] = Reply(RSS)
    batches.again(session, batch_id)
    run_due(tools)
    assert told(session, batch_id) == ["Followed. Case studies received: 1."]


@pytest.mark.parametrize("moment", ["before", "followed", "settled"])
def test_a_worker_killed_at_any_moment_changes_no_result(
    session: Session, tools: Tools, madrid: Node, monkeypatch: pytest.MonkeyPatch, moment: str
):
    """kill -9: nothing after the moment happens, the claim runs out, another worker does it."""
    batch_id = offer(session, f"{madrid.url}/")
    batches.begin(session, batch_id, {1})
    (job,) = jobs.claim(session, "follow")
    target = {
        "before": (joining.service, "follow"),
        "followed": (batches, "settle"),
        "settled": (jobs, "finish"),
    }[moment]
    with monkeypatch.context() as killing:
        if moment != "settled":
            killing.setattr(*target, kill)
            with pytest.raises(KeyboardInterrupt):
                handlers.HANDLERS["follow"](tools, Work(job.key, job.payload, 1))
        else:
            handlers.HANDLERS["follow"](tools, Work(job.key, job.payload, 1))
    with writing(session):
        session.get_one(Job, job.id).claimed_until = clock.now() - timedelta(seconds=1)
    run_due(tools)
    assert told(session, batch_id) == ["Followed. Case studies received: 1."]
    assert len(followed(session)) == 1
    assert session.scalars(select(Job).where(Job.kind == "follow")).all() == []


def kill(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_fault_of_ours_ends_after_three_attempts_and_is_said(
    session: Session, tools: Tools, madrid: Node, monkeypatch: pytest.MonkeyPatch
):
    def fault(*_: Any, **__: Any) -> None:
        raise ValueError("a fault")

    monkeypatch.setattr(joining.service, "follow", fault)
    batch_id = offer(session, f"{madrid.url}/")
    batches.begin(session, batch_id, {1})
    assert run_due(tools, attempt=2) == ["a fault"]
    with writing(session):
        session.scalars(select(Job).where(Job.kind == "follow")).one().run_at = clock.now()
    assert run_due(tools, attempt=3) == []
    assert states(session, batch_id) == ["failed"]
    assert "Its own log says why" in told(session, batch_id)[0]


def test_old_batches_are_forgotten_with_their_items(session: Session, tools: Tools):
    batch_id = offer(session, "http://a.example/")
    batches.begin(session, batch_id, {1})
    with writing(session):
        session.get_one(Batch, batch_id).created = clock.now() - timedelta(days=91)
    offer(session, "http://b.example/")
    session.rollback()
    assert batches.view(session, batch_id) is None
    assert len(session.scalars(select(BatchItem)).all()) == 1
    session.rollback()
    assert run_due(tools) == []


# Where the list is


@pytest.mark.parametrize("page", ["/", "/en/case-studies/madrid/x", "/feed.atom"])
def test_a_nodes_list_is_found_from_any_page_by_its_nodeinfo(
    session: Session, door: Door, settings: Settings, madrid: Node, page: str
):
    describe(madrid, opml=f"{madrid.url}/elsewhere.opml")
    madrid.answers["/en/case-studies/madrid/x"] = Reply(b"<!doctype html><title>x</title>")
    madrid.answers["/elsewhere.opml"] = Reply(opml(("Seoul", "http://seoul.example/feed.atom")))
    found = directory.read_list(door, madrid.url + page, settings)
    assert found.url == f"{madrid.url}/elsewhere.opml"
    assert [site.title for site in found.sites.sites] == ["Seoul"]


def answers(*pairs: tuple[str, Reply]) -> Callable[[Site], None]:
    return lambda site: site.answers.update(dict(pairs))


HERE = Reply(opml(("Seoul", "http://seoul.example/feed.atom")))
PAGE = Reply(b"<!doctype html><title>x</title>")


@pytest.mark.parametrize(
    "nodeinfo",
    [Reply(b"", 404), Reply(b"not json"), Reply(b"[]"), Reply(b'{"links": 3}'),
     Reply(b'{"links": [{"rel": 1}]}'), Reply(b"[" * 100_000)],
)  # fmt: skip
def test_without_a_readable_nodeinfo_the_usual_address_is_tried(
    door: Door, settings: Settings, lyon: Site, nodeinfo: Reply
):
    answers(("/", PAGE), ("/network.opml", HERE), ("/.well-known/nodeinfo", nodeinfo))(lyon)
    found = directory.read_list(door, lyon.url, settings)
    assert found.url == f"{lyon.url}/network.opml"


def test_nodeinfo_may_not_speak_for_another_host(door: Door, settings: Settings, lyon: Site):
    describe(lyon, opml="http://127.0.0.1:9/network.opml", city="../../etc", languages="fr")
    answers(("/", PAGE), ("/network.opml", HERE))(lyon)
    assert directory.read_list(door, lyon.url, settings).url == f"{lyon.url}/network.opml"


def test_the_address_of_a_list_itself_is_read_as_it_is(door: Door, settings: Settings, lyon: Site):
    lyon.answers["/my.opml"] = HERE
    assert directory.read_list(door, f"{lyon.url}/my.opml", settings).url == f"{lyon.url}/my.opml"
    assert lyon.paths == ["/my.opml"]


def test_where_there_is_no_list_that_is_said(door: Door, settings: Settings, lyon: Site):
    lyon.answers["/"] = PAGE
    with pytest.raises(InvalidInput, match="No list of sites"):
        directory.read_list(door, lyon.url, settings)
    with pytest.raises(RemoteError):
        directory.read_list(door, f"{lyon.url}/nothing", settings)
    with pytest.raises(InvalidInput, match="this site itself"):
        directory.read_list(door, "http://paris.example/", settings)
    with pytest.raises(RemoteError):
        directory.read_list(door, "http://10.0.0.1/network.opml", settings)


# Lists that may confirm a move


@pytest.fixture
def moved(session: Session, door: Door, settings: Settings, madrid: Node) -> tuple[int, str]:
    """A member that says that it has moved: its number, and where to."""
    found = service.follow(session, door, madrid.url, settings)
    new = "http://madrid-new.example/feed.atom"
    with writing(session):
        session.get_one(Subscription, found.id).pending_url = new
    return found.id, new


def standing(session: Session, subscription_id: int) -> tuple[str, str | None]:
    session.rollback()
    found = session.get_one(Subscription, subscription_id, populate_existing=True)
    session.rollback()
    return found.url, found.pending_url


def test_a_trusted_list_that_names_the_new_address_alone_confirms_a_move(
    session: Session, tools: Tools, lyon: Site, madrid: Node, moved: tuple[int, str]
):
    lyon.answers["/all.opml"] = Reply(opml(("Madrid", f"{madrid.url}/feed.atom")))
    added = lists.add(session, tools.door, f"{lyon.url}/all.opml", tools.settings)
    assert (added.members, added.error, added.confirmed) == (1, "", [])
    assert standing(session, moved[0])[1] == moved[1], "the old address is still on the list"
    lyon.answers["/all.opml"] = Reply(opml(("Madrid", moved[1])))
    duty = next(duty for duty in handlers.DUTIES if duty.name == "trusted lists")
    duty.run(tools)
    assert standing(session, moved[0]) == (moved[1], None)
    (kept,) = lists.lists(session)
    assert [(c["from"], c["to"]) for c in kept.confirmed] == [(f"{madrid.url}/feed.atom", moved[1])]
    member = session.get_one(Subscription, moved[0])
    assert (member.origin, member.former_origins) == ("http://madrid-new.example", [madrid.url])


@pytest.mark.parametrize(
    "answer",
    [Reply(b"", 500), Reply(b"", 410), Reply(b"<html>"), Reply(opml()[:-20]),
     Reply(b"<!DOCTYPE opml>" + opml())],
)  # fmt: skip
def test_a_list_that_cannot_be_read_whole_confirms_nothing_and_says_why(
    session: Session, tools: Tools, lyon: Site, moved: tuple[int, str], answer: Reply
):
    lyon.answers["/all.opml"] = Reply(opml())
    lists.add(session, tools.door, f"{lyon.url}/all.opml", tools.settings)
    lyon.answers["/all.opml"] = Reply(
        answer.body.replace(b"<body>", b"<body>" + opml(("M", moved[1]))[60:]), answer.status
    )
    lists.read_all(session, tools.door, tools.settings)
    (kept,) = lists.lists(session)
    assert kept.error
    assert kept.members == 0
    assert standing(session, moved[0])[1] == moved[1]


def test_a_list_at_another_sites_answer_is_not_believed(
    session: Session, tools: Tools, lyon: Site, moved: tuple[int, str]
):
    lyon.answers["/all.opml"] = Reply(opml())
    lists.add(session, tools.door, f"{lyon.url}/all.opml", tools.settings)
    with Site() as stranger:
        stranger.answers["/all.opml"] = Reply(opml(("Madrid", moved[1])))
        there = {"Location": f"{stranger.url}/all.opml"}
        lyon.answers["/all.opml"] = Reply(b"", 302, there)
        lists.read_all(session, tools.door, tools.settings)
    (kept,) = lists.lists(session)
    assert "Another site" in kept.error
    assert standing(session, moved[0])[1] == moved[1]


def test_nobody_confirms_a_move_of_their_own(
    session: Session, tools: Tools, madrid: Node, moved: tuple[int, str]
):
    madrid.answers["/network.opml"] = Reply(opml(("Madrid", moved[1])))
    lists.add(session, tools.door, f"{madrid.url}/network.opml", tools.settings)
    assert standing(session, moved[0])[1] == moved[1]


def test_a_list_is_trusted_once_over_https_where_we_have_it_and_until_it_is_removed(
    session: Session, tools: Tools, make_settings: Callable[..., Settings], lyon: Site
):
    lyon.answers["/all.opml"] = Reply(opml())
    address = f"{lyon.url}/all.opml"
    secure = make_settings(base_url="https://paris.example")
    with pytest.raises(InvalidInput, match="https"):
        lists.add(session, tools.door, address, secure)
    added = lists.add(session, tools.door, address, tools.settings)
    with pytest.raises(InvalidInput, match="already"):
        lists.add(session, tools.door, address, tools.settings)
    lists.remove(session, added.id)
    assert lists.lists(session) == []


def test_members_that_did_not_answer_when_they_were_new_are_described_later(
    session: Session, tools: Tools, madrid: Node
):
    answer = madrid.answers.pop("/ni")
    found = service.follow(session, tools.door, madrid.url, tools.settings)
    assert run_due(tools) == []
    madrid.answers["/ni"] = answer
    duty = next(duty for duty in handlers.DUTIES if duty.name == "members' descriptions")
    duty.run(tools)
    session.rollback()
    kept = session.get_one(Subscription, found.id, populate_existing=True)
    assert (kept.city, kept.language) == ("madrid", "es")
    asked = len(madrid.asked)
    duty.run(tools)
    assert len(madrid.asked) == asked, "who has said it is not asked again"
