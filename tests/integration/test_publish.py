"""Publication: what readers see, the log and the jobs change together or not at all."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from network.accounts.models import User
from network.case_studies import publish, queries, release, service, verdicts
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.making import vocabulary
from network.case_studies.models import CaseStudy, Revision
from network.case_studies.verdicts import Opinion
from network.catalogue import models as catalogue
from network.catalogue.values import Facts, Link
from network.jobs.models import Job
from network.lib.db import writing
from network.lib.errors import Forbidden, InvalidInput, NotFound
from network.log import service as log
from network.log.document import feed_xml
from network.log.entry import content_hash, tombstone_xml
from network.log.items import LiveItem, Unreadable, read_item
from network.log.models import FeedEntry
from network.log.reading import parse_document

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "Une phrase que personne d’autre n’a écrite."


@dataclass(frozen=True)
class Site:
    base_url: str = "https://paris.example"
    name: str = "Villes pionnières"
    city: str = ""
    licence: str = "https://creativecommons.org/licenses/by/4.0/"


SITE = Site()
ADOPTER = "https://madrid.example/id/59e3de56-c4d7-5e68-a620-38764218e9ac"


def person(session: Session, role: str) -> User:
    with writing(session):
        user = User(
            email=f"{role}{session.scalar(select(func.count(User.id)))}@paris.example",
            name=role.title(),
            role=role,
            password_hash="-",
            created=NOON,
        )
        session.add(user)
    return user


def a_draft() -> Draft:
    return Draft(
        original_lang="fr",
        city="paris",
        topics=("participatory-budgeting",),
        facts=Facts(
            status="running",
            start="2014",
            budget_amount=Decimal(500_000_000),
            budget_currency="EUR",
            evidence=(Link("https://www.paris.fr/", "Paris"),),
        ),
        inspired_by=(Link("https://madrid.example/id/59e3de56-c4d7-5e68-a620-38764218e9ac", "L"),),
        texts={
            "fr": TextDraft(
                title="Budget participatif", summary="Les habitants décident.", body=SECRET
            ),
            "en": TextDraft(
                title="Participatory budget",
                summary="Residents decide.",
                approach="They **vote**.",
                translation="machine",
            ),
        },
    )


def with_text(draft: Draft, lang: str, **changes: str) -> Draft:
    return replace(draft, texts={**draft.texts, lang: replace(draft.texts[lang], **changes)})


def published(session: Session, draft: Draft | None = None) -> str:
    study_id = service.create(session, None, draft or a_draft(), now=NOON)
    publish.publish(session, None, study_id, SITE, now=NOON)
    return study_id


def stored(session: Session, study_id: str) -> tuple[Draft, int]:
    row, draft = queries.get(session, study_id)
    return draft, row.lock_version


def entries(session: Session) -> dict[str, FeedEntry]:
    session.rollback()
    return {row.entry_id.rpartition("/")[2]: row for row in session.scalars(select(FeedEntry))}


def footprint(session: Session) -> tuple[object, ...]:
    """All that a publication may change."""
    session.rollback()
    tables = (catalogue.Study, catalogue.Version, FeedEntry, Job, Revision)
    counts = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    studies = session.execute(select(CaseStudy.id, CaseStudy.state, CaseStudy.changed)).all()
    return (*counts, log.read_state(session), tuple(map(tuple, studies)))


def test_readers_here_see_to_the_byte_what_followers_get(session: Session) -> None:
    odd = "Plan \u202egnp.exe\u00a0"
    written = with_text(a_draft(), "fr", title=odd, summary=odd, legal_basis=odd, contact_role=odd)
    published(session, written)
    row = session.scalars(select(catalogue.Version).where(catalogue.Version.lang == "fr")).one()
    item = parse_document(feed(session), f"{SITE.base_url}/feed.atom").items[-1]
    assert isinstance(item, LiveItem)
    for name in ("title", "summary", "legal_basis", "contact_role", "url", "published", "updated"):
        assert getattr(row, name) == getattr(item.version, name), name


def feed(session: Session) -> bytes:
    rows = session.scalars(select(FeedEntry).order_by(FeedEntry.entry_id))
    return feed_xml("urn:x", "Paris", [], NOON, [row.xml for row in rows], author="Paris")


def test_a_published_study_is_in_the_catalogue_the_log_and_the_outbox(session: Session) -> None:
    study_id = published(session)
    key = f"https://paris.example/id/{study_id}"
    rows = {row.lang: row for row in session.scalars(select(catalogue.Version))}
    assert rows["fr"].entry_id == f"{key}/fr"
    assert rows["fr"].url == "https://paris.example/fr/etudes-de-cas/paris/budget-participatif"
    assert rows["en"].url == "https://paris.example/en/case-studies/paris/participatory-budget"
    assert rows["en"].translation == "machine"
    study = session.get_one(catalogue.Study, key)
    assert (study.city, study.country, study.status, study.year) == ("paris", "FR", "running", 2014)
    assert study.source_id is None
    found = entries(session)
    assert f'href="{key}/en"'.encode() in found["fr"].xml
    assert f'href="{key}/fr"'.encode() in found["en"].xml
    assert "<strong>vote" in found["en"].xml.decode().replace("&lt;", "<").replace("&gt;", ">")
    assert found["fr"].updated == "2026-03-01T12:00:00Z"
    assert [(job.kind, job.key) for job in session.scalars(select(Job))] == [
        ("index", key),
        ("webmention", key),
    ]
    assert queries.get(session, study_id)[0].state == "published"


def test_a_study_without_licence_is_published_under_the_sites(session: Session) -> None:
    published(session)
    row = session.scalars(select(catalogue.Version)).first()
    assert row is not None
    assert row.facts["licence"] == SITE.licence


@pytest.mark.parametrize(
    ("step", "call"),
    [
        ("network.catalogue.store.reserve", 1),
        ("network.case_studies.readable.prove", 2),
        ("network.catalogue.store.write", 1),
        ("network.log.service.Writer.write", 1),
        ("network.jobs.service.add_all", 1),
        ("network.case_studies.service.add_revision", 1),
    ],
)
def test_a_failure_at_any_step_of_publication_leaves_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    study_id = service.create(session, None, a_draft(), now=NOON)
    before = footprint(session)
    fail_after(monkeypatch, step, call)
    with pytest.raises(ZeroDivisionError):
        publish.publish(session, None, study_id, SITE, now=NOON)
    assert footprint(session) == before


@pytest.mark.parametrize(
    "step",
    [
        "network.catalogue.store.remove",
        "network.log.service.Writer.write",
        "network.jobs.service.add",
        "network.case_studies.service.add_revision",
    ],
)
def test_a_failure_at_any_step_of_withdrawal_leaves_everything(
    session: Session, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    study_id = published(session)
    before = footprint(session)
    fail_after(monkeypatch, step, 1)
    with pytest.raises(ZeroDivisionError):
        publish.withdraw(session, None, study_id, "Erreur.", now=NOON)
    assert footprint(session) == before


def fail_after(monkeypatch: pytest.MonkeyPatch, step: str, call: int) -> None:
    """The step does its work, and then the node fails."""
    owner, _, name = step.rpartition(".")
    real = getattr(pkgutil.resolve_name(owner), name)
    calls = []

    def failing(*args: object, **kwargs: object) -> object:
        result = real(*args, **kwargs)
        calls.append(1)
        if len(calls) == call:
            raise ZeroDivisionError
        return result

    monkeypatch.setattr(step, failing)


def test_publishing_again_changes_nothing_but_the_desk(session: Session) -> None:
    study_id = published(session)
    before = log.read_state(session)
    later = NOON + timedelta(days=1)
    assert publish.publish(session, None, study_id, SITE, now=later) == []
    session.rollback()
    assert log.read_state(session) == before
    dates = {row.lang: row.updated for row in session.scalars(select(catalogue.Version))}
    assert dates == {"fr": NOON, "en": NOON + timedelta(seconds=1)}


def test_only_the_version_that_changed_gets_a_new_date(session: Session) -> None:
    study_id = published(session)
    draft, lock = stored(session, study_id)
    service.save(session, None, study_id, with_text(draft, "en", lessons="Be patient."), lock)
    later = NOON + timedelta(days=1)
    (changed,) = publish.publish(session, None, study_id, SITE, now=later)
    assert changed.endswith("/en")
    rows = {row.lang: row for row in session.scalars(select(catalogue.Version))}
    assert (rows["fr"].updated, rows["en"].updated) == (NOON, later)
    assert (rows["fr"].published, rows["en"].published) == (NOON, NOON)


def test_two_publications_within_a_second_have_growing_dates(session: Session) -> None:
    study_id = published(session)
    for number in (1, 2):
        draft, lock = stored(session, study_id)
        changed = with_text(draft, "fr", results=f"Essai {number}")
        service.save(session, None, study_id, changed, lock, minor=True, now=NOON)
        publish.publish(session, None, study_id, SITE, now=NOON)
        assert entries(session)["fr"].updated == f"2026-03-01T12:00:0{number + 1}Z"


def test_no_two_entries_of_a_document_have_one_date(session: Session) -> None:
    for _ in range(3):
        published(session)
    dates = list(session.scalars(select(FeedEntry.updated)))
    assert len(set(dates)) == len(dates) == 6
    assert max(dates) < "2026-03-01T12:00:10Z"


def test_a_new_facts_value_changes_every_version(session: Session) -> None:
    study_id = published(session)
    draft, lock = stored(session, study_id)
    service.save(session, None, study_id, replace(draft, facts=draft.facts.but(end="2020")), lock)
    assert len(publish.publish(session, None, study_id, SITE)) == 2


def test_a_removed_language_gets_a_tombstone_and_the_other_no_longer_names_it(
    session: Session,
) -> None:
    study_id = published(session)
    draft, lock = stored(session, study_id)
    only_french = replace(draft, texts={"fr": draft.texts["fr"]})
    service.save(session, None, study_id, only_french, lock)
    publish.publish(session, None, study_id, SITE, now=NOON + timedelta(hours=1))
    found = entries(session)
    assert (found["en"].kind, found["fr"].kind) == ("deleted", "live")
    assert b'hreflang="en"' not in found["fr"].xml
    assert [row.lang for row in session.scalars(select(catalogue.Version))] == ["fr"]


def test_a_language_that_joins_later_appears_on_that_day(session: Session) -> None:
    study_id = published(session, replace(a_draft(), texts={"fr": a_draft().texts["fr"]}))
    draft, lock = stored(session, study_id)
    service.save(session, None, study_id, replace(draft, texts=a_draft().texts), lock)
    later = NOON + timedelta(days=30)
    assert len(publish.publish(session, None, study_id, SITE, now=later)) == 2
    rows = {row.lang: row for row in session.scalars(select(catalogue.Version))}
    assert (rows["fr"].published, rows["en"].published) == (NOON, later)


def test_a_withdrawn_study_is_gone_everywhere_but_from_the_desk(session: Session) -> None:
    study_id = published(session)
    later = NOON + timedelta(days=1)
    gone = publish.withdraw(session, None, study_id, "Publié par\nerreur.", now=later)
    assert len(gone) == 2
    session.rollback()
    for table in (catalogue.Study, catalogue.Version, catalogue.StudyTopic, catalogue.Inspiration):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    rows = entries(session)
    assert {row.kind for row in rows.values()} == {"deleted"}
    assert {row.updated for row in rows.values()} == {"2026-03-02T12:00:00Z"}
    for row in rows.values():
        text = row.xml.decode()
        assert "<at:comment>Publié par erreur.</at:comment>" in text
        assert SECRET not in text
        assert "Budget" not in text
    assert log.read_state(session).count == 0
    row, draft = queries.get(session, study_id)
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "Publié par erreur.")
    assert draft.texts["fr"].body == SECRET


def test_a_study_withdrawn_in_its_own_second_is_dated_after_its_publication(
    session: Session,
) -> None:
    study_id = published(session)
    publish.withdraw(session, None, study_id, "Erreur.", now=NOON)
    assert entries(session)["fr"].updated == "2026-03-01T12:00:01Z"


def test_a_withdrawn_study_can_be_published_again_at_its_address(session: Session) -> None:
    study_id = published(session)
    publish.withdraw(session, None, study_id, "Erreur.", now=NOON)
    publish.publish(session, None, study_id, SITE, now=NOON)
    rows = entries(session)
    assert {row.kind for row in rows.values()} == {"live"}
    assert rows["fr"].updated == "2026-03-01T12:00:02Z"
    version = session.scalars(select(catalogue.Version).where(catalogue.Version.lang == "fr")).one()
    assert version.published == NOON
    assert version.url.endswith("/paris/budget-participatif")
    row, _ = queries.get(session, study_id)
    assert (row.state, row.withdrawn, row.withdrawal_reason) == ("published", None, "")


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 501])
def test_a_withdrawal_needs_a_reason_of_some_length(session: Session, reason: str) -> None:
    study_id = published(session)
    with pytest.raises(InvalidInput):
        publish.withdraw(session, None, study_id, reason)
    assert entries(session)["fr"].kind == "live"


def test_a_draft_cannot_be_withdrawn(session: Session) -> None:
    study_id = service.create(session, None, a_draft())
    with pytest.raises(InvalidInput):
        publish.withdraw(session, None, study_id, "Erreur.")


def test_two_studies_that_want_one_address_get_two(session: Session) -> None:
    first, second = published(session), published(session)
    urls = {
        row.study_key.rpartition("/")[2]: row.url
        for row in session.scalars(select(catalogue.Version).where(catalogue.Version.lang == "fr"))
    }
    assert urls[first].endswith("/paris/budget-participatif")
    assert "/paris/budget-participatif-~" in urls[second]
    live = [row for row in session.scalars(select(FeedEntry)) if second in row.entry_id]
    assert all(b"-~" in row.xml for row in live)
    assert publish.publish(session, None, second, SITE) == []


def test_the_address_stays_when_the_title_changes(session: Session) -> None:
    study_id = published(session)
    draft, lock = stored(session, study_id)
    renamed = with_text(draft, "fr", title="Un autre titre", slug="")
    service.save(session, None, study_id, renamed, lock)
    publish.publish(session, None, study_id, SITE)
    row = session.scalars(select(catalogue.Version).where(catalogue.Version.lang == "fr")).one()
    assert (row.title, row.slug) == ("Un autre titre", "budget-participatif")


def test_a_study_without_a_city_has_an_address_too(session: Session) -> None:
    published(session, replace(a_draft(), city=None))
    urls = {row.url for row in session.scalars(select(catalogue.Version))}
    assert urls == {
        "https://paris.example/fr/etudes-de-cas/ailleurs/budget-participatif",
        "https://paris.example/en/case-studies/elsewhere/participatory-budget",
    }


def test_an_unfinished_draft_is_refused_with_every_reason(session: Session) -> None:
    draft = replace(
        with_text(a_draft(), "fr", summary="", title=""),
        city="atlantis",
        unreadable={"staff": "douze"},
    )
    study_id = service.create(session, None, draft)
    before = footprint(session)
    with pytest.raises(publish.NotReady) as refused:
        publish.publish(session, None, study_id, SITE)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["fr.title", "fr.summary", "city", "staff"]
    assert footprint(session) == before


def test_saving_never_loses_what_was_typed(session: Session) -> None:
    draft = replace(a_draft(), city="atlantis", unreadable={"staff": "douze", "sdgs": "tous"})
    study_id = service.create(session, None, draft)
    found, _ = stored(session, study_id)
    assert found.unreadable == {"staff": "douze", "sdgs": "tous", "city": "atlantis"}
    assert found.texts["fr"].body == SECRET


def test_a_save_on_an_older_text_is_refused_with_the_stored_one(session: Session) -> None:
    study_id = service.create(session, None, a_draft())
    draft, lock = stored(session, study_id)
    new_lock = service.save(session, None, study_id, with_text(draft, "fr", body="Le mien"), lock)
    assert new_lock > lock
    with pytest.raises(service.StaleDraft) as refused:
        service.save(session, None, study_id, with_text(draft, "fr", body="Le tien"), lock)
    assert refused.value.stored.texts["fr"].body == "Le mien"
    assert refused.value.lock_version == new_lock
    assert stored(session, study_id)[0].texts["fr"].body == "Le mien"
    assert [r.action for r in queries.revisions(session, study_id)] == ["save", "create"]


def test_saving_what_is_stored_makes_no_revision(session: Session) -> None:
    study_id = service.create(session, None, a_draft())
    draft, lock = stored(session, study_id)
    assert service.save(session, None, study_id, draft, lock) == lock
    assert len(queries.revisions(session, study_id)) == 1


def test_a_changed_original_marks_the_translation_and_its_edit_clears_the_mark(
    session: Session,
) -> None:
    study_id = published(session)
    draft, lock = stored(session, study_id)
    changed = with_text(draft, "fr", results="Neuf.")
    lock = service.save(session, None, study_id, changed, lock, now=NOON)
    draft, _ = stored(session, study_id)
    assert draft.texts["en"].outdated_since == NOON
    publish.publish(session, None, study_id, SITE)
    assert b'outdated-since="2026-03-01T12:00:00Z"' in entries(session)["en"].xml
    lock = service.save(session, None, study_id, with_text(draft, "en", results="New."), lock)
    draft, _ = stored(session, study_id)
    assert draft.texts["en"].outdated_since is None


def test_a_minor_change_and_a_change_of_facts_mark_nothing(session: Session) -> None:
    study_id = service.create(session, None, a_draft())
    draft, lock = stored(session, study_id)
    lock = service.save(
        session, None, study_id, with_text(draft, "fr", results="Neuf."), lock, minor=True
    )
    draft, lock = stored(session, study_id)
    service.save(session, None, study_id, replace(draft, facts=Facts(end="2020")), lock)
    assert stored(session, study_id)[0].texts["en"].outdated_since is None


def test_a_confirmed_translation_loses_its_mark(session: Session) -> None:
    study_id = service.create(session, None, a_draft())
    draft, lock = stored(session, study_id)
    lock = service.save(session, None, study_id, with_text(draft, "fr", results="Neuf."), lock)
    draft, _ = stored(session, study_id)
    assert draft.texts["en"].outdated_since
    service.save(session, None, study_id, draft, lock, confirmed=["en"])
    assert stored(session, study_id)[0].texts["en"].outdated_since is None


def test_an_authors_edit_of_a_published_study_waits_for_an_editor(session: Session) -> None:
    author, editor = person(session, "author"), person(session, "editor")
    study_id = service.create(session, author, a_draft())
    with pytest.raises(Forbidden):
        publish.publish(session, author, study_id, SITE)
    publish.publish(session, editor, study_id, SITE)
    draft, lock = stored(session, study_id)
    service.save(session, author, study_id, with_text(draft, "fr", title="Nouveau"), lock)
    assert queries.get(session, study_id)[0].changed
    row = session.scalars(select(catalogue.Version).where(catalogue.Version.lang == "fr")).one()
    assert row.title == "Budget participatif"
    with pytest.raises(Forbidden):
        publish.withdraw(session, author, study_id, "Je le veux.")
    publish.publish(session, editor, study_id, SITE)
    session.refresh(row)
    assert row.title == "Nouveau"
    assert not queries.get(session, study_id)[0].changed


def test_a_stranger_may_not_save(session: Session) -> None:
    author, stranger = person(session, "author"), person(session, "author")
    study_id = service.create(session, author, a_draft())
    with pytest.raises(Forbidden):
        service.save(session, stranger, study_id, a_draft(), 1)


def test_an_unknown_study_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        publish.publish(session, None, "00000000-0000-0000-0000-000000000000", SITE)


def test_the_desk_lists_own_studies_for_authors_and_all_for_editors(session: Session) -> None:
    author, editor = person(session, "author"), person(session, "editor")
    mine = service.create(session, author, a_draft(), now=NOON)
    other = service.create(session, editor, a_draft(), now=NOON + timedelta(minutes=1))
    assert [row.id for row in queries.studies(session, author).rows] == [mine]
    everything = queries.studies(session, editor)
    assert [row.id for row in everything.rows] == [other, mine]
    assert everything.total == 2
    row = everything.rows[1]
    assert (row.title, row.lang, row.langs, row.owner_name) == (
        "Budget participatif", "fr", ("en", "fr"), "Author",
    )  # fmt: skip
    assert queries.studies(session, editor, state="published").total == 0
    publish.publish(session, editor, other, SITE)
    assert queries.counts(session, editor) == {"draft": 1, "published": 1, "withdrawn": 0}
    assert [r.id for r in queries.studies(session, editor, state="published").rows] == [other]


def test_a_revision_gives_the_study_as_it_was(session: Session) -> None:
    study_id = service.create(session, None, a_draft())
    draft, lock = stored(session, study_id)
    service.save(session, None, study_id, with_text(draft, "fr", body="Autre"), lock)
    assert queries.revision(session, study_id, 1).texts["fr"].body == SECRET
    assert queries.revision(session, study_id, 2).texts["fr"].body == "Autre"


def test_what_other_nodes_could_not_read_is_never_committed(session: Session) -> None:
    published(session)
    row = entries(session)["fr"]
    before = footprint(session)
    wrong = {
        "title": (row.entry_id, row.updated, row.xml.replace(b">Budget participatif<", b"> <")),
        "date": (row.entry_id, "2026-03-02T12:00:00Z", row.xml.replace(b"habitants", b"gens")),
        "id": (row.entry_id + "x", row.updated, row.xml),
    }
    for entry_id, updated, xml in wrong.values():
        with pytest.raises(Unreadable), writing(session):
            log.record(session, entry_id, updated, xml)
    with pytest.raises(Unreadable), writing(session):
        log.withdraw(session, "urn:x", "2026-03-02T12:00:00Z", tombstone_xml("urn:x", NOON))
    gens = row.xml.replace(b"habitants", b"gens")
    found = read_item(gens, row.entry_id)
    assert isinstance(found, LiveItem)
    other = replace(found.version, summary="Tout autre chose.")
    with pytest.raises(Unreadable, match="summary"), writing(session):
        log.record(session, row.entry_id, row.updated, gens, other)
    assert footprint(session) == before


def test_the_reader_s_reason_is_told_at_the_field_and_nothing_changes(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should a check of ours ever miss what the reader does not take."""
    study_id = service.create(session, None, with_text(a_draft(), "fr", title="\u3164"), now=NOON)
    before, known = footprint(session), vocabulary(session)
    monkeypatch.setattr(publish, "problems", lambda *_: [])
    with pytest.raises(publish.NotReady) as refused:
        publish.publish(session, None, study_id, SITE, now=NOON)
    assert [problem.field for problem in refused.value.problems] == ["fr.title"]
    with writing(session), pytest.raises(Unreadable) as late:
        release.release(session, [session.get_one(CaseStudy, study_id)], SITE, known, NOON)
    assert late.value.field == "title"
    assert footprint(session) == before


def test_a_verdict_on_an_entry_that_nobody_can_read_is_refused(session: Session) -> None:
    study_id = published(session)
    with writing(session):
        for row in session.scalars(select(FeedEntry)):
            row.xml = re.sub(rb"(<title[^>]*>)[^<]*", rb"\1 ", row.xml)
            row.hash = content_hash(row.xml)
    before = footprint(session)
    with pytest.raises(Unreadable):
        verdicts.decide(
            session,
            None,
            study_id,
            "https://madrid.example/id/1",
            Opinion("confirmed"),
            SITE.base_url,
        )
    assert footprint(session) == before
