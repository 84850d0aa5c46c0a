"""A folder of Markdown into a node and back: complete, repeatable, and all or nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from network.case_studies import exporting, publish, queries, service, transfer
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.models import CaseStudy, Revision, StudyText
from network.catalogue import models as catalogue
from network.catalogue.values import Facts, Link
from network.cities.models import City
from network.jobs.models import Job
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.lib.places import folder
from network.log import service as log
from network.log.models import FeedEntry

DEMO = folder("demo_content")
ID = "7b0c9b1e-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class Site:
    base_url: str = "https://paris.example"
    name: str = "Villes pionnières"
    city: str = ""
    licence: str = "CC-BY-4.0"


SITE = Site()


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def lay(root: Path, **files: str) -> Path:
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        (root / f"{name}.md").write_text(content, encoding="utf-8")
    return root


def simple(*lines: str, text: str = "Texte.") -> str:
    return "\n".join(["---", *lines, "---", text, ""])


def clear(session: Session) -> None:
    """Make of the database that of another node, without studies."""
    with writing(session):
        for table in (catalogue.Inspiration, catalogue.StudyTopic, catalogue.Version,
                      catalogue.Study, Revision, StudyText, CaseStudy, FeedEntry, Job):  # fmt: skip
            session.execute(delete(table))
    session.expunge_all()


@pytest.mark.parametrize("city", ["paris", "madrid", "seoul"])
def test_the_demonstrations_studies_are_all_published(session: Session, city: str) -> None:
    told: list[int] = []
    report = transfer.import_folder(session, DEMO / city, SITE, progress=told.append)
    total = transfer.count(DEMO / city)
    assert (report.created, report.updated, report.unchanged) == (total, 0, 0)
    assert report.notes == []
    assert told[-1] == total
    files = len(list((DEMO / city).rglob("*.md")))
    assert session.scalar(select(func.count()).select_from(catalogue.Version)) == files
    assert log.read_state(session).count == files
    assert session.scalar(select(func.count()).where(Job.kind == "index")) == total


def test_importing_twice_changes_nothing(session: Session) -> None:
    transfer.import_folder(session, DEMO / "paris", SITE)
    before = log.read_state(session)
    report = transfer.import_folder(session, DEMO / "paris", SITE)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 11)
    session.rollback()
    assert log.read_state(session) == before


def test_what_is_exported_is_imported_elsewhere_as_it_was(session: Session, tmp_path: Path) -> None:
    transfer.import_folder(session, DEMO / "seoul", SITE)
    assert exporting.export_folder(session, tmp_path / "one") == 16
    clear(session)
    transfer.import_folder(session, tmp_path / "one", SITE)
    exporting.export_folder(session, tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_the_words_of_an_import_come_out_again(session: Session, tmp_path: Path) -> None:
    """What a person wrote in the demonstration's files, line by line, is in the exported ones."""
    transfer.import_folder(session, DEMO / "paris", SITE)
    exporting.export_folder(session, tmp_path)
    name = "paris/participatory-budget/fr.md"
    given, out = (
        (root / name).read_text("utf-8").splitlines() for root in (DEMO / "paris", tmp_path)
    )
    assert sorted(filter(None, given)) == sorted(filter(None, out))


def a_study() -> Draft:
    return Draft(
        original_lang="en",
        city="paris",
        facts=Facts(evidence=(Link("https://a.example/", "A: b"),)),
        texts={
            "en": TextDraft(title="--- # Title: “x”", summary="S", body="---\n## X {#results}\n\t"),
            "fr": TextDraft(
                title="Titre", outdated_since=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
            ),
        },
    )


