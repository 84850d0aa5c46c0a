"""Feeds that mean harm among many that do not: each fails for itself, the others arrive (24)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from network.config import Settings
from network.following import queries
from network.lib import clock
from network.lib.db import writing
from network.search.opening import open_search
from network.subscriptions.models import Subscription
from network.subscriptions.policy import open_door
from network.worker.loop import Worker
from tests.nodes import eventually
from tests.sites import Reply, Site

ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
POISONS = {
    "entities": f'<!DOCTYPE rss [<!ENTITY a0 "x">{ENTITIES}]><rss><channel>&a9;</channel></rss>',
    "file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>',
    "attributes": "<rss " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>",
    "nesting": "<rss><channel>" + "<item>" * 20_000,
    "items": "<rss><channel>" + "<item><title>a</title></item>" * 40_000 + "</channel></rss>",
    "cdata": "<rss><channel>" + "<![CDATA[" * 100_000,
    "cut": "<rss version='2.0'><channel><title>Cut</title><item><title>a</ti",
    "nothing": "",
    "page": "<!doctype html><title>A page</title>",
    "json": '{"version": "https://jsonfeed.org/version/1.1", "items": ' + "[" * 100_000,
}
GOOD = 24


def rss(name: str) -> bytes:
    # All say the same, as an agency's subscribers do, so all want one address.
    item = f"<item><title>News of today</title><guid>{name}</guid></item>"
    return f"<rss version='2.0'><channel><title>{name}</title>{item}</channel></rss>".encode()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        for number in range(GOOD):
            made.answers[f"/good{number}"] = Reply(rss(f"good{number}"))
        for name, document in POISONS.items():
            made.answers[f"/{name}"] = Reply(document.encode())
        # Old RSS names the address of its grammar; it is read, and the address is not asked.
        declared = f'<!DOCTYPE rss SYSTEM "{made.url}/rss.dtd">'.encode() + rss("good")
        made.answers["/good"] = Reply(declared)
        bomb = gzip.compress(b" " * 100_000_000)
        made.answers["/bomb"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
        made.answers["/gone"] = Reply(b"", 410)
        made.answers["/broken"] = Reply(b"", 503)
        made.answers["/circle"] = Reply(b"", 302, {"Location": "/circle"})
        made.answers["/inside"] = Reply(b"", 302, {"Location": "http://10.0.0.1/"})
        yield made


def test_each_poisoned_feed_fails_for_itself_and_every_other_one_arrives(
    session: Session, settings: Settings, engine: Engine, site: Site
) -> None:
    due = clock.now() - timedelta(seconds=1)
    with writing(session):
        session.add_all(
            Subscription(
                title=path, kind="foreign", url=site.url + path, origin=site.url,
                site_url=site.url, created=due, next_poll=due,
            )
            for path in site.answers
        )  # fmt: skip
    index = open_search(settings)
    with open_door(settings) as door:
        worker = Worker(settings, index, door, engine)

        def everyone_was_asked() -> bool:
            worker.round()
            session.rollback()
            asked = session.scalars(select(Subscription.polled_at)).all()
            return None not in asked

        eventually(everyone_was_asked, 120)
        worker.close()
    index.close()
    session.rollback()
    peers = {peer.url.rpartition("/")[2]: peer for peer in queries.peers(session)}
    assert len(peers) == len(site.answers)
    for name, peer in peers.items():
        if name.startswith("good"):
            assert (peer.studies, peer.last_error) == (1, None), name
        else:
            assert peer.studies == 0, name
            assert peer.last_error is not None, name
            message, arguments = peer.last_error
            assert message % arguments if arguments else message, name
    assert not any(path.endswith(".dtd") for path in site.paths)
