"""Makes the state of an imported study what its file says, where the workflow allows it.

What is not made so is said, with the file and with what to do instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.case_studies import publish as publication
from network.case_studies.markdown_studies import Remark, Study
from network.case_studies.models import CaseStudy
from network.lib.i18n import N_

STAYS_WITHDRAWN = N_(
    "The study was withdrawn here and stays withdrawn. To publish it again, write “state: "
    "published” in its file, or publish it on the desk."
)
NEVER_PUBLISHED = N_(
    "The study was never published here, so that there is nothing to withdraw. It stays a draft."
)
STAYS_PUBLISHED = N_(
    "The study is published and does not become a draft again; what its file changes waits on the "
    "desk. “state: withdrawn” with a “withdrawal_reason” takes it from readers."
)
STAYS_DRAFT = N_(
    "The study is a draft here, because its file has no text that readers saw before. “state: "
    "published” publishes it."
)
NO_CHANGES = N_("The study is published, and its file changes nothing that readers see.")


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a study. is_to_publish: it is to be released. is_withdrawn: it was now."""

    study: Study
    is_to_publish: bool = False
    is_withdrawn: bool = False


def problems(session: Session, studies: Sequence[Study]) -> Iterator[Remark]:
    """What stops withdrawals that files ask for: readers are told why a study went."""
    asked = {study.meta.id: study for study in studies if study.meta.state == "withdrawn"}
    published = select(CaseStudy.id).where(CaseStudy.state == "published")
    for study_id in session.scalars(published).all() if asked else ():
        if study_id in asked and not _is_reason(asked[study_id].meta.withdrawal_reason):
            message = N_("Give the reason in at most %(most)s characters.")
            most = {"most": publication.LONGEST_REASON}
            yield Remark(asked[study_id].file, message, most, "withdrawal_reason")


def _is_reason(text: str) -> bool:
    return 0 < len(text) <= publication.LONGEST_REASON


def settle(
    session: Session, row: CaseStudy, study: Study, notes: list[Remark], now: datetime
) -> Settled:
    """Withdraw what is to be withdrawn, in the caller's transaction, and say what is to be released
    and what stays as it is."""
    meta = study.meta
    if meta.state == "published" and (row.state != "withdrawn" or meta.is_said):
        return Settled(study, is_to_publish=row.state != "published" or row.changed)
    if meta.state == "withdrawn" and row.state == "published":
        reason = meta.withdrawal_reason, study.draft.original_lang
        publication.take_off(session, row, None, reason, now)
        return Settled(study, is_withdrawn=True)
    if why := _why_not(row, meta.state):
        notes.append(Remark(study.file, why))
    return Settled(study)


def _why_not(row: CaseStudy, wanted: str) -> str | None:
    """Why the study is not what its file says; None when it is."""
    if row.state == "withdrawn":
        return None if wanted == "withdrawn" else STAYS_WITHDRAWN
    if row.state == "published":
        if wanted == "changed":
            return None if row.changed else NO_CHANGES
        return STAYS_PUBLISHED
    return {"withdrawn": NEVER_PUBLISHED, "changed": STAYS_DRAFT}.get(wanted)
