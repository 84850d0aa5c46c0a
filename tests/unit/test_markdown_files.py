"""Studies as Markdown files: read leniently, written without loss, refused with what to do."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.case_studies import drafts, front_matter
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.markdown_files import parse
from network.case_studies.markdown_render import STATES, StudyMeta, render
from network.case_studies.markdown_studies import Study, assemble, id_of, key_of
from network.catalogue.values import Facts, Link
from network.facts.lines import typed_line
from network.lib import yaml_text
from network.lib.errors import InvalidInput
from tests.unit import drafts_made

ID = "7b0c9b1e-0000-4000-8000-000000000001"
META = StudyMeta(ID)


def written(draft: Draft, meta: StudyMeta = META) -> dict[str, str]:
    return {f"x/{lang}.md": render(draft, lang, meta) for lang in draft.texts}


def read(files: dict[str, str]) -> Study:
    studies, wrong = assemble([parse(content, name) for name, content in files.items()])
    assert wrong == []
    (study,) = studies
    return study


def tidied(draft: Draft) -> Draft:
    """The draft as a file can tell it: whether a city is known is not the file's to say."""
    tidy = drafts.tidy(draft)
    others = {name: text for name, text in tidy.unreadable.items() if name != "city"}
    return replace(tidy, city=tidy.city or tidy.unreadable.get("city"), unreadable=others)


def problem_of(*files: tuple[str, str]) -> str:
    _, (wrong,) = assemble([parse(content, name) for name, content in files])
    return str(wrong)


@given(drafts_made.drafts)
def test_any_draft_is_read_as_it_was_written(draft: Draft) -> None:
    tidy = tidied(draft)
    study = read(written(tidy))
    assert study.draft == tidy
    assert study.meta == META


@given(drafts_made.drafts)
def test_files_that_were_read_are_written_the_same(draft: Draft) -> None:
    files = written(tidied(draft))
    assert written(read(files).draft) == files


@given(drafts_made.drafts)
def test_another_systems_line_ends_and_byte_order_mark_change_nothing(draft: Draft) -> None:
    tidy = tidied(draft)
    files = {n: "\ufeff" + c.replace("\n", "\r\n") for n, c in written(tidy).items()}
    assert read(files).draft == tidy


@given(
    st.sampled_from(STATES),
    st.one_of(st.none(), drafts_made.MOMENTS.map(lambda moment: moment.replace(microsecond=0))),
    st.text(max_size=20),
)
def test_the_state_and_the_first_date_are_kept(
    state: str, published: datetime | None, reason: str
) -> None:
    tidy = drafts.tidy(Draft("fr", texts={"fr": TextDraft(title="T")}))
    meta = StudyMeta(ID, state, published, typed_line(reason))
    said = replace(meta, is_said=state != "published")  # which is what a file without it means
    assert read(written(tidy, meta)).meta == said


@given(st.text())
def test_any_text_between_double_quotes_is_one_value_of_yaml(words: str) -> None:
    words = words.encode("utf-8", "ignore").decode()
    assert front_matter.load(f"a: {yaml_text.quoted(words)}\n") == {"a": words}
    assert front_matter.load(f"a: {yaml_text.scalar(words)}\n") == {"a": words}


@given(st.text(alphabet="abn:-[]{}&*!|>'\"#%@,?\n\t 0~\\", max_size=40))
def test_any_front_matter_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert isinstance(front_matter.load(text), dict)


EXAMPLE = """---
id: 7B0C9B1E-0000-4000-8000-000000000001
lang: fr
title: "Budget participatif : 500 millions d’euros"
slug: budget-participatif
summary: >
  Les habitants
  décident.
translation: original
city: paris
topics: [participatory-budgeting, open-data]
status: running
start: 2014
end: 2020-12-31
budget: {amount: 500000000, currency: eur}
people_reached: 140000
staff: 12.5
partners: ["Mairies", "Écoles"]
contact_email: participation@paris.example
sdgs: [11, 16]
evidence: [{title: "Ville de Paris", url: "https://www.paris.fr/"}]
authors: ["A. Martin"]
licence: https://creativecommons.org/licenses/by/4.0/
illustrative: [staff, budget]
inspired_by: [{title: "Lisbon", href: "https://lisbon.example/x"}]
published: 2026-03-01
---

Une *introduction*.

---

## Le problème, vu d’ici {#problem}
On ne vote plus.

\\## Résultats {#results}

## Résultats  {#results}

On vote.
"""


