"""Tells other sites of the links that our studies make, and of those that they no longer make.

`plan` decides, in one transaction, whom a change of a study concerns; `send` tells one of them. A
site that does not answer is tried again for days, and keeps nobody else waiting.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker, undefer

from network.adoptions.models import LONGEST_TRY, SentMention
from network.adoptions.webmention import discovery, links
from network.catalogue.models import Study, Version
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import RemoteError
from network.lib.http import Door, HostBusy, Limits, Response
from network.lib.i18n import N_
from network.subscriptions.fetch import refusal

LIMITS = Limits(seconds=20.0, wait=5.0, body_bytes=4 << 20, wire_bytes=8 << 20, whole=False)
AGAIN = (
    *(timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)),
    *(timedelta(hours=6), timedelta(days=1), timedelta(days=1), timedelta(days=2)),
)
"""How long a failed telling waits, failure by failure; after the last it has failed for good."""
UNDER_WAY = timedelta(minutes=15)
"""A telling that has a job is left to it for so long."""
HOPS = 3
RETRYABLE = (408, 425, 429)


def digest(source: str, target: str) -> str:
    """What tells a pair from every other."""
    return hashlib.sha256(f"{source}\n{target}".encode()).hexdigest()


def plan(session: Session, study_key: str, base_url: str) -> int:
    """Compare what a study links to with what was told before; gives how many are to be told.

    Everyone that it links to, because the text has changed, and everyone that it no longer links
    to, once, so that they can see that the link or the page is gone.
    """
    with writing(session):
        wanted = dict.fromkeys(links.pairs(_versions(session, study_key), base_url))
        rows = session.scalars(select(SentMention).where(SentMention.study_key == study_key))
        known = {(row.source, row.target): row for row in rows}
        for source, target in wanted:
            if (source, target) not in known:
                row = SentMention(study_key=study_key, source=source, target=target, turn=0)
                row.digest = digest(source, target)
                session.add(row)
                known[source, target] = row
        due = [row for pair, row in known.items() if _is_due(session, row, pair in wanted)]
        for row in due:
            _begin(session, row)
        return len(due)


def send_again(session: Session, mention_id: int) -> bool:
    """Tell one site once more, because a person wants it; False when there is no such row."""
    with writing(session):
        row = session.get(SentMention, mention_id)
        if row is not None:
            _begin(session, row)
        return row is not None


def _versions(session: Session, study_key: str) -> Sequence[Version]:
    own = select(Study.study_key).where(Study.study_key == study_key, Study.source_id.is_(None))
    found = select(Version).where(Version.study_key.in_(own)).options(undefer(Version.body_html))
    return session.scalars(found).all()


def _is_due(session: Session, row: SentMention, present: bool) -> bool:
    """Whether the site is to be told now. Who never heard of a link need not hear that it went."""
    was, row.present = row.present, present
    if present:
        return True
    if row.sent_at is None:
        session.delete(row)
        return False
    return was is not False or row.state == "waiting"


def _begin(session: Session, row: SentMention) -> None:
    row.state, row.turn, row.failures = "waiting", row.turn + 1, 0
    row.error, row.error_arguments = "", None
    row.next_try = clock.now() + UNDER_WAY
    jobs.add(session, Kind.WEBMENTION_SEND, row.digest)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a telling. state: as in SentMention. wait: until the next try, when waiting."""

    state: str
    endpoint: str = ""
    status: int | None = None
    error: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    wait: timedelta = timedelta(0)
    failed: bool = False


def send(sessions: sessionmaker[Session], door: Door, key: str) -> None:
    """Tell one site of one link, if that is still to be done. key: the row's digest."""
    with sessions() as session:
        row = session.scalar(select(SentMention).where(SentMention.digest == key))
        if row is None or row.state != "waiting":
            return
        source, target, endpoint = row.source, row.target, row.endpoint
        turn, failures = row.turn, row.failures
    told = _tell(door, source, target, endpoint, failures)
    with sessions() as session, writing(session):
        row = session.scalar(select(SentMention).where(SentMention.digest == key))
        if row is not None and row.turn == turn:
            _keep(row, told)


def _keep(row: SentMention, told: Told) -> None:
    row.state, row.status, row.endpoint = told.state, told.status, told.endpoint or row.endpoint
    row.error, row.error_arguments = told.error, told.arguments or None
    row.failures = row.failures + 1 if told.failed else row.failures
    row.next_try = clock.now() + told.wait if told.state == "waiting" else None
    if told.status is not None or told.failed:
        row.sent_at = clock.now()


def _tell(door: Door, source: str, target: str, known: str, failures: int) -> Told:
    """Find the endpoint and use it. known: the one that was found last time."""
    endpoint = ""
    try:
        endpoint = _endpoint(door, target) or known
        if not endpoint:
            return Told("none")
        answer = _post(door, endpoint, {"source": source, "target": target})
        if answer.ok:
            return Told("accepted", endpoint, answer.status)
        raise _refused(answer)
    except HostBusy:
        return Told("waiting", wait=AGAIN[0])
    except RemoteError as error:
        status = error.arguments.get("status")
        lasting = not error.retryable or failures >= len(AGAIN)
        wait = timedelta(0) if lasting else _wait(error, failures)
        state = "failed" if lasting else "waiting"
        return Told(state, endpoint, status, error.message, error.arguments, wait, failed=True)


def _wait(error: RemoteError, failures: int) -> timedelta:
    asked = timedelta(seconds=min(error.retry_after or 0.0, LONGEST_TRY.total_seconds()))
    return max(AGAIN[failures], asked)


def _endpoint(door: Door, target: str) -> str | None:
    """Where the target wants to be told. Its own refusals matter only if they may pass."""
    answer = _look(door, target)
    found = discovery.endpoint(answer)
    if found is None and (answer.status >= 500 or answer.status in RETRYABLE):
        raise refusal(answer)
    return found


def _look(door: Door, target: str) -> Response:
    """The target; of a film or a report, which may be large, the headers alone."""
    guessed, _ = mimetypes.guess_type(urlsplit(target).path)
    if guessed not in (None, *discovery.HTML_TYPES):
        answer = door.head(target, limits=LIMITS)
        if answer.ok and discovery.media_type(answer) not in discovery.HTML_TYPES:
            return answer
    return door.get(target, {"Accept": "text/html, */*;q=0.5"}, LIMITS)


def _post(door: Door, endpoint: str, form: dict[str, str]) -> Response:
    """Send the form where the endpoint's redirects lead, as the specification's senders do."""
    here = endpoint
    for _ in range(HOPS):
        answer = door.post(here, form, {"Accept": "*/*"}, LIMITS)
        location = answer.headers.get("Location", "")
        if answer.status not in (301, 302) or not location:
            return answer
        here = urljoin(answer.url, location)
    raise RemoteError(N_("The endpoint is redirected too often."), retryable=False)


def _refused(answer: Response) -> RemoteError:
    """A refusal is for good, unless the site says that it is busy or at fault itself."""
    error = refusal(answer)
    error.retryable = answer.status >= 500 or answer.status in RETRYABLE
    error.arguments.setdefault("status", answer.status)
    return error
