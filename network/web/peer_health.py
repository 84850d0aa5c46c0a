"""How a followed site is, in one word and in the order an administrator wants to know it."""

from __future__ import annotations

from datetime import datetime, timedelta

from network.subscriptions.queries import PeerView

PATIENCE = timedelta(hours=1)
"""How long after it was due a look may be before the worker is suspected to stand still."""


def state(peer: PeerView, now: datetime) -> str:
    """ok, late, failing, blocked, new or gone.

    late: it answers, but our copy is not proved whole, or nobody has looked although it is time.
    """
    if peer.state in ("blocked", "gone"):
        return peer.state
    if peer.last_error is not None:
        return "failing"
    if peer.last_look is None:
        return "new"
    behind = peer.kind == "member" and (peer.complete_at is None or bool(peer.lag))
    return "late" if behind or peer.next_poll + PATIENCE < now else "ok"


def worst_first(peers: list[PeerView], now: datetime) -> list[tuple[PeerView, str]]:
    """Every peer with its state: those that need a person before those that are well."""
    order = ("failing", "gone", "late", "new", "ok", "blocked")
    found = [(peer, state(peer, now)) for peer in peers]
    return sorted(found, key=lambda pair: order.index(pair[1]))
