"""From any address of a site to its subscription."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.following import queries, service
from network.following.resolve import SeveralFeeds
from network.lib.errors import InvalidInput, NotFound, RemoteError
from network.lib.http import Door
from network.subscriptions.models import Subscription
from tests.integration.following import Rules
from tests.sites import Node, Reply, Site

RSS = (
    b"<rss version='2.0'><channel><title>Lyon</title><link>http://lyon.example/</link>"
    b"<item><guid>a</guid><title>Un</title></item></channel></rss>"
)
ALTERNATE = b"<link rel='alternate' type='application/rss+xml' href='/nouvelles.xml'>"


@pytest.fixture
def madrid(tmp_path: Path) -> Iterator[Node]:
    with Node(tmp_path) as node:
        node.publish(1)
        yield node


@pytest.fixture
def lyon() -> Iterator[Site]:
    with Site() as site:
        site.answers["/nouvelles.xml"] = Reply(RSS)
        site.answers["/"] = Reply(b"<!doctype html><head>" + ALTERNATE + b"</head>")
        yield site


def follow(session: Session, door: Door, address: str, own: str = "http://paris.example") -> int:
    id_ = service.follow(session, door, address, Rules(base_url=own)).id
    session.rollback()
    return id_


@pytest.mark.parametrize("path", ["", "/", "/en/", "/feed.atom", "/en/feed.rss"])
def test_any_address_of_a_node_leads_to_its_log(
    session: Session, door: Door, madrid: Node, path: str
) -> None:
    madrid.answers["/en/feed.rss"] = Reply(RSS)
    peer = queries.peer_or_fail(session, follow(session, door, madrid.url + path))
    assert (peer.kind, peer.url) == ("member", f"{madrid.url}/feed.atom")
    assert peer.studies == 1


@pytest.mark.parametrize("path", ["/", "/nouvelles.xml"])
def test_a_page_or_a_feed_of_any_site_leads_to_the_feed(
    session: Session, door: Door, lyon: Site, path: str
) -> None:
    peer = queries.peer_or_fail(session, follow(session, door, lyon.url + path))
    assert (peer.kind, peer.url) == ("foreign", f"{lyon.url}/nouvelles.xml")
    assert (peer.title, peer.studies) == ("Lyon", 1)


def test_a_page_that_names_no_feed_is_searched_where_feeds_usually_are(
    session: Session, door: Door, lyon: Site
) -> None:
    lyon.answers["/"] = Reply(b"<!doctype html><title>Lyon</title>")
    lyon.answers["/rss.xml"] = Reply(RSS)
    assert queries.peer_or_fail(session, follow(session, door, lyon.url)).url.endswith("/rss.xml")


def test_a_header_names_a_feed_as_well_as_a_page(session: Session, door: Door, lyon: Site) -> None:
    link = '</nouvelles.xml>; rel="alternate"; type="application/rss+xml"'
    lyon.answers["/"] = Reply(b"%PDF-1.7", headers={"Link": link})
    peer = queries.peer_or_fail(session, follow(session, door, lyon.url))
    assert peer.url == f"{lyon.url}/nouvelles.xml"


@pytest.mark.parametrize("where", ["header", "page"])
def test_a_page_that_names_a_hub_leads_to_the_topic_that_it_names(
    session: Session, door: Door, lyon: Site, where: str
) -> None:
    """WebSub, section 4: its relations are enough."""
    links = {"hub": "https://hub.example/", "self": "/pousse"}
    lyon.answers["/pousse"] = Reply(RSS)
    if where == "header":
        named = ", ".join(f'<{href}>; rel="{rel}"' for rel, href in links.items())
        lyon.answers["/"] = Reply(b"<!doctype html><p>Bonjour", headers={"Link": named})
    else:
        head = "".join(f"<link rel={rel} href='{href}'>" for rel, href in links.items())
        lyon.answers["/"] = Reply(f"<!doctype html>{head}<p>Bonjour".encode())
    peer = queries.peer_or_fail(session, follow(session, door, lyon.url))
    assert (peer.kind, peer.url) == ("foreign", f"{lyon.url}/pousse")


def test_a_site_whose_pages_are_another_software_s_leads_to_its_log_by_nodeinfo(
    session: Session, door: Door, madrid: Node, lyon: Site
) -> None:
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.1"
    links = f'{{"links": [{{"rel": "{rel}", "href": "{lyon.url}/nodeinfo/2.1"}}]}}'
    lyon.answers["/.well-known/nodeinfo"] = Reply(links.encode())
    metadata = f'{{"metadata": {{"log": "{madrid.url}/feed.atom"}}}}'
    lyon.answers["/nodeinfo/2.1"] = Reply(metadata.encode())
    peer = queries.peer_or_fail(session, follow(session, door, lyon.url))
    assert (peer.kind, peer.url) == ("member", f"{madrid.url}/feed.atom")


def test_a_page_of_a_study_that_a_node_follows_leads_to_that_node_s_own_log(
    session: Session, door: Door, madrid: Node, lyon: Site
) -> None:
    page = (
        f"<link rel=canonical href='{lyon.url}/fr/etudes-de-cas/lyon/velo'>" + ALTERNATE.decode()
        + "<link rel='alternate urn:pioneer-cities:1#log' type='application/atom+xml' "
        "href='/feed.atom'>"
    )  # fmt: skip
    madrid.answers["/fr/etudes-de-cas/lyon/velo"] = Reply(page.encode())
    madrid.answers["/nouvelles.xml"] = Reply(RSS)
    url = f"{madrid.url}/fr/etudes-de-cas/lyon/velo"
    peer = queries.peer_or_fail(session, follow(session, door, url))
    assert (peer.kind, peer.url) == ("member", f"{madrid.url}/feed.atom")


def test_several_feeds_of_a_page_are_told_and_none_is_taken(
    session: Session, door: Door, lyon: Site
) -> None:
    agenda = ALTERNATE.replace(b"nouvelles", b"agenda")
    lyon.answers["/"] = Reply(b"<!doctype html>" + ALTERNATE + agenda)
    with pytest.raises(SeveralFeeds, match=r"agenda\.xml") as caught:
        follow(session, door, lyon.url)
    assert [link.url for link in caught.value.links] == [
        f"{lyon.url}/nouvelles.xml", f"{lyon.url}/agenda.xml",
    ]  # fmt: skip
    assert session.scalar(select(func.count()).select_from(Subscription)) == 0


def test_a_permanent_redirect_is_remembered_and_a_temporary_one_is_not(
    session: Session, door: Door, lyon: Site
) -> None:
    lyon.answers["/old"] = Reply(b"", 301, {"Location": "/nouvelles.xml"})
    lyon.answers["/now"] = Reply(b"", 302, {"Location": "/nouvelles.xml"})
    assert queries.peer_or_fail(session, follow(session, door, f"{lyon.url}/old")).url == (
        f"{lyon.url}/nouvelles.xml"
    )
    assert queries.peer_or_fail(session, follow(session, door, f"{lyon.url}/now")).url == (
        f"{lyon.url}/now"
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [(Reply(b"", 503), "come back later"), (Reply(b"<title>Back soon</title>"), "not the log")],
)
def test_a_node_whose_log_cannot_be_had_just_now_is_not_followed_by_another_feed_of_its(
    session: Session, door: Door, madrid: Node, answer: Reply, said: str
) -> None:
    links = b"<link rel='alternate urn:pioneer-cities:1#log' href='/feed.atom'>"
    links += b"<link rel='alternate' type='application/rss+xml' href='/en/feed.rss'>"
    madrid.answers |= {"/": Reply(links), "/en/feed.rss": Reply(RSS)}
    madrid.answers["/feed.atom"] = answer
    with pytest.raises(RemoteError, match=said):
        follow(session, door, madrid.url)
    assert session.scalar(select(func.count()).select_from(Subscription)) == 0
    del madrid.answers["/feed.atom"]
    assert queries.peer_or_fail(session, follow(session, door, madrid.url)).kind == "member"


def test_a_log_that_answers_only_when_other_feeds_are_looked_for_is_a_log(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.answers["/"] = Reply(b"<!doctype html><link rel='alternate' href='/log' "
                                b"type='application/atom+xml'>")  # fmt: skip
    madrid.answers["/log"] = lambda _headers: madrid._serve("/feed.atom")
    madrid.answers["/feed.atom"] = Reply(b"", 503)
    peer = queries.peer_or_fail(session, follow(session, door, madrid.url))
    assert (peer.kind, peer.url) == ("member", f"{madrid.url}/log")


def test_a_site_is_followed_once(session: Session, door: Door, madrid: Node, lyon: Site) -> None:
    for site in (madrid, lyon):
        first = follow(session, door, site.url)
        assert follow(session, door, f"{site.url}/") == first
    assert session.scalar(select(func.count()).select_from(Subscription)) == 2


@pytest.mark.parametrize("path", ["", "/en/", "/feed.atom"])
def test_we_do_not_follow_ourselves(session: Session, door: Door, madrid: Node, path: str) -> None:
    with pytest.raises(InvalidInput, match="site itself"):
        follow(session, door, madrid.url + path, own=madrid.url)
    assert madrid.asked == []


def test_a_page_elsewhere_that_names_our_own_log_does_not_lead_back_to_us(
    session: Session, door: Door, madrid: Node, lyon: Site
) -> None:
    link = f"<link rel='alternate urn:pioneer-cities:1#log' href='{madrid.url}/feed.atom'>"
    lyon.answers["/"] = Reply(link.encode())
    with pytest.raises(InvalidInput, match="site itself"):
        follow(session, door, lyon.url, own=madrid.url)


def test_a_site_without_a_feed_is_told_so(session: Session, door: Door, lyon: Site) -> None:
    lyon.answers.clear()
    lyon.answers["/"] = Reply(b"<!doctype html><title>Lyon</title>")
    with pytest.raises(InvalidInput) as caught:
        follow(session, door, lyon.url)
    assert caught.value.field == "address"
    assert session.scalar(select(func.count()).select_from(Subscription)) == 0


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/feed", "ftp://paris.example/feed", "http://", "http://[::1", "a b"]
)
def test_addresses_that_may_not_or_cannot_be_asked_are_told_so(
    session: Session, door: Door, address: str
) -> None:
    with pytest.raises((RemoteError, InvalidInput)) as caught:
        follow(session, door, address)
    assert str(caught.value)
    assert session.scalar(select(func.count()).select_from(Subscription)) == 0


def test_a_node_whose_first_look_fails_is_followed_and_says_why(
    session: Session, door: Door, madrid: Node
) -> None:
    madrid.changed = lambda d: d.replace(b'count="1"', b'count="2"')
    peer = queries.peer_or_fail(session, follow(session, door, madrid.url))
    assert peer.last_error is not None
    assert (peer.studies, peer.complete_at) == (0, None)


def test_a_peer_is_found_by_whatever_people_call_it(
    session: Session, door: Door, madrid: Node
) -> None:
    id_ = follow(session, door, madrid.url)
    host = madrid.url.removeprefix("http://")
    for name in (madrid.url, f"{madrid.url}/", f"{madrid.url}/feed.atom", host, "madrid", str(id_)):
        assert queries.find(session, name).id == id_
    with pytest.raises(NotFound):
        queries.find(session, "nowhere")
    assert queries.names(session) == {id_: "Madrid"}


def test_a_peer_is_told_to_scripts_in_plain_values(
    session: Session, door: Door, madrid: Node
) -> None:
    plain = queries.as_dict(queries.peer_or_fail(session, follow(session, door, madrid.url)))
    assert plain["title"] == "Madrid"
    assert str(plain["complete_at"]).endswith("+00:00")
    assert plain["last_error"] is None
