"""What slows a guesser down: attempts are counted before they are made, in one statement each.

So guesses that come at once in several processes cannot pass a limit together. Who guesses at a
mailbox uses up their own chances, by the network address that they come from, and not those of its
owner: a browser that has signed in before is counted by itself (`devices`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil

from sqlalchemy import ColumnElement, case, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from network.accounts.models import SignInCount
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.lib.i18n import N_

WINDOW = timedelta(minutes=15)
PER_BROWSER = 8
"""Wrong passwords for one mailbox, from one address or from a browser that has signed in before."""
PER_ADDRESS = 200
"""From one address for any mailboxes: a town hall is behind one, and each attempt costs a core."""
PER_MAILBOX = 400
"""For one mailbox from browsers that it has never signed in with, wherever they are."""
LINKS_PER_MAILBOX, LINKS_PER_ADDRESS = 3, 20

Limit = tuple[str, int]
"""(what is counted, the most in a window)."""


def of_attempt(mailbox: str, address: str, device: str | None) -> list[Limit]:
    """What an attempt to sign in counts for. device: the browser's mark, if it has signed in to
    this mailbox before."""
    if device is not None:
        return [(_subject("device", device), PER_BROWSER)]
    place = place_of(address)
    return [
        (_subject("pair", f"{place} {mailbox}"), PER_BROWSER),
        (_subject("address", place), PER_ADDRESS),
        (_subject("mailbox", mailbox), PER_MAILBOX),
    ]


def of_link(mailbox: str, address: str) -> tuple[Limit, Limit]:
    """What asking for a link counts for: the address, and the mailbox."""
    place = place_of(address)
    by_address = (_subject("links of address", place), LINKS_PER_ADDRESS)
    return by_address, (_subject("links of mailbox", mailbox), LINKS_PER_MAILBOX)


def place_of(address: str) -> str:
    """A network address as it is counted: of IPv6 the first half, for one line has all the rest."""
    with suppress(ValueError):
        if (found := ip_address(address)).version == 6:
            return str(ip_network((found, 64), strict=False))
    return address


def _subject(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind} {value}".encode("utf-8", "replace")).hexdigest()


def take(session: Session, limits: Sequence[Limit]) -> None:
    """Count an attempt that is about to be made. Raises InvalidInput when it may not be."""
    if (until := _count(session, limits)) is not None:
        raise InvalidInput(
            N_("Too many attempts have failed. Wait %(minutes)s minutes and try again."),
            minutes=max(1, ceil((until - clock.now()).total_seconds() / 60)),
        )


def allows(session: Session, limits: Sequence[Limit]) -> bool:
    """The same, as a question."""
    return _count(session, limits) is None


def _count(session: Session, limits: Sequence[Limit]) -> datetime | None:
    """Count for one limit after the other; gives when the first that is full is free again. What
    is refused there counts for none of the others."""
    with writing(session):
        for subject, most in limits:
            tries, began = _one_more(session, subject)
            if tries > most:
                return began + WINDOW
    return None


def _one_more(session: Session, subject: str) -> tuple[int, datetime]:
    counted = next(_counting(session, subject), None)
    if counted is not None:
        return counted
    now = clock.now()
    try:
        with session.begin_nested():
            session.execute(delete(SignInCount).where(_is_over(now)))
            session.add(SignInCount(subject=subject, tries=1, began=now))
    except IntegrityError:  # another process began to count in this very moment
        return next(_counting(session, subject))
    return 1, now


def _counting(session: Session, subject: str) -> Iterator[tuple[int, datetime]]:
    now = clock.now()
    over = _is_over(now)
    statement = (
        update(SignInCount)
        .where(SignInCount.subject == subject)
        .values(
            tries=case((over, 1), else_=SignInCount.tries + 1),
            began=case((over, now), else_=SignInCount.began),
        )
        .returning(SignInCount.tries, SignInCount.began)
        .execution_options(synchronize_session=False)
    )
    for row in session.execute(statement).all():
        yield row.tries, row.began


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Whether a window has ended; one that begins in the future began with a wrong clock."""
    return ~SignInCount.began.between(now - WINDOW, now + clock.SLACK)


def give_back(session: Session, limits: Sequence[Limit]) -> None:
    """The attempt was good, in the caller's transaction: its own count begins anew, and it is none
    of those of an address or a mailbox."""
    own, *others = [subject for subject, _most in limits]
    session.execute(delete(SignInCount).where(SignInCount.subject == own))
    session.execute(
        update(SignInCount)
        .where(SignInCount.subject.in_(others), SignInCount.tries > 0)
        .values(tries=SignInCount.tries - 1)
    )
