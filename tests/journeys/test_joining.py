"""A new city joins real nodes by the list of one of them, and its machine is cut off in between."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.following import queries
from network.jobs import batches
from network.jobs.batches import Entry, Offer
from network.membership import directory
from network.subscriptions.policy import open_door
from tests.nodes import Node, eventually
from tests.writing import publish


@pytest.fixture
def cities(tmp_path: Path) -> Iterator[dict[str, Node]]:
    """Madrid follows Seoul; Paris is new."""
    nodes = {city: Node(tmp_path / city, city) for city in ("paris", "madrid", "seoul")}
    for city in ("madrid", "seoul"):
        publish(nodes[city], title=f"Practice of {city}", lang="en", city=city)
        nodes[city].start()
    nodes["madrid"].follow(nodes["seoul"])
    yield nodes
    for node in nodes.values():
        node.stop()


def offered(paris: Node, madrid: Node) -> int:
    """What the page does: read the list behind any address of Madrid, and keep it."""
    with paris.database() as session, open_door(paris.settings) as door:
        found = directory.read_list(door, f"{madrid.url}/en/about", paris.settings)
        after = directory.newest(session)
        entries = [Entry(s.title, directory.payload(s, after)) for s in found.sites.sites]
        assert [(s.is_member, s.city) for s in found.sites.sites] == [
            (True, "madrid"),
            (True, "seoul"),
        ]
        return batches.offer(session, Offer("follow", "All", "join", found.url), entries)


def outcomes(paris: Node, batch_id: int) -> list[str]:
    with paris.database() as session:
        found = batches.view(session, batch_id)
        assert found is not None
        return [item.state for item in found.items]


def test_a_city_joins_by_the_list_of_another_although_its_machine_is_killed(cities):
    paris, madrid = cities["paris"], cities["madrid"]
    eventually(lambda: "/city/seoul" in madrid.text("/network.opml"))
    batch_id = offered(paris, madrid)
    with paris.database() as session:
        batches.begin(session, batch_id, {1, 2})
    paris.start()
    paris.stop(signal.SIGKILL)
    paris.start()
    eventually(lambda: outcomes(paris, batch_id) == ["done", "done"])
    with paris.database() as session:
        peers = queries.peers(session)
    assert [(peer.kind, peer.city, peer.studies) for peer in peers] == [
        ("member", "madrid", 1),
        ("member", "seoul", 1),
    ]
    listed = paris.text("/network.opml")
    assert all(f'xmlUrl="{city.url}/feed.atom"' in listed for city in cities.values())
