"""Takes in a member's log: strictly, whole, and only with the proof that nothing is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from network.cities import site as sites
from network.intake import store, walk
from network.intake.decide import Plan, parts
from network.intake.look import Look, proved
from network.lib import clock
from network.lib.aside import Aside
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Response
from network.lib.i18n import N_
from network.log.reading import Document, parse_document
from network.subscriptions import fetch
from network.subscriptions.claims import Lease
from network.subscriptions.models import Subscription
from network.subscriptions.policy import limits

ELSEWHERE = N_("It is answered for by another site, %(url)s.")
SOME_REFUSED = N_(
    "%(number)s entries were refused because their ids belong to another site, such as "
    "%(entry_id)s."
)

MOST_AT_ONCE = 500
"""Entries written in one transaction: others wait for it. The cursor moves with the last."""


class Reader:
    """Fetches documents of one member's log, and remembers the head that it read last: head, and
    the answer that carried it. Raises RemoteError when the first is none."""

    def __init__(self, look: Look, answer: fetch.Answer) -> None:
        self._look, self._lease = look, Lease(look.session, look.claim)
        self._url = answer.url
        self.answer = answer
        self.head = self._parse(answer.url, answer.response)

    def __call__(self, url: str, *, fresh: bool = False) -> Document:
        """See walk.Fetch."""
        self._lease.keep()
        response = fetch.get(self._look.door, url, limits(self._look.policy), fresh)
        document = self._parse(url, response)
        if url == self._url:
            found = fetch.validators(response)
            self.answer, self.head = fetch.Answer(response, url, False, found), document
        return document

    def _parse(self, url: str, response: Response) -> Document:
        if not fetch.same_site(url, response.url):
            raise RemoteError(ELSEWHERE, url=response.url)
        document = parse_document(response.content, response.url)
        if url == self._url and document.state is not None:
            self._look.seen = document.state
        return document


def take_in(look: Look, answer: fetch.Answer) -> list[str]:
    """Read as far as needed and store it; gives the keys of the studies that changed.

    Raises RemoteError (nothing was changed), ClaimLost (some parts of much may have been written).
    """
    reader = Reader(look, answer)
    held = store.held(look.session, look.found.id)
    look.session.rollback()  # nothing is asked of the network within a transaction
    with Aside() as aside:
        known = _known(look.found, answer.url, again=look.again)
        reading = walk.read(known, reader.head, held, reader, aside)
        head = reader.head  # the log may have changed while it was read
        now, keys, held_back = clock.now(), list[str](), reading.plan.held_back
        unreadable = {entry_id for entry_id, each in held.items() if not each.readable}

        def apply(plan: Plan) -> int:
            """Write a part; gives how much more of the log is held back. Raises RemoteError."""
            city = sites.read(look.session, look.policy).city
            ours = city.slug if city else None
            changed, left = store.apply_member(
                look.session, look.claim, plan, aside, now, head.places, ours, unreadable
            )
            if left and held_back + left > walk.MOST_UNREAD:
                raise RemoteError(walk.TOO_MANY_UNREAD, most=walk.MOST_UNREAD)
            keys.extend(changed)
            return left

        *first, last = parts(reading.plan, MOST_AT_ONCE)
        for part in first:
            with writing(look.session):
                held_back += apply(part)
        with writing(look.session):
            held_back += apply(last)
            values = _about(head, look.found, reading.plan, now)
            values |= _standing(look.found, reading, now, held_back)
            look.succeed(reader.answer, now, **values)
    return keys


def _standing(
    found: Subscription, reading: walk.Reading, now: datetime, unread: int
) -> dict[str, Any]:
    """Where our copy stands now. It is complete only when nothing of the log is held back.

    unread: how many of its rows are."""
    state = reading.state
    if not reading.proved:
        return {"publisher_seq": state.seq, "complete_seq": None, "unread": unread}
    return proved(found, state.epoch, state.seq, now, whole=not unread) | {"unread": unread}


def _known(found: Subscription, url: str, *, again: bool) -> walk.Known:
    doubt = None
    if found.doubt_epoch is not None and found.doubt_seq is not None:
        doubt = (found.doubt_epoch, found.doubt_seq)
    return walk.Known(
        url=url,
        origins=(found.origin, *found.former_origins),
        epoch=found.epoch,
        cursor=found.cursor,
        left=tuple(found.left_epochs),
        doubt=doubt,
        again=again,
    )


def _about(head: Document, found: Subscription, plan: Plan, now: datetime) -> dict[str, Any]:
    """What the log says of itself, and a word about entries that were refused although everything
    else adds up."""
    refused = {"number": len(plan.refused), "entry_id": next(iter(plan.refused), "")[:200]}
    return {
        "title": found.title if found.title_is_chosen else head.title,
        "site_url": f"{fetch.origin_of(found.url)}/",
        "hub": head.hub or "",
        "self_url": head.self_url or "",
        "notice": SOME_REFUSED if plan.refused else "",
        "notice_arguments": refused if plan.refused else None,
        "changed_at": found.changed_at if plan.empty else now,
    }
