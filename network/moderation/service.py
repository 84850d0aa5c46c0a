"""What people decide about followed studies before readers see them, and by which rule a site goes.

Each decision and all that follows from it, the index's jobs included, is one transaction; the
site's row is locked in it, so that a poll that arrives at the same time comes before or after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from network.accounts.models import User
from network.lib.db import writing
from network.lib.errors import InvalidInput, NotFound
from network.lib.i18n import N_
from network.lib.text import clean, said
from network.moderation.holding import Holding, decide, source
from network.moderation.rules import Rule
from network.subscriptions.models import HeldVersion, ModeratedStudy, Subscription, ToldCity

__all__ = [
    "Changes",
    "approve",
    "approve_all",
    "city_joined",
    "city_moved",
    "forget_source",
    "refuse",
    "set_rule",
    "source",
    "undo",
]

LONGEST_NOTE = 1_000
"""Characters of a note to colleagues."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new rule came to: studies that readers see now, and that they no longer see."""

    shown: int
    held: int


def set_rule(
    session: Session, subscription_id: int, rule: Rule, *, keep_shown: bool = False
) -> Changes:
    """Put a site under a rule, and what came from it already.

    What a person has decided stays as decided. keep_shown: what readers see now counts as approved.
    Raises NotFound.
    """
    with writing(session):
        desk = Holding(session, subscription_id)
        return _judge(desk, rule, keep_shown=keep_shown)


def _judge(desk: Holding, rule: Rule, *, keep_shown: bool = False) -> Changes:
    """Put all that is here of a site under a rule."""
    row = desk.source
    row.moderation, row.moderated_topics = rule.mode, list(rule.topics)
    row.moderated_languages, row.moderated_cities = list(rule.languages), list(rule.cities)
    desk.rule = rule
    desk.show(HeldVersion.state == "waiting", by_rule=True)
    shown = len(desk.shelf.keys)
    if keep_shown:
        desk.approve_shown()
    else:
        desk.hold_shown()
    return Changes(shown, len(desk.finish()) - shown)


def city_moved(session: Session, subscription_id: int, before: str, after: str) -> None:
    """Have a site's rule hold for what is about a city now, in the caller's transaction: what was
    about `before`, or some of it, is about `after`.

    A rule that names the former names the latter instead, or both while the site writes of both.
    """
    desk = Holding(session, subscription_id)
    named = set(desk.rule.cities)
    if named.isdisjoint((before, after)):
        return
    if before in named:
        named.add(after)
        told = (ToldCity.subscription_id == subscription_id, ToldCity.city == before)
        if session.scalar(select(ToldCity.slug).where(*told).limit(1)) is None:
            named.discard(before)
    _judge(desk, replace(desk.rule, cities=tuple(sorted(named))))


def city_joined(session: Session, before: str, after: str) -> None:
    """The same for the rules of all sites, when one city has become another's."""
    for subscription_id in session.scalars(select(Subscription.id).order_by(Subscription.id)).all():
        city_moved(session, subscription_id, before, after)


def approve(session: Session, user: User | None, study_id: int, note: str = "") -> None:
    """Show readers what is held of a study, whatever was decided before. Raises NotFound,
    InvalidInput."""
    note = _checked(note)
    with writing(session):
        desk, study = _of_study(session, study_id)
        desk.show(HeldVersion.study_id == study.id)
        decide(study, "approved", user, note)
        desk.finish(study)


def approve_all(session: Session, user: User | None, subscription_id: int) -> int:
    """Show readers everything of a site that waits; gives how many studies. Raises NotFound."""
    with writing(session):
        desk = Holding(session, subscription_id)
        waiting = session.scalars(
            select(ModeratedStudy).where(
                ModeratedStudy.source_id == subscription_id,
                ModeratedStudy.waiting_since.is_not(None),
            )
        ).all()
        desk.show(HeldVersion.state == "waiting")
        for study in waiting:
            decide(study, "approved", user, study.note)
        desk.finish(*waiting)
        return len(waiting)


def refuse(
    session: Session, user: User | None, study_id: int, note: str = "", *, whole: bool = False
) -> None:
    """Keep what waits of a study from readers. What they see of it already stays, unless `whole`.

    Raises NotFound, InvalidInput.
    """
    note = _checked(note)
    with writing(session):
        desk, study = _of_study(session, study_id)
        stays = not whole and desk.shows(study)
        decide(study, "approved" if stays else "refused", user, note)
        if not stays:
            desk.hold(study, "refused")
        for row in desk.held(HeldVersion.study_id == study.id):
            row.state = "refused"
        desk.finish(study)


def undo(session: Session, study_id: int) -> None:
    """Have a study wait again as if nobody had decided, by the rule that its site is under now.

    When only a change of it was refused, that change waits again. Raises NotFound.
    """
    with writing(session):
        desk, study = _of_study(session, study_id)
        refused = list(desk.held(HeldVersion.study_id == study.id, HeldVersion.state == "refused"))
        for row in refused:
            row.state = "waiting"
        if study.state == "refused" or not refused:
            study.state = "waiting"
            desk.show(HeldVersion.study_id == study.id, by_rule=True)
            desk.hold(study, "waiting", by_rule=True)
        study.decided_at = study.decided_by = None
        desk.finish(study)


def forget_source(session: Session, subscription_id: int) -> None:
    """Let go of everything held and decided of a site, in the caller's transaction."""
    mine = select(ModeratedStudy.id).where(ModeratedStudy.source_id == subscription_id)
    session.execute(delete(HeldVersion).where(HeldVersion.study_id.in_(mine)))
    session.execute(delete(ModeratedStudy).where(ModeratedStudy.source_id == subscription_id))


def _checked(note: str) -> str:
    note = said(clean(note).strip())
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(
            N_("Write a note of at most %(most)s characters."), "note", most=LONGEST_NOTE
        )
    return note


def _of_study(session: Session, study_id: int) -> tuple[Holding, ModeratedStudy]:
    missing = NotFound(N_("This case study is not here any more. Its city may have withdrawn it."))
    found = session.get(ModeratedStudy, study_id)
    if found is None:
        raise missing
    desk = Holding(session, found.source_id)
    study = session.get(ModeratedStudy, study_id, populate_existing=True)
    if study is None:
        raise missing
    return desk, study
