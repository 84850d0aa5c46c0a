"""Import of a folder of Markdown with front matter, without loss (exporting is the way back).

Import checks every file before it changes anything, knows a study again by its id, and changes
only what differs; so it can be repeated, and goes on where it was interrupted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from network.case_studies import cities as keeping
from network.case_studies import (
    drafts,
    folder,
    named_cities,
    readable,
    service,
    transfer_states,
    versions,
)
from network.case_studies import publish as publication
from network.case_studies.making import Site, Vocabulary, vocabulary
from network.case_studies.markdown_render import StudyMeta
from network.case_studies.markdown_studies import Remark, Study
from network.case_studies.models import CaseStudy
from network.case_studies.named_cities import NewCity
from network.case_studies.release import release
from network.case_studies.rendered import Rendered
from network.facts import links
from network.facts.links import Link
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.topics import service as topics

BATCH = 50
"""Studies in one transaction: quick, and short enough that nobody waits long for the lock."""

Rewrite = Callable[[str], str]
Outcome = Literal["created", "updated", "unchanged"]


class ImportRefused(InvalidInput):
    """Some files cannot be used, so nothing was imported. problems: all of them."""

    def __init__(self, problems: Sequence[Remark]) -> None:
        super().__init__(
            N_("Nothing was imported. Correct this first:\n%(problems)s"),
            problems="\n".join(str(problem) for problem in problems),
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Report:
    """How many studies an import made, changed or left as they were. notes: what was left out."""

    created: int
    updated: int
    unchanged: int
    notes: Sequence[Remark] = ()


def count(path: Path) -> int:
    """How many studies the files in a folder make, for a progress bar."""
    return len(folder.read(path)[0])


def import_folder(
    session: Session,
    path: Path,
    site: Site,
    publish: bool = True,
    rewrite: Rewrite | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Import every study in a folder, or file, of Markdown.

    publish: also publish those whose files do not say otherwise; False imports drafts. rewrite:
    applied to the addresses of `inspired_by`. progress: told how many studies are done.
    Where a file's state is not the study's, it is made so or said why not (transfer_states).
    Raises ImportRefused, with every problem.
    """
    found, wrong, notes = folder.read(path)
    names = _Names(session)
    resolved = [_resolved(study, names, rewrite) for study in found]
    with Rendered() as html:
        known = vocabulary(session)
        public = [study for study in resolved if publish and _is_public(study)]
        wrong += [problem for study in public for problem in _problems(study, known, site, html)]
        wrong += transfer_states.problems(session, resolved) if publish else []
        wrong += names.wrong
        if wrong:
            raise ImportRefused(sorted(wrong, key=lambda remark: remark.file))
        if not resolved:
            raise InvalidInput(N_("There is no Markdown file (.md) in %(path)s."), path=str(path))
        notes += [note for study in resolved for note in _unknown_tags(study, names)]
        notes += [note for study in resolved for note in _understood(study)]
        resolved = _with_new_cities(session, resolved, names.new)
        outcomes: Counter[Outcome] = Counter()
        for start in range(0, len(resolved), BATCH):
            batch = resolved[start : start + BATCH]
            outcomes.update(_import_batch(session, batch, site, publish, notes, html))
            if progress:
                progress(start + len(batch))
        return Report(outcomes["created"], outcomes["updated"], outcomes["unchanged"], notes)


def _with_new_cities(
    session: Session, studies: list[Study], new: Mapping[str, NewCity]
) -> list[Study]:
    """The studies with cities that are added now. new: by the study's id."""
    added = {each: keeping.keep(session, *each)[0].slug for each in dict.fromkeys(new.values())}
    return [
        replace(study, draft=replace(study.draft, city=added[new[study.meta.id]]))
        if study.meta.id in new
        else study
        for study in studies
    ]


def _is_public(study: Study) -> bool:
    return study.meta.state == "published"


class _Names:
    """What people call cities and topics in files → our slugs."""

    def __init__(self, session: Session) -> None:
        self.topics = topics.all_topics(session)
        self.cities = named_cities.Names(session)
        self.new: dict[str, NewCity] = {}
        self.wrong: list[Remark] = []
        self._topics: dict[str, str | None] = {}

    def city(self, study: Study) -> str | None:
        """The slug of its city; a name that nobody knows stays, to be reported. None, too, when
        the city is to be added once all files are right."""
        name = study.draft.city or ""
        problems: list[InvalidInput] = []
        found: str | NewCity | None = self.cities.find(name)
        if study.city:
            found, problems = self.cities.said(study.city)
        for each in problems:
            remark = Remark(study.file, each.message, each.arguments, f"city.{each.field}")
            self.wrong.append(remark)
        if isinstance(found, NewCity):
            self.new[study.meta.id] = found
        return found if isinstance(found, str) else None if found or problems else name or None

    def topic(self, name: str) -> str | None:
        """The topic's slug, from its slug, name or a synonym in either language."""
        if name not in self._topics:
            self._topics[name] = next(iter(topics.match(self.topics, [name])), None)
        return self._topics[name]


