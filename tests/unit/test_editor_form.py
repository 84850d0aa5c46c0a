"""The editor's fields stand for the draft: nothing is lost between the two, whatever was typed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from network.case_studies import drafts
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts
from network.web.desk import editor_form
from network.web.desk.editor_form import Fields
from tests.unit import drafts_made


def sent(fields: Fields) -> MultiDict[str, str]:
    """The fields as a browser sends them: line ends as CR LF (HTML, form submission)."""
    form: MultiDict[str, str] = MultiDict()
    for name, value in fields.items():
        if isinstance(value, str):
            form.add(name, value.replace("\n", "\r\n"))
        elif name in editor_form.links():
            form.setlist(f"{name}.title", [link.title for link in value] + [""])
            form.setlist(f"{name}.href", [link.href for link in value] + [""])
        else:
            form.setlist(name, list(value))
    return form


def saved(draft: Draft, fields: Fields, lang: str = "fr") -> Draft:
    """What saving these fields over the draft stores, but for the marks of outdated texts."""
    langs = editor_form.languages(draft)
    typed = editor_form.to_draft(fields, draft.original_lang, langs, lang)
    return drafts.tidy(editor_form.keep_order(typed, draft))


def stored_as(draft: Draft) -> Draft:
    """As the service stores it: a city that the vocabulary does not have is kept as unreadable."""
    tidy = drafts.tidy(draft)
    if tidy.city in (None, "paris"):
        return tidy
    return replace(tidy, city=None, unreadable={**tidy.unreadable, "city": tidy.city or ""})


def unmarked(draft: Draft) -> Draft:
    texts = {lang: replace(text, outdated_since=None) for lang, text in draft.texts.items()}
    return replace(draft, texts=texts)


@settings(max_examples=50, deadline=None)
@given(drafts_made.drafts, st.sampled_from(["fr", "en"]))
def test_opening_and_saving_a_draft_changes_nothing(draft: Draft, lang: str) -> None:
    stored = stored_as(draft)
    fields = editor_form.of_draft(stored, lang)
    again = editor_form.read(sent(fields), editor_form.languages(stored))
    assert {name: again[name] for name in fields} == fields
    assert stored_as(saved(stored, again, lang)) == unmarked(stored)


@settings(max_examples=50, deadline=None)
@given(drafts_made.drafts, st.sampled_from(["fr", "en"]))
def test_tidied_fields_are_those_of_the_saved_draft(draft: Draft, lang: str) -> None:
    stored = drafts.tidy(draft)
    langs = editor_form.languages(stored)
    fields = editor_form.of_draft(stored, lang)
    assert editor_form.tidied(fields, stored.original_lang, langs, lang) == fields


@settings(max_examples=50, deadline=None)
@given(drafts_made.drafts, drafts_made.drafts)
def test_merging_takes_theirs_exactly_where_i_changed_nothing(one: Draft, other: Draft) -> None:
    opened, theirs = (editor_form.of_draft(drafts.tidy(d), "fr") for d in (one, other))
    theirs = {**opened, **{name: value for name, value in theirs.items() if name in opened}}
    merged, both = editor_form.merge(opened, theirs, editor_form.marks(opened))
    assert both == []
    assert merged == theirs


@settings(max_examples=50, deadline=None)
@given(drafts_made.drafts, st.sampled_from(["fr.title", "en.body", "start", "partners"]))
def test_merging_keeps_mine_and_names_what_both_changed(draft: Draft, name: str) -> None:
    opened = editor_form.of_draft(drafts.tidy(draft), "fr")
    marks = editor_form.marks(opened)
    mine, theirs = {**opened, name: "mine"}, {**opened, name: "theirs"}
    assert editor_form.merge(mine, opened, marks) == (mine, [])
    assert editor_form.merge(mine, theirs, marks) == (mine, [name])
    assert editor_form.merge(theirs, theirs, marks) == (theirs, [])


@given(st.text())
def test_marks_that_somebody_made_up_lose_nothing(marks: str) -> None:
    opened = editor_form.of_draft(Draft("fr", texts={"fr": TextDraft("Titre")}), "fr")
    mine, theirs = {**opened, "fr.title": "mine"}, {**opened, "fr.title": "theirs"}
    merged, both = editor_form.merge(mine, theirs, marks)
    assert merged["fr.title"] == "mine"
    assert both == ["fr.title"]


def test_boxes_keep_the_order_in_which_they_were_stored() -> None:
    facts = Facts(sdgs=(16, 3, 11), illustrative=("staff", "budget_amount"))
    stored = Draft("fr", topics=("youth", "justice"), facts=facts, texts={"fr": TextDraft("T")})
    assert saved(stored, editor_form.of_draft(stored, "fr")) == drafts.tidy(stored)
    more = {**editor_form.of_draft(stored, "fr"), "sdgs": ("3", "11", "13", "16")}
    assert saved(stored, more).facts.sdgs == (3, 11, 13, 16)


def test_the_original_stands_first_and_both_languages_of_the_site_are_there() -> None:
    assert editor_form.languages(Draft("fr")) == ["fr", "en"]
    assert editor_form.languages(Draft("en")) == ["en", "fr"]
    assert editor_form.languages(Draft("es", texts={"pt-BR": TextDraft()})) == [
        "es", "en", "fr", "pt-BR",
    ]  # fmt: skip


def test_languages_are_read_from_the_form_alone_in_its_order_and_not_without_end() -> None:
    assert editor_form.languages_in(MultiDict({"en.title": "", "fr.title": "", "x": ""})) == [
        "en",
        "fr",
    ]
    assert editor_form.languages_in(MultiDict({"evidence.title": "", "<b>.title": ""})) == [
        "fr",
        "en",
    ]
    many: MultiDict[str, str] = MultiDict({f"a{letter}.title": "" for letter in "bcdefghijklm"})
    assert len(editor_form.languages_in(many)) == editor_form.MOST_LANGUAGES
