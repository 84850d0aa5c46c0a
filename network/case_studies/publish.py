"""Publication and withdrawal: who may, of what is ready, and everything in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.accounts.models import User
from network.case_studies import drafts, own_links, readable, release, service, versions, workflow
from network.case_studies.making import Site, Vocabulary, vocabulary
from network.case_studies.models import CaseStudy
from network.catalogue import models as catalogue
from network.catalogue import store
from network.facts.kinds import Problem
from network.facts.lines import typed_line
from network.jobs import service as jobs
from network.jobs.kinds import Kind
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.lib.i18n import N_

LONGEST_REASON = 500
"""Characters of a withdrawal's reason."""


class NotReady(InvalidInput):
    """The draft cannot be published as it is; nothing was changed. problems: why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(N_("This case study cannot be published yet."), problems[0].field)
        self.problems = problems


def publish(
    session: Session,
    user: User | None,
    study_id: str,
    site: Site,
    *,
    now: datetime | None = None,
) -> list[str]:
    """Show readers and followers the study as it is saved; gives the ids of entries that changed.

    A draft, the changes to a published study, or a withdrawn study, each by those who may.
    Raises NotReady with every problem, Forbidden, or NotFound.
    """
    moment = now or clock.now()
    with writing(session):
        study = service.locked(session, study_id)
        action = workflow.publication(study.state)
        service.permit(user, action, study)
        known = vocabulary(session, [study.city])
        draft, key = service.draft_of(study), versions.study_key(site.base_url, study.id)
        found = problems(draft, known)
        found += own_links.problems(session, site.base_url, key, draft)
        if found:
            raise NotReady(found)
        prepared = release.prepare(session, [study], site, known, moment)
        if prepared.unread:
            raise NotReady([readable.told(*each) for each in prepared.unread])
        changed = release.write(session, prepared)
        service.add_revision(session, study, user, action, moment)
    return changed


def problems(draft: drafts.Draft, known: Vocabulary) -> list[Problem]:
    """What stops the draft's publication on this node."""
    return drafts.problems(draft, known.cities, known.topics)


def withdraw(
    session: Session,
    user: User | None,
    study_id: str,
    reason: str,
    *,
    lang: str | None = None,
    now: datetime | None = None,
) -> list[str]:
    """Take a published study from readers and followers; gives the ids of its tombstones.

    reason: shown to readers here and at followers (RFC 6721 §3), so it is required; in the language
    `lang`, if that is known. The text stays on the desk, and leaves the read model and every page
    of the log. Raises InvalidInput, Forbidden or NotFound.
    """
    moment, reason = now or clock.now(), typed_line(reason)
    with writing(session):
        study = service.locked(session, study_id)
        if study.state != "published":
            raise InvalidInput(N_("Only a published case study can be withdrawn."))
        service.permit(user, "withdraw", study)
        if not reason or len(reason) > LONGEST_REASON:
            raise InvalidInput(
                N_("Give the reason in at most %(most)s characters."), "reason", most=LONGEST_REASON
            )
        return take_off(session, study, user, (reason, lang), moment)


def take_off(
    session: Session,
    study: CaseStudy,
    user: User | None,
    reason: tuple[str, str | None],
    moment: datetime,
) -> list[str]:
    """Withdraw a published study in the caller's transaction. reason: checked, and its language."""
    service.add_revision(session, study, user, "withdraw", moment)
    study.state = workflow.next_state(study.state, "withdraw")
    study.withdrawn, study.withdrawal_reason = moment, reason[0]
    return _withdraw_entries(session, study.id, reason, moment)


def _withdraw_entries(
    session: Session, study_id: str, reason: tuple[str, str | None], now: datetime
) -> list[str]:
    own = select(catalogue.Study.study_key).where(
        catalogue.Study.source_id.is_(None), catalogue.Study.study_key.endswith(f"/id/{study_id}")
    )
    shown = select(catalogue.Version.entry_id, catalogue.Version.study_key).where(
        catalogue.Version.study_key.in_(own)
    )
    keys = {row.entry_id: row.study_key for row in session.execute(shown)}
    store.touch(session)  # before the log, as whoever publishes: else two wait for each other
    for key in set(keys.values()):
        jobs.add(session, Kind.INDEX, key)
        jobs.add(session, Kind.WEBMENTION_PLAN, key)
    return [release.bury(session, each, now, *reason) for each in sorted(keys)]
