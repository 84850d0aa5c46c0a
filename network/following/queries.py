"""Every question about what is followed and how it is: for the list of peers, pages and checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.catalogue.models import Study
from network.cities import service as cities
from network.intake import walk
from network.lib import clock
from network.lib.errors import NotFound
from network.lib.i18n import N_, language_name
from network.moderation import review
from network.moderation.gate import rule_of
from network.moderation.rules import Rule
from network.subscriptions.models import Subscription
from network.topics import service as topics

Said = tuple[str, dict[str, Any]]
"""A message to translate, and its arguments."""


@dataclass(frozen=True, slots=True)
class PeerView:
    """A followed feed and its health.

    complete_seq, complete_at: our copy is proved to be all of the log up to there, as of then; None
    when nothing proves it now, and always for foreign feeds. lag: changes in the member's log that
    we do not have; None when not known. proved_at: when our copy was last proved, also if nothing
    proves it now. doubtful: a reading in full could not be proved, or the log went back.
    pending_url: where it says it moved. notice: what was odd although it could be read.
    waiting: its studies that a person is to read. unread: entries held back because they cannot be
    read, so that nothing is complete however much is proved. troubles: items of its last document
    that could not be stored, or not whole (troubles.of_items).
    """

    id: int
    title: str
    url: str
    site_url: str
    origin: str
    kind: str
    state: str
    city: str | None
    language: str | None
    studies: int
    waiting: int
    rule: Rule
    last_success: datetime | None
    last_look: datetime | None
    next_poll: datetime
    complete_seq: int | None
    complete_at: datetime | None
    proved_at: datetime | None
    doubtful: bool
    lag: int | None
    failures: int
    last_error: Said | None
    notice: Said | None
    troubles: list[dict[str, str]]
    pending_url: str | None
    unread: int = 0
    icon_mark: str = ""


def peers(session: Session) -> list[PeerView]:
    """Everything that is followed, members first, by title."""
    rows = list(session.scalars(select(Subscription)))
    counts, waiting = _studies(session, [row.id for row in rows]), review.waiting(session)
    rows.sort(key=lambda row: (row.kind != "member", row.title.casefold(), row.id))
    return [_view(row, counts.get(row.id, 0), waiting.get(row.id, 0)) for row in rows]


def peer(session: Session, subscription_id: int) -> PeerView | None:
    """One of them."""
    row = session.get(Subscription, subscription_id)
    if row is None:
        return None
    studies, waiting = _studies(session, [row.id]), review.waiting(session, row.id)
    return _view(row, studies.get(row.id, 0), waiting.get(row.id, 0))


def peer_or_fail(session: Session, subscription_id: int) -> PeerView:
    """The same. Raises NotFound."""
    found = peer(session, subscription_id)
    if found is None:
        raise NotFound(N_("This site is not followed."))
    return found


def find(session: Session, named: str) -> PeerView:
    """The one that somebody means by an address of it, its host, title or number.

    Raises NotFound, also when several fit.
    """
    wanted = named.strip().rstrip("/").casefold()
    fitting = [each for each in peers(session) if wanted in _names(each)]
    if len(fitting) != 1:
        raise NotFound(N_("“%(name)s” is not the address of a followed site."), name=named)
    return fitting[0]


def _names(view: PeerView) -> set[str]:
    host = view.origin.partition("://")[2]
    names = (view.url, view.site_url, view.origin, host, view.title, str(view.id))
    return {name.rstrip("/").casefold() for name in names}


def names(session: Session) -> dict[int, str]:
    """What to call each followed site."""
    rows = session.execute(select(Subscription.id, Subscription.title, Subscription.url))
    return {row.id: row.title or row.url for row in rows}


def faces(session: Session) -> dict[int, tuple[str, str]]:
    """(name, mark of its picture) of each followed site; the mark is empty without one."""
    columns = (Subscription.id, Subscription.title, Subscription.url, Subscription.icon_mark)
    rows = session.execute(select(*columns))
    return {row.id: (row.title or row.url, row.icon_mark) for row in rows}


def rule_names(session: Session, rule: Rule, lang: str) -> list[str]:
    """What a rule names, in a language of the pages: topics, cities, languages."""
    about = [topics.by_slug(session, slug) for slug in rule.topics]
    places = [cities.by_key(session, slug) for slug in rule.cities]
    names = [named.name(lang) for named in (*about, *places) if named is not None]
    return names + [language_name(tag, lang) for tag in rule.languages]


def as_dict(view: PeerView) -> dict[str, Any]:
    """A peer for scripts: dates as ISO 8601 text, messages in English."""
    plain = asdict(view)
    for key in ("last_error", "notice"):
        said = getattr(view, key)
        plain[key] = said[0] % said[1] if said and said[1] else said and said[0]
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in plain.items()
    }


def _studies(session: Session, ids: Iterable[int]) -> dict[int, int]:
    rows = session.execute(
        select(Study.source_id, func.count())
        .where(Study.source_id.in_(ids))
        .group_by(Study.source_id)
    )
    return {source: number for source, number in rows if source is not None}


_DOUBTS = (walk.UNEQUAL, walk.REFUSED, walk.WENT_BACK)


def _view(row: Subscription, studies: int, waiting: int) -> PeerView:
    now = clock.now()
    complete_at = clock.believed(row.complete_at, now)
    proved = row.complete_seq is not None
    known = (row.succeeded_at is not None and not row.unread) or row.error in _DOUBTS
    return PeerView(
        id=row.id,
        title=row.title,
        url=row.url,
        site_url=row.site_url,
        origin=row.origin,
        kind=row.kind,
        state=row.state,
        city=row.city,
        language=row.language,
        studies=studies,
        waiting=waiting,
        rule=rule_of(row),
        last_success=clock.believed(row.succeeded_at, now),
        last_look=clock.believed(row.polled_at, now),
        next_poll=row.next_poll,
        complete_seq=row.complete_seq,
        complete_at=complete_at if proved else None,
        proved_at=complete_at,
        doubtful=row.kind == "member" and known and not proved,
        lag=max(0, row.publisher_seq - (row.complete_seq or 0)) if proved else None,
        failures=row.failures,
        last_error=(row.error, row.error_arguments or {}) if row.error else None,
        notice=(row.notice, row.notice_arguments or {}) if row.notice else None,
        troubles=row.troubles or [],
        pending_url=row.pending_url,
        unread=row.unread,
        icon_mark=row.icon_mark,
    )
