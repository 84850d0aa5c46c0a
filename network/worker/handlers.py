"""Job name to handler, and duties that come round: what the worker does beside indexing and polls.

A handler runs at least once and is therefore idempotent. It opens its own sessions, asks nothing of
the network while a transaction is open, and raises when the job is to be tried again: RemoteError
when another site failed, anything else when the fault is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from network.config import Settings
from network.lib.http import Door
from network.search.engine import SearchEngine
from network.worker import (
    adoptions,
    clocks,
    icons,
    membership,
    push,
    searches,
    sign_in,
    teaching,
    webmention,
)


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What an address of this node answers to anybody who asks. media_type: with its parameters."""

    status: int
    media_type: str
    content: bytes
    links: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What jobs and duties may use. page: an address of this node, from its path on, as it is."""

    settings: Settings
    sessions: sessionmaker[Session]
    door: Door
    page: Callable[[str], OwnPage]
    search: SearchEngine | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed job as its handler sees it. attempt: 1 for the first."""

    key: str
    payload: Mapping[str, Any]
    attempt: int


Handler = Callable[[Tools, Work], None]

HANDLERS: dict[str, Handler] = {
    "webmention": webmention.plan,
    "webmention-send": webmention.send,
    "webmention-check": webmention.check,
    "hub-verify": push.hub_verify_one,
    "hub-push": push.hub_push,
    "hub-deny": push.hub_deny,
    "websub-subscribe": push.ask,
    "websub-unsubscribe": push.leave,
    "icon": icons.refresh,
    "follow": membership.follow,
    "describe": membership.describe,
    "search-confirm": searches.ask,
    "search-digest": searches.tell,
    "sign-in-link": sign_in.send,
}
"""Kinds of jobs that run beside each other in threads. One that hangs keeps one thread."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the leader does again and again. every: from the end of one to the next."""

    name: str
    every: timedelta
    run: Callable[[Tools], None]


DUTIES: tuple[Duty, ...] = (
    Duty("clocks", timedelta(minutes=1), clocks.settle),
    Duty("webmentions due", timedelta(seconds=2), webmention.queue_due),
    Duty("webmentions of sites", timedelta(seconds=2), webmention.Reconciliation()),
    Duty("old webmentions", timedelta(hours=1), webmention.forget_old),
    Duty("hub-distribute", timedelta(0), push.distribute),
    Duty("hub-sweep", timedelta(minutes=10), push.sweep),
    Duty("websub-keep", timedelta(seconds=10), push.keep),
    Duty("adoptions", timedelta(seconds=15), adoptions.reconcile),
    Duty("followers", timedelta(seconds=15), adoptions.confirm_followers),
    Duty("icons", timedelta(seconds=20), icons.plan),
    Duty("trusted lists", timedelta(hours=1), membership.read_lists),
    Duty("lexicon", timedelta(minutes=5), teaching.learn),
    Duty("saved searches", timedelta(seconds=20), searches.look),
    Duty("members' descriptions", timedelta(hours=1), membership.describe_members),
)
