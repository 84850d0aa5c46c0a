"""Keeping a search, agreeing to its mails, changing it and ending it.

A reader without an account is known by a mailbox alone. It is told nothing but one question until
its owner agreed, and forgotten with the last search that it keeps.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from network.accounts.throttle import place_of
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput, NotFound, PioneerError
from network.lib.i18n import N_
from network.lib.text import clean
from network.saved_searches.models import LONGEST_PERIOD, SavedSearch, SearchDigest, ToldStudy
from network.seen import is_blank

PERIODS = {"daily": timedelta(days=1), "weekly": LONGEST_PERIOD, "never": None}
LONGEST_NAME = 120
LASTS = timedelta(days=3)
"""How long an unconfirmed search waits, and so does the mailbox that somebody typed."""
UNCONFIRMED_OF_MAILBOX = 3
"""So nobody gets more than three mails in three days that they have not asked for."""
UNCONFIRMED_FROM, UNCONFIRMED = 10, 500
"""Unconfirmed searches from one network address, and in all."""
MOST = 50
"""Searches that one person keeps."""
MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class TooMany(PioneerError):
    """This is too much at the moment."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search to keep. query: as typed. filters: facet → English slug or value."""

    name: str
    lang: str
    every: str
    query: str = ""
    filters: dict[str, Any] = field(default_factory=dict)


def keep(session: Session, user_id: int, wanted: Wanted) -> str:
    """Keep an official's search; gives its handle. Raises InvalidInput, TooMany."""
    row = _row(wanted, clock.now())
    row.user_id, row.confirmed = user_id, row.created
    _set_period(row, wanted.every)
    with writing(session):
        _check_room(session, SavedSearch.user_id == user_id)
        session.add(row)
    return row.handle


def ask(session: Session, email: str, wanted: Wanted, secret: str, address: str) -> None:
    """Keep a reader's search until they agree, and ask them by e-mail.

    Says nothing of what else the mailbox is used for: when it has been asked often enough, it is
    not asked again and nobody is told. address: the network address that the wish came from, kept
    as a hash until the reader agrees. Raises InvalidInput, TooMany.
    """
    mailbox = clean(email).strip().lower()
    if len(mailbox) > 254 or not MAILBOX.fullmatch(mailbox):
        raise InvalidInput(N_("Enter a mailbox such as name@city.example."), "email")
    row = _row(wanted, clock.now())
    row.email, row.asked_from = mailbox, hashed(secret, address)
    waiting = SavedSearch.confirmed.is_(None)
    with writing(session):
        if _count(session, waiting) >= UNCONFIRMED or (
            _count(session, waiting, SavedSearch.asked_from == row.asked_from) >= UNCONFIRMED_FROM
        ):
            raise TooMany(N_("Too many e-mails have been asked for; try again later."))
        of_mailbox = SavedSearch.email == mailbox
        if (
            _count(session, waiting, of_mailbox) >= UNCONFIRMED_OF_MAILBOX
            or _count(session, of_mailbox) >= MOST
        ):
            return
        session.add(row)
        jobs.add(session, Kind.SEARCH_CONFIRM, row.handle)


def hashed(secret: str, address: str) -> str:
    """What is kept of a network address."""
    return hmac.new(secret.encode(), place_of(address).encode(), hashlib.sha256).hexdigest()


def _row(wanted: Wanted, now: datetime) -> SavedSearch:
    if wanted.every not in PERIODS:
        raise InvalidInput(N_("Choose how often."), "every")
    return SavedSearch(
        handle=secrets.token_hex(16),
        name=_name(wanted.name),
        lang=wanted.lang,
        query=clean(wanted.query),
        filters=wanted.filters,
        every=wanted.every,
        created=now,
        since=now,
        email="",
        asked_from="",
        refusals=0,
    )


def _name(given: str) -> str:
    name = " ".join(clean(given).split())
    if is_blank(name) or len(name) > LONGEST_NAME:
        raise InvalidInput(
            N_("Give a name of at most %(most)s characters."), "name", most=LONGEST_NAME
        )
    return name


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(SavedSearch.handle)).where(*conditions)) or 0


def _check_room(session: Session, whose: ColumnElement[bool]) -> None:
    if _count(session, whose) >= MOST:
        raise TooMany(N_("You keep very many searches already. Delete one first."))


def _set_period(row: SavedSearch, every: str) -> None:
    """News are looked for one period from now; what came before a pause is none."""
    now, period = clock.now(), PERIODS[every]
    if row.due is None:
        row.since = now
    row.every, row.due = every, now + period if period else None


def confirm(session: Session, handle: str) -> SavedSearch:
    """The mailbox's owner agrees: news from now on. Saying it twice changes nothing.

    Raises NotFound.
    """
    with writing(session):
        row = found(session, handle)
        if row.confirmed is None:
            row.confirmed, row.asked_from = clock.now(), ""
            _set_period(row, row.every)
    return row


def found(session: Session, handle: str) -> SavedSearch:
    """Raises NotFound."""
    row = session.get(SavedSearch, handle)
    if row is None:
        raise NotFound(N_("This search is not kept here (any more)."))
    return row


def of_user(session: Session, user_id: int) -> list[SavedSearch]:
    """An official's searches, by name."""
    return _by_name(session, SavedSearch.user_id == user_id)


def of_same_reader(session: Session, handle: str) -> list[SavedSearch]:
    """The searches of whoever keeps this one, by name. Raises NotFound."""
    row = found(session, handle)
    if row.user_id is not None:
        return of_user(session, row.user_id)
    return of_mailbox(session, row.email)


def of_mailbox(session: Session, email: str) -> list[SavedSearch]:
    """A reader's searches, by name, without those that nobody agreed to."""
    return _by_name(session, SavedSearch.email == email, SavedSearch.confirmed.is_not(None))


def _by_name(session: Session, *conditions: ColumnElement[bool]) -> list[SavedSearch]:
    query = select(SavedSearch).where(*conditions)
    return list(session.scalars(query.order_by(SavedSearch.name, SavedSearch.handle)))


def change(session: Session, handle: str, name: str, every: str) -> None:
    """Give another name or period. Raises InvalidInput, NotFound."""
    if every not in PERIODS:
        raise InvalidInput(N_("Choose how often."), "every")
    with writing(session):
        row = found(session, handle)
        row.name = _name(name)
        if row.every != every:
            _set_period(row, every)
            row.refusals = 0
        if every == "never":
            session.execute(delete(SearchDigest).where(SearchDigest.handle == handle))


def remove(session: Session, handles: Sequence[str]) -> None:
    """Forget searches with all that belongs to them, mails on their way included."""
    with writing(session):
        for table in (SearchDigest, ToldStudy, SavedSearch):
            session.execute(delete(table).where(table.handle.in_(list(handles))))


def unsubscribe(session: Session, handle: str) -> None:
    """No more mails: a reader's search is forgotten with its mailbox, an official's is kept
    without them. What is gone already is no error."""
    with writing(session):
        row = session.get(SavedSearch, handle)
        if row is None:
            return
        if row.user_id is None:
            remove(session, [handle])
            return
        session.execute(delete(SearchDigest).where(SearchDigest.handle == handle))
        _set_period(row, "never")


def forget_unconfirmed(session: Session) -> None:
    """What nobody agreed to in time goes, and the mailbox with it."""
    now = clock.now()
    old = select(SavedSearch.handle).where(
        SavedSearch.confirmed.is_(None),
        ~SavedSearch.created.between(now - LASTS, now + clock.SLACK),
    )
    handles = list(session.scalars(old))
    if handles:
        remove(session, handles)
