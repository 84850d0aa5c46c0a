"""One look at a feed while it is under way, and what it leaves in the subscription's row."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.intake.walk import Doubted, Unproved
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door
from network.log.entry import State
from network.push import leases
from network.subscriptions import schedule
from network.subscriptions.claims import Claim, Settled, settle
from network.subscriptions.fetch import Answer, Gone, MovedAway, Validators, origin_of
from network.subscriptions.models import Subscription
from network.subscriptions.policy import Policy, own_interval

KEPT_EPOCHS = 20
TIMES = {"polled_at", "succeeded_at", "complete_at", "next_poll"}
"""All that a look at an unchanged feed changes."""


@dataclass(slots=True)
class Look:
    """What a look needs. found: the subscription as it was at the beginning, detached.

    seen: the state that a member's head announced, as soon as one was read. again: something that
    could not be read before can be now, or perhaps, so that even an unchanged feed is read anew.
    """

    session: Session
    door: Door
    claim: Claim
    found: Subscription
    policy: Policy
    seen: State | None = None
    again: bool = False

    @property
    def validators(self) -> Validators:
        """What we know of the document read last."""
        if self.again:
            return Validators()
        return Validators(self.found.etag, self.found.last_modified, self.found.content_hash)

    def succeed(self, answer: Answer, now: datetime, **more: Any) -> None:
        """Write that the look came to its end, in the caller's transaction. Raises ClaimLost.

        more: what it brought. An unchanged document proves again what it proved before.
        """
        changes = self._changes(answer, now, more)
        settle(self.session, self.claim, **changes)
        if "hub" in changes or "self_url" in changes:
            hub = changes.get("hub", self.found.hub)
            topic = changes.get("self_url", self.found.self_url)
            leases.follow_hub(self.session, self.found.id, hub, topic)

    def nothing_new(self, answer: Answer, now: datetime) -> Settled | None:
        """The same as a value to be written with others, when only times change; else None."""
        if not answer.unchanged or answer.url != self.found.url:
            return None
        changes = self._changes(answer, now, {})
        if not changes.keys() <= TIMES:
            return None
        due = changes.get("next_poll", self.found.next_poll)
        return Settled(self.claim, due, now, changes.get("complete_at", self.found.complete_at))

    def _changes(self, answer: Answer, now: datetime, more: dict[str, Any]) -> dict[str, Any]:
        """What a look that came to its end changes in the row."""
        values: dict[str, Any] = {
            "etag": answer.validators.etag,
            "last_modified": answer.validators.last_modified,
            "content_hash": answer.validators.content_hash,
            "failures": 0,
            "error": "",
            "error_arguments": None,
            "pending_url": None,
            "polled_at": now,
            "succeeded_at": now,
        }
        if self.found.state == "gone":
            values["state"] = "active"
        if answer.unchanged and self.found.epoch is not None:
            whole = not self.found.unread
            values |= proved(self.found, self.found.epoch, self.found.cursor, now, whole=whole)
        values |= self._address(answer.url) | more
        hub = leases.named(self.found, answer, more)
        if hub is not None:
            values["hub"], values["self_url"] = hub
        changed = values.get("changed_at", self.found.changed_at)
        asked = values.get("asked_seconds", self.found.asked_seconds)
        pause = self._pause(answer, now, changed, asked)
        quiet = values.get("quiet_hours", self.found.quiet_hours)
        values["next_poll"] = schedule.outside(now + pause, quiet or (), now)
        return {name: v for name, v in values.items() if v != getattr(self.found, name)}

    def _address(self, url: str) -> dict[str, Any]:
        """The feed's new address on the same site, unless it is another subscription's."""
        if url == self.found.url or self.session.scalar(
            select(Subscription.id).where(Subscription.url == url)
        ):
            return {}
        origin, before = origin_of(url), self.found.origin
        if origin == before:
            return {"url": url}
        former = [o for o in self.found.former_origins if o != origin] + [before]
        return {"url": url, "origin": origin, "former_origins": former}

    def _pause(
        self, answer: Answer, now: datetime, changed: datetime | None, asked: int
    ) -> timedelta:
        own = own_interval(self.policy)
        if self.found.kind == "foreign":
            own = schedule.adaptive(own, changed or self.found.created, now)
        headers = answer.response.headers
        wanted = (
            schedule.freshness(headers, now),
            schedule.retry_after(headers, now) or 0.0,
            float(asked),
        )
        return schedule.wait(own, max(wanted), 0, _jitter())

    def fail(self, error: RemoteError) -> None:
        """Write down why the look failed, in a transaction of its own. Raises ClaimLost."""
        now, failures = clock.now(), self.found.failures + 1
        own = own_interval(self.policy)
        values: dict[str, Any] = {
            "failures": failures,
            "error": error.message,
            "error_arguments": _storable(error.arguments),
            "polled_at": now,
            "next_poll": now + schedule.wait(own, error.retry_after or 0, failures, _jitter()),
        }
        if self.seen is not None:
            values["publisher_seq"] = self.seen.seq
        with writing(self.session):
            settle(self.session, self.claim, **values | _said(error))


def proved(
    found: Subscription, epoch: str, seq: int, now: datetime, *, whole: bool
) -> dict[str, Any]:
    """What to write when our copy equals the member's log up to `seq`.

    whole: all of it could be read; else it is no complete copy, whatever is proved of the rest.
    """
    left = [each for each in found.left_epochs if each != epoch]
    if found.epoch is not None and found.epoch != epoch:
        left.append(found.epoch)
    return {
        "epoch": epoch,
        "cursor": seq,
        "left_epochs": left[-KEPT_EPOCHS:],
        "doubt_epoch": None,
        "doubt_seq": None,
        "publisher_seq": seq,
        "complete_seq": seq if whole else None,
        "complete_at": now if whole else found.complete_at,
    }


def _said(error: RemoteError) -> dict[str, Any]:
    """What a failure means for our copy."""
    match error:
        case Doubted():
            doubt = {"doubt_epoch": error.state.epoch, "doubt_seq": error.state.seq}
            return {"complete_seq": None, **doubt}
        case Unproved():
            return {"complete_seq": None}
        case Gone():
            return {"state": "gone"}
        case MovedAway():
            return {"pending_url": error.url}
        case _:
            return {}


def _storable(arguments: dict[str, Any]) -> dict[str, Any] | None:
    plain = {k: v if isinstance(v, int | float) else str(v)[:500] for k, v in arguments.items()}
    return plain or None


def _jitter() -> float:
    return random.random()  # noqa: S311 — spreads the looks, protects nothing
