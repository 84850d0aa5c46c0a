"""An import makes the state that a file says, or says why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from network.case_studies import publish, queries, transfer
from network.case_studies.models import Revision
from network.catalogue.models import Withdrawn
from network.log import service as log
from network.log.models import FeedEntry
from tests.integration.test_transfer import ID, SITE, lay, simple

CASES = [
    # (before, said in the file) → (after, live entries, words of the note)
    ("nothing", "published", "published", 1, ""),
    ("nothing", "draft", "draft", 0, ""),
    ("nothing", "changed", "draft", 0, "no text that readers saw"),
    ("nothing", "withdrawn", "withdrawn", 0, ""),
    ("draft", "", "published", 1, ""),
    ("draft", "draft", "draft", 0, ""),
    ("draft", "changed", "draft", 0, "no text that readers saw"),
    ("draft", "withdrawn", "draft", 0, "never published here"),
    ("published", "", "published", 1, ""),
    ("published", "draft", "published", 1, "does not become a draft"),
    ("published", "withdrawn", "withdrawn", 0, ""),
    ("published", "changed", "published", 1, "changes nothing"),
    ("withdrawn", "", "withdrawn", 0, "stays withdrawn"),
    ("withdrawn", "published", "published", 1, ""),
    ("withdrawn", "draft", "withdrawn", 0, "stays withdrawn"),
    ("withdrawn", "changed", "withdrawn", 0, "stays withdrawn"),
    ("withdrawn", "withdrawn", "withdrawn", 0, ""),
]


def text(*lines: str, title: str = "T") -> str:
    return simple(f"title: {title}", "lang: fr", f"id: {ID}", *lines)


def begin(session: Session, root: Path, state: str) -> None:
    if state == "nothing":
        return
    first = text("state: draft") if state == "draft" else text()
    transfer.import_folder(session, lay(root, a=first), SITE)
    if state == "withdrawn":
        publish.withdraw(session, None, ID, "Erreur.", lang="fr")


def file(said: str, **more: str) -> str:
    lines = [f"state: {said}"] if said else []
    lines += ["withdrawal_reason: Chiffres faux."] if said == "withdrawn" else []
    return text(*lines, **more)


@pytest.mark.parametrize(("before", "said", "after", "live", "words"), CASES)
def test_the_state_is_made_so_or_it_is_said_why_not(
    session: Session, tmp_path: Path, before: str, said: str, after: str, live: int, words: str
) -> None:
    begin(session, tmp_path / "in", before)
    report = transfer.import_folder(session, lay(tmp_path / "in", a=file(said)), SITE)
    assert queries.get(session, ID)[0].state == after
    assert log.read_state(session).count == live
    notes = [str(note) for note in report.notes if "summary" not in note.message]
    assert len(notes) == bool(words)
    assert all(words in note and note.startswith("a.md") for note in notes)
    again = transfer.import_folder(session, tmp_path / "in", SITE)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert queries.get(session, ID)[0].state == after


def test_a_withdrawal_by_a_file_is_one_like_any_other(session: Session, tmp_path: Path) -> None:
    begin(session, tmp_path / "in", "published")
    report = transfer.import_folder(session, lay(tmp_path / "in", a=file("withdrawn")), SITE)
    assert report.updated == 1
    row = session.scalars(select(FeedEntry)).one()
    assert (row.kind, "Chiffres faux." in row.xml.decode()) == ("deleted", True)
    gone = session.scalars(select(Withdrawn)).one()
    assert (gone.reason, gone.reason_lang) == ("Chiffres faux.", "fr")
    assert "withdraw" in session.scalars(select(Revision.action)).all()


@pytest.mark.parametrize(
    "reason",
    [
        (),
        ("withdrawal_reason: ''",),
        ('withdrawal_reason: "\u200b"',),
        (f"withdrawal_reason: {'x' * 501}",),
    ],
)
def test_a_withdrawal_without_a_reason_is_refused_with_its_file(
    session: Session, tmp_path: Path, reason: tuple[str, ...]
) -> None:
    begin(session, tmp_path / "in", "published")
    path = lay(tmp_path / "in", a=text("state: withdrawn", *reason))
    with pytest.raises(transfer.ImportRefused) as refused:
        transfer.import_folder(session, path, SITE)
    assert [(p.file, p.field) for p in refused.value.problems] == [("a.md", "withdrawal_reason")]
    assert queries.get(session, ID)[0].state == "published"


def test_what_a_file_changes_of_a_published_study_waits_when_it_says_draft(
    session: Session, tmp_path: Path
) -> None:
    begin(session, tmp_path / "in", "published")
    path = lay(tmp_path / "in", a=file("draft", title="Autre"))
    transfer.import_folder(session, path, SITE)
    row, draft = queries.get(session, ID)
    assert (row.state, row.changed, draft.original.title) == ("published", True, "Autre")
    assert b"Autre" not in session.scalars(select(FeedEntry.xml)).one()
    path = lay(tmp_path / "in", a=file("changed", title="Autre"))
    assert [n for n in transfer.import_folder(session, path, SITE).notes if "state" in n] == []


def test_drafts_alone_are_imported_when_that_is_asked_for(session: Session, tmp_path: Path) -> None:
    begin(session, tmp_path / "in", "published")
    path = lay(tmp_path / "in", a=file("withdrawn"))
    transfer.import_folder(session, path, SITE, publish=False)
    assert queries.get(session, ID)[0].state == "published"
