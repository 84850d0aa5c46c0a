"""What may travel in an entry: what is cut, left out or put right, on both sides of each limit."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from network.catalogue.values import Adoption, Attachment, Facts, Link, Version
from network.facts.kinds import MOST_ITEMS
from network.facts.links import LONGEST_TITLE
from network.log.tidy import (
    LONGEST_SUMMARY,
    LONGEST_VERDICT_REASON,
    MOST_ADOPTIONS,
    tidy,
    tidy_words,
)

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
PLAIN = Version(
    entry_id="https://paris.example/id/1/fr",
    study_key="https://paris.example/id/1",
    lang="fr",
    title="L’eau",
    summary="Ce qui a changé",
    body_html="<p>Texte</p>",
    url="https://paris.example/fr/etudes-de-cas/paris/eau",
    published=NOON,
    updated=NOON,
)


def tidied(**values: Any) -> Version:
    return tidy(replace(PLAIN, **values))


def verdicts(*told: Adoption) -> tuple[Adoption, ...]:
    return tidied(adoptions=told).adoptions


def test_a_version_that_says_the_least_travels_as_it_is() -> None:
    assert tidy(PLAIN) == PLAIN


def test_what_nothing_is_wrong_with_travels_as_it_is() -> None:
    full = replace(
        PLAIN,
        city="le-mans",
        topics=("water", "open-data"),
        slug="eau~1a2b3c4d",
        translation="machine",
        original_lang="pt-BR",
        outdated_since=NOON,
        legal_basis="Article 1,\nalinéa 2",
        contact_role="Service de l’eau",
        facts=Facts(status="running", staff=Decimal("1.5")),
        inspired_by=(Link("https://lyon.example/id/2", "Lyon"),),
        alternates=(("en", "https://paris.example/id/1/en"),),
        adoptions=(
            Adoption("https://lyon.example/id/2", "contested", "Lyon", "Pas ça.", "fr", NOON),
        ),
        attachments=(Attachment("https://paris.example/plan.pdf"),),
        date_is_unknown=True,
    )
    assert tidy(full) == full


@pytest.mark.parametrize(
    ("name", "longest"),
    [
        ("title", LONGEST_TITLE),
        ("summary", LONGEST_SUMMARY),
        ("legal_basis", LONGEST_SUMMARY),
        ("contact_role", 300),
    ],
)
def test_a_text_is_cut_at_its_limit_and_not_before(name: str, longest: int) -> None:
    fits = "é" * longest
    assert getattr(tidied(**{name: fits}), name) == fits
    assert getattr(tidied(**{name: f"{fits}e"}), name) == fits
    assert getattr(tidied(**{name: f"{fits[:-1]} suite"}), name) == fits[:-1]


@pytest.mark.parametrize("name", ["title", "summary", "legal_basis", "contact_role"])
def test_a_text_loses_its_controls_and_one_that_shows_nothing_is_none(name: str) -> None:
    assert getattr(tidied(**{name: " \x00a\x1bb "}), name) == "ab"
    assert getattr(tidied(**{name: "\u200b \u2060"}), name) == ""


@pytest.mark.parametrize(
    ("name", "is_one_line"),
    [("title", True), ("contact_role", True), ("summary", False), ("legal_basis", False)],
)
def test_lines_are_kept_where_several_are_read(name: str, is_one_line: bool) -> None:
    assert getattr(tidied(**{name: "a\nb"}), name) == ("a b" if is_one_line else "a\nb")


def test_the_body_is_made_safe_and_its_links_lead_from_the_page_that_it_stands_on() -> None:
    body = '<p onclick="x()">Voir <a href="plan">le plan</a></p>'
    assert "onclick" not in tidied(body_html=body).body_html
    assert 'href="https://paris.example/fr/etudes-de-cas/paris/plan"' in (
        tidied(body_html=body).body_html
    )
    elsewhere = tidy(replace(PLAIN, body_html=body), "https://lyon.example/a/b")
    assert 'href="https://lyon.example/a/plan"' in elsewhere.body_html
    nowhere = tidied(body_html=body, url="javascript:alert(1)").body_html
    assert 'href="https://paris.example/id/1/plan"' in nowhere


def test_a_body_that_is_safe_already_is_left_alone() -> None:
    given = replace(PLAIN, body_html="<p >x", title=" A ")
    assert tidy_words(given) == replace(given, title="A")


def test_a_page_that_is_not_of_the_web_gives_way_to_the_permanent_address() -> None:
    assert tidied(url="javascript:alert(1)").url == PLAIN.entry_id
    assert tidied(url="").url == PLAIN.entry_id


def test_dates_travel_in_utc_and_in_whole_seconds() -> None:
    there = datetime(2026, 1, 2, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    found = tidied(published=there, updated=there, outdated_since=there)
    assert [found.published, found.updated, found.outdated_since] == [NOON] * 3
    assert {each.tzinfo for each in (found.published, found.updated)} == {UTC}
    assert tidied(updated=NOON.replace(microsecond=1)).updated == NOON


def test_dates_travel_in_utc_wherever_the_node_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        there = NOON.astimezone(timezone(timedelta(hours=2)))
        assert tidied(updated=there).updated.isoformat() == NOON.isoformat()
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("city", ["Paris", "le mans", "é", "", "a" * 101, "~"])
def test_what_is_no_piece_of_an_address_names_no_city_and_no_topic(city: str) -> None:
    assert tidied(city=city).city is None
    assert tidied(topics=(city, "water")).topics == ("water",)


def test_what_is_no_piece_of_an_address_is_no_slug_either() -> None:
    assert tidied(slug="../eau").slug == ""
    assert tidied(slug="eau~2").slug == "eau~2"


def test_facts_that_cannot_be_do_not_travel() -> None:
    assert tidied(facts=Facts(status="dreamt", start="2014")).facts == Facts(start="2014")


def test_topics_are_named_once_each_in_their_order() -> None:
    assert tidied(topics=("water", "air", "water")).topics == ("water", "air")


@pytest.mark.parametrize(
    ("kind", "travels"),
    [("original", "original"), ("machine", "machine"), ("human", "human"), ("crowd", "human")],
)
def test_a_way_of_translating_that_we_do_not_know_counts_as_a_persons(
    kind: str, travels: str
) -> None:
    assert tidied(translation=kind).translation == travels


@pytest.mark.parametrize(
    ("tag", "travels"),
    [
        ("fr", True),
        ("zh-Hant-TW", True),
        ("ab-" + "-".join(["abcdefg"] * 4) + "h", True),
        ("abc-" + "-".join(["abcdefg"] * 4) + "h", False),
        ("f", False),
        ("fr_FR", False),
        ("", False),
    ],
)
def test_a_language_has_a_tag_of_bcp_47_that_can_be_stored(tag: str, travels: bool) -> None:
    assert tidied(original_lang=tag).original_lang == (tag if travels else None)


def test_a_guess_of_ours_does_not_travel() -> None:
    assert tidied(lang_is_guess=True).lang_is_guess is False


def test_links_that_lead_nowhere_do_not_travel() -> None:
    found = tidied(inspired_by=(Link("mailto:a@b.example"), Link("https://a.example/", " T ")))
    assert found.inspired_by == (Link("https://a.example/", "T"),)


def test_other_versions_have_one_address_per_language_the_first_that_was_given() -> None:
    found = tidied(
        alternates=(
            ("es", "https://a.example/es"),
            ("en", "javascript:alert(1)"),
            ("en", "https://a.example/en"),
            ("en", "https://a.example/en-2"),
            ("fr", "https://a.example/fr"),
            ("not a tag", "https://a.example/x"),
            ("de", "https://a.example/d e"),
        )
    ).alternates
    assert found == (
        ("es", "https://a.example/es"),
        ("en", "https://a.example/en"),
        ("de", "https://a.example/d%20e"),
    )


def test_there_is_a_limit_to_other_versions() -> None:
    many = tuple((f"en-{n}", f"https://a.example/{n}") for n in range(MOST_ITEMS + 1))
    assert tidied(alternates=many).alternates == many[:MOST_ITEMS]


def test_the_reason_of_a_verdict_and_its_language_go_with_what_is_contested_alone() -> None:
    contested = Adoption("https://a.example/", "contested", " T\n", " Pas\nça. ", "fr")
    confirmed = replace(contested, href="https://b.example/", verdict="confirmed")
    silent = replace(contested, href="https://c.example/", reason="\u200b")
    assert verdicts(contested, confirmed, silent) == (
        Adoption("https://a.example/", "contested", "T", "Pas ça.", "fr"),
        Adoption("https://b.example/", "confirmed", "T"),
        Adoption("https://c.example/", "contested", "T"),
    )
    assert verdicts(replace(contested, lang="not a tag"))[0].lang is None


def test_a_verdict_is_one_that_we_know_on_an_address_of_the_web() -> None:
    good = Adoption("https://a.example/", "confirmed")
    praise = replace(good, href="https://b.example/", verdict="praised")  # type: ignore[arg-type]
    assert verdicts(good, praise, replace(good, href="javascript:alert(1)")) == (good,)


def test_the_words_of_a_verdict_are_cut_at_their_limits() -> None:
    title, reason = "t" * LONGEST_TITLE, "r" * LONGEST_VERDICT_REASON
    given = Adoption("https://a.example/", "contested", f"{title}t", f"{reason}r", "fr")
    assert verdicts(given) == (replace(given, title=title, reason=reason),)


def test_a_verdict_is_dated_in_whole_seconds() -> None:
    given = Adoption("https://a.example/", "confirmed", decided=NOON.replace(microsecond=5))
    assert verdicts(given) == (replace(given, decided=NOON),)


def test_the_first_verdict_on_an_address_counts_however_it_is_written() -> None:
    first = Adoption("https://a.example/l eau", "confirmed")
    again = Adoption("https://a.example/l%20eau", "contested", reason="Non.")
    assert verdicts(first, again) == (replace(first, href="https://a.example/l%20eau"),)


def test_of_too_many_verdicts_those_without_a_date_go_first() -> None:
    dated = [
        Adoption(f"https://b.example/{n:04}", "confirmed", decided=NOON)
        for n in range(MOST_ADOPTIONS - 1)
    ]
    undated = [Adoption(f"https://{host}.example/", "confirmed") for host in ("a", "c")]
    assert verdicts(*undated, *dated) == (*dated, undated[1])