def test_drafts_changes_and_withdrawn_studies_travel_with_their_state(
    session: Session, tmp_path: Path
) -> None:
    unfinished = Draft("fr", unreadable={"staff": "douze", "city": "Nullepartville"})
    ids = [service.create(session, None, draft) for draft in (unfinished, a_study(), a_study())]
    publish.publish(session, None, ids[1], SITE)
    lock = queries.get(session, ids[1])[0].lock_version
    service.save(session, None, ids[1], replace(a_study(), topics=("open-data",)), lock)
    publish.publish(session, None, ids[2], SITE)
    publish.withdraw(session, None, ids[2], "Erreur : « test ».")
    before = {study_id: queries.get(session, study_id) for study_id in ids}
    exporting.export_folder(session, tmp_path)
    clear(session)
    report = transfer.import_folder(session, tmp_path, SITE)
    assert report.created == 3
    after = {study_id: queries.get(session, study_id) for study_id in ids}
    assert {key: value[1] for key, value in before.items()} == {
        key: value[1] for key, value in after.items()
    }
    assert [after[study_id][0].state for study_id in ids] == ["draft", "draft", "withdrawn"]
    assert after[ids[2]][0].withdrawal_reason == "Erreur : « test »."
    assert after[ids[1]][0].first_published == before[ids[1]][0].first_published
    assert log.read_state(session).count == 0


def test_a_changed_file_changes_its_study_alone(session: Session, tmp_path: Path) -> None:
    shutil.copytree(DEMO / "paris", tmp_path / "paris")
    transfer.import_folder(session, tmp_path / "paris", SITE)
    file = tmp_path / "paris" / "paris" / "dans-ma-rue" / "en.md"
    file.write_text(file.read_text("utf-8").rstrip() + " New.\n", encoding="utf-8")
    before = log.read_state(session)
    report = transfer.import_folder(session, tmp_path / "paris", SITE)
    assert (report.created, report.updated, report.unchanged) == (0, 1, 10)
    session.rollback()
    assert log.read_state(session).seq == before.seq + 1


def test_an_import_of_drafts_shows_readers_nothing_until_it_is_repeated(
    session: Session, tmp_path: Path
) -> None:
    path = lay(tmp_path / "in", a=simple("title: T", "lang: fr"))
    assert transfer.import_folder(session, path, SITE, publish=False).created == 1
    assert log.read_state(session).count == 0
    assert transfer.import_folder(session, path, SITE).updated == 1
    assert log.read_state(session).count == 1
    assert transfer.import_folder(session, path, SITE).unchanged == 1


def test_every_bad_file_is_named_and_nothing_is_imported(session: Session, tmp_path: Path) -> None:
    path = lay(
        tmp_path / "in",
        good=simple("title: T", "lang: fr"),
        headless="# T",
        nowhere=simple("title: T", "lang: fr", "city: Nullepartville"),
        rich=simple("title: T", "lang: fr", "budget: {amount: lots, currency: EUR}"),
        untitled=simple("title: ", "lang: fr"),
    )
    (path / "latin.md").write_bytes("---\ntitle: Été\n---\n".encode("latin-1"))
    with pytest.raises(transfer.ImportRefused) as refused:
        transfer.import_folder(session, path, SITE)
    problems = refused.value.problems
    assert [problem.file for problem in problems] == [
        "headless.md", "latin.md", "nowhere.md", "rich.md", "untitled.md",
    ]  # fmt: skip
    assert [problem.field for problem in problems][2:] == ["city", "budget_amount", "title"]
    assert "rich.md, budget_amount: “lots” is not an amount." in str(refused.value)
    assert session.scalar(select(func.count()).select_from(CaseStudy)) == 0


def test_figures_are_read_in_the_files_language_and_never_without_a_word(
    session: Session, tmp_path: Path
) -> None:
    facts = ("topics: [open-data]", "city: paris", "summary: S", "title: T")
    french = simple(*facts, "lang: fr", "budget: 1,5 M€", "start: 01/03/2021", "staff: 3")
    english = simple(*facts, "lang: en", "people_reached: 40,000 people", "end: Sep 2021")
    path = lay(tmp_path / "in", french=french, english=english)
    notes = [str(note) for note in transfer.import_folder(session, path, SITE).notes]
    assert [note.replace("\u202f", " ").replace("\u00a0", " ") for note in notes] == [
        "english.md, end: “Sep 2021” was read as September 2021.",
        "english.md, people_reached: “40,000 people” was read as 40,000.",
        "french.md, start: “01/03/2021” was read as 1er mars 2021.",
        "french.md, budget_amount: “1,5 M€” was read as 1 500 000 EUR.",
    ]
    doubtful = simple(*facts, "lang: en", "start: 01/03/2021", "staff: 1.000")
    with pytest.raises(transfer.ImportRefused) as refused:
        transfer.import_folder(session, lay(tmp_path / "doubt", a=doubtful), SITE)
    assert "a.md, start: “01/03/2021” may mean 1 March 2021 or 3 January" in str(refused.value)
    assert "a.md, staff: “1.000” may mean 1 or 1,000 (1 thousand)." in str(refused.value)


