"""What this city says of those who were inspired by its studies: confirmed, contested, or nothing.

A verdict is published in the study's own entries (docs/protocol), in the transaction that gives
it, and changes nothing else of them: what an author has saved meanwhile stays unpublished.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.orm import Session

from network.accounts.models import User
from network.case_studies import service, versions, workflow
from network.case_studies.models import CaseStudy, Verdict
from network.catalogue import store
from network.catalogue.values import SITE_LANGUAGES, VERDICTS, Adoption, VerdictKind, target_key
from network.facts.lines import typed_line
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import table_of, writing
from network.lib.errors import Forbidden, InvalidInput
from network.lib.i18n import N_
from network.lib.sanitise import web_url
from network.log import service as log
from network.log.entry import content_hash, rfc3339, with_adoptions
from network.log.models import FeedEntry
from network.log.tidy import LONGEST_VERDICT_REASON as LONGEST_REASON
from network.log.tidy import adoptions as tidied


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an editor says of an adopter. lang: of the reason. title: what the adopter is called."""

    verdict: str
    reason: str = ""
    lang: str = "en"
    title: str = ""


def decide(
    session: Session,
    user: User | None,
    study_id: str,
    adopter: str,
    opinion: Opinion,
    base_url: str,
    *,
    instead_of: Iterable[str] = (),
    now: datetime | None = None,
) -> list[str]:
    """Confirm or contest an adoption of a published study; gives the ids of changed entries.

    adopter: its permanent id or its page. instead_of: its other addresses, whose verdicts this
    one replaces. user: None for a command. Raises InvalidInput when a contesting verdict has no
    reason, Forbidden, NotFound.
    """
    moment = now or clock.now()
    key = _key(adopter)
    reason = _reason(opinion)
    with writing(session):
        study = _published(session, user, study_id)
        _forget(session, study, set(instead_of) - {key})
        row = session.get(Verdict, (study.id, _digest(key)))
        if row is None:
            row = Verdict(study_id=study.id, digest=_digest(key), adopter=key)
            session.add(row)
        said = (opinion.verdict, reason, opinion.lang if reason else None)
        if (row.verdict, row.reason, row.lang) != said:  # saying it twice changes no date
            row.verdict, row.reason, row.lang = said
            row.decided, row.user_id = moment, user.id if user else None
        row.title, row.stands = typed_line(opinion.title), True
        session.flush()
        return speak(session, study.id, base_url, moment)


def take_back(
    session: Session,
    user: User | None,
    study_id: str,
    adopters: Iterable[str],
    base_url: str,
    *,
    now: datetime | None = None,
) -> list[str]:
    """Say nothing any more of these adopters; gives the ids of changed entries."""
    with writing(session):
        study = _published(session, user, study_id)
        _forget(session, study, adopters)
        return speak(session, study.id, base_url, now or clock.now())


def _forget(session: Session, study: CaseStudy, adopters: Iterable[str]) -> None:
    digests = [_digest(_key(adopter)) for adopter in adopters]
    gone = Verdict.study_id == study.id, Verdict.digest.in_(digests)
    session.execute(delete(Verdict).where(*gone))


def keep_standing(
    session: Session, study_id: str, adopters: Collection[str], base_url: str, now: datetime
) -> list[str]:
    """Publish only what is about these adopters, in the caller's transaction; gives changed ids."""
    study = service.locked(session, study_id)
    for row in session.scalars(select(Verdict).where(Verdict.study_id == study_id)):
        row.stands = row.adopter in adopters
    session.flush()
    return speak(session, study_id, base_url, now) if study.state == "published" else []


_VERDICT = table_of(Verdict)
_SPOKEN = select(_VERDICT).where(
    _VERDICT.c.study_id.in_(bindparam("ids", expanding=True)), _VERDICT.c.stands
)


def spoken(session: Session, study_ids: Iterable[str]) -> dict[str, tuple[Adoption, ...]]:
    """What is published of each study's adopters, as it travels; studies without are not there."""
    found: dict[str, list[Adoption]] = {}
    for row in session.execute(_SPOKEN, {"ids": list(study_ids)}):
        found.setdefault(row.study_id, []).append(_adoption(row))
    return {study_id: tidied(each) for study_id, each in found.items()}


def given(session: Session, study_id: str | None = None) -> dict[tuple[str, str], Verdict]:
    """(study's id, adopter) → verdict, of one study or of all."""
    query = select(Verdict)
    if study_id is not None:
        query = query.where(Verdict.study_id == study_id)
    return {(row.study_id, row.adopter): row for row in session.scalars(query)}


def speak(session: Session, study_id: str, base_url: str, now: datetime) -> list[str]:
    """Bring the study's live entries up to the verdicts, in the caller's transaction.

    The date moves, because followers may go by it: an entry that changed is never as old as what
    it replaces (docs/decisions/0009). Gives the ids of the entries that changed.
    """
    adoptions = spoken(session, [study_id]).get(study_id, ())
    ids = [versions.entry_id(base_url, study_id, lang) for lang in SITE_LANGUAGES]
    rows = select(FeedEntry).where(FeedEntry.entry_id.in_(ids), FeedEntry.kind == "live")
    dates: dict[str, datetime] = {}
    taken = log.recent_dates(session, log.position(session)[1])
    for row in session.scalars(rows.order_by(FeedEntry.seq)).all():
        last = datetime.fromisoformat(row.updated)
        if content_hash(with_adoptions(row.xml, adoptions, last)) == row.hash:
            continue
        if not dates:
            store.touch(
                session
            )  # before the log, as whoever publishes: else two wait for each other
        dates[row.entry_id] = versions.after(now, last, taken)
        taken.add(rfc3339(dates[row.entry_id]))
        xml = with_adoptions(row.xml, adoptions, dates[row.entry_id])
        log.record(session, row.entry_id, rfc3339(dates[row.entry_id]), xml)
    if dates:
        key = versions.study_key(base_url, study_id)
        store.set_adoptions(session, key, adoptions, dates)
        jobs.add(session, Kind.INDEX, key)
    return list(dates)


def _published(session: Session, user: User | None, study_id: str) -> CaseStudy:
    """The study, for somebody who may speak for the city."""
    study = service.locked(session, study_id)
    if user is not None and user.role not in workflow.DECIDING_ROLES:
        raise Forbidden(N_("You may not do this to this case study."))
    if study.state != "published":
        raise InvalidInput(N_("Only of a published case study can this be said."))
    return study


def _reason(opinion: Opinion) -> str:
    """The reason as it is stored: contesting needs one, confirming has none."""
    if opinion.verdict not in VERDICTS:
        raise InvalidInput(N_("Say whether you confirm or contest."), "verdict")
    reason = typed_line(opinion.reason) if opinion.verdict == "contested" else ""
    if opinion.verdict == "contested" and not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidInput(
            N_("Give the reason in at most %(most)s characters."), "reason", most=LONGEST_REASON
        )
    if reason and opinion.lang not in SITE_LANGUAGES:
        raise InvalidInput(N_("Say in which language the reason is."), "lang")
    return reason


def _key(adopter: str) -> str:
    """The adopter's study_key, or its address. Raises InvalidInput."""
    address = web_url(adopter)
    if address is None:
        raise InvalidInput(N_("This is not the address of a page."), "adopter")
    return target_key(address)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _adoption(row: Row[*tuple[Any, ...]]) -> Adoption:
    return Adoption(
        href=row.adopter,
        verdict=cast(VerdictKind, row.verdict),
        title=row.title,
        reason=row.reason,
        lang=row.lang,
        decided=row.decided,
    )
