"""The subscriber, at hubs and before attackers that a test plays, over HTTP (W3C WebSub)."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from network.following import service
from network.jobs.models import Job
from network.lib import clock
from network.lib.db import writing
from network.push import asking
from network.push import leases as websub
from network.push import queries as websub_queries
from network.subscriptions.models import PushLease, Subscription
from tests.nodes import free_port
from tests.pushing import Answer, Endpoint, Got, Served, serving


@pytest.fixture
def database_url(tmp_path: Path, prepared_sqlite: Path) -> str:
    """SQLite: what differs between databases is in test_websub_databases."""
    path = tmp_path / "pioneer.sqlite"
    shutil.copy(prepared_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def node(make_settings, engine) -> Iterator[Served]:
    base_url = f"http://127.0.0.1:{free_port()}"
    made = make_settings(base_url=base_url, poll_seconds="86400")
    with serving(made, engine) as served:
        yield served


DATE = "<updated>2026-03-01T08:00:00Z</updated>"
ENTRY = "<entry><id>urn:x:{0}</id><title>Title {0}</title>" + DATE + "</entry>"
ITEM = "<item><guid>urn:x:{0}</guid><title>Title {0}</title></item>"


def atom(links: str, number: int = 1) -> bytes:
    head = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id>'
    head += f"<title>A city</title>{DATE}{links}"
    return f"{head}{''.join(ENTRY.format(n) for n in range(number))}</feed>".encode()


def rss(links: str) -> bytes:
    head = '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
    head += f"<title>A city</title><link>http://127.0.0.1/</link>{links}"
    return f"{head}{ITEM.format(1)}</channel></rss>".encode()


def link(rel: str, href: str, prefix: str = "") -> str:
    return f'<{prefix}link rel="{rel}" href="{href}"/>'


class Place:
    """Somebody's site with its feed at /feed and its hub at /hub, unless a test says otherwise.

    The hub accepts and verifies as soon as `verify` is called.
    """

    def __init__(self, node: Served) -> None:
        self.node, self.server = node, Endpoint(self.answer)
        self.url = self.server.url
        self.pages: dict[str, Answer] = {}
        self.hub: Callable[[Got], Answer] = lambda _got: (202, b"", {})
        self.offer(self.headers())

    def headers(self, topic: str = "/feed", hub: str = "/hub") -> dict[str, str]:
        return {"Link": f'<{self.url}{hub}>; rel="hub", <{self.url}{topic}>; rel="self"'}

    def offer(
        self, headers: dict[str, str], body: bytes | None = None, path: str = "/feed"
    ) -> None:
        kind = {"Content-Type": "application/atom+xml"}
        self.pages[path] = (200, body or atom(""), kind | headers)

    def answer(self, got: Got) -> Answer:
        return self.hub(got) if got.method == "POST" else self.pages.get(got.path, (404, b"", {}))

    def asked(self, mode: str = "subscribe") -> list[Got]:
        """The requests that the hub got."""
        return self.server.those("POST", mode)

    def looks(self) -> int:
        """How often the feed was read."""
        return len([got for got in self.server.those("GET") if got.path == "/feed"])

    def follow(self, path: str = "/feed") -> Subscription:
        """Follow the feed, and give the worker time to ask the hub."""
        with self.node.worker.sessions() as session:
            return service.follow(session, self.node.door, f"{self.url}{path}", self.node.settings)

    def verify(self, got: Got, **changes: str) -> requests.Response:
        """What a hub asks the callback after a request."""
        form = got.form
        asked = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "c" * 40,
            "hub.lease_seconds": form.get("hub.lease_seconds", "600"),
        }
        asked |= {name.replace("hub_", "hub.", 1): value for name, value in changes.items()}
        return requests.get(form["hub.callback"], params=asked, timeout=30)

    def subscribed(self, **changes: str) -> Got:
        """Follow and have the subscription confirmed; gives the hub's request."""
        self.follow()
        self.node.work(self.asked)
        got = self.asked()[-1]
        before = self.looks()
        assert self.verify(got, **changes).status_code == 200
        self.node.work(lambda: self.looks() > before)  # the look after a lease has begun
        self.node.settle()
        self.node.work(lambda: not is_due(self.node))  # what it came to is written
        return got

    def push(self, got: Got, body: bytes = b"new", method: str = "sha256") -> requests.Response:
        """A delivery signed with the secret of a request."""
        mac = hmac.new(got.form["hub.secret"].encode(), body, method).hexdigest()
        return self.deliver(got, body, {"X-Hub-Signature": f"{method}={mac}"})

    def deliver(
        self, got: Got, body: bytes = b"new", headers: dict[str, str] | None = None
    ) -> requests.Response:
        given = {"Content-Type": "application/atom+xml"} | (headers or {})
        return requests.post(got.form["hub.callback"], data=body, headers=given, timeout=30)