def test_the_documented_format_is_understood() -> None:
    study = read({"paris/budget/fr.md": EXAMPLE})
    text = study.draft.original
    assert study.meta == StudyMeta(ID, published=datetime(2026, 3, 1, tzinfo=UTC))
    assert (text.title, text.summary) == (
        "Budget participatif : 500 millions d’euros", "Les habitants décident.",
    )  # fmt: skip
    assert text.body == "Une *introduction*.\n\n---"
    assert text.problem == "On ne vote plus.\n\n## Résultats {#results}"
    assert text.results == "On vote."
    assert (study.draft.city, study.draft.topics) == (
        "paris", ("participatory-budgeting", "open-data"),
    )  # fmt: skip
    assert study.draft.inspired_by == (Link("https://lisbon.example/x", "Lisbon"),)
    assert study.draft.facts == Facts(
        status="running", start="2014", end="2020-12-31", budget_amount=Decimal(500_000_000),
        budget_currency="EUR", people_reached=140_000, staff=Decimal("12.5"),
        partners=("Mairies", "Écoles"), contact_email="participation@paris.example",
        sdgs=(11, 16), evidence=(Link("https://www.paris.fr/", "Ville de Paris"),),
        authors=("A. Martin",), licence="https://creativecommons.org/licenses/by/4.0/",
        illustrative=("staff", "budget_amount"),
    )  # fmt: skip
    assert drafts.problems(study.draft) == []


def simple(*lines: str, text: str = "Texte.") -> str:
    return "\n".join(["---", *lines, "---", text, ""])


def test_a_file_of_another_maker_needs_a_title_alone() -> None:
    study = read(
        {"mon-projet.fr.md": simple("title: Mon projet", "author: Zoé", "date: 2020-05-01")}
    )
    assert study.meta.id == id_of("mon-projet")
    assert study.meta.published == datetime(2020, 5, 1, tzinfo=UTC)
    assert study.draft.facts.authors == ("Zoé",)
    text = study.draft.original
    assert (text.title, text.summary, text.body) == ("Mon projet", "Texte.", "Texte.")


def test_the_first_heading_may_be_the_title() -> None:
    text = read({"a.md": simple("lang: en", text="\n# A title\n\nWords.")}).draft.original
    assert (text.title, text.body) == ("A title", "Words.")


@pytest.mark.parametrize(
    ("given", "lang"),
    [("lang: fr-FR", "fr"), ("language: English", "en"), ("lang: EN", "en"), ("tags: []", "fr")],
)
def test_the_language_is_understood(given: str, lang: str) -> None:
    assert parse(simple("title: T", given), "x_fr.md").lang == lang


def test_a_summary_is_made_of_the_first_paragraph_and_cut_at_a_sentence() -> None:
    words = (
        "# Heading\n\n- list\n\n" + "A *fine* [sentence](https://a.example) of some length. " * 9
    )
    file = parse(simple("title: T", "lang: en", text=words), "a.md")
    assert file.summary_made
    assert file.text.summary.startswith("A fine sentence of some length. A fine")
    assert file.text.summary.endswith("length.")
    assert 200 < len(file.text.summary) <= 300
    long_word = parse(simple("title: T", "lang: en", text="x" * 400), "a.md")
    assert len(long_word.text.summary) <= 300


def test_an_empty_summary_that_is_written_stays_empty() -> None:
    assert parse(simple("title: T", "lang: en", 'summary: ""'), "a.md").text.summary == ""


@pytest.mark.parametrize(
    ("names", "same"),
    [
        (("budget/fr.md", "budget/en.md"), True),
        (("a/budget.fr.md", "a/budget.en.md"), True),
        (("a/budget_fr.md", "a/budget_en.md"), True),
        (("a/budget.md", "a/velo.md"), False),
        (("a/x.fr.md", "b/x.en.md"), False),
        (("fr.md", "en.md"), True),
    ],
)
def test_names_say_which_files_are_one_study(names: tuple[str, str], same: bool) -> None:
    assert (key_of(names[0]) == key_of(names[1])) is same


def test_a_file_without_an_id_takes_its_siblings() -> None:
    files = {
        "x/fr.md": simple("title: T", f"id: {ID}"),
        "x/en.md": simple("title: T", "translation: machine"),
    }
    study = read(files)
    assert study.meta.id == ID
    assert study.draft.original_lang == "fr"
    assert study.draft.texts["en"].translation == "machine"


def test_facts_may_be_in_any_file_but_not_twice_and_different() -> None:
    original = ("x/fr.md", simple("title: T", "translation: original"))
    other = ("x/en.md", simple("title: T", "translation: human", "city: paris", "staff: 3"))
    assert read(dict([original, other])).draft.city == "paris"
    unlike = ("x/fr.md", simple("title: T", "translation: original", "city: madrid"))
    assert "“city” is not the same in x/fr.md, x/en.md" in problem_of(unlike, other)


