"""How a followed site is, in one word and in the order an administrator wants to know it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from network.following.queries import PeerView
from network.intake import troubles
from network.lib import clock
from network.lib.i18n import short_moment
from network.subscriptions.schedule import LONGEST

PATIENCE = timedelta(hours=1)
"""How long after it was due a look may be before the worker is suspected to stand still."""

State = Literal["alert", "moved", "failing", "gone", "partial", "late", "new", "ok", "blocked"]
TROUBLES: tuple[State, ...] = ("alert", "moved", "failing", "gone", "partial", "late")
"""What a person should look at, the most urgent first."""


def state(peer: PeerView, now: datetime) -> State:
    """The one word.

    alert: what it sent could not be proved although all of it was read, or its log went back.
    partial: some of its entries cannot be read or stored; the rest is shown.
    moved: it says that it is at another site for good, and a person has to agree.
    late: it answers, but our copy is not proved whole, or nobody has looked although it is time.
    """
    if peer.state == "blocked":
        return "blocked"
    if peer.state == "gone":
        return "gone"
    if peer.doubtful:
        return "alert"
    if peer.pending_url is not None:
        return "moved"
    if peer.last_error is not None:
        return "failing"
    if peer.last_look is None:
        return "new"
    if peer.unread or troubles.missing(peer.troubles):
        return "partial"
    behind = peer.kind == "member" and (peer.complete_at is None or bool(peer.lag))
    waits = clock.is_ahead(peer.next_poll + PATIENCE, now, LONGEST + PATIENCE)
    return "ok" if waits and not behind else "late"


def worst_first(peers: list[PeerView], now: datetime) -> list[tuple[PeerView, State]]:
    """Every peer with its state: those that need a person before those that are well."""
    order = (*TROUBLES, "new", "ok", "blocked")
    found = [(peer, state(peer, now)) for peer in peers]
    return sorted(found, key=lambda pair: order.index(pair[1]))


def in_english(peer: PeerView, now: datetime, zone: str) -> str:
    """The same in a line for a terminal, with the hours of a zone of the IANA database."""
    how = state(peer, now)
    said = [_SAID[how], *_details(peer, how, zone), f"{peer.studies} case studies shown"]
    if peer.waiting:
        said.append(f"{peer.waiting} wait for review")
    if how not in ("blocked", "gone"):
        said.append(f"next look {_moment(peer.next_poll, zone)}")
    return "; ".join(each for each in said if each)


_SAID: dict[State, str] = {
    "alert": "ALERT: what it sent does not add up, so the last proved copy stays",
    "moved": "has moved and waits for your consent (Administration, Members)",
    "failing": "failing",
    "gone": "has left the network; what it published is kept",
    "partial": "not all of it can be read",
    "late": "late",
    "new": "not looked at yet",
    "ok": "",
    "blocked": "blocked: nothing of it is shown",
}


def _details(peer: PeerView, how: State, zone: str) -> list[str]:
    said = []
    if peer.kind == "member" and peer.complete_at is not None:
        said.append(f"complete as of {_moment(peer.complete_at, zone)} (entry {peer.complete_seq})")
    elif peer.kind == "member" and peer.proved_at is not None:
        said.append(f"last proved complete {_moment(peer.proved_at, zone)}")
    if peer.unread:
        said.append(f"{peer.unread} entries are held back because they cannot be read")
    if missing := troubles.missing(peer.troubles):
        said.append(f"{missing} items could not be read or stored")
    if peer.lag:
        said.append(f"{peer.lag} changes behind")
    if how in ("failing", "alert") and peer.last_success is not None:
        said.append(f"last success {_moment(peer.last_success, zone)}")
    if peer.pending_url is not None:
        said.append(f"new address {peer.pending_url}")
    if peer.last_error is not None and how in ("alert", "failing", "moved"):
        message, arguments = peer.last_error
        tries = f" ({peer.failures} failures in a row)" if peer.failures > 1 else ""
        said.append(f"last error: {message % arguments if arguments else message}{tries}")
    return said


def _moment(value: datetime, zone: str) -> str:
    return short_moment(value, "en", zone)
