"""What people decide about pages that link to us, and what follows when a site is blocked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from network.adoptions.models import LONGEST_CHECK, LONGEST_TRY, Mention, SentMention
from network.adoptions.webmention import sites
from network.adoptions.webmention.receiving import UNDER_WAY
from network.catalogue import store
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import NotFound
from network.lib.i18n import N_

DECISIONS = ("accepted", "refused", "")
BATCH = 200
"""Rows that a duty takes up at a time."""
KEPT = timedelta(days=30)
"""How long a source that no longer links is remembered."""
KEPT_OF_STRANGERS = timedelta(days=1)
"""The same of one that never did."""


def decide(session: Session, mention_id: int, decision: str) -> str:
    """Show a mention, refuse it, or take either back; gives what was decided before.

    What links to us no more cannot be agreed to: it may come back with other words.

    Raises NotFound.
    """
    with writing(session):
        row = session.get(Mention, mention_id, with_for_update=True, populate_existing=True)
        undecidable = ("new", "gone") if decision == "accepted" else ("new",)
        if row is None or decision not in DECISIONS or row.state in undecidable:
            raise NotFound(N_("There is no such mention."))
        before, row.decision = row.decision, decision
        _settle(session, [row])
        if row.next_check is None and decision != "refused":
            row.next_check = clock.now()  # nobody looked at it while it was refused
        return before


def accept_site(session: Session, host: str) -> int:
    """Show all that waits from one site; gives how many."""
    with writing(session):
        rows = session.scalars(
            select(Mention).where(Mention.host == host, Mention.state == "waiting")
        ).all()
        for row in rows:
            row.decision = "accepted"
        _settle(session, rows)
        return len(rows)


def reconcile(session: Session) -> int:
    """Bring all that was seen into line with whom we follow or block now; gives what changed.

    Trust is lost at once and won by a new look, which sees where the source leads.
    """
    changed, last = 0, 0
    while True:
        with writing(session):
            rows = session.scalars(
                select(Mention)
                .where(Mention.id > last, Mention.state.not_in(("new", "gone")))
                .order_by(Mention.id)
                .limit(BATCH)
            ).all()
            changed += _settle(session, rows)
            if not rows:
                return changed
            last = rows[-1].id


def _settle(session: Session, rows: Sequence[Mention]) -> int:
    """Give seen rows the state that decision, trust and blocks amount to now."""
    opinion, now, changed, visible = sites.known(session), clock.now(), 0, False
    for row in rows:
        if row.state in ("new", "gone"):
            continue
        before, trusts = row.state, opinion.trusts(row.source)
        if trusts and not row.trusted and row.decision != "refused":
            row.next_check = now
        row.trusted = row.trusted and trusts
        row.state = sites.state_of(row.decision, row.trusted, opinion.blocks(row.host))
        changed += row.state != before
        visible = visible or (row.state != before and "shown" in (row.state, before))
    if visible:
        store.touch(session)
    return changed


def queue_due(session: Session) -> None:
    """Jobs for what is to be looked at, or told, again by now."""
    now = clock.now()
    with writing(session):
        looks = select(Mention).where(clock.is_due(Mention.next_check, now, LONGEST_CHECK))
        for row in session.scalars(looks.order_by(Mention.next_check).limit(BATCH)):
            row.next_check = now + UNDER_WAY
            jobs.add(session, Kind.WEBMENTION_CHECK, row.digest)
        tellings = select(SentMention).where(
            clock.is_due(SentMention.next_try, now, LONGEST_TRY), SentMention.state == "waiting"
        )
        for sent in session.scalars(tellings.order_by(SentMention.next_try).limit(BATCH)):
            sent.next_try = now + UNDER_WAY
            jobs.add(session, Kind.WEBMENTION_SEND, sent.digest)


def is_anything_due(session: Session) -> bool:
    """Whether `queue_due` has something to do: most of the time it has not."""
    now = clock.now()
    look = select(Mention.id).where(clock.is_due(Mention.next_check, now, LONGEST_CHECK)).limit(1)
    telling = select(SentMention.id).where(
        clock.is_due(SentMention.next_try, now, LONGEST_TRY), SentMention.state == "waiting"
    )
    return any(session.scalar(q) is not None for q in (look, telling.limit(1)))


def forget_old(session: Session) -> None:
    """Forget sources that no longer link to us, those that never did sooner than others."""
    now = clock.now()
    never = (Mention.kind == "mention", Mention.title == "", Mention.excerpt == "")
    with writing(session):
        ahead = Mention.received > now + clock.SLACK  # our clock was wrong then
        session.execute(update(Mention).where(ahead).values(received=now))
        session.execute(
            delete(Mention).where(
                Mention.state == "gone",
                or_(
                    Mention.verified_at < now - KEPT,
                    and_(Mention.verified_at < now - KEPT_OF_STRANGERS, *never),
                ),
            )
        )
        session.execute(
            delete(SentMention).where(
                SentMention.present.is_(False),
                SentMention.state != "waiting",
                SentMention.sent_at < now - KEPT,
            )
        )
