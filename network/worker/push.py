"""Push as jobs and duties: the hub's (feeds.hub_…) and our own at other hubs (subscriptions)."""

from __future__ import annotations

from network.feeds import hub_delivery, hub_verify
from network.push import asking
from network.worker.tools import Tools, Work


def hub_verify_one(tools: Tools, work: Work) -> None:
    """Ask a callback whether it wants what was asked in its name."""
    hub_verify.verify(tools.sessions, tools.door, tools.page, int(work.key), work.attempt)


def hub_push(tools: Tools, work: Work) -> None:
    """Send one subscriber the newest document of its topic."""
    number = int(work.payload.get("number", 1))
    hub_delivery.push(tools.sessions, tools.door, int(work.key), number)


def hub_deny(tools: Tools, work: Work) -> None:
    """Tell a subscriber that its subscription is no more; after three attempts it will notice."""
    told = work.payload
    if work.attempt <= 3:
        hub_verify.deny(tools.door, told["callback"], told["topic"], told["reason"])


def distribute(tools: Tools) -> None:
    """Find what changed for subscribers."""
    hub_delivery.distribute(tools.sessions, tools.page)


def sweep(tools: Tools) -> None:
    """Forget what ended in the hub."""
    hub_delivery.sweep(tools.sessions)


def ask(tools: Tools, work: Work) -> None:
    """Ask a followed feed's hub for its pushes, anew or for longer."""
    asking.subscribe(tools.sessions, tools.door, tools.settings.base_url, int(work.key))


def leave(tools: Tools, work: Work) -> None:
    """Tell a hub that we want its pushes no more."""
    asking.unsubscribe(tools.sessions, tools.door, tools.settings.base_url, int(work.key))


def keep(tools: Tools) -> None:
    """Renew leases, try again what failed, end what is not followed any more."""
    asking.keep(tools.sessions)
