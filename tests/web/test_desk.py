"""Writing a study: saving, publishing, withdrawing, and never losing what somebody typed."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from network.accounts import service as accounts
from network.case_studies import queries, service
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts, Link
from network.jobs.models import Job
from network.lib.db import db
from tests.web.officials import Official, form, token, user

WRITTEN = Draft(
    "fr",
    city="paris",
    topics=("open-data",),
    facts=Facts(status="running", start="2014", evidence=(Link("https://a.example/", "Rapport"),)),
    inspired_by=(Link("https://lisbon.example/id/1", "Lisboa"),),
    texts={
        "fr": TextDraft("Le titre", summary="Le résumé.", body="L’eau", problem="Un problème"),
        "en": TextDraft("The title", summary="The summary.", body="Water", translation="human"),
    },
)
NASTY = (
    "</textarea><script>alert(1)</script> \"' & <b>{{ 7*7 }}</b> \u202e é\u0301 « l’eau\u202f» 🏙️"
)


class Study:
    """A study and those who work on it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.author = Official(app, "author", "ines")
        self.editor = Official(app, "editor", "louis")
        with app.app_context():
            self.id = service.create(db.session(), user(app, self.author), WRITTEN)
        self.address = f"/en/desk/case-studies/{self.id}"

    def row(self) -> queries.DeskRow:
        with self.app.app_context():
            return queries.get(db.session(), self.id)[0]

    def draft(self) -> Draft:
        with self.app.app_context():
            return queries.get(db.session(), self.id)[1]

    def change(self, draft: Draft) -> None:
        """Somebody else saves."""
        with self.app.app_context():
            service.save(db.session(), None, self.id, draft, self.row().lock_version)

    def opened(self, by: Official | None = None) -> MultiDict[str, str]:
        """The form as the person's browser shows it."""
        return form((by or self.author).get(self.address))

    def published(self) -> Study:
        done = self.editor.post(f"{self.address}/publish", self.opened(self.editor))
        assert done.status_code == 303
        return self


@pytest.fixture
def study(app: Flask) -> Study:
    return Study(app)


def text(draft: Draft, lang: str = "fr", **changes: str) -> Draft:
    return replace(draft, texts={**draft.texts, lang: replace(draft.texts[lang], **changes)})


def typed(page: TestResponse, name: str) -> str:
    """What stands in a field of a page."""
    return form(page)[name]


def title(page: TestResponse) -> str:
    found = re.search("<title>(.*?)</title>", page.text, re.S)
    assert found is not None
    return unescape(found[1]).replace("\u202f", " ").replace("\xa0", " ")


def summary_links(page: TestResponse) -> list[str]:
    """The fields that the error summary leads to; each is on the page."""
    found = re.search(r'<div class="error-summary".*?</div>', page.text, re.S)
    ids = re.findall(r'href="#([^"]+)"', found[0]) if found else []
    for each in ids:
        assert f'id="{each}"' in page.text, each
    return ids


def test_a_study_begins_with_a_language_a_title_and_a_city(app: Flask) -> None:
    author = Official(app, "author", "ines")
    page = author.get("/fr/bureau/nouvelle-etude")
    assert 'value="fr" checked' in page.text
    assert 'value="paris" selected' in page.text
    begun = author.post("/fr/bureau/nouvelle-etude", {"lang": "en", "title": "T", "city": "madrid"})
    assert begun.status_code == 303
    editor = author.get(begun.headers["Location"])
    assert editor.text.index('id="en.title"') < editor.text.index('id="fr.title"')
    assert (typed(editor, "en.title"), typed(editor, "city")) == ("T", "madrid")


@pytest.mark.parametrize(("sent", "field"), [({"lang": "fr"}, "title"), ({"title": "T"}, "lang"),
                                             ({"lang": "es", "title": "T"}, "lang"),
                                             ({"lang": "fr", "title": "\u200b\u3164"}, "title")]
)  # fmt: skip
def test_a_study_does_not_begin_without_them(app: Flask, sent: Any, field: str) -> None:
    page = Official(app, "author", "ines").post("/en/desk/new", sent)
    assert page.status_code == 422
    assert summary_links(page) == [field]
    assert title(page).startswith("Error: ")