@pytest.fixture
def place(node: Served) -> Iterator[Place]:
    made = Place(node)
    with made.server:
        yield made


def leases(node: Served) -> list[PushLease]:
    with Session(node.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(PushLease).order_by(PushLease.id)))


def lease(node: Served) -> PushLease:
    (found,) = [each for each in leases(node) if each.subscription_id is not None]
    return found


def change(node: Served, **values: Any) -> None:
    with Session(node.engine) as session, writing(session):
        session.execute(update(PushLease).values(**values))


def is_due(node: Served) -> bool:
    """Whether the worker would look at the feed now."""
    with Session(node.engine) as session:
        return session.scalars(select(Subscription.next_poll)).one() <= clock.now()


# Discovery (section 4)


def discovered(place: Place, path: str = "/feed") -> tuple[str, str]:
    """(hub, topic) that are asked for, as paths."""
    place.follow(path)
    place.node.work(place.asked)
    got = place.asked()[-1]
    return got.path, got.form["hub.topic"].removeprefix(place.url)


def test_hub_and_topic_are_found_in_the_link_header(place) -> None:
    assert discovered(place) == ("/hub", "/feed")


def test_several_link_headers_and_more_relations_are_understood(place) -> None:
    place.offer(
        {"Link": f'</style>; rel=preload, </feed>; rel=self, <{place.url}/hub>; rel="x hub"'}
    )
    assert discovered(place) == ("/hub", "/feed")


def test_hub_and_topic_are_found_in_an_atom_feed(place) -> None:
    links = link("hub", f"{place.url}/hub") + link("self", f"{place.url}/feed?canonical")
    place.offer({}, atom(links))
    assert discovered(place) == ("/hub", "/feed?canonical")


def test_hub_and_topic_are_found_in_an_rss_feed(place) -> None:
    links = link("hub", f"{place.url}/hub", "atom:") + link("self", f"{place.url}/feed", "atom:")
    place.offer({"Content-Type": "application/rss+xml"}, rss(links))
    assert discovered(place) == ("/hub", "/feed")


def test_hub_and_topic_are_found_in_a_json_feed(place) -> None:
    body = '{"version":"https://jsonfeed.org/version/1.1","title":"A city","items":[],'
    body += f'"feed_url":"{place.url}/feed","hubs":[{{"type":"WebSub","url":"{place.url}/hub"}}]}}'
    place.offer({"Content-Type": "application/feed+json"}, body.encode())
    assert discovered(place) == ("/hub", "/feed")


def test_the_header_comes_before_the_document(place) -> None:
    links = link("hub", f"{place.url}/wrong") + link("self", f"{place.url}/wrong")
    place.offer(place.headers(), atom(links))
    assert discovered(place) == ("/hub", "/feed")


def test_a_feed_that_names_another_address_as_its_own_is_subscribed_to_there(place) -> None:
    place.offer(place.headers(topic="/feed?self=other"))
    assert discovered(place) == ("/hub", "/feed?self=other")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirected_feed_is_subscribed_to_where_it_ends(place, status) -> None:
    place.pages["/old"] = (status, b"", {"Location": "/feed"})
    assert discovered(place, "/old") == ("/hub", "/feed")


@pytest.mark.parametrize("status", [307, 308])
def test_a_hub_that_redirects_is_followed_with_the_same_request(place, status) -> None:
    def hub(got: Got) -> Answer:
        return (status, b"", {"Location": "/new-hub"}) if got.path == "/hub" else (202, b"", {})

    place.hub = hub
    place.follow()
    place.node.work(lambda: len(place.asked()) == 2)
    old, new = place.asked()
    assert (new.path, new.form) == ("/new-hub", old.form)


