"""Writing a study: beginning one and saving it, so that no two people overwrite each other."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session, joinedload

from network.accounts.models import User
from network.case_studies import drafts, workflow
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.models import CaseStudy, Revision, StudyText
from network.cities import service as cities
from network.facts import travel
from network.facts.links import LINKS
from network.lib import clock
from network.lib.db import table_of, writing
from network.lib.errors import Conflict, Forbidden, NotFound
from network.lib.i18n import N_

_UNREADABLE = "unreadable"
"""Key beside the facts for what was typed in their place; readers of facts pass over it."""


class StaleDraft(Conflict):
    """Somebody saved in the meantime; nothing was changed.

    stored: the study as it is now. lock_version: to save on top of that. saved: when.
    """

    def __init__(self, stored: Draft, lock_version: int, saved: datetime) -> None:
        super().__init__(
            N_("Somebody else saved this study while you were editing it. Your text was not saved.")
        )
        self.stored = stored
        self.lock_version = lock_version
        self.saved = saved


def create(
    session: Session,
    user: User | None,
    draft: Draft,
    *,
    study_id: str | None = None,
    now: datetime | None = None,
) -> str:
    """Begin a study as a draft; gives its id, a UUID. user: its owner, None for a command."""
    moment = now or clock.now()
    with writing(session):
        study = begin(session, user, drafts.tidy(draft), study_id or str(uuid.uuid4()), moment)
        add_revision(session, study, user, "create", moment)
    return study.id


def begin(
    session: Session, user: User | None, draft: Draft, study_id: str, moment: datetime
) -> CaseStudy:
    """A new study of a tidy draft in the caller's transaction; its first revision is to follow."""
    study = CaseStudy(
        id=study_id,
        owner_id=user.id if user else None,
        state="draft",
        changed=True,
        lock_version=1,
        created=moment,
        saved=moment,
    )
    store(session, study, known_city(session, draft))
    session.add(study)
    return study


def save(
    session: Session,
    user: User | None,
    study_id: str,
    draft: Draft,
    lock_version: int,
    *,
    minor: bool = False,
    confirmed: Collection[str] = (),
    now: datetime | None = None,
) -> int:
    """Save what was typed, however unfinished; gives the new lock_version.

    lock_version: of the study that the person began to edit. minor: the change to the original
    leaves the translations true. confirmed: languages whose translation was checked and holds.
    Raises StaleDraft, with the stored draft, when somebody else saved since.
    """
    moment = now or clock.now()
    with writing(session):
        study = locked(session, study_id)
        permit(user, "save", study)
        stored = draft_of(study)
        if study.lock_version != lock_version:
            raise StaleDraft(stored, study.lock_version, study.saved)
        typed = known_city(session, drafts.tidy(draft))
        if study.first_published:
            typed = drafts.keep_slugs(stored, typed)
        typed = drafts.follow(stored, typed, moment, minor=minor, confirmed=confirmed)
        if typed != stored:
            put(session, study, typed, user, "save", moment)
        return study.lock_version


def put(
    session: Session,
    study: CaseStudy,
    draft: Draft,
    user: User | None,
    action: str,
    moment: datetime,
) -> None:
    """Store a tidy draft that differs, with its revision, in the caller's transaction."""
    store(session, study, draft)
    study.saved, study.changed = moment, True
    study.lock_version += 1
    add_revision(session, study, user, action, moment)


def saved_by(session: Session, now: datetime) -> None:
    """What was saved while this machine’s clock was ahead was saved now: the desk lists by it."""
    ahead = CaseStudy.saved > now + clock.SLACK
    if session.scalar(select(CaseStudy.id).where(ahead).limit(1)) is None:
        session.rollback()
        return
    with writing(session):
        session.execute(update(CaseStudy).where(ahead).values(saved=now))


_LOCKED = (
    select(CaseStudy)
    .where(CaseStudy.id == bindparam("study_id"))
    .options(joinedload(CaseStudy.texts))
    .with_for_update(of=CaseStudy)
    .execution_options(populate_existing=True)
)


def locked(session: Session, study_id: str) -> CaseStudy:
    """The study with its texts, as it is now and until the transaction ends; raises NotFound."""
    study = session.scalars(_LOCKED, {"study_id": study_id}).unique().one_or_none()
    if study is None:
        raise NotFound(N_("There is no such case study."))
    return study


def permit(user: User | None, action: workflow.Action, study: CaseStudy) -> None:
    """Raises Forbidden unless the person may do this to the study. user None: a command, may."""
    if user is None:
        return
    if not workflow.allowed(action, user.role, study.owner_id == user.id, study.state):
        raise Forbidden(N_("You may not do this to this case study."))


def known_city(session: Session, draft: Draft) -> Draft:
    """The draft with a city that the vocabulary has; another name is kept as unreadable."""
    if draft.city is None:
        return draft
    if found := cities.by_slug(session, draft.city):
        return replace(draft, city=found.slug)
    return replace(draft, city=None, unreadable={**draft.unreadable, "city": draft.city})


def draft_of(study: CaseStudy) -> Draft:
    """The study as its author sees it."""
    stored = dict(study.facts)
    unreadable = stored.pop(_UNREADABLE, {})
    return Draft(
        original_lang=study.original_lang,
        city=study.city,
        topics=tuple(study.topics),
        facts=travel.of_json(stored),
        inspired_by=LINKS.of_json(study.inspired_by),
        texts={
            row.lang: TextDraft(**{name: getattr(row, name) for name in drafts.FIELDS})
            for row in study.texts
        },
        unreadable=unreadable,
    )


def store(session: Session, study: CaseStudy, draft: Draft) -> None:
    """Write a draft into the study's rows, in the caller's transaction."""
    facts = travel.to_json(draft.facts)
    study.original_lang, study.city = draft.original_lang, draft.city
    study.topics = list(draft.topics)
    study.facts = facts | ({_UNREADABLE: dict(draft.unreadable)} if draft.unreadable else {})
    study.inspired_by = LINKS.to_json(draft.inspired_by)
    rows = {row.lang: row for row in study.texts}
    study.texts = [rows.get(lang) or StudyText(lang=lang) for lang in draft.texts]
    for row in study.texts:
        for name in drafts.FIELDS:
            setattr(row, name, getattr(draft.texts[row.lang], name))


_REVISION = table_of(Revision)
_NUMBERS = _REVISION.alias()
_REVISE = insert(_REVISION).values(
    number=select(func.coalesce(func.max(_NUMBERS.c.number), 0) + 1)
    .where(_NUMBERS.c.study_id == bindparam("revised"))
    .scalar_subquery()
)


def add_revision(
    session: Session,
    study: CaseStudy,
    user: User | None,
    action: str,
    moment: datetime,
) -> None:
    """Keep the study as it is now, in the caller's transaction."""
    if study in session.new:
        session.flush()  # the study's row comes before what refers to it
    revision = {
        "revised": study.id,
        "study_id": study.id,
        "at": moment,
        "user_id": user.id if user else None,
        "action": action,
        "snapshot": drafts.to_json(draft_of(study)),
    }
    session.execute(_REVISE, revision)
