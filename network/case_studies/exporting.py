"""Export of what this node writes as a folder of Markdown, from which an import makes the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from network.case_studies import drafts, folder, named_cities, service
from network.case_studies.markdown_render import StudyMeta, render
from network.case_studies.models import CaseStudy, StudyText
from network.cities.models import City
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.lib.languages import ENGLISH
from network.lib.text import slug


def export_folder(
    session: Session, path: Path, progress: Callable[[int], None] | None = None
) -> int:
    """Write every study that this node writes as Markdown files; gives how many there are.

    Drafts and withdrawn studies are among them and say so (`state`). Files of an earlier export
    of the same studies are brought up to date; other files in the folder are left alone.
    """
    if path.exists() and not path.is_dir():
        raise InvalidInput(N_("%(path)s is not a folder."), path=str(path))
    folders = _folders(session)
    written: set[Path] = set()
    for done, (study_id, name) in enumerate(folders.items(), 1):
        row = session.get_one(CaseStudy, study_id, options=[selectinload(CaseStudy.texts)])
        city = session.get(City, row.city) if row.city else None
        for lang, content in files_of(row, city).items():
            written.add(folder.write(path, f"{name}/{lang}.md", content))
        if progress:
            progress(done)
    folder.remove_superseded(path, folders.keys(), written)
    return len(folders)


def files_of(row: CaseStudy, city: City | None) -> Mapping[str, str]:
    """A study's files by language. city: its city."""
    draft = service.draft_of(row)
    state = "changed" if row.state == "published" and row.changed else row.state
    said = named_cities.as_written(city) if city else {}
    meta = StudyMeta(row.id, state, row.first_published, row.withdrawal_reason, city=said)
    return {lang: render(draft, lang, meta) for lang in draft.texts}


def _folders(session: Session) -> dict[str, str]:
    """id → city/study, where two studies of one name are told apart by their ids."""
    rows = session.execute(
        select(CaseStudy.id, CaseStudy.city, StudyText.title, StudyText.slug)
        .join(StudyText, StudyText.study_id == CaseStudy.id)
        .where(StudyText.lang.in_([ENGLISH.code, CaseStudy.original_lang]))
        .order_by(CaseStudy.id, StudyText.lang != ENGLISH.code)
    )
    names: dict[str, str] = {}
    for row in rows:  # the English text comes first
        names.setdefault(row.id, f"{row.city or 'elsewhere'}/{_name(row.title, row.slug)}")
    often = Counter(names.values())
    return {
        study_id: name if often[name] == 1 else f"{name}-{study_id[:8]}"
        for study_id, name in names.items()
    }


def _name(title: str, chosen: str) -> str:
    return slug(drafts.slug_of(drafts.TextDraft(title=title, slug=chosen)), longest=100) or "study"