def test_a_feed_without_a_hub_asks_nobody(place, node) -> None:
    place.offer({}, atom(link("self", f"{place.url}/feed")))
    found = place.follow()
    node.settle()
    assert leases(node) == []
    with Session(node.engine) as session:
        assert websub_queries.push_of(session, found.id) is None


def test_a_hub_that_appears_behind_a_304_is_found(place, node) -> None:
    place.offer({"ETag": '"1"'})
    found = place.follow()
    place.pages["/feed"] = (304, b"", {"ETag": '"1"'} | place.headers())
    with node.worker.sessions() as session:
        service.poll_now(session, found.id)
    node.work(place.asked)


@pytest.mark.parametrize("changed", [{"hub": "/hub2"}, {"topic": "/feed?2"}])
def test_a_feed_with_another_hub_or_address_is_subscribed_to_anew_and_the_old_is_left(
    place, node, changed
) -> None:
    first = place.subscribed()
    place.offer(place.headers(**changed), atom("", 2))
    with Session(node.engine) as session, writing(session):
        session.execute(update(Subscription).values(next_poll=clock.now()))
    node.work(lambda: len(place.asked()) == 2 and place.asked("unsubscribe"))
    second, goodbye = place.asked()[-1], place.asked("unsubscribe")[-1]
    assert (second.path, second.form["hub.topic"]) == (
        changed.get("hub", "/hub"),
        place.url + changed.get("topic", "/feed"),
    )
    assert second.form["hub.callback"] != first.form["hub.callback"]
    assert second.form["hub.secret"] != first.form["hub.secret"]
    assert goodbye.path == "/hub"
    assert goodbye.form["hub.callback"] == first.form["hub.callback"]
    assert place.push(first).status_code == 410
    assert place.verify(goodbye).status_code == 200
    assert lease(node).hub.endswith(changed.get("hub", "/hub"))
    assert len(leases(node)) == 1


def test_a_feed_that_names_no_hub_any_more_is_left_and_polled_on(place, node) -> None:
    place.offer({}, atom(link("hub", f"{place.url}/hub") + link("self", f"{place.url}/feed")))
    place.subscribed()
    place.offer({}, atom("", 2))
    with Session(node.engine) as session, writing(session):
        session.execute(update(Subscription).values(next_poll=clock.now()))
    node.work(lambda: place.asked("unsubscribe"))


# Subscribing (section 5)


def test_the_request_is_a_form_with_a_secret_a_lease_and_a_callback_that_nobody_guesses(
    place, node
) -> None:
    place.follow()
    node.work(place.asked)
    got = place.asked()[0]
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    assert got.form["hub.mode"] == "subscribe"
    assert int(got.form["hub.lease_seconds"]) > 0
    assert 32 <= len(got.form["hub.secret"]) < 200
    head, _, token = got.form["hub.callback"].rpartition("/")
    assert head == f"{node.url}/websub/callback"
    assert len(token) >= 40


def test_a_verification_that_we_asked_for_is_answered_with_the_challenge(place, node) -> None:
    place.follow()
    node.work(place.asked)
    answer = place.verify(place.asked()[0], hub_lease_seconds="86400")
    assert (answer.status_code, answer.text) == (200, "c" * 40)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    found = lease(node)
    assert found.state == "active"
    assert timedelta(hours=23) < found.until - clock.now() <= timedelta(days=1)
    assert found.due - clock.now() <= timedelta(hours=12), "renewed at half life"


@pytest.mark.parametrize(
    "changes",
    [
        {"hub_topic": "http://127.0.0.1/other"},
        {"hub_topic": ""},
        {"hub_mode": "unsubscribe"},
        {"hub_mode": "publish"},
        {"hub_challenge": ""},
        {"hub_challenge": "x" * 501},
        {"hub_challenge": "two words"},
        {"hub_challenge": "\x7fELF"},
        {"hub_lease_seconds": "0"},
        {"hub_lease_seconds": "for ever"},
    ],
    ids=str,
)
def test_25_a_verification_that_we_did_not_ask_for_is_answered_with_404(
    place, node, changes
) -> None:
    place.follow()
    node.work(place.asked)
    answer = place.verify(place.asked()[0], **changes)
    assert answer.status_code == 404
    assert "c" * 40 not in answer.text
    assert lease(node).state == "asked"