def test_opening_and_saving_changes_nothing(study: Study) -> None:
    before = study.row()
    sent = study.author.post(study.address, study.opened())
    assert (sent.status_code, sent.headers["Location"]) == (303, study.address)
    assert study.row() == before
    assert study.draft() == replace(WRITTEN)


def test_every_field_is_saved(study: Study) -> None:
    sent = study.opened()
    for name in ("title", "slug", "summary", "body", "problem", "approach", "results", "lessons",
                 "legal_basis", "contact_role"):  # fmt: skip
        for lang in ("fr", "en"):
            sent[f"{lang}.{name}"] = f"{name}-{lang}"
    sent["en.translation"] = "machine"
    plain = {"city": "madrid", "status": "ended", "start": "2014-09", "end": "2020-12-31",
             "budget_amount": "1 234 567,50", "budget_currency": "eur", "people_reached": "12000",
             "staff": "1,5", "partners": "One\r\nTwo", "contact_email": "a@paris.example",
             "authors": "A\r\nB", "licence": "CC0-1.0"}  # fmt: skip
    for name, value in plain.items():
        sent[name] = value
    sent.setlist("topics", ["mobility", "housing-planning"])
    sent.setlist("sdgs", ["11", "16"])
    sent.setlist("illustrative", ["staff"])
    sent.setlist("evidence.title", ["One", "", "Three"])
    sent.setlist("evidence.href", ["https://1.example/", "https://2.example/", ""])
    sent.setlist("inspired_by.title", [])
    sent.setlist("inspired_by.href", ["https://3.example/"])
    assert study.author.post(study.address, sent).status_code == 303
    saved = study.draft()
    assert saved.facts == Facts(
        status="ended", start="2014-09", end="2020-12-31", budget_amount=Decimal("1234567.50"),
        budget_currency="EUR", people_reached=12000, staff=Decimal("1.5"),
        partners=("One", "Two"), contact_email="a@paris.example", sdgs=(11, 16),
        evidence=(
            Link("https://1.example/", "One"), Link("https://2.example/"), Link("", "Three")
        ),
        authors=("A", "B"), licence="CC0-1.0", illustrative=("staff",),
    )  # fmt: skip
    assert (saved.city, saved.topics) == ("madrid", ("housing-planning", "mobility"))
    assert saved.inspired_by == (Link("https://3.example/"),)
    english = saved.texts["en"]
    assert (english.translation, english.lessons) == ("machine", "lessons-en")
    assert study.draft().texts["fr"].slug == "slug-fr"
    assert form(study.author.get(study.address))["partners"] == "One\nTwo"


def test_awkward_letters_come_back_as_they_were_typed(study: Study) -> None:
    sent = study.opened()
    for name in ("fr.title", "fr.body", "en.lessons", "fr.legal_basis", "partners"):
        sent[name] = NASTY
    study.author.post(study.address, sent)
    page = study.author.get(study.address)
    assert "<script>alert" not in page.text
    assert "49" not in typed(page, "fr.title")
    for name in ("fr.title", "fr.body", "en.lessons", "fr.legal_basis", "partners"):
        assert typed(page, name) == NASTY
    preview = study.author.get(f"{study.address}/preview?text=fr").text
    assert "<script>alert" not in preview


def test_fields_that_the_form_does_not_have_do_nothing(study: Study) -> None:
    sent = study.opened()
    extra = {"owner_id": "999", "state": "published", "id": "x", "lock_version": "77",
             "role": "editor", "published": "2020-01-01", "first_published": "2020-01-01",
             "original_lang": "en", "es.title": "Hola", "fr.outdated_since": "2020-01-01",
             "en.outdated_since": "x",
             "changed": "", "illustrative.x": "1", "user": "1"}  # fmt: skip
    for name, value in extra.items():
        sent[name] = value
    sent["fr.title"] = "Nouveau"
    assert study.author.post(study.address, sent).status_code == 303
    row, draft = study.row(), study.draft()
    assert (row.owner_id, row.state, row.first_published) == (study.author.id, "draft", None)
    assert (draft.original_lang, set(draft.texts)) == ("fr", {"fr", "en"})
    assert draft.texts["fr"].outdated_since is None
    assert draft.texts["fr"].title == "Nouveau"