def test_two_files_of_one_language_or_without_an_original_are_refused() -> None:
    fr = simple("title: T", f"id: {ID}", "lang: fr")
    assert "a.md is the same study" in problem_of(("a.md", fr), ("b.md", fr))
    en = simple("title: T", f"id: {ID}", "lang: en")
    assert "translation: original" in problem_of(("a.md", fr), ("b.md", en))


def test_tags_are_kept_apart_from_topics() -> None:
    study = read({"fr.md": simple("title: T", "tags: [Open data, Vélo]", "topics: open-data, x")})
    assert study.tags == ("Open data", "Vélo")
    assert study.draft.topics == ("open-data", "x")


@pytest.mark.parametrize(
    ("budget", "amount", "currency"),
    [
        ("{amount: 12.50, currency: GBP}", "12.50", "GBP"),
        ("500 000 EUR", "500000", "EUR"),
        ("1000", "1000", None),
        ("{currency: EUR}", None, "EUR"),
    ],
)
def test_a_budget_is_a_mapping_or_a_text(
    budget: str, amount: str | None, currency: str | None
) -> None:
    facts = read({"fr.md": simple("title: T", f"budget: {budget}")}).draft.facts
    assert facts.budget_amount == (Decimal(amount) if amount else None)
    assert facts.budget_currency == currency


def test_unknown_keys_are_named() -> None:
    assert parse(simple("title: T", "layout: page", "language: fr"), "a.md").unknown == ("layout",)


TITLES = (
    "Atelier #3 du conseil", "#ParisRespire", "!Attention", "Vélo: le plan", "@paris", "'unclosed",
    '"unclosed', "'Ndrangheta", '"Budget" participatif', "*x", "&x y", "2020", "yes",
    "non", "[x] y",
    "[x]", "{a: b}",  "12:30", "- x", "> 100 arbres", "|x|", "%x", "`x`", "? x", ", x", "}x",
    "a # b",
    "Budget\u00a0: « oui »", "---", "x\t#y", "null et nul", "\\n", "a\\",
)  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("key", ["title", "summary", "legal_basis"])
def test_the_line_of_a_text_is_the_text(title: str, key: str) -> None:
    lines = ["lang: fr", f"{key}: {title}", "contact_role: Mairie de l'eau"]
    text = parse(simple(*lines, *([] if key == "title" else ["title: T"])), "fr.md").text
    assert getattr(text, key) == title
    assert text.contact_role == "Mairie de l'eau"


@pytest.mark.parametrize(
    "line", ["Title: Atelier #3", "title\u00a0: Atelier #3", "TITLE:\u202fAtelier #3"]
)
def test_a_key_is_known_in_any_letters_and_with_the_space_of_french(line: str) -> None:
    assert parse(simple("lang: fr", line), "fr.md").text.title == "Atelier #3"


@given(
    st.text(alphabet="abé#!&*@'\"[]{}:,-?|>%`~ \\0123456789\u00a0", min_size=1, max_size=20),
    st.sampled_from(["", "summary: S", "  et la suite", "# remarque"]),
)
def test_a_title_is_whole_or_an_error_with_its_line(title: str, after: str) -> None:
    title = title.strip(" \u00a0")
    content = simple("lang: fr", f"title: {title}", after, "slug: s")
    found, refused = None, ""
    try:
        found = parse(content, "fr.md").text.title.rstrip("\n")
    except InvalidInput as error:
        refused = str(error)
    whole = f"{title} {after.strip()}" if after.startswith(" ") else title
    assert found in (whole, *_quoted(title, whole)) or re.search(r"[Ll]ine [345]\b", refused)


def _quoted(title: str, whole: str) -> list[str]:
    """What YAML makes of a value that is quoted from end to end, a block, or nothing."""
    if title[:1] in ("'", '"'):
        return [title[1:-1].replace("''", "'"), whole[1:-1], *_unescaped(title), *_unescaped(whole)]
    return ["", "et la suite"] if title[:1] in ("|", ">") or title in ("~", "null", "") else []


def _unescaped(text: str) -> list[str]:
    with suppress(ValueError):
        return [str(json.loads(text))]
    return []


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u00a0 "])
def test_a_no_break_space_after_a_key_or_a_hyphen_is_a_space(space: str) -> None:
    lines = [f"title:{space}Vélo", f"lang:{space}fr", "partners:", f"{space}-{space}Ville\u00a0!"]
    file = parse(simple(*lines), "a.md")
    assert (file.text.title, file.lang) == ("Vélo", "fr")
    assert file.given["partners"] == ["Ville\u00a0!"]


