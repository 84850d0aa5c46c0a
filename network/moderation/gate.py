"""Stands between what arrived and what readers see: lets through, or keeps for a person to read.

Only what readers see depends on it. Our copy of a log, its cursor and its proof are written the
same whatever is held (protocol.md, decision 10).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, undefer

from network.catalogue.models import Version as VersionRow
from network.catalogue.values import Version
from network.moderation import held_text
from network.moderation.rules import MOST_NEW, Rule, make_rule, novelty
from network.moderation.shelf import Item, Shelf, chunks
from network.subscriptions.models import HeldVersion, ModeratedStudy, Subscription


def rule_of(source: Subscription) -> Rule:
    """The rule that a site is under."""
    return make_rule(
        source.moderation,
        source.moderated_topics,
        source.moderated_languages,
        source.moderated_cities,
    )


def lets_through(rule: Rule, shelf: Shelf, item: Item) -> bool:
    """Whether a rule shows an item without a person, by the city of ours that it is about."""
    return rule.lets_through(item.version, shelf.city_of(item) if rule.cities else None)


class Gate:
    """The gate before one site's shelf, in the caller's transaction."""

    def __init__(self, shelf: Shelf, source: Subscription) -> None:
        self.session, self.source_id, self.now = shelf.session, source.id, shelf.now
        self.shelf, self.rule = shelf, rule_of(source)
        anything = select(ModeratedStudy.id).where(ModeratedStudy.source_id == source.id).limit(1)
        self.open = self.rule.mode == "publish" and self.session.scalar(anything) is None

    def sift(self, items: list[Item]) -> list[Item]:
        """Those of some arrivals that readers may see now; the others are kept."""
        if self.open:
            return items
        studies = studies_by_key(self.session, {item.version.study_key for item in items})
        held = _held(self.session, [item.version.entry_id for item in items])
        known = self._approved(items, studies)
        through: list[Item] = []
        for item in items:
            version = item.version
            study, row = studies.get(version.study_key), held.get(version.entry_id)
            if self._passes(study, item, known.get(version.entry_id)):
                through.append(item)
                if row is not None:
                    self.session.delete(row)
            else:
                study = study or self._new_study(version.study_key)
                studies[version.study_key] = study
                self._keep(study, item, row)
        settle(self.session, studies.values(), self.now)
        return through

    def _approved(
        self, items: Sequence[Item], studies: Mapping[str, ModeratedStudy]
    ) -> dict[str, Version]:
        """The texts on show of studies that a person has approved."""
        ids = [
            item.version.entry_id
            for item in items
            if (study := studies.get(item.version.study_key)) and study.state == "approved"
        ]
        rows = self.session.scalars(
            select(VersionRow)
            .where(VersionRow.entry_id.in_(ids))
            .options(undefer(VersionRow.body_html))
        )
        return {row.entry_id: held_text.of_row(row) for row in rows}

    def _passes(self, study: ModeratedStudy | None, item: Item, known: Version | None) -> bool:
        """Whether readers may see the version: a person's refusal, the rule, and then the rule for
        small changes of what a person has approved."""
        if study is not None and study.state == "refused":
            return False
        if lets_through(self.rule, self.shelf, item):
            return True
        if study is None or known is None:
            return False
        new = study.novelty + novelty(known, item.version)
        if new > MOST_NEW:
            return False
        study.novelty = new
        return True

    def _new_study(self, key: str) -> ModeratedStudy:
        study = ModeratedStudy(source_id=self.source_id, study_key=key, state="waiting", note="")
        study.novelty = 0.0
        self.session.add(study)
        self.session.flush()
        return study

    def _keep(self, study: ModeratedStudy, item: Item, row: HeldVersion | None) -> None:
        version = item.version
        if row is None:
            row = HeldVersion(entry_id=version.entry_id, study_id=study.id)
            row.received = item.received or self.now
            self.session.add(row)
        row.lang, row.title = version.lang, version.title
        row.state = "refused" if study.state == "refused" else "waiting"
        row.content = held_text.to_json(version, item.city)
        study.changed_at = self.now

    def forget(self, entry_ids: Iterable[str]) -> None:
        """Let go of what its city has withdrawn; a refusal alone is remembered."""
        if self.open:
            return
        for chunk in chunks(entry_ids):
            rows = self.session.execute(
                select(HeldVersion.study_id).where(HeldVersion.entry_id.in_(chunk))
            )
            ids = {row.study_id for row in rows}
            self.session.execute(delete(HeldVersion).where(HeldVersion.entry_id.in_(chunk)))
            keys = {entry_id.rpartition("/")[0] for entry_id in chunk} | set(chunk)
            studies = studies_by_key(self.session, keys) | _studies_by_id(self.session, ids)
            settle(self.session, studies.values(), self.now)


def studies_by_key(session: Session, keys: Collection[str]) -> dict[str, ModeratedStudy]:
    """What people decided, or are to decide, of these studies."""
    rows = session.scalars(select(ModeratedStudy).where(ModeratedStudy.study_key.in_(keys)))
    return {row.study_key: row for row in rows}


def _studies_by_id(session: Session, ids: Collection[int]) -> dict[str, ModeratedStudy]:
    rows = session.scalars(select(ModeratedStudy).where(ModeratedStudy.id.in_(ids)))
    return {row.study_key: row for row in rows}


def _held(session: Session, ids: Collection[str]) -> dict[str, HeldVersion]:
    rows = session.scalars(select(HeldVersion).where(HeldVersion.entry_id.in_(ids)))
    return {row.entry_id: row for row in rows}


def settle(session: Session, studies: Iterable[ModeratedStudy], now: datetime) -> None:
    """Say since when something of each study waits, and forget those of which nothing is left:
    no text that is held, and no decision about one that is shown."""
    session.flush()
    for chunk in chunks(studies):
        _settle(session, chunk, now)
    session.flush()


def _settle(session: Session, studies: Sequence[ModeratedStudy], now: datetime) -> None:
    ids, keys = [study.id for study in studies], [study.study_key for study in studies]
    mine = HeldVersion.study_id.in_(ids)
    rows = session.execute(select(HeldVersion.study_id, HeldVersion.state).where(mine)).all()
    held, waiting = {r.study_id for r in rows}, {r.study_id for r in rows if r.state == "waiting"}
    visible = select(VersionRow.study_key).where(VersionRow.study_key.in_(keys))
    shown = set(session.scalars(visible))
    for study in studies:
        study.waiting_since = (study.waiting_since or now) if study.id in waiting else None
        says = study.state == "refused" or (study.state == "approved" and study.study_key in shown)
        if study.id not in held and not says:
            session.delete(study)
