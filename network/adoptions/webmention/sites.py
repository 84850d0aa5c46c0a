"""Whose word is taken at once, whose waits for a person, and whose is not heard at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.subscriptions.fetch import origin_of
from network.subscriptions.models import Subscription

State = Literal["waiting", "shown", "refused"]


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites that this node has an opinion of.

    members: origins of the followed members whose texts are shown before a person has read them,
    former ones too. blocked: hosts of blocked sites.
    """

    members: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()

    def trusts(self, *addresses: str) -> bool:
        """Whether all of these pages are on members' own sites."""
        return all(
            origin_of(address) in self.members and host_of(address) not in self.blocked
            for address in addresses
        )

    def blocks(self, host: str) -> bool:
        """Whether nothing of this host is to be shown."""
        return host in self.blocked


def known(session: Session) -> Sites:
    """What the subscriptions say now."""
    rows = session.execute(
        select(
            Subscription.kind,
            Subscription.state,
            Subscription.origin,
            Subscription.former_origins,
            Subscription.moderation,
        )
    ).all()
    members, blocked = set[str](), set[str]()
    for row in rows:
        if row.state == "blocked":
            blocked.update(host_of(origin) for origin in (row.origin, *row.former_origins))
        elif row.kind == "member" and row.moderation == "publish":
            members.update((row.origin, *row.former_origins))
    return Sites(frozenset(members), frozenset(blocked))


def host_of(address: str) -> str:
    """The host, with its port where that is unusual; empty for what is no web address."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or len(host) > 253:
        return ""
    host = f"[{host}]" if ":" in host else host
    return host if port in (None, 80, 443) else f"{host}:{port}"


def state_of(decision: str, trusted: bool, blocked: bool) -> State:
    """What becomes of a page that links to us: a person's word counts for more than trust."""
    if blocked or decision == "refused":
        return "refused"
    return "shown" if trusted or decision == "accepted" else "waiting"
