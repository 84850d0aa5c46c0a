"""Looks at a page that is said to link to us, and keeps what it says; again and again, later.

The network is asked outside of any transaction; what came of it is written in one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from network.adoptions.models import LONGEST_CHECK, Mention
from network.adoptions.webmention import sites, source, targets
from network.adoptions.webmention.source import Finding
from network.catalogue import store
from network.catalogue.models import Inspiration, Study, Version
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door, HostBusy, Limits, Response
from network.lib.i18n import N_
from network.subscriptions.fetch import refusal
from network.subscriptions.models import Subscription

LIMITS = Limits(seconds=10.0, wait=2.0, body_bytes=1 << 20, wire_bytes=2 << 20, whole=False)
"""A page is read to its limit: the link may stand there, however much comes after it."""
AGAIN = (
    *(timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3)),
    *(timedelta(hours=12), timedelta(days=1), timedelta(days=2), timedelta(days=4)),
)
"""How long a source that does not answer is left alone, failure by failure; then it is gone."""
LATER = (
    (timedelta(days=1), timedelta(days=1)),
    (timedelta(days=8), timedelta(days=7)),
    (timedelta.max, LONGEST_CHECK),
)
"""(known for up to, until the next look) of a source that is still as it was."""
SOON = timedelta(seconds=10)
LOOKS_PER_MINUTE = 30
"""At the pages of one host, so that nobody can have us trouble it."""
REST_OF_HOST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a source met. finding: its link and words, None when there is no link.

    url: the address that answered. failed: there was no answer that says anything.
    error: why there is no link, as a message to translate.
    """

    finding: Finding | None = None
    url: str = ""
    failed: bool = False
    error: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    retry_after: float = 0.0


def check(sessions: sessionmaker[Session], door: Door, key: str, base_url: str) -> None:
    """Look at a source now and bring its row up to date. key: the row's digest."""
    with sessions() as session:
        row = _row(session, key)
        if row is None or not _may_look(session, row, base_url):
            return
        address, target = row.source, row.target
    try:
        look = _look(door, address, target)
    except HostBusy:
        put_off(sessions, key, SOON)
        return
    with sessions() as session, writing(session):
        row = _row(session, key)
        if row is not None:
            _keep(session, row, look)


def put_off(sessions: sessionmaker[Session], key: str, wait: timedelta) -> None:
    """Look at a source later: this is no time for it."""
    with sessions() as session, writing(session):
        row = _row(session, key)
        if row is not None:
            row.next_check = clock.now() + wait


def is_trusted(sessions: sessionmaker[Session], key: str) -> bool:
    """Whether the source is on a member's site."""
    with sessions() as session:
        row = _row(session, key)
        return row is not None and sites.known(session).trusts(row.source)


def _row(session: Session, key: str) -> Mention | None:
    return session.scalar(select(Mention).where(Mention.digest == key))


def _may_look(session: Session, row: Mention, base_url: str) -> bool:
    """Whether a look is worth while, and the host has not been asked too much; else sets when."""
    now, opinion = clock.now(), sites.known(session)
    wait: timedelta | None = None
    if row.decision == "refused" or opinion.blocks(row.host):
        wait = LONGEST_CHECK
    elif targets.study_at(session, row.target, base_url) is None:
        wait = timedelta(days=1)  # withdrawn; it may come back, and its mentions with it
    elif not opinion.trusts(row.source) and _looks(session, row.host, now) >= LOOKS_PER_MINUTE:
        wait = REST_OF_HOST
    if wait is not None:
        with writing(session):
            row = session.get_one(Mention, row.id, populate_existing=True)
            row.next_check = now + wait
            if opinion.blocks(row.host):
                row.state = "refused"
    return wait is None


def _looks(session: Session, host: str, now: datetime) -> int:
    recent = select(func.count()).where(
        Mention.host == host, Mention.verified_at.between(now - timedelta(minutes=1), now)
    )
    return session.scalar(recent) or 0


