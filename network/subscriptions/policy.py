"""What the node's settings say about following, as this room needs it."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from network.config import Network
from network.lib.http import Door, Limits, user_agent

TURN = 5.0
"""Seconds that a look waits for its turn at a host before it makes way for others."""


class Policy(Protocol):
    """The settings that polling goes by; `network.config.Settings` has them all.

    base_url: this node's own address. name, city: what it says of itself. poll_seconds: between
    two looks at a feed. fetch_seconds: for one request, redirects included. max_feed_bytes: of one
    document.
    allow_private_addresses: private networks that may be asked. fetch_ports: of all other sites.
    """

    @property
    def base_url(self) -> str: ...  # noqa: D102 — see the class
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def city(self) -> str: ...  # noqa: D102
    @property
    def poll_seconds(self) -> int: ...  # noqa: D102
    @property
    def fetch_seconds(self) -> int: ...  # noqa: D102
    @property
    def max_feed_bytes(self) -> int: ...  # noqa: D102
    @property
    def allow_private_addresses(self) -> tuple[Network, ...]: ...  # noqa: D102
    @property
    def fetch_ports(self) -> tuple[int, ...]: ...  # noqa: D102


def open_door(policy: Policy) -> Door:
    """The node's one door to the network; the caller closes it."""
    return Door(
        user_agent(policy.base_url),
        allow_private=policy.allow_private_addresses,
        ports=policy.fetch_ports,
    )


def limits(policy: Policy) -> Limits:
    """What one request may cost."""
    seconds, most = float(policy.fetch_seconds), policy.max_feed_bytes
    return Limits(seconds=seconds, wait=TURN, body_bytes=most)


def own_interval(policy: Policy) -> timedelta:
    """How often this node looks at a feed by itself."""
    return timedelta(seconds=policy.poll_seconds)