def test_what_cannot_be_read_is_kept_as_typed_and_stops_publication_alone(study: Study) -> None:
    sent = study.opened(study.editor)
    wrong = {"budget_amount": "beaucoup", "staff": "dix", "start": "2014-13", "city": "Atlantis",
             "contact_email": "nobody", "fr.summary": "x" * 301, "fr.title": ""}  # fmt: skip
    for name, value in wrong.items():
        sent[name] = value
    sent.setlist("sdgs", ["11", "99"])
    for name in ("evidence", "inspired_by"):
        sent.setlist(f"{name}.href", ["javascript:alert(1)"])
    page = study.editor.post(f"{study.address}/publish", sent)
    assert page.status_code == 422
    assert title(page).startswith("Error: ")
    assert set(summary_links(page)) == {*wrong, "sdgs", "evidence", "inspired_by"}
    assert study.row().state == "draft"
    for again in (page, study.editor.get(study.address)):
        for name, value in wrong.items():
            assert typed(again, name) == value
        assert form(again).getlist("sdgs") == ["11", "99"]
    preview = study.editor.get(f"{study.address}/preview?text=fr").text
    assert 'href="javascript:' not in preview


def test_more_rows_are_given_without_a_script_and_without_saving(study: Study) -> None:
    sent = study.opened()
    sent["fr.title"] = "Pas encore"
    rows = len(sent.getlist("evidence.href"))
    sent["more"] = "evidence"
    page = study.author.post(study.address, sent)
    assert page.status_code == 200
    again = form(page)
    assert len(again.getlist("evidence.href")) > rows
    assert len(again.getlist("inspired_by.href")) == 3
    assert again["fr.title"] == "Pas encore"
    assert study.draft() == WRITTEN


def test_two_who_change_different_fields_get_both_and_are_told(study: Study) -> None:
    sent = study.opened()
    study.change(text(WRITTEN, "en", body="Their water"))
    sent["fr.problem"] = "Mon problème"
    page = study.author.post(study.address, sent)
    assert page.status_code == 409
    assert "Introduction (English)" in page.text
    assert (typed(page, "fr.problem"), typed(page, "en.body")) == ("Mon problème", "Their water")
    assert study.draft().texts["fr"].problem == "Un problème"
    assert study.author.post(study.address, form(page)).status_code == 303
    saved = study.draft()
    assert (saved.texts["fr"].problem, saved.texts["en"].body) == ("Mon problème", "Their water")


def test_two_who_change_one_field_see_both_texts_and_decide(study: Study) -> None:
    theirs = "Leur <b>problème</b>"
    sent = study.opened()
    study.change(replace(text(WRITTEN, problem=theirs), topics=("mobility",)))
    sent["fr.problem"], sent["fr.lessons"] = "Mon problème", "Ma leçon"
    page = study.author.post(study.address, sent)
    assert page.status_code == 409
    assert summary_links(page) == ["fr.problem"]
    assert typed(page, "fr.problem") == "Mon problème"
    assert "Leur &lt;b&gt;problème&lt;/b&gt;" in page.text
    assert form(page).getlist("topics") == ["mobility"]
    mine, take = form(page), form(page)
    take["take"] = "fr.problem"
    assert study.author.post(study.address, take).status_code == 303
    assert study.draft().texts["fr"].problem == theirs
    assert study.draft().texts["fr"].lessons == "Ma leçon"
    late = study.author.post(study.address, mine)
    assert late.status_code == 409
    assert study.author.post(study.address, form(late)).status_code == 303
    assert study.draft().texts["fr"].problem == "Mon problème"


def test_a_revision_that_is_no_number_is_a_conflict_and_not_a_lost_update(study: Study) -> None:
    for revision in ("", "x", "-1", "1e9", "²", "9" * 30):
        sent = study.opened()
        sent["revision"], sent["fr.body"] = revision, "Autre"
        assert study.author.post(study.address, sent).status_code == 409
    assert study.draft() == WRITTEN


