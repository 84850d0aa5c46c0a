"""Moves texts of one followed site between readers and those who read before them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session, undefer

from network.accounts.models import User
from network.catalogue import store as catalogue
from network.catalogue.models import Study
from network.catalogue.models import Version as VersionRow
from network.lib import clock
from network.lib.errors import NotFound
from network.lib.i18n import N_
from network.moderation import held_text
from network.moderation.gate import lets_through, rule_of, settle, studies_by_key
from network.moderation.shelf import CHUNK, Item, Shelf, chunks
from network.subscriptions.models import HeldVersion, ModeratedStudy, Subscription

State = Literal["waiting", "refused"]


def source(session: Session, subscription_id: int, lock: bool = True) -> Subscription:
    """The followed site, as it is now; locked, so that nobody else changes it before the end of
    this transaction. Raises NotFound."""
    found = session.get(
        Subscription, subscription_id, populate_existing=True, with_for_update=lock or None
    )
    if found is None:
        raise NotFound(N_("This site is not followed."))
    return found


def decide(
    study: ModeratedStudy, state: Literal["approved", "refused"], user: User | None, note: str
) -> None:
    """Write down what a person decided, now."""
    study.state, study.note, study.novelty = state, note, 0.0
    study.decided_at, study.decided_by = clock.now(), user.id if user else None
    study.changed_at = None


class Holding:
    """Moves texts of one site between readers and those who read before them."""

    def __init__(self, session: Session, subscription_id: int) -> None:
        self.session, self.now = session, clock.now()
        self.source = source(session, subscription_id)
        self.rule = rule_of(self.source)
        self.shelf = Shelf(session, self.source, self.now)

    def held(
        self, *conditions: ColumnElement[bool], contents: bool = False
    ) -> Iterator[HeldVersion]:
        """The held texts of this site that these conditions choose, oldest first."""
        query = (
            select(HeldVersion)
            .join(ModeratedStudy, ModeratedStudy.id == HeldVersion.study_id)
            .where(ModeratedStudy.source_id == self.source.id, *conditions)
            .order_by(HeldVersion.entry_id)
            .limit(CHUNK)
        )
        if contents:
            query = query.options(undefer(HeldVersion.content))
        after = ""
        while rows := self.session.scalars(query.where(HeldVersion.entry_id > after)).all():
            after = rows[-1].entry_id
            yield from rows

    def show(self, *conditions: ColumnElement[bool], by_rule: bool = False) -> None:
        """Put held texts where readers see them. by_rule: those that the rule lets through."""
        for rows in chunks(self.held(*conditions, contents=True)):
            items, ids = [], []
            for row in rows:
                item = Item(*held_text.from_json(row.content), row.received)
                if not by_rule or lets_through(self.rule, self.shelf, item):
                    items.append(item)
                    ids.append(row.entry_id)
                self.session.expunge(row)
            self.session.execute(delete(HeldVersion).where(HeldVersion.entry_id.in_(ids)))
            self.shelf.put(items)

    def shows(self, study: ModeratedStudy) -> bool:
        """Whether readers see anything of the study."""
        mine = select(VersionRow.entry_id).where(VersionRow.study_key == study.study_key)
        return self.session.scalar(mine.limit(1)) is not None

    def hold(self, study: ModeratedStudy, state: State, by_rule: bool = False) -> None:
        """Take what readers see of a study from them. by_rule: but for what the rule lets through.

        A text that has a newer one waiting is not kept: its city has replaced it.
        """
        newer = {row.entry_id for row in self.held(HeldVersion.study_id == study.id)}
        rows = list(self._shown(VersionRow.study_key == study.study_key))
        taken = [row for row in rows if not (by_rule and self._is_free(row))]
        self._keep(
            [row for row in taken if row.entry_id not in newer], {study.study_key: study}, state
        )
        self.shelf.take_off([row.entry_id for row in taken])

    def hold_shown(self) -> None:
        """Take from readers what neither the rule nor a person lets through."""
        if self.rule.mode == "publish":
            return
        for rows in chunks(self._shown()):
            decided = studies_by_key(self.session, {row.study_key for row in rows})
            taken = [
                row
                for row in rows
                if not ((found := decided.get(row.study_key)) and found.state == "approved")
                and not self._is_free(row)
            ]
            newer = self._newer([row.entry_id for row in taken])
            self._keep([row for row in taken if row.entry_id not in newer], decided, "waiting")
            self._remove(taken)
            settle(self.session, decided.values(), self.now)

    def _is_free(self, row: VersionRow) -> bool:
        """Whether the rule lets readers see what they see."""
        return lets_through(self.rule, self.shelf, Item(held_text.of_row(row)))

    def approve_shown(self) -> None:
        """Let what readers see now count as approved."""
        keys = select(Study.study_key).where(Study.source_id == self.source.id)
        for chunk in chunks(self.session.scalars(keys.order_by(Study.study_key)).all()):
            known = studies_by_key(self.session, chunk)
            for key in chunk:
                study = known.get(key) or self._new(key)
                if study.state == "waiting":
                    decide(study, "approved", None, study.note)
        self.session.flush()

    def _new(self, key: str) -> ModeratedStudy:
        study = ModeratedStudy(source_id=self.source.id, study_key=key, state="waiting", note="")
        study.novelty = 0.0
        self.session.add(study)
        return study

    def _newer(self, ids: list[str]) -> set[str]:
        found = select(HeldVersion.entry_id).where(HeldVersion.entry_id.in_(ids))
        return set(self.session.scalars(found))

    def _shown(self, *conditions: ColumnElement[bool]) -> Iterator[VersionRow]:
        query = (
            select(VersionRow)
            .join(Study, Study.study_key == VersionRow.study_key)
            .where(Study.source_id == self.source.id, *conditions)
            .options(undefer(VersionRow.body_html))
            .order_by(VersionRow.entry_id)
            .limit(CHUNK)
        )
        after = ""
        while rows := self.session.scalars(query.where(VersionRow.entry_id > after)).all():
            after = rows[-1].entry_id
            yield from rows

    def _keep(self, rows: list[VersionRow], known: dict[str, ModeratedStudy], state: State) -> None:
        for row in rows:
            if row.study_key not in known:
                known[row.study_key] = self._new(row.study_key)
        self.session.flush()
        self.session.add_all(
            HeldVersion(
                entry_id=row.entry_id,
                study_id=known[row.study_key].id,
                lang=row.lang,
                title=row.title,
                state=state,
                received=row.received,
                content=held_text.to_json(held_text.of_row(row), None),
            )
            for row in rows
        )
        self.session.flush()

    def _remove(self, taken: list[VersionRow]) -> None:
        """Whole studies at once, and one by one where a language of them stays."""
        ids, keys = {row.entry_id for row in taken}, {row.study_key for row in taken}
        others = select(VersionRow.study_key, VersionRow.entry_id).where(
            VersionRow.study_key.in_(keys)
        )
        stay = {key for key, entry_id in self.session.execute(others) if entry_id not in ids}
        self.shelf.take_off_studies(sorted(keys - stay))
        self.shelf.take_off([row.entry_id for row in taken if row.study_key in stay])

    def finish(self, *studies: ModeratedStudy) -> list[str]:
        """Settle what was decided and add the index's jobs; gives the keys that changed."""
        settle(self.session, studies or self._all(), self.now)
        catalogue.touch(self.session)  # pages say whether a newer text waits
        return self.shelf.finish()

    def _all(self) -> list[ModeratedStudy]:
        mine = select(ModeratedStudy).where(ModeratedStudy.source_id == self.source.id)
        return list(self.session.scalars(mine))
