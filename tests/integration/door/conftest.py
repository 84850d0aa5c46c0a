"""Doors to test and servers on loopback for them to meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from misbehaving import (
    AGENT,
    Names,
    Peer,
    Script,
)

from network.lib.http import Door, networks


@pytest.fixture
def serve() -> Iterator[Callable[..., Peer]]:
    peers = list[Peer]()

    def start(script: Script, *args: Any, **kwargs: Any) -> Peer:
        peers.append(Peer(script, *args, **kwargs))
        return peers[-1]

    yield start
    for peer in peers:
        peer.close()


@pytest.fixture
def door() -> Iterator[Door]:
    with Door(AGENT, allow_private=networks(["127.0.0.0/8"])) as opened:
        yield opened


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.fixture
def strict() -> Iterator[Door]:
    """A door as a node has it in earnest: nothing private is allowed."""
    with Door(AGENT) as opened:
        yield opened