def test_one_s_own_autosave_is_no_conflict(study: Study) -> None:
    sent = study.opened()
    sent["fr.body"] = "Presque"
    assert study.author.post(f"{study.address}/autosave", sent).status_code == 200
    assert study.author.post(study.address, sent).status_code == 303
    assert study.draft().texts["fr"].body == "Presque"


def test_autosave_saves_and_gives_the_next_revision(study: Study) -> None:
    sent = study.opened()
    for words in ("Un", "Un deux"):
        sent["fr.body"] = words
        answer = study.author.post(f"{study.address}/autosave", sent)
        for name, value in answer.get_json()["fields"].items():
            sent[name] = str(value)
    assert study.draft().texts["fr"].body == "Un deux"
    assert sent["revision"] == str(study.row().lock_version)
    study.change(text(study.draft(), body="Leur texte"))
    conflict = study.author.post(f"{study.address}/autosave", sent)
    assert conflict.status_code == 409
    assert "Somebody else" in conflict.get_json()["message"]
    assert study.draft().texts["fr"].body == "Leur texte"


def test_autosave_is_refused_to_others_in_json(app: Flask, study: Study) -> None:
    other = Official(app, "author", "luc")
    assert other.post(f"{study.address}/autosave", {"fr.title": "x"}).status_code == 403
    stranger = app.test_client()
    sent = {"csrf_token": token(stranger.get("/en/account/sign-in")), "fr.title": "x"}
    signed_out = stranger.post(f"{study.address}/autosave", data=sent)
    assert (signed_out.status_code, signed_out.is_json) == (401, True)
    old = study.opened()
    old["csrf_token"] = "old"
    renewed = study.author.post(f"{study.address}/autosave", old)
    assert renewed.status_code == 400
    old["csrf_token"] = renewed.get_json()["fields"]["csrf_token"]
    assert study.author.post(f"{study.address}/autosave", old).status_code == 200
    foreign = {"Sec-Fetch-Site": "cross-site"}
    leak = study.author.post(f"{study.address}/autosave", {"csrf_token": "x"}, headers=foreign)
    assert not leak.is_json


def test_a_changed_original_outdates_its_translation_until_it_follows(study: Study) -> None:
    sent = study.opened()
    sent["fr.body"] = "Tout a changé"
    study.author.post(study.address, sent)
    page = study.author.get(study.address)
    assert "this text has not followed" in page.text
    assert study.row().outdated == ("en",)
    assert "outdated" in study.author.get("/en/desk/").text
    sent = form(page)
    sent["confirmed"] = "en"
    study.author.post(study.address, sent)
    assert study.row().outdated == ()


def test_a_minor_edit_outdates_nothing_even_after_autosaves(study: Study) -> None:
    sent = study.opened()
    sent["fr.body"] = "L’eau."
    answer = study.author.post(f"{study.address}/autosave", sent)
    assert study.row().outdated == ("en",)
    for name, value in answer.get_json()["fields"].items():
        sent[name] = str(value)
    sent["minor"] = "1"
    assert study.author.post(study.address, sent).status_code == 303
    assert study.row().outdated == ()


def test_an_autosave_never_decides_that_an_edit_is_minor(study: Study) -> None:
    sent = study.opened()
    sent["fr.body"], sent["minor"] = "Tout a changé", "1"
    answer = study.author.post(f"{study.address}/autosave", sent)
    for name, value in answer.get_json()["fields"].items():
        sent[name] = str(value)
    del sent["minor"]
    assert study.author.post(study.address, sent).status_code == 303
    assert study.row().outdated == ("en",)


def test_a_minor_edit_does_not_hide_an_older_change(study: Study) -> None:
    study.change(text(WRITTEN, body="Tout a changé"))
    sent = study.opened()
    sent["fr.body"], sent["minor"] = "Tout a changé.", "1"
    study.author.post(study.address, sent)
    assert study.row().outdated == ("en",)


