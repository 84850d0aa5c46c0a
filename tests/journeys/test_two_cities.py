"""Real nodes over loopback: what Paris publishes reaches Madrid, and what it withdraws goes."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from network.case_studies.drafts import TextDraft
from network.catalogue.values import Link
from network.following import queries, service
from network.lib import clock
from network.lib.db import writing
from network.subscriptions.models import Subscription
from tests.journeys.conftest import Start
from tests.nodes import Node, eventually
from tests.writing import publish, withdraw


@pytest.fixture(scope="module")
def cities(start_for_all: Start) -> tuple[Node, Node]:
    """Paris and Madrid, which follow each other while all of these tests run."""
    paris = start_for_all("paris", language="fr")
    madrid = start_for_all("madrid")
    paris.follow(madrid)
    madrid.follow(paris)
    return paris, madrid


def peer(node: Node, origin: str) -> queries.PeerView:
    """What a node knows of a site that it follows."""
    with node.database() as session:
        (found,) = (each for each in queries.peers(session) if each.origin == origin)
        return found


def test_a_study_published_in_paris_is_read_and_found_in_madrid_and_goes_when_withdrawn(cities):
    paris, madrid = cities
    study = publish(
        paris,
        title="Les jardins partagés",
        texts={
            "en": TextDraft(title="Shared gardens", summary="Plots for all.", translation="human")
        },
    )

    page = "/fr/etudes-de-cas/paris/les-jardins-partages"
    eventually(lambda: madrid.status(page) == 200)
    french, english = madrid.text(page), madrid.text("/en/case-studies/paris/shared-gardens")
    assert "Les jardins partagés" in french
    assert f"{paris.url}{page}" in french, "a link to the original page"
    assert "Pioneer Cities Paris" in french, "whose study it is"
    assert "Shared gardens" in english
    eventually(lambda: page in madrid.text("/fr/recherche?q=jardin"))
    assert "/en/case-studies/paris/shared-gardens" in madrid.text("/en/search?q=garden")
    eventually(lambda: peer(madrid, paris.url).complete_at is not None)

    withdraw(paris, study)

    eventually(lambda: madrid.status(page) in (404, 410))
    eventually(lambda: page not in madrid.text("/fr/recherche?q=jardin"))
    assert "Shared gardens" not in madrid.text("/en/case-studies/")
    assert "Shared gardens" not in paris.text("/feed.atom")


def test_lineage_declared_in_madrid_is_drawn_in_paris_and_in_madrid(cities):
    paris, madrid = cities
    origin = publish(paris, title="Budget of Paris", lang="en")
    publish(
        madrid,
        title="Budget of Madrid",
        lang="en",
        city="madrid",
        inspired_by=(Link(f"{paris.url}/id/{origin}", "Budget of Paris"),),
    )
    for node in (paris, madrid):

        def lineage(node: Node = node) -> str:
            return node.text("/en/case-studies/paris/budget-of-paris/lineage")

        eventually(lambda lineage=lineage: "Budget of Madrid" in lineage())
        assert "Budget of Paris" in lineage()


def test_a_worker_killed_at_any_moment_loses_no_job_and_indexes_nothing_twice(cities):
    paris, _ = cities
    for number in range(6):
        publish(paris, title=f"Étude ponctuelle {number}", slug=f"etude-{number}")
        victim = worker_of(paris)
        if victim:
            os.kill(victim, signal.SIGKILL)
        eventually(lambda victim=victim: worker_of(paris) not in (None, victim), 30)

    def everything_is_found() -> bool:
        text = paris.text("/fr/recherche?q=ponctuelle")
        return all(f"/paris/etude-{number}" in text for number in range(6))

    eventually(everything_is_found, 60)
    text = paris.text("/fr/recherche?q=ponctuelle")
    for number in range(6):
        assert text.count(f'href="/fr/etudes-de-cas/paris/etude-{number}"') == 1
    eventually(lambda: '"waiting":0' in paris.text("/readyz").replace(" ", ""))


def worker_of(node: Node) -> int | None:
    """The process id of the node's worker."""
    assert node.process is not None
    tasks = f"/proc/{node.process.pid}/task"
    found = []
    for task in os.listdir(tasks):
        try:
            with open(f"{tasks}/{task}/children") as file:
                found += [int(pid) for pid in file.read().split()]
        except FileNotFoundError:
            continue
    return found[0] if found else None


@pytest.fixture
def hanging_site() -> Iterator[str]:
    """A site that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_pages_are_served_while_a_followed_site_hangs(start, hanging_site):
    paris = start("paris", fetch_seconds="5")
    publish(paris, title="Sous les pavés", slug="paves")
    with paris.database() as session, writing(session):
        session.add(
            Subscription(
                url=f"{hanging_site}/feed.atom",
                kind="member",
                origin=hanging_site,
                created=clock.now(),
                next_poll=clock.now(),
            )
        )

    for _ in range(20):
        assert paris.status("/fr/etudes-de-cas/paris/paves") == 200
    failed = eventually(lambda: peer(paris, hanging_site).last_error, 30)
    assert "5" in failed[0] % (failed[1] or {})


def test_a_blocked_member_vanishes_from_pages_feeds_and_search_and_unblocking_restores_it(cities):
    paris, madrid = cities
    publish(paris, title="La nuit verte", slug="la-nuit-verte")
    page = "/fr/etudes-de-cas/paris/la-nuit-verte"
    eventually(lambda: page in madrid.text("/fr/recherche?q=nuit"))

    with madrid.database() as session:
        service.block(session, peer(madrid, paris.url).id)
    assert madrid.status(page) == 404
    assert "La nuit verte" not in madrid.text("/fr/feed.atom")
    eventually(lambda: page not in madrid.text("/fr/recherche?q=nuit"))

    with madrid.database() as session:
        service.unblock(session, peer(madrid, paris.url).id)
    assert madrid.status(page) == 200
    eventually(lambda: page in madrid.text("/fr/recherche?q=nuit"))