def _look(door: Door, address: str, target: str) -> Look:
    try:
        answer = door.get(address, {"Accept": source.ACCEPT}, LIMITS)
        if answer.status in (404, 410):
            error = refusal(answer)
            return Look(url=answer.url, error=error.message, arguments=error.arguments)
        if not answer.ok:
            raise refusal(answer)
    except HostBusy:
        raise
    except RemoteError as error:
        return Look(
            failed=error.retryable,
            error=error.message,
            arguments=error.arguments,
            retry_after=error.retry_after or 0.0,
        )
    return _read(answer, target)


def _read(answer: Response, target: str) -> Look:
    kind = next((v for k, v in answer.headers.items() if k.lower() == "content-type"), "")
    kind = kind if kind.strip() else "text/html"  # a page whose site does not say what it is
    finding = source.read(answer.content, kind, answer.url, target)
    if finding is None and len(answer.content) >= LIMITS.body_bytes:
        error = N_(
            "The page is longer than %(megabytes)s MB; so far it has no link to the case study."
        )
        return Look(url=answer.url, error=error, arguments={"megabytes": LIMITS.body_bytes >> 20})
    if finding is None:
        return Look(url=answer.url, error=N_("The page does not link to the case study."))
    return Look(finding, answer.url)


def _keep(session: Session, row: Mention, look: Look) -> None:
    """Write what was seen, and let readers see it or no longer see it at once."""
    now, before = clock.now(), _shown_words(row)
    row.verified_at, row.error, row.error_arguments = now, look.error, look.arguments or None
    if look.failed and row.failures < len(AGAIN):
        asked = timedelta(seconds=min(look.retry_after, AGAIN[-1].total_seconds()))
        row.next_check = now + max(AGAIN[row.failures], asked)
        row.failures += 1
    elif look.finding is None:
        row.state, row.next_check, row.failures = "gone", None, 0
    else:
        row.next_check, row.failures = now + _later(now - row.received), 0
        _take_over(session, row, look.finding, look.url)
    if _shown_words(row) != before:
        store.touch(session)


def _shown_words(row: Mention) -> tuple[str, ...] | None:
    """What readers see of it; None when they see nothing."""
    return _words(row) if row.state == "shown" else None


def _words(row: Mention) -> tuple[str, ...]:
    return row.kind or "", row.title or "", row.site or "", row.excerpt or "", row.lang or ""


def _take_over(session: Session, row: Mention, finding: Finding, url: str) -> None:
    """The page links to us: what it says is ours to show, at once or when a person has read it."""
    opinion, before = sites.known(session), _words(row)
    row.trusted = opinion.trusts(row.source, url)
    row.kind = _kind(session, row, finding, url)
    row.site = (_member_name(session, row) if row.trusted else "") or finding.site
    row.title = source.without_site(finding.title, row.site)
    row.lang, row.excerpt = finding.lang, finding.excerpt
    if row.decision == "accepted" and _words(row) != before and not row.trusted:
        row.decision = ""  # a person agreed to other words than these
    row.state = sites.state_of(row.decision, row.trusted, opinion.blocks(row.host))


def _kind(session: Session, row: Mention, finding: Finding, url: str) -> str:
    """What the page says, or what the member's own entry says of the study on it."""
    if finding.kind != "mention" or not row.trusted:
        return finding.kind
    ours = select(Version.url).where(Version.study_key == row.study_key)
    says_so = (
        select(Inspiration.study_key)
        .join(Version, Version.study_key == Inspiration.study_key)
        .join(Study, Study.study_key == Inspiration.study_key)
        .where(
            Study.source_id.is_not(None),
            or_(
                Version.url.in_((row.source, url)),
                Version.entry_id == row.source,
                Version.study_key == row.source,
            ),
            or_(Inspiration.target_key == row.study_key, Inspiration.target_key.in_(ours)),
        )
    )
    return finding.kind if session.scalar(says_so.limit(1)) is None else "adoption"


def _member_name(session: Session, row: Mention) -> str:
    rows = session.execute(
        select(Subscription.title, Subscription.origin, Subscription.former_origins).where(
            Subscription.kind == "member"
        )
    )
    origin = sites.origin_of(row.source)
    return next((r.title for r in rows if origin in (r.origin, *r.former_origins)), "")


def _later(known_for: timedelta) -> timedelta:
    return next(wait for up_to, wait in LATER if known_for < up_to)