def test_a_form_whose_token_is_too_old_comes_back_with_what_was_typed(study: Study) -> None:
    for target in (study.address, f"{study.address}/publish"):
        sent = study.opened(study.editor)
        sent["csrf_token"], sent["fr.body"] = "old", NASTY
        sent.setlist("sdgs", ["5"])
        page = study.editor.post(target, sent)
        assert page.status_code == 400
        assert typed(page, "fr.body") == NASTY
        assert form(page).getlist("sdgs") == ["5"]
        assert "What you typed is still here" in page.text
        assert study.row().state == "draft"
    assert study.draft() == WRITTEN
    assert study.editor.post(study.address, form(page)).status_code == 303
    assert study.draft().texts["fr"].body == NASTY


def test_who_was_signed_out_gets_the_form_back_and_saves_after_signing_in(study: Study) -> None:
    sent = study.opened()
    sent["fr.body"] = NASTY
    study.author.post("/en/account/sign-out")
    sent["csrf_token"] = token(study.author.get("/en/account/sign-in"))
    page = study.author.browser.post(study.address, data=sent)
    assert page.status_code == 401
    assert typed(page, "fr.body") == NASTY
    assert "You are signed out" in page.text
    assert "Le titre – Desk" not in title(page)
    with study.author.browser.session_transaction() as cookie:
        cookie.clear()
        with study.app.app_context():
            found = user(study.app, study.author)
            cookie["sid"] = accounts.open_session(db.session(), found, 1)
    again = study.author.browser.post(study.address, data=form(page))
    assert again.status_code == 400
    assert study.author.browser.post(study.address, data=form(again)).status_code == 303
    assert study.draft().texts["fr"].body == NASTY


def test_who_is_signed_out_sees_nothing_of_the_study(app: Flask, study: Study) -> None:
    stranger = app.test_client()
    for path in ("", "/publish", "/withdraw"):
        sent = {"csrf_token": token(stranger.get("/en/account/sign-in")), "fr.title": "Mine"}
        page = stranger.post(study.address + path, data=sent)
        assert page.status_code == 401
        for secret in ("Le titre", "Le résumé", "L’eau", "Lisboa", study.author.email):
            assert secret not in page.text
    begun = {"csrf_token": sent["csrf_token"], "title": "Neuf", "lang": "fr"}
    page = stranger.post("/en/desk/new", data=begun)
    assert page.status_code == 401
    assert 'value="Neuf"' in page.text


def test_another_author_s_form_shows_nothing_of_the_study_when_its_token_is_old(
    app: Flask, study: Study
) -> None:
    other = Official(app, "author", "luc")
    page = other.post(study.address, {"csrf_token": "old", "fr.title": "Mine"})
    assert page.status_code == 400
    assert "Le titre" not in page.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Origin": "https://evil.example"}, {"Origin": "null"}],
)  # fmt: skip
def test_another_site_s_words_never_stand_in_our_form(study: Study, headers: Any) -> None:
    sent = {"csrf_token": "x", "fr.title": "Fausse nouvelle"}
    for browser in (study.author.browser, study.app.test_client()):
        page = browser.post(study.address, data=sent, headers=headers)
        assert page.status_code == 400
        assert "Fausse nouvelle" not in page.text
    ours = study.author.post(study.address, sent, headers={"Origin": "http://paris.example"})
    assert "Fausse nouvelle" in ours.text


def test_an_editor_publishes_what_is_typed_and_gets_a_link_to_the_page(study: Study) -> None:
    sent = study.opened(study.editor)
    sent["fr.title"] = "Le titre publié"
    done = study.editor.post(f"{study.address}/publish", sent)
    assert (done.status_code, done.headers["Location"]) == (303, study.address)
    page = study.editor.get(study.address)
    link = re.search(r'role="status"><p>.*?href="([^"]+)"', page.text)
    assert link is not None
    assert link[1] == "/en/case-studies/paris/the-title"
    public = study.app.test_client().get(link[1], follow_redirects=True)
    assert public.status_code == 200
    assert "The title" in public.text
    assert "Le titre publié" in study.app.test_client().get("/fr/etudes-de-cas/").text
    with study.app.app_context():
        assert db.session.scalar(select(Job.kind).where(Job.kind == "index")) == "index"