def test_a_remark_beside_what_is_no_text_is_a_remark() -> None:
    facts = read(
        {"fr.md": simple("# Fiche", "title: T", "staff: 3 # posts", "start: 2014 # début")}
    ).draft.facts
    assert (facts.staff, facts.start) == (3, "2014")


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000"])
def test_a_no_break_space_makes_the_heading_of_a_section(space: str) -> None:
    text = f"Intro.\n\n##{space}Résultats{space}{{#results}}\n\n-{space}un"
    found = parse(simple("title: T", text=text), "fr.md").text
    assert (found.body.strip("\n"), found.results.strip("\n")) == ("Intro.", f"-{space}un")
    heading = parse(simple("lang: fr", text=f"#{space}Titre\n\nTexte."), "fr.md").text
    assert (heading.title, heading.summary) == ("Titre", "Texte.")


def test_values_are_not_guessed() -> None:
    text = parse(simple("title: no", "summary: 2014-09-23", "slug: 007"), "fr.md").text
    assert (text.title, text.summary, text.slug) == ("no", "2014-09-23", "007")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# Title\n\nWords.", "no front matter"),
        ("+++\ntitle = 1\n+++\n", "no front matter"),
        ("", "no front matter"),
        ("---\ntitle: T\n", "no end"),
        (simple("topics: a: b"), "line 2"),
        (simple("title: T", "partners: [x"), "line 4"),
        (simple("- a"), "must be lines"),
        (simple("title: T", "title: U"), "“title” is there twice"),
        (simple("title: T", "Title: U"), "“title” is there twice"),
        (simple("title: T", "author: A", "authors: B"), "“authors” and “author” mean the same"),
        (simple("title: T", "summary: A", "description: B"), "“description” and “summary” mean"),
        (simple("title: T", "Partners:", "  - A #3"), "Line 4: what follows “#”"),
        (simple("title:", "  - a"), "“title” must be a text"),
        (simple("lang: fr"), "no title"),
        (simple("title: T", "lang: es"), "not in “es”"),
        (simple("title: T", "id: 42"), "“42” is not a UUID"),
        (simple("title: T", "translation: perfect"), "original, human or machine"),
        (simple("title: T", "outdated_since: soon"), "not a date"),
        (simple("title: T", "outdated_since: 0001-01-01T00:00:00+05:00"), "not a date"),
        (simple("a: &a [x]"), "Line 2: a value that begins with !, & or *"),
        (simple("a: x", "b: *a"), "Line 3: a value that begins with !, & or *"),
        (simple("title: T", "partners:", "  - !Attention au vélo"), "Line 4: a value that"),
        (simple("title: T", "partners: !Attention"), "Line 3: a value that"),
        (simple('title: "T" #3'), "Line 2: what follows “#”"),
        (simple("title: Atelier #3", "  du conseil"), "Line 2: what follows “#”"),
        (simple("title: #Paris", "  respire"), "Line 2: what follows “#”"),
        (simple("title: T", "authors: [A, B #3", "  ]"), "Line 3: what follows “#”"),
        (simple("title: T", "partners:", "  - #MeToo"), "Line 4: what follows “#”"),
        (simple("title: T", "city: Vélo #3"), "Line 3: what follows “#”"),
        (simple("title: T", "status: 'running", "lang: l'eau"), "Line 3: the quotation mark"),
        (simple("title: T", "status: 'running", "lang: fr'"), "Line 3: the quotation mark"),
        (simple("a: " + "[" * 5_000), "nested"),
        (simple("a:\n" + "- " * 5_000 + "x"), "nested"),
        (simple(f"a: {'x' * 300_000}"), "longer than"),
        (simple("title: T", "lang: fr", text="## A {#lessons}\n## B {#lessons}"), "{#lessons}"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(content: str, message: str) -> None:
    name = "x/fr.md"
    with pytest.raises(InvalidInput) as refused:
        parse(content, name)
    assert message in str(refused.value)


def test_a_language_is_asked_for_when_nothing_says_it() -> None:
    with pytest.raises(InvalidInput, match="lang: fr"):
        parse(simple("title: T"), "some-file.md")


@pytest.mark.parametrize(
    "line", ["inspired_by: [[x]]", "state: gone"], ids=["inspired_by", "state"]
)
def test_what_is_wrong_with_a_study_names_a_file_of_it(line: str) -> None:
    assert problem_of(("x/fr.md", simple("title: T", line))).startswith("x/fr.md: ")


def test_an_author_may_write_lines_that_look_like_headings_of_sections() -> None:
    tricky = "## The problem {#problem}\n\\## {#results}\n\\\\# X {#lessons}\n    ## X {#results}"
    draft = drafts.tidy(
        Draft("en", texts={"en": TextDraft(title="T", body=tricky, results=tricky)})
    )
    assert read(written(draft)).draft == draft


def test_a_translation_is_never_taken_for_the_original() -> None:
    draft = Draft("fr", texts={"fr": TextDraft(title="T"), "en": TextDraft(title="T")})
    files = written(drafts.tidy(draft))
    assert "translation: human" in files["x/en.md"]
    assert read(files).draft.texts["en"].translation == "human"