def test_25_nobody_can_guess_a_callback(place, node) -> None:
    place.subscribed()
    asked = {"hub.mode": "subscribe", "hub.topic": f"{place.url}/feed", "hub.challenge": "c" * 40}
    for token in ("", "x", "1", "0" * 43):
        answer = requests.get(f"{node.url}/websub/callback/{token}", params=asked, timeout=30)
        assert answer.status_code == 404


def test_25_a_lease_is_as_long_as_the_hub_said_when_we_asked(place, node) -> None:
    got = place.subscribed(hub_lease_seconds="600")
    before = lease(node)
    answer = place.verify(got, hub_lease_seconds="99999999")
    assert answer.status_code == 200, "the hub may ask whether we are still there"
    assert lease(node).until == before.until
    assert place.verify(got, hub_mode="unsubscribe").status_code == 404


def test_a_refusal_is_noted_with_the_hubs_reason(place, node) -> None:
    place.follow()
    node.work(place.asked)
    answer = place.verify(place.asked()[0], hub_mode="denied", hub_reason="Members\nonly")
    assert answer.status_code == 200
    with Session(node.engine) as session:
        (view,) = websub_queries.pushes(session).values()
    assert (view.state, view.said) == ("refused", "Members only")
    assert place.verify(place.asked()[0]).status_code == 404, "unless we ask again"
    change(node, due=clock.now())
    asking.keep(node.worker.sessions)
    node.work(lambda: len(place.asked()) == 2)
    assert place.verify(place.asked()[1]).status_code == 200
    assert lease(node).state == "active"


def test_a_refusal_of_another_topic_is_none(place, node) -> None:
    got = place.subscribed()
    answer = place.verify(got, hub_mode="denied", hub_topic="http://127.0.0.1/other")
    assert answer.status_code == 404
    assert lease(node).state == "active"


def test_an_active_lease_may_be_ended_by_the_hub(place, node) -> None:
    got = place.subscribed()
    assert place.verify(got, hub_mode="denied", hub_reason="Closing").status_code == 200
    assert lease(node).state == "refused"


def test_a_hub_that_answers_with_4xx_has_refused_and_its_words_are_kept(place, node) -> None:
    place.hub = lambda _got: (403, b"Pas\x07 ici", {"Content-Type": "text/plain"})
    place.follow()
    found = node.work(lambda: lease(node) if lease(node).state == "refused" else None)
    assert found.said == "Pas ici"
    assert found.due >= clock.now() + timedelta(minutes=50)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_hub_that_fails_is_asked_again_ever_more_rarely(place, node, status) -> None:
    place.hub = lambda _got: (status, b"", {})
    place.follow()
    waits = []
    for number in (1, 2, 3):
        found = node.work(lambda n=number: lease(node) if lease(node).failures == n else None)
        waits.append(found.due - clock.now())
        change(node, due=clock.now(), waiting=False)
        asking.keep(node.worker.sessions)
    assert waits[0] < waits[1] < waits[2]
    with Session(node.engine) as session:
        (view,) = websub_queries.pushes(session).values()
    assert view.state == "asked"
    assert view.error
    assert str(status) in view.error[0] % view.error[1]


def test_a_hub_that_is_not_there_does_no_harm(place, node) -> None:
    place.offer({"Link": f'<http://127.0.0.1:{free_port()}/>; rel="hub", </feed>; rel="self"'})
    place.follow()
    node.work(lambda: lease(node).failures == 1)
    with Session(node.engine) as session:
        row = session.scalars(select(Subscription)).one()
        assert (row.error, row.failures) == ("", 0), "the feed itself is well"


def test_a_hub_that_accepts_and_never_verifies_is_asked_again(place, node) -> None:
    place.follow()
    node.work(place.asked)
    node.settle()
    assert lease(node).due > clock.now(), "in a while"
    change(node, due=clock.now())
    asking.keep(node.worker.sessions)
    node.work(lambda: len(place.asked()) == 2)
    assert lease(node).failures == 1