@pytest.mark.parametrize("blank", ["\u200b", "\u3164 \u2060", "\u202e\u0301", "\ue000"])
def test_a_title_or_summary_that_shows_nothing_is_refused_where_it_was_typed(
    study: Study, blank: str
) -> None:
    sent = study.opened(study.editor)
    sent["fr.title"], sent["fr.summary"], sent["fr.body"] = blank, blank, "Ce qui reste."
    page = study.editor.post(f"{study.address}/publish", sent)
    assert page.status_code == 422
    assert summary_links(page) == ["fr.title", "fr.summary"]
    assert "Ce qui reste." in page.text
    assert study.row().state == "draft"


def test_changes_to_a_published_study_wait_for_an_editor(study: Study) -> None:
    study.published()
    sent = study.opened()
    sent["fr.title"] = "Le nouveau titre"
    assert study.author.post(study.address, sent).status_code == 303
    row = study.row()
    assert (row.state, row.changed) == ("published", True)
    listing = study.app.test_client().get("/fr/etudes-de-cas/").text
    assert "Le titre" in listing
    assert "Le nouveau titre" not in listing
    assert "Changes not published" in study.editor.get("/en/desk/?state=published").text
    study.published()
    assert "Le nouveau titre" in study.app.test_client().get("/fr/etudes-de-cas/").text


def test_publishing_on_top_of_somebody_else_s_change_shows_both_first(study: Study) -> None:
    sent = study.opened(study.editor)
    sent["fr.body"] = "Mon texte"
    study.change(text(WRITTEN, body="Leur texte"))
    page = study.editor.post(f"{study.address}/publish", sent)
    assert page.status_code == 409
    assert study.row().state == "draft"


def test_withdrawing_asks_for_a_reason_and_takes_the_study_from_readers(study: Study) -> None:
    study.published()
    asked = study.editor.get(f"{study.address}/withdraw")
    assert "Le titre" in asked.text
    for reason in ("", "  \r\n ", "\u2800\u200b", "x" * 501):
        page = study.editor.post(f"{study.address}/withdraw", {"reason": reason})
        assert page.status_code == 422
        assert summary_links(page) == ["reason"]
        assert reason.strip() in page.text
    done = study.editor.post(f"{study.address}/withdraw", {"reason": "Chiffres\r\nfaux"})
    assert done.status_code == 303
    row = study.row()
    assert (row.state, row.withdrawal_reason) == ("withdrawn", "Chiffres faux")
    assert "Le titre" not in study.app.test_client().get("/fr/etudes-de-cas/").text
    page = study.editor.get(study.address)
    assert "Chiffres faux" in page.text
    assert "Publish again" in page.text
    assert study.editor.get(f"{study.address}/withdraw").status_code == 303
    study.published()
    assert study.row().state == "published"


def test_the_preview_shows_the_saved_text_as_readers_would_see_it(study: Study) -> None:
    sent = study.opened()
    sent["fr.results"], sent["then"] = "**Beaucoup**", "preview"
    done = study.author.post(study.address, sent)
    assert done.headers["Location"] == f"{study.address}/preview"
    english = study.author.get(done.headers["Location"])
    assert "The title" in english.text
    french = study.author.get(f"{study.address}/preview?text=fr")
    assert "<strong>Beaucoup</strong>" in french.text
    assert "Les résultats" in french.text
    assert 'href="https://a.example/"' in french.text


def test_the_preview_names_what_it_was_inspired_by_as_the_page_will(study: Study) -> None:
    sent = study.opened()
    sent["inspired_by.title"] = "Orçamento participativo"
    sent["inspired_by.href"] = "http://lisbon.example/orcamento"
    assert study.author.post(study.address, sent).status_code == 303
    page = study.author.get(f"{study.address}/preview?text=fr").text
    assert '<a href="http://lisbon.example/orcamento">Orçamento participativo</a>' in page
    assert 'href=""' not in page