def _resolved(study: Study, names: _Names, rewrite: Rewrite | None) -> Study:
    """The study with slugs of our vocabularies; a topic that they lack stays, to be reported."""
    draft = study.draft
    found = [names.topic(name) or name for name in draft.topics]
    found += [topic for tag in study.tags if (topic := names.topic(tag))]
    given = draft.inspired_by
    if rewrite:
        given = tuple(Link(rewrite(link.href), link.title) for link in given)
    resolved = replace(
        draft,
        city=names.city(study),
        topics=tuple(dict.fromkeys(found)),
        inspired_by=links.read(links.plain(given)),
    )
    return replace(study, draft=resolved)


def _problems(study: Study, known: Vocabulary, site: Site, html: versions.Html) -> Iterator[Remark]:
    found = publication.problems(study.draft, known) or readable.problems(
        study.draft, study.meta.id, site.base_url, site.licence, clock.now(), html
    )
    for problem in found:
        lang, _, field = problem.field.rpartition(".")
        file = study.files.get(lang, study.file)
        yield Remark(file, problem.message, problem.arguments, field)


def _unknown_tags(study: Study, names: _Names) -> Iterator[Remark]:
    for tag in study.tags:
        if names.topic(tag) is None:
            message = N_("The tag “%(tag)s” is not a topic we know and was left out.")
            yield Remark(study.file, message, {"tag": tag})


def _understood(study: Study) -> Iterator[Remark]:
    """Nothing that has words or signs in it is read without a word."""
    for field, typed, shown in study.understood:
        message = N_("“%(typed)s” was read as %(shown)s.")
        yield Remark(study.file, message, {"typed": typed, "shown": shown}, field)


def _import_batch(
    session: Session,
    batch: Sequence[Study],
    site: Site,
    publish: bool,
    notes: list[Remark],
    html: versions.Html,
) -> list[Outcome]:
    now = clock.now()
    with writing(session):
        known = vocabulary(session)
        rows = _rows(session, [study.meta.id for study in batch])
        outcomes = [_import(session, study, rows, now) for study in batch]
        session.flush()  # all the new studies at once
        for study, outcome in zip(batch, outcomes, strict=True):
            if outcome == "created":
                row = rows[study.meta.id]
                service.add_revision(session, row, None, "create", now)
        settled = [
            transfer_states.settle(session, rows[study.meta.id], study, notes, now)
            for study in (batch if publish else ())
        ]
        ready = [rows[each.study.meta.id] for each in settled if each.is_to_publish]
        release(session, ready, site, known, now, html)
    changed = {each.study.meta.id for each in settled if each.is_to_publish or each.is_withdrawn}
    return [
        "updated" if study.meta.id in changed and outcome == "unchanged" else outcome
        for study, outcome in zip(batch, outcomes, strict=True)
    ]


def _rows(session: Session, ids: Sequence[str]) -> dict[str, CaseStudy]:
    found = session.scalars(
        select(CaseStudy)
        .where(CaseStudy.id.in_(ids))
        .options(selectinload(CaseStudy.texts))
        .with_for_update(of=CaseStudy)
    )
    return {row.id: row for row in found}


def _import(session: Session, study: Study, rows: dict[str, CaseStudy], now: datetime) -> Outcome:
    """Store one study, but for the first revision of a new one; `rows` then has it."""
    row = rows.get(study.meta.id)
    if row is None:
        row = service.begin(session, None, study.draft, study.meta.id, now)
        rows[study.meta.id] = _began(row, study.meta, now)
        return "created"
    stored = service.draft_of(row)
    draft = drafts.keep_slugs(stored, service.known_city(session, study.draft))
    if draft == stored:
        return "unchanged"
    service.put(session, row, draft, None, "import", now)
    return "updated"


def _began(row: CaseStudy, meta: StudyMeta, now: datetime) -> CaseStudy:
    """A new study with the past that its file tells; a date that is still to come counts as now."""
    row.first_published = meta.published and min(meta.published, now)
    if meta.state == "withdrawn":
        row.state, row.withdrawn, row.withdrawal_reason = "withdrawn", now, meta.withdrawal_reason
    return row
