"""What the desk asks: lists of studies as their authors know them, one study, its revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, selectinload

from network.accounts.models import User
from network.case_studies import drafts, service, workflow
from network.case_studies.drafts import Draft
from network.case_studies.models import CaseStudy, Revision, StudyText
from network.lib.errors import NotFound
from network.lib.i18n import N_

PAGE = 30
"""Studies on a page of the desk."""


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A study as the desk lists it.

    title, lang: of the original, or of a translation while the original has no title. changed:
    saved changes wait for publication. outdated: languages that have not followed the original.
    """

    id: str
    state: str
    title: str
    lang: str
    original_lang: str
    langs: tuple[str, ...]
    outdated: tuple[str, ...]
    city: str | None
    owner_id: int | None
    owner_name: str | None
    changed: bool
    lock_version: int
    created: datetime
    saved: datetime
    first_published: datetime | None
    published: datetime | None
    withdrawn: datetime | None
    withdrawal_reason: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page of the desk's list. total: of all pages."""

    rows: Sequence[DeskRow]
    total: int


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision in the history. action: create, save, publish, update, withdraw, republish or
    import. user_name: None for a command."""

    number: int
    at: datetime
    user_name: str | None
    action: str


def studies(session: Session, user: User, page: int = 1, state: str | None = None) -> DeskPage:
    """One page of what this person works on, last saved first: all for editors, own for authors.

    page counts from 1.
    """
    chosen = select(CaseStudy).where(_visible_to(user))
    if state is not None:
        chosen = chosen.where(CaseStudy.state == state)
    ordered = chosen.order_by(CaseStudy.saved.desc(), CaseStudy.id)
    rows = session.scalars(
        ordered.limit(PAGE).offset((page - 1) * PAGE).options(selectinload(CaseStudy.texts))
    ).all()
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    return DeskPage(_desk_rows(session, rows), total)


def counts(session: Session, user: User) -> dict[str, int]:
    """state → how many of the studies this person works on."""
    found = session.execute(
        select(CaseStudy.state, func.count()).where(_visible_to(user)).group_by(CaseStudy.state)
    )
    numbers: dict[str, int] = dict.fromkeys(workflow.STATES, 0)
    return numbers | {state: number for state, number in found}  # noqa: C416 — rows, not pairs


def _visible_to(user: User) -> ColumnElement[bool]:
    return true() if user.role in workflow.DECIDING_ROLES else CaseStudy.owner_id == user.id


def get(session: Session, study_id: str) -> tuple[DeskRow, Draft]:
    """One study with its draft, of one moment; raises NotFound. Who may see it is workflow's."""
    study = session.get(
        CaseStudy, study_id, options=[selectinload(CaseStudy.texts)], populate_existing=True
    )
    if study is None:
        raise NotFound(N_("There is no such case study."))
    return _desk_rows(session, [study])[0], service.draft_of(study)


def revisions(session: Session, study_id: str) -> list[RevisionRow]:
    """A study's history, newest first."""
    rows = session.execute(
        select(Revision.number, Revision.at, User.name, Revision.action)
        .outerjoin(User, User.id == Revision.user_id)
        .where(Revision.study_id == study_id)
        .order_by(Revision.number.desc())
    )
    return [RevisionRow(*row) for row in rows]


def revision(session: Session, study_id: str, number: int) -> Draft:
    """The study as it was saved then; raises NotFound."""
    found = session.get(Revision, (study_id, number))
    if found is None:
        raise NotFound(N_("There is no such revision."))
    return drafts.from_json(found.snapshot)


def is_withdrawn(session: Session, city: str | None, slug: str) -> bool:
    """Whether a study that had this place in an address was withdrawn."""
    found = select(CaseStudy.id).join(StudyText).where(StudyText.slug == slug)
    found = found.where(CaseStudy.state == "withdrawn", CaseStudy.city == city)
    return session.scalar(found.limit(1)) is not None


def state(session: Session, study_id: str) -> str | None:
    """draft, published or withdrawn; None when there is no such study."""
    return session.scalar(select(CaseStudy.state).where(CaseStudy.id == study_id))


def _desk_rows(session: Session, found: Sequence[CaseStudy]) -> list[DeskRow]:
    owners = _names(session, {study.owner_id for study in found if study.owner_id})
    return [_desk_row(study, owners.get(study.owner_id or 0)) for study in found]


def _names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(User.id, User.name).where(User.id.in_(list(ids))))
    return {row.id: row.name for row in rows}


def _desk_row(study: CaseStudy, owner_name: str | None) -> DeskRow:
    lead = min(study.texts, key=lambda t: (not t.title, t.lang != study.original_lang, t.lang))
    return DeskRow(
        id=study.id,
        state=study.state,
        title=lead.title,
        lang=lead.lang,
        original_lang=study.original_lang,
        langs=tuple(text.lang for text in study.texts),
        outdated=tuple(text.lang for text in study.texts if text.outdated_since),
        city=study.city,
        owner_id=study.owner_id,
        owner_name=owner_name,
        changed=study.changed,
        lock_version=study.lock_version,
        created=study.created,
        saved=study.saved,
        first_published=study.first_published,
        published=study.published,
        withdrawn=study.withdrawn,
        withdrawal_reason=study.withdrawal_reason,
    )
