"""Every question about followed studies that wait for a person, or about which one has decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, undefer

from network.accounts.models import User
from network.catalogue.models import Version as VersionRow
from network.catalogue.values import Version
from network.cities.service import CityValue
from network.lib.errors import NotFound
from network.lib.i18n import N_
from network.moderation import held_text
from network.subscriptions.models import HeldVersion, ModeratedStudy, Subscription

PAGE = 20
"""Studies on a page of the queue."""

List = Literal["waiting", "refused", "approved"]
LISTS: tuple[List, ...] = ("waiting", "refused", "approved")


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A study in the queue. state: waiting, approved or refused, as a person decided.

    titles: (language, title) of what is held, or of what readers see when nothing is.
    shown: readers see some text of it. changed: its city sent another text after the decision.
    """

    id: int
    study_key: str
    state: str
    titles: tuple[tuple[str, str], ...]
    site: str
    source_id: int
    shown: bool
    changed: bool
    waiting_since: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Text:
    """A language of a study: what is held of it, and what readers see of it; one may be missing."""

    lang: str
    held: Version | None
    city: CityValue | None
    shown: Version | None


def page(
    session: Session, which: List, number: int = 1, source_id: int | None = None
) -> tuple[list[QueueRow], int]:
    """One page of studies, and how many there are on all pages. number: counts from 1.

    waiting: what waited longest comes first; the others: what was decided last.
    """
    chosen = [_in(which), *([] if source_id is None else [ModeratedStudy.source_id == source_id])]
    by: tuple[ColumnElement[datetime | None] | ColumnElement[int], ...]
    by = (ModeratedStudy.waiting_since.asc(), ModeratedStudy.id.asc())
    if which != "waiting":
        by = (ModeratedStudy.decided_at.desc(), ModeratedStudy.id.desc())
    rows = session.execute(
        _ROWS.where(*chosen).order_by(*by).limit(PAGE).offset((number - 1) * PAGE)
    ).all()
    total = session.scalar(select(func.count(ModeratedStudy.id)).where(*chosen)) or 0
    return _shown_rows(session, rows), total


_ROWS = (
    select(ModeratedStudy, Subscription.title, Subscription.url, User.name)
    .join(Subscription, Subscription.id == ModeratedStudy.source_id)
    .outerjoin(User, User.id == ModeratedStudy.decided_by)
)


def _in(which: List) -> ColumnElement[bool]:
    if which == "waiting":
        return ModeratedStudy.waiting_since.is_not(None)
    return ModeratedStudy.state == which


def one(session: Session, study_id: int) -> tuple[QueueRow, list[Text]]:
    """One study with its texts, the shown ones too. Raises NotFound."""
    rows = session.execute(_ROWS.where(ModeratedStudy.id == study_id)).all()
    if not rows:
        message = N_("This case study is not here any more. Its city may have withdrawn it.")
        raise NotFound(message)
    (row,) = _shown_rows(session, rows)
    held = session.scalars(
        select(HeldVersion)
        .where(HeldVersion.study_id == study_id)
        .options(undefer(HeldVersion.content))
    )
    texts = {each.lang: held_text.from_json(each.content) for each in held}
    shown = {each.lang: held_text.of_row(each) for each in _visible(session, row.study_key)}
    texts_of = []
    for lang in sorted({*texts, *shown}):
        version, city = texts.get(lang, (None, None))
        texts_of.append(Text(lang, version, city, shown.get(lang)))
    return row, texts_of


def _visible(session: Session, study_key: str) -> Iterable[VersionRow]:
    return session.scalars(
        select(VersionRow)
        .where(VersionRow.study_key == study_key)
        .options(undefer(VersionRow.body_html))
    )


def _shown_rows(session: Session, rows: Sequence[Any]) -> list[QueueRow]:
    held = _titles(session, {row[0].id for row in rows})
    seen = _seen(session, {row[0].study_key for row in rows})
    return [
        QueueRow(
            id=study.id,
            study_key=study.study_key,
            state=study.state,
            titles=tuple(held.get(study.id) or seen.get(study.study_key) or ()),
            site=title or url,
            source_id=study.source_id,
            shown=study.study_key in seen,
            changed=study.changed_at is not None and study.decided_at is not None,
            waiting_since=study.waiting_since,
            decided_at=study.decided_at,
            decided_by=name,
            note=study.note,
        )
        for study, title, url, name in rows
    ]


def _titles(session: Session, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    rows = session.execute(
        select(HeldVersion.study_id, HeldVersion.lang, HeldVersion.title)
        .where(HeldVersion.study_id.in_(ids))
        .order_by(HeldVersion.lang)
    )
    for study_id, lang, title in rows:
        found.setdefault(study_id, []).append((lang, title))
    return found


def _seen(session: Session, keys: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    rows = session.execute(
        select(VersionRow.study_key, VersionRow.lang, VersionRow.title)
        .where(VersionRow.study_key.in_(keys))
        .order_by(VersionRow.lang)
    )
    for key, lang, title in rows:
        found.setdefault(key, []).append((lang, title))
    return found


def waiting(session: Session, source_id: int | None = None) -> dict[int, int]:
    """Subscription → how many of its studies wait for a person; of one, or of all that have any."""
    query = select(ModeratedStudy.source_id, func.count()).where(_in("waiting"))
    if source_id is not None:
        query = query.where(ModeratedStudy.source_id == source_id)
    rows = session.execute(query.group_by(ModeratedStudy.source_id))
    return {source_id: number for source_id, number in rows}  # noqa: C416 — rows, not pairs


def counts(session: Session) -> dict[List, int]:
    """How many studies are in each list."""
    return {
        which: session.scalar(select(func.count(ModeratedStudy.id)).where(_in(which))) or 0
        for which in LISTS
    }


def changed_since(session: Session, entry_id: str) -> datetime | None:
    """When its city last changed a version of which a newer text waits for a person; else None."""
    return session.scalar(
        select(ModeratedStudy.changed_at)
        .join(HeldVersion, HeldVersion.study_id == ModeratedStudy.id)
        .where(HeldVersion.entry_id == entry_id, HeldVersion.state == "waiting")
    )