def test_a_title_that_shows_nothing_is_refused_with_its_file(
    session: Session, tmp_path: Path
) -> None:
    good = simple("lang: fr", "title: Bon", "summary: S", "city: paris", "topics: [open-data]")
    bad = simple("lang: fr", 'title: "\u200b\u3164"', 'summary: "\u2800"', "topics: [open-data]")
    with pytest.raises(transfer.ImportRefused) as refused:
        transfer.import_folder(session, lay(tmp_path / "in", a=good, b=bad), SITE)
    assert [(p.file, p.field) for p in refused.value.problems] == [
        ("b.md", "title"),
        ("b.md", "summary"),
    ]
    assert session.scalar(select(func.count()).select_from(CaseStudy)) == 0


def test_a_folder_without_studies_is_refused(session: Session, tmp_path: Path) -> None:
    lay(tmp_path, README="# About")
    (tmp_path / ".hidden").mkdir()
    lay(tmp_path / ".hidden", a="# No")
    with pytest.raises(InvalidInput, match="no Markdown file"):
        transfer.import_folder(session, tmp_path, SITE)


def test_one_file_can_be_imported(session: Session, tmp_path: Path) -> None:
    path = lay(tmp_path, mon_velo=simple("title: Vélo", "lang: fr")) / "mon_velo.md"
    assert transfer.import_folder(session, path, SITE).created == 1
    row = session.scalars(select(catalogue.Version)).one()
    assert row.url == "https://paris.example/fr/etudes-de-cas/ailleurs/velo"
    assert row.summary == "Texte."


def test_cities_and_topics_are_known_by_their_names_in_both_languages(
    session: Session, tmp_path: Path
) -> None:
    path = lay(
        tmp_path / "in",
        a=simple("title: T", "lang: fr", "city: Séoul", "topics: [Données ouvertes]",
                 "tags: [budgets participatifs, jardinage]"),
    )  # fmt: skip
    report = transfer.import_folder(session, path, SITE)
    (study_id,) = session.scalars(select(CaseStudy.id))
    draft = queries.get(session, study_id)[1]
    assert (draft.city, draft.topics) == ("seoul", ("open-data", "participatory-budgeting"))
    assert ["jardinage" in str(note) for note in report.notes] == [False, True]


def test_addresses_of_inspirations_can_be_rewritten(session: Session) -> None:
    def rewrite(href: str) -> str:
        return href.replace("https://madrid.example", "http://127.0.0.1:8002")

    transfer.import_folder(session, DEMO / "paris", SITE, rewrite=rewrite)
    hrefs = session.scalars(select(catalogue.Inspiration.href)).all()
    assert any(href.startswith("http://127.0.0.1:8002/id/") for href in hrefs)
    assert not any("madrid.example" in href for href in hrefs)
    assert transfer.import_folder(session, DEMO / "paris", SITE, rewrite=rewrite).unchanged == 11


def test_a_study_withdrawn_here_stays_withdrawn(session: Session, tmp_path: Path) -> None:
    path = lay(tmp_path / "in", a=simple("title: T", "lang: fr", f"id: {ID}"))
    transfer.import_folder(session, path, SITE)
    publish.withdraw(session, None, ID, "Erreur.")
    report = transfer.import_folder(session, path, SITE)
    assert report.unchanged == 1
    assert "stays withdrawn" in str(report.notes[-1])
    assert log.read_state(session).count == 0