def test_a_hub_that_verifies_before_it_answers_is_understood(place, node) -> None:
    def hub(got: Got) -> Answer:
        return (202 if place.verify(got).status_code == 200 else 500), b"", {}

    place.hub = hub
    place.follow()
    node.work(lambda: leases(node) and lease(node).state == "active")
    node.settle()
    assert lease(node).failures == 0


def test_a_lease_is_renewed_at_half_life_with_the_same_callback(place, node) -> None:
    first = place.subscribed(hub_lease_seconds="600")
    asking.keep(node.worker.sessions)
    assert len(place.asked()) == 1, "not before"
    change(node, due=clock.now())
    asking.keep(node.worker.sessions)
    node.work(lambda: len(place.asked()) == 2)
    again = place.asked()[1]
    assert again.form == first.form
    assert place.push(first).status_code == 202, "meanwhile the lease goes on"
    assert place.verify(again, hub_lease_seconds="7200").status_code == 200
    assert lease(node).until > clock.now() + timedelta(seconds=7000)


def test_a_renewal_that_fails_leaves_the_lease_to_its_end_and_polling_goes_on(place, node) -> None:
    got = place.subscribed(hub_lease_seconds="600")
    place.hub = lambda _got: (404, b"", {})
    change(node, due=clock.now())
    asking.keep(node.worker.sessions)
    node.work(lambda: lease(node).failures == 1)
    assert lease(node).state == "active"
    assert place.push(got).status_code == 202
    change(node, until=clock.now(), due=clock.now())
    with Session(node.engine) as session:
        (view,) = websub_queries.pushes(session).values()
    assert view.state == "asked", "what has ended is not shown as active"
    with Session(node.engine) as session:
        row = session.scalars(select(Subscription)).one()
        assert row.next_poll <= clock.now() + timedelta(days=1)


@pytest.mark.parametrize("leaving", [service.unfollow, service.block])
def test_who_leaves_a_feed_unsubscribes_and_answers_so_that_the_hub_drops_us(
    place, node, leaving
) -> None:
    got = place.subscribed()
    with node.worker.sessions() as session:
        leaving(session, session.scalars(select(Subscription.id)).one())
    assert place.push(got).status_code == 410
    assert place.verify(got).status_code == 404, "no new lease"
    node.work(lambda: place.asked("unsubscribe"))
    goodbye = place.asked("unsubscribe")[0]
    assert goodbye.form["hub.callback"] == got.form["hub.callback"]
    assert goodbye.form["hub.topic"] == got.form["hub.topic"]
    assert place.verify(goodbye, hub_topic="http://127.0.0.1/x").status_code == 404
    assert place.verify(goodbye).text == "c" * 40
    assert leases(node) == []
    assert place.push(got).status_code == 410


def test_an_unblocked_feed_is_subscribed_to_again(place, node) -> None:
    place.subscribed()
    with node.worker.sessions() as session:
        number = session.scalars(select(Subscription.id)).one()
        service.block(session, number)
        service.unblock(session, number)
    asking.keep(node.worker.sessions)
    node.work(lambda: len(place.asked()) == 2)


def test_a_feed_that_is_gone_is_left(place, node) -> None:
    place.subscribed()
    with Session(node.engine) as session, writing(session):
        session.execute(update(Subscription).values(state="gone"))
    asking.keep(node.worker.sessions)
    node.work(lambda: place.asked("unsubscribe"))


def test_a_hub_that_is_away_when_we_leave_is_forgotten_in_the_end(place, node) -> None:
    place.subscribed()
    place.hub = lambda _got: (500, b"", {})
    with node.worker.sessions() as session:
        service.unfollow(session, session.scalars(select(Subscription.id)).one())
    for _ in range(asking.GOODBYES + 1):
        change(node, due=clock.now())
        asking.keep(node.worker.sessions)
        node.settle()
    assert leases(node) == []


# Deliveries (section 7)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_delivery_is_acknowledged_and_the_feed_read_at_once(place, node, method) -> None:
    got = place.subscribed()
    looks = place.looks()
    assert not is_due(node)
    place.offer(place.headers(), atom("", 3))
    assert place.push(got, method=method).status_code == 202
    node.work(lambda: place.looks() > looks)


