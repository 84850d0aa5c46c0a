"""Drafts: tidied without loss, marked when outdated, and what stops their publication."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.case_studies import drafts
from network.case_studies.drafts import Draft, TextDraft
from network.catalogue.values import Facts, Link
from network.facts import checks, links
from network.facts import typed as facts_typed
from network.lib import i18n
from network.lib.errors import InvalidInput
from network.seen import is_blank
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


def test_an_amount_that_is_wrong_in_two_ways_is_told_both_at_once() -> None:
    assert fields(with_facts(budget_amount=Decimal("1.001"))) == [
        "budget_amount",
        "budget_currency",
    ]


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
    shows = not is_blank(words)
    assert text.title == (words.strip(" ") if shows else "")
    assert text.body == (words if shows else "")


def test_tidying_leaves_nothing_of_a_text_that_shows_nothing() -> None:
    for words in ("\ufff0", "\u3164", "\u200b \u2800"):
        text = drafts.tidy(Draft("fr", texts={"fr": TextDraft(title=words, body=words)})).original
        assert (text.title, text.body) == ("", "")


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


def test_an_original_that_is_written_after_its_translation_does_not_outdate_it() -> None:
    before = replace(GOOD, texts={"fr": TextDraft(), "en": GOOD.texts["en"]})
    assert outdated(before, GOOD) is None
    assert outdated(replace(before, texts={"en": GOOD.texts["en"]}), GOOD) is None


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
    "typed", ["douze", "1e9", "NaN", "1 00", "1,2,3", "--1", "1.", ".5", "٣", "9" * 31, "EUR 5"]
)
def test_what_is_no_number_is_kept_as_typed(typed: str) -> None:
    facts, unreadable = facts_typed.read({"staff": typed}, "fr")
    assert facts.staff is None
    assert unreadable == {"staff": typed}


@given(drafts_made.facts, st.sampled_from(["fr", "en", None]))
def test_facts_written_for_a_form_are_read_the_same(facts: Facts, lang: str | None) -> None:
    tidy, unreadable = facts_typed.tidy(facts, {})
    written = facts_typed.write(tidy, unreadable, lang)
    assert facts_typed.read(written, lang) == (tidy, unreadable)


def test_lists_are_read_from_lines() -> None:
    facts, unreadable = facts_typed.read(
        {
            "partners": "Nantes Métropole\r\n\r\n Lyon ",
            "evidence": "Bilan 2020 | https://a.example/b?c|d\nhttps://c.example/\nVoir https://e.example",
            "sdgs": "11, 16 11",
            "illustrative": ["budget", "staff"],
        },
        "fr",
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
    for tidy in links.read([{"title": link.title, "href": link.href}]):
        if tidy.title or tidy.href:
            assert links.read(links.line(tidy)) == (tidy,)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("23/09/2014", "2014-09-23"),
        ("1.9.2014", "2014-09-01"),
        ("9/2014", "2014-09"),
        ("2014-09-23", "2014-09-23"),
        ("2014", "2014"),
        ("septembre 2014", "2014-09"),
    ],
)
def test_a_date_is_kept_as_files_write_it(typed: str, kept: str) -> None:
    facts, unreadable = facts_typed.read({"start": typed}, "fr")
    assert (facts.start, unreadable) == (kept, {})


@pytest.mark.parametrize("typed", ["demain", "23/09/14", "2014-02-30", "printemps 2014"])
def test_what_is_no_date_is_kept_as_typed(typed: str) -> None:
    facts, unreadable = facts_typed.read({"end": typed}, "fr")
    assert (facts.end, unreadable) == (None, {"end": typed})


@pytest.mark.parametrize(
    ("typed", "field", "amount", "currency"),
    [
        ("1,5 M€", "", "1500000", "EUR"),
        ("1,5 M€", "€", "1500000", "EUR"),
        ("1,5 M€", "eur", "1500000", "EUR"),
        ("$10m", "cad", "10000000", "CAD"),
        ("10 000 F CFA", "XOF", "10000", "XOF"),
        ("10 000", "euros", "10000", "EUR"),
        ("10 000", "", "10000", None),
        ("10 000 €", "USD", None, "USD"),
        ("$10m", "", None, None),
        ("12.500", "EUR", None, "EUR"),
    ],
)
def test_an_amount_fills_the_currency_or_asks_when_it_says_another(
    typed: str, field: str, amount: str | None, currency: str | None
) -> None:
    given = {"budget_amount": typed, "budget_currency": field}
    facts, unreadable = facts_typed.read(given, "fr")
    assert (facts.budget_amount, facts.budget_currency) == (amount and Decimal(amount), currency)
    assert unreadable == ({} if amount else {"budget_amount": typed})
    assert facts_typed.tidy(facts, unreadable) == (facts, unreadable)


@pytest.mark.parametrize(
    ("draft", "english", "french"),
    [
        ({"budget_amount": "12.500"}, "12.5 or 12,500 (12.5 thousand)",
         "12,5 ou 12\u202f500 (12,5 mille)"),
        ({"staff": "1.000"}, "1 or 1,000 (1 thousand)", "1 ou 1\u202f000 (mille)"),
        ({"people_reached": "2 billions"}, "2 billion", "2 milliards"),
        ({"start": "01/03/2021"}, "1 March 2021 or 3 January 2021",
         "1er mars 2021 ou 3 janvier 2021"),
        ({"end": "printemps 2020"}, "April 2020", "avril 2020"),
        ({"end": "2014-99"}, "is not a date such as", "n’est pas une date"),
        ({"staff": "douze"}, "is not a number of full-time posts", "douze"),
        ({"people_reached": "10 000 par an"}, "for a time or for each", "en tout"),
        ({"budget_amount": "$ 5"}, "USD, CAD, AUD, NZD", "USD, CAD, AUD, NZD"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_asked_with_its_readings_in_the_readers_language(
    draft: dict[str, str], english: str, french: str
) -> None:
    (doubt,) = checks.doubts(Facts(), draft)
    assert doubt.field in draft
    assert english in i18n.translate("en", doubt.message, doubt.arguments)
    assert french in i18n.translate("fr", doubt.message, doubt.arguments)
    assert doubt.field in [problem.field for problem in checks.problems(Facts(), draft)]


def test_an_amount_in_another_currency_than_the_field_is_asked_about() -> None:
    facts = Facts(budget_currency="USD")
    (doubt,) = checks.doubts(facts, {"budget_amount": "10 €"})
    assert "says EUR, but the currency is USD" in doubt.message % doubt.arguments


@pytest.mark.parametrize(
    ("lang", "typed", "said"),
    [
        ("fr", {"budget_amount": "1,5 M€"}, [("budget_amount", "1,5 M€", "1 500 000 EUR")]),
        ("en", {"budget_amount": "£2.5 million"},
         [("budget_amount", "£2.5 million", "2,500,000 GBP")]),
        ("fr", {"people_reached": "env. 40 000"}, [("people_reached", "env. 40 000", "40 000")]),
        ("en", {"start": "1er mars 2021"}, [("start", "1er mars 2021", "1 March 2021")]),
        ("fr", {"start": "09/2020"}, [("start", "09/2020", "septembre 2020")]),
        ("fr", {"budget_amount": "40 000", "staff": "2,5", "people_reached": "40000"}, []),
        ("en", {"budget_amount": "40,000.25", "budget_currency": "EUR"}, []),
        ("en", {"staff": "2.5", "start": "2020-09", "end": "September 2021"}, []),
        ("fr", {"staff": "12.500", "start": "printemps 2020"}, []),
    ],
)  # fmt: skip
def test_what_was_typed_with_words_or_signs_is_said_in_full(
    lang: str, typed: dict[str, str], said: list[tuple[str, str, str]]
) -> None:
    found = facts_typed.understood(typed, lang)
    assert [(a, b, re.sub(r"\s", " ", c)) for a, b, c in found] == said