def test_a_file_without_a_slug_keeps_the_address_of_its_study(
    session: Session, tmp_path: Path
) -> None:
    path = lay(tmp_path / "in", a=simple("title: Premier", "lang: fr"))
    transfer.import_folder(session, path, SITE)
    lay(path, a=simple("title: Second", "lang: fr"))
    assert transfer.import_folder(session, path, SITE).updated == 1
    row = session.scalars(select(catalogue.Version)).one()
    assert (row.title, row.slug) == ("Second", "premier")


def test_an_interrupted_import_goes_on_where_it_was(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BATCH", 2)
    path = lay(tmp_path / "in", **{f"s{n}": simple(f"title: T{n}", "lang: fr") for n in range(5)})

    def stop(done: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transfer.import_folder(session, path, SITE, progress=stop)
    report = transfer.import_folder(session, path, SITE)
    assert (report.created, report.unchanged) == (1, 4)
    assert log.read_state(session).count == 5


def test_an_export_replaces_its_own_older_files_and_no_others(
    session: Session, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = service.create(session, None, a_study())
    exporting.export_folder(session, out)
    (mine,) = {path.parent for path in out.rglob("*.md")}
    notes = out / "paris" / "notes" / "en.md"
    notes.parent.mkdir()
    notes.write_text("My own notes")
    draft, lock = queries.get(session, first)[1], 1
    renamed = replace(draft, texts={"en": replace(draft.texts["en"], title="Another name")})
    service.save(session, None, first, renamed, lock)
    exporting.export_folder(session, out)
    assert not mine.exists()
    assert sorted(tree(out)) == ["paris/another-name/en.md", "paris/notes/en.md"]


def test_studies_of_one_name_are_exported_apart(session: Session, tmp_path: Path) -> None:
    for _ in range(2):
        service.create(session, None, a_study())
    assert exporting.export_folder(session, tmp_path) == 2
    assert len({path.parent for path in tmp_path.rglob("*.md")}) == 2


def test_an_export_into_a_file_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(InvalidInput):
        exporting.export_folder(session, tmp_path / "x")


def test_a_file_may_name_any_place_and_an_export_says_what_another_node_needs(
    session: Session, tmp_path: Path
) -> None:
    said = "{name_fr: Trifouillis-les-Oies, country: France, kind: village, population: 1 312}"
    path = lay(
        tmp_path / "in",
        lyon=simple("title: T", "lang: fr", "city: Lyon"),
        village=simple("title: U", "lang: fr", f"city: {said}"),
        again=simple("title: V", "lang: fr", f"city: {said}"),
    )
    assert transfer.import_folder(session, path, SITE).created == 3
    village = session.get_one(City, "trifouillis-les-oies")
    assert (village.population, village.kind, village.origin) == (1312, "village", "here")
    assert session.get_one(City, "lyon").geonames_id == 2996944
    assert transfer.import_folder(session, path, SITE).unchanged == 3
    exporting.export_folder(session, tmp_path / "out")
    clear(session)
    with writing(session):
        session.execute(delete(City).where(City.origin == "here"))
    assert transfer.import_folder(session, tmp_path / "out", SITE).created == 3
    village = session.get_one(City, "trifouillis-les-oies")
    assert (village.population, village.country) == (1312, "FR")
    assert session.get_one(City, "lyon").timezone == "Europe/Paris"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("{name: X, population: beaucoup}", "city.population"),
        ("{country: FR}", "city.name_en"),
        ("Saint-Denis", "city"),
        ("Nullepartville", "city"),
    ],
)
def test_a_city_that_is_not_clear_is_named_with_its_file_and_nothing_is_added(
    session: Session, tmp_path: Path, said: str, field: str
) -> None:
    good = simple("title: T", "lang: fr", "city: Lyon")
    path = lay(tmp_path / "in", good=good, bad=simple("title: U", "lang: fr", f"city: {said}"))
    with pytest.raises(transfer.ImportRefused) as refused:
        transfer.import_folder(session, path, SITE)
    assert [(each.file, each.field) for each in refused.value.problems] == [("bad.md", field)]
    assert session.get(City, "lyon") is None