def test_what_is_pushed_is_never_parsed(place, node) -> None:
    got = place.subscribed()
    forged = atom("", 9).replace(b"Title", b"Forged")
    assert place.push(got, forged).status_code == 202
    node.settle()
    feed = requests.get(f"{node.url}/en/feed.atom", timeout=30).text
    assert "Forged" not in feed


BAD = {
    "absent": {},
    "empty": {"X-Hub-Signature": ""},
    "of another secret": {"X-Hub-Signature": "sha256=" + "0" * 64},
    "unknown method": {"X-Hub-Signature": "md5=" + "0" * 32},
    "no method": {"X-Hub-Signature": "0" * 64},
    "not hexadecimal": {"X-Hub-Signature": "sha256=é"},
    "a short one": {"X-Hub-Signature": "sha256=0"},
}


@pytest.mark.parametrize("name", BAD)
def test_26_a_wrong_or_absent_signature_does_nothing(place, node, name) -> None:
    got = place.subscribed()
    before = lease(node).pushes
    headers = {key: value.encode().decode("latin-1") for key, value in BAD[name].items()}
    answer = place.deliver(got, headers=headers)
    assert answer.status_code == 202, "it is not told what was wrong"
    assert answer.text == ""
    assert not is_due(node)
    assert lease(node).pushes == before


def test_26_a_good_signature_of_another_body_does_nothing(place, node) -> None:
    got = place.subscribed()
    mac = hmac.new(got.form["hub.secret"].encode(), b"this", "sha256").hexdigest()
    place.deliver(got, b"that", {"X-Hub-Signature": f"sha256={mac}"})
    assert not is_due(node)


def test_26_a_delivery_that_is_too_large_is_not_read(place, node) -> None:
    got = place.subscribed()
    assert place.push(got, b"x" * (9 * 1024 * 1024)).status_code == 413
    assert place.push(got, b"x" * (3 * 1024 * 1024)).status_code == 202
    assert is_due(node)


def test_27_a_replayed_or_reordered_delivery_means_a_look_and_no_more(place, node) -> None:
    got = place.subscribed()
    place.offer(place.headers(), atom("", 2))
    for body in (b"second", b"first", b"second"):
        assert place.push(got, body).status_code == 202
    looks = place.looks()
    node.work(lambda: place.looks() > looks)
    node.settle()
    assert place.looks() == looks + 1, "several before a look are one"


def test_27_a_flood_of_deliveries_is_bounded(place, node) -> None:
    got = place.subscribed()
    change(node, window_pushes=websub.MOST_IN_WINDOW, window_at=clock.now())
    assert place.push(got).status_code == 202
    assert not is_due(node), "it waits for the end of the minute"
    with Session(node.engine) as session:
        next_poll = session.scalars(select(Subscription.next_poll)).one()
        assert next_poll <= clock.now() + timedelta(minutes=1)


def test_a_delivery_while_the_feed_is_being_read_is_not_lost(place, node) -> None:
    got = place.subscribed()
    looks = place.looks()

    def pushed_meanwhile(asked: Got) -> Answer:
        if asked.path == "/feed" and place.looks() == looks + 1:
            place.push(got)
        return place.pages["/feed"] if asked.method == "GET" else (202, b"", {})

    place.server.answer = pushed_meanwhile
    place.push(got)
    node.work(lambda: place.looks() >= looks + 2)


def test_a_delivery_for_a_failing_feed_is_tried_and_polling_goes_on(place, node) -> None:
    got = place.subscribed()
    place.pages["/feed"] = (500, b"", {})
    place.push(got)
    with_failure = select(Subscription).where(Subscription.failures > 0)

    def failed() -> Subscription | None:
        with Session(node.engine) as session:
            return session.scalar(with_failure)

    found = node.work(failed)
    assert found.next_poll > clock.now()
    assert found.next_poll <= clock.now() + timedelta(days=1, minutes=1)


def test_no_secret_is_in_a_log(place, node, caplog) -> None:
    got = place.subscribed()
    place.hub = lambda _got: (500, b"", {})
    change(node, due=clock.now())
    asking.keep(node.worker.sessions)
    node.settle()
    assert got.form["hub.secret"] not in caplog.text
    with Session(node.engine) as session:
        assert all(
            got.form["hub.secret"] not in str(job.payload) for job in session.scalars(select(Job))
        )
