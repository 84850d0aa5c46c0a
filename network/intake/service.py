"""One look at one followed feed, from the request to the commit, in this order and no other.

Ask, unless it is unchanged parse, decide, store: what was read and what it causes are committed
together at the very end, so that an end at any point before leaves everything as it was. Nothing
is asked of the network while a transaction is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from network.intake import foreign, member, troubles, unread
from network.intake.look import Look
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import PioneerError, RemoteError
from network.lib.http import Door, HostBusy
from network.lib.i18n import N_
from network.subscriptions.claims import Claim, ClaimLost, Settled, postpone
from network.subscriptions.fetch import Answer, ask
from network.subscriptions.models import Subscription
from network.subscriptions.policy import Policy, limits

OUR_FAULT = N_("This node could not take in what it received. Its own log says why.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look came to. keys: of the studies that changed. error: why it failed.

    lost: another process had taken the subscription over, or it is not followed any more.
    """

    kind: Literal["unchanged", "read", "failed", "busy", "lost"]
    keys: tuple[str, ...] = ()
    error: PioneerError | None = None


Later = Callable[[Settled], None]


def look_at(
    session: Session, door: Door, claim: Claim, policy: Policy, later: Later | None = None
) -> Outcome:
    """Look at a feed under a claim, and give the claim back whatever happens.

    later: takes what an unchanged feed came to, to write it and give the claim back with others.
    A RemoteError is written down and returned; anything else is a fault of ours, which is written
    down and raised.
    """
    try:
        found = claim.found or _standing(session, claim)
        return _look(Look(session, door, claim, found, policy), later)
    except ClaimLost:
        return Outcome("lost")
    finally:
        session.rollback()


def _standing(session: Session, claim: Claim) -> Subscription:
    """The subscription as it is now, to be read without a database. Raises ClaimLost."""
    found = session.get(Subscription, claim.subscription_id, populate_existing=True)
    if found is None or found.token != claim.token:
        raise ClaimLost
    session.expunge(found)
    session.rollback()
    return found


def _look(look: Look, later: Later | None) -> Outcome:
    if look.found.unread:
        look.again = unread.can_be_read(look.session, look.found)
        look.session.rollback()
    elif troubles.missing(look.found.troubles):
        look.again = True
    try:
        answer = ask(look.door, look.found.url, look.validators, limits(look.policy))
        return _unchanged(look, answer, later) if answer.unchanged else _take_in(look, answer)
    except HostBusy as error:
        postpone(look.session, look.claim)
        return Outcome("busy", error=error)
    except RemoteError as error:
        look.fail(error)
        return Outcome("failed", error=error)
    except ClaimLost:
        raise
    except Exception:
        look.fail(RemoteError(OUR_FAULT))
        raise


def _unchanged(look: Look, answer: Answer, later: Later | None) -> Outcome:
    """There is nothing to parse and nothing to store: note when that was."""
    now = clock.now()
    settled = look.nothing_new(answer, now) if later else None
    if later and settled:
        later(settled)
    else:
        with writing(look.session):
            look.succeed(answer, now)
    return Outcome("unchanged")


def _take_in(look: Look, answer: Answer) -> Outcome:
    """Store what an answer brought, on the subscription as it is by now."""
    if look.claim.found:
        look.found = _standing(look.session, look.claim)
    read = member.take_in if look.found.kind == "member" else foreign.take_in
    return Outcome("read", tuple(read(look, answer)))