@pytest.mark.parametrize(
    "facts",
    [{"start": "hier"}, {"end": "2014-99"}, {"budget_amount": "5"}, {"budget_currency": "XQX"},
     {"budget_amount": "5", "budget_currency": "dollars"}, {"staff": "-1"}, {"status": "étrange"},
     {"people_reached": "9" * 40}, {"licence": "javascript:x"}, {"contact_email": "<x>"}],
)  # fmt: skip
def test_the_preview_leaves_out_what_could_not_be_published(study: Study, facts: Any) -> None:
    sent = study.opened()
    for name, value in facts.items():
        sent[name] = value
    assert study.author.post(study.address, sent).status_code == 303
    page = study.author.get(f"{study.address}/preview?text=fr")
    assert page.status_code == 200
    assert f"#{next(iter(facts))}" in page.text or "budget_currency" in page.text
    assert study.author.get(study.address).status_code == 200


def test_markdown_beside_a_field_is_rendered_safely(study: Study) -> None:
    nasty = (
        "**gras** <script>alert(1)</script> [x](javascript:alert(1)) ![](https://t.example/p.gif)"
    )
    answer = study.author.post("/fr/bureau/rendu", {"body": nasty})
    assert "<strong>gras</strong>" in answer.text
    for forbidden in ("<script", "href", "src", "<img"):
        assert forbidden not in answer.text


def test_the_history_tells_who_did_what_and_opens_older_texts(study: Study) -> None:
    for words in ("Deux", "Trois"):
        sent = study.opened()
        sent["fr.body"] = words
        study.author.post(study.address, sent)
    study.published()
    page = study.author.get(f"{study.address}/history")
    for said in ("Begun", "(2 times)", "Published", "Ines", "Louis"):
        assert said in page.text
    first = study.author.get(f"{study.address}/history/1")
    assert typed(first, "fr.body") == "L’eau"
    assert study.draft().texts["fr"].body == "Trois"
    assert study.author.post(study.address, form(first)).status_code == 303
    assert study.draft().texts["fr"].body == "L’eau"
    for number in (0, 99, 2**40):
        assert study.author.get(f"{study.address}/history/{number}").status_code == 404


def test_the_desk_lists_by_state_and_pages_through_many(study: Study) -> None:
    with study.app.app_context():
        owner = user(study.app, study.author)
        for number in range(queries.PAGE):
            service.create(db.session(), owner, text(WRITTEN, title=f"Étude {number}"))
    first = study.author.get("/en/desk/")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    both = first.text + study.author.get(unescape(following[1])).text
    assert both.count("Le titre") == 1
    assert both.count(">Étude ") == queries.PAGE
    assert "Le titre" not in study.author.get("/en/desk/?state=published").text
    for wrong, status in (("state=lost", 404), ("page=9", 404), ("page=x", 400)):
        assert study.author.get(f"/en/desk/?{wrong}").status_code == status


def test_a_study_that_is_not_there_is_not_found(study: Study) -> None:
    missing = "/en/desk/case-studies/00000000-0000-4000-8000-000000000000"
    for path in ("", "/preview", "/history", "/history/1"):
        assert study.author.get(missing + path).status_code == 404
    assert study.author.post(missing, {}).status_code == 404
    assert study.author.get("/en/desk/case-studies/not-a-uuid").status_code == 404


def test_a_text_in_a_third_language_is_shown_and_kept(study: Study) -> None:
    spanish = TextDraft("El título", translation="human")
    study.change(replace(WRITTEN, texts={**WRITTEN.texts, "es": spanish}))
    sent = study.opened()
    assert sent["es.title"] == "El título"
    sent["fr.lessons"] = "x"
    study.author.post(study.address, sent)
    assert study.draft().texts["es"].title == "El título"


def test_what_no_vocabulary_has_stays_in_the_form(study: Study) -> None:
    odd = replace(WRITTEN, topics=("open-data", "alchemy"), city="Atlantis")
    facts = WRITTEN.facts.but(illustrative=("start", "staff"))
    study.change(replace(odd, facts=facts))
    before = study.draft()
    study.author.post(study.address, study.opened())
    assert study.draft() == before
    assert before.unreadable == {"city": "Atlantis"}
