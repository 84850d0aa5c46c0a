"""Drafts: tidied without loss, marked when outdated, and what stops their publication."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.case_studies import drafts, fact_fields
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts, Link
from network.lib.errors import InvalidInput
from tests.unit import drafts_made

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = Draft(
    original_lang="fr",
    city="paris",
    topics=("open-data",),
    facts=Facts(status="running", start="2014-09", end="2014", budget_amount=Decimal("0"),
                budget_currency="EUR", staff=Decimal("1.5"), contact_email="a@paris.example",
                sdgs=(1, 17), evidence=(Link("https://www.paris.fr/"),), licence="CC-BY-4.0",
                illustrative=("staff",)),
    inspired_by=(Link("http://lisbon.example/x", "Lisbonne"),),
    texts={"fr": TextDraft(title="Titre", summary="Résumé", slug="titre-1"),
           "en": TextDraft(title="Title", translation="human")},
)  # fmt: skip


def fields(draft: Draft) -> list[str]:
    found = drafts.problems(draft, cities={"paris"}, topics={"open-data"})
    for problem in found:
        assert problem.message % problem.arguments
    return [problem.field for problem in found]


def with_facts(**facts: object) -> Draft:
    return replace(GOOD, facts=Facts(**facts))  # type: ignore[arg-type]


def with_french(**words: str) -> Draft:
    return replace(GOOD, texts={"fr": replace(GOOD.texts["fr"], **words)})


def test_a_good_draft_has_no_problems() -> None:
    assert fields(GOOD) == []


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (with_french(title=" "), "fr.title"),
        (with_french(summary=""), "fr.summary"),
        (with_french(summary="x" * 301), "fr.summary"),
        (with_french(title="x" * 201), "fr.title"),
        (with_french(slug="Été"), "fr.slug"),
        (with_french(slug="a--b"), "fr.slug"),
        (with_french(lessons="x" * 200_001), "fr.lessons"),
        (replace(GOOD, texts={**GOOD.texts, "en": TextDraft(body="Text")}), "en.title"),
        (replace(GOOD, texts={**GOOD.texts, "es": TextDraft(title="Título")}), "es.title"),
        (replace(GOOD, city="atlantis"), "city"),
        (replace(GOOD, city=None, unreadable={"city": "Atlantis"}), "city"),
        (replace(GOOD, topics=("magic",)), "topics"),
        (with_facts(status="dreamt"), "status"),
        (with_facts(start="last year"), "start"),
        (with_facts(start="2014-13"), "start"),
        (with_facts(start="2014-02-30"), "start"),
        (with_facts(start="0000"), "start"),
        (with_facts(start="2014-09", end="2014-08-31"), "end"),
        (with_facts(start="2015", end="2014-12-31"), "end"),
        (with_facts(budget_amount=Decimal(-1), budget_currency="EUR"), "budget_amount"),
        (with_facts(budget_amount=Decimal("1.001"), budget_currency="EUR"), "budget_amount"),
        (with_facts(budget_amount=Decimal(10**15), budget_currency="EUR"), "budget_amount"),
        (with_facts(budget_amount=Decimal(1)), "budget_currency"),
        (with_facts(budget_currency="XYZ"), "budget_currency"),
        (with_facts(people_reached=-1), "people_reached"),
        (with_facts(staff=Decimal(-1)), "staff"),
        (with_facts(contact_email="mairie"), "contact_email"),
        (with_facts(sdgs=(18,)), "sdgs"),
        (with_facts(evidence=(Link("javascript:alert(1)", "x"),)), "evidence"),
        (with_facts(evidence=(Link("", "Un rapport"),)), "evidence"),
        (
            with_facts(evidence=tuple(Link(f"https://a.example/{n}") for n in range(101))),
            "evidence",
        ),
        (with_facts(authors=("x" * 301,)), "authors"),
        (with_facts(licence="all mine"), "licence"),
        (with_facts(illustrative=("weather",)), "illustrative"),
        (replace(GOOD, inspired_by=(Link("ftp://lisbon.example/"),)), "inspired_by"),
        (replace(GOOD, unreadable={"staff": "douze"}), "staff"),
        (replace(GOOD, unreadable={"evidence": "?"}), "evidence"),
    ],
)
def test_each_fault_stops_publication_and_names_its_field(draft: Draft, field: str) -> None:
    assert fields(draft) == [field]


def test_every_problem_is_said_at_once() -> None:
    assert fields(replace(Draft("en"), city="x", facts=Facts(sdgs=(0,)))) == [
        "en.title", "en.summary", "city", "sdgs",
    ]  # fmt: skip


@given(drafts_made.drafts)
def test_any_draft_can_be_judged_and_stored(draft: Draft) -> None:
    tidy = drafts.tidy(draft)
    assert tidy.original_lang in tidy.texts
    assert tidy.original.translation == "original"
    assert "original" not in {text.translation for text in tidy.translations.values()}
    for problem in drafts.problems(tidy):
        assert problem.message % problem.arguments
    assert drafts.from_json(drafts.to_json(tidy)) == tidy


@given(drafts_made.drafts)
def test_tidying_twice_is_tidying_once(draft: Draft) -> None:
    once = drafts.tidy(draft)
    assert drafts.tidy(once) == once


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"],
                                      exclude_characters="\ufffe\uffff"), min_size=1))  # fmt: skip
def test_tidying_loses_no_character_within_a_line(words: str) -> None:
    text = drafts.tidy(Draft("fr", texts={"fr": TextDraft(title=words, body=words)})).original
    assert text.title == words.strip(" ")
    assert text.body == (words if words.strip(" ") else "")


def test_an_indented_first_line_stays_code_and_blank_lines_around_go() -> None:
    text = TextDraft(body="\n \n    code\n\n  text  \r\n\r\n")
    assert drafts.tidy(Draft("fr", texts={"fr": text})).original.body == "    code\n\n  text  "


def test_tidying_a_long_run_of_blanks_takes_no_long_time() -> None:
    blanks = "x" + "\n" * 300_000 + "y" + " " * 300_000 + "z"
    assert drafts.tidy(Draft("fr", texts={"fr": TextDraft(title=blanks, body=blanks)}))


def test_a_language_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput):
        drafts.tidy(Draft("<fr>"))


def changed(draft: Draft, lang: str, **words: object) -> Draft:
    text = replace(draft.texts[lang], **words)  # type: ignore[arg-type]
    return replace(draft, texts={**draft.texts, lang: text})


def outdated(
    before: Draft, after: Draft, *, minor: bool = False, confirmed: tuple[str, ...] = ()
) -> datetime | None:
    followed = drafts.follow(before, after, NOW, minor=minor, confirmed=confirmed)
    return followed.texts["en"].outdated_since


def test_a_changed_original_outdates_its_translation() -> None:
    assert outdated(GOOD, changed(GOOD, "fr", body="Neuf")) == NOW


def test_a_translation_is_outdated_since_the_first_change() -> None:
    before = changed(GOOD, "en", outdated_since=EARLIER)
    assert outdated(before, changed(before, "fr", body="Neuf")) == EARLIER


def test_a_minor_change_a_new_slug_and_new_facts_outdate_nothing() -> None:
    assert outdated(GOOD, changed(GOOD, "fr", body="Neuf"), minor=True) is None
    assert outdated(GOOD, changed(GOOD, "fr", slug="neuf")) is None
    assert outdated(GOOD, replace(GOOD, facts=Facts())) is None


def test_a_translation_that_changes_too_has_followed() -> None:
    both = changed(changed(GOOD, "fr", body="Neuf"), "en", body="New")
    assert outdated(GOOD, both) is None


def test_an_edit_or_a_confirmation_takes_the_mark_away_and_nothing_else_does() -> None:
    before = changed(GOOD, "en", outdated_since=EARLIER)
    assert outdated(before, changed(before, "en", body="New", outdated_since=None)) is None
    assert outdated(before, before, confirmed=("en",)) is None
    assert outdated(before, changed(before, "en", outdated_since=None)) == EARLIER
    assert outdated(before, changed(before, "fr", body="Neuf"), minor=True) == EARLIER


def test_an_author_cannot_set_the_mark() -> None:
    assert outdated(GOOD, changed(GOOD, "en", outdated_since=EARLIER)) is None


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("500000000", "500000000"), ("500 000 000", "500000000"), ("500\u202f000,50", "500000.50"),
        ("1,234,567.8", "1234567.8"), ("1.234.567,8", "1234567.8"), ("12,5", "12.5"),
        ("12.5", "12.5"), ("1.500", "1.500"), ("1,500", "1500"), ("-3", "-3"), ("\u22123", "-3"),
        ("+3", "3"), ("1'000", "1000"), ("1_000", "1000"), (" 7 ", "7"), ("0", "0"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_french_and_english_write_them(typed: str, value: str) -> None:
    assert fact_fields.number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed", ["douze", "1e9", "NaN", "1 00", "1,2,3", "--1", "1.", ".5", "٣", "9" * 31, "EUR 5"]
)
def test_what_is_no_number_is_kept_as_typed(typed: str) -> None:
    facts, unreadable = fact_fields.read({"staff": typed})
    assert facts.staff is None
    assert unreadable == {"staff": typed}


@given(drafts_made.facts)
def test_facts_written_for_a_form_are_read_the_same(facts: Facts) -> None:
    tidy, unreadable = fact_fields.tidy(facts, {})
    assert fact_fields.read(fact_fields.write(tidy, unreadable)) == (tidy, unreadable)


def test_lists_are_read_from_lines() -> None:
    facts, unreadable = fact_fields.read(
        {
            "partners": "Nantes Métropole\r\n\r\n Lyon ",
            "evidence": "Bilan 2020 | https://a.example/b?c|d\nhttps://c.example/\nVoir https://e.example",
            "sdgs": "11, 16 11",
            "illustrative": ["budget", "staff"],
        }
    )  # fmt: skip
    assert unreadable == {}
    assert facts.partners == ("Nantes Métropole", "Lyon")
    assert facts.sdgs == (11, 16)
    assert facts.illustrative == ("budget_amount", "staff")
    assert facts.evidence == (
        Link("https://a.example/b?c|d", "Bilan 2020"),
        Link("https://c.example/"),
        Link("https://e.example", "Voir"),
    )


@given(
    st.builds(Link, href=st.sampled_from(["", "https://a.example/?a|b"]), title=drafts_made.LINE)
)
def test_a_link_in_a_line_of_a_form_stays_the_same_link(link: Link) -> None:
    for tidy in fact_fields.links([{"title": link.title, "href": link.href}]):
        if tidy.title or tidy.href:
            assert fact_fields.links(fact_fields.line_of(tidy)) == (tidy,)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("23/09/2014", "2014-09-23"),
        ("1.9.2014", "2014-09-01"),
        ("9/2014", "2014-09"),
        ("2014-09-23", "2014-09-23"),
        ("2014", "2014"),
        ("demain", "demain"),
        ("23/09/14", "23/09/14"),
    ],
)
def test_a_date_typed_as_europeans_write_it_is_turned_round(typed: str, kept: str) -> None:
    facts, unreadable = fact_fields.read({"start": typed})
    assert (facts.start, unreadable) == (kept, {})
