"""Drafts by example: how one is stored, what becomes of marks and slugs, what is said of faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from network.case_studies import drafts
from network.case_studies.drafts import LONGEST, Draft, TextDraft
from network.catalogue.values import Facts, Link
from network.facts.kinds import Problem
from network.lib.errors import InvalidInput

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
FRENCH = TextDraft("L’eau", "l-eau", "Résumé")


def stored(**values: Any) -> Draft:
    return drafts.tidy(replace(Draft("fr", texts={"fr": FRENCH}), **values))


def text(**words: Any) -> TextDraft:
    """A French original as it is stored."""
    return stored(texts={"fr": TextDraft(**words)}).texts["fr"]


def test_a_tidy_draft_is_stored_as_it_is() -> None:
    draft = Draft(
        "fr",
        city="paris",
        topics=("water", "air"),
        facts=Facts(status="running"),
        inspired_by=(Link("https://lyon.example/", "Lyon"),),
        texts={
            "en": TextDraft("Water", translation="machine", outdated_since=EARLIER),
            "fr": TextDraft(*(f"{n}" for n in range(10))),
        },
        unreadable={"staff": "douze"},
    )
    assert drafts.tidy(draft) == draft


@pytest.mark.parametrize("name", ["title", "slug", "summary", "contact_role"])
def test_a_field_of_one_line_is_stored_in_one_line(name: str) -> None:
    assert getattr(text(**{name: " a\r\n \n b "}), name) == "a b"


@pytest.mark.parametrize("name", [*drafts.MARKDOWN, "legal_basis"])
def test_a_field_of_several_lines_keeps_them_with_line_feeds(name: str) -> None:
    assert getattr(text(**{name: "\n \t\r\n a\r\n\r\n b \rc\n\n"}), name) == " a\n\n b \nc"
    assert getattr(text(**{name: " \n\t "}), name) == ""
    for line in ("X", "\u00a0"):  # a numeral, and a line that is kept apart
        assert getattr(text(**{name: f"{line}\na\n{line}"}), name) == f"{line}\na\n{line}"


def test_a_slug_is_cut_at_what_can_be_stored() -> None:
    assert text(slug="a" * 121).slug == "a" * 120 == text(slug="a" * 120).slug


def test_what_names_nothing_is_not_stored() -> None:
    assert stored(city=" \u200b ").city is None
    assert stored(city=" paris ").city == "paris"
    assert stored(topics=("water", " ", "air ", "water")).topics == ("water", "air")
    assert stored(inspired_by=(Link(" "), Link("https://a.example/ ", "T"))).inspired_by == (
        Link("https://a.example/", "T"),
    )


def test_a_city_that_was_not_known_is_kept_until_one_is_chosen() -> None:
    unknown = {"city": " Xy ", "staff": "douze"}
    assert stored(unreadable=unknown).unreadable == {"city": "Xy", "staff": "douze"}
    assert stored(city="paris", unreadable=unknown).unreadable == {"staff": "douze"}
    assert stored(unreadable={"city": " "}).unreadable == stored().unreadable == {}


def test_the_original_is_marked_as_such_and_the_others_as_translations() -> None:
    marked = replace(FRENCH, translation="machine", outdated_since=EARLIER)
    found = stored(
        texts={
            "fr": marked,
            "en": TextDraft("Water", translation="original", outdated_since=EARLIER),
            "es": TextDraft("Agua", translation="machine"),
            "it": TextDraft(slug="acqua"),
        }
    ).texts
    assert list(found) == ["en", "es", "fr"]
    assert found["fr"] == FRENCH
    assert {lang: text.translation for lang, text in found.items()} == {
        "en": "human", "es": "machine", "fr": "original",
    }  # fmt: skip
    assert found["en"].outdated_since == EARLIER


def test_there_is_an_original_before_a_word_of_it_is_written() -> None:
    assert stored(texts={}).texts == {"fr": TextDraft()}
    assert stored(texts={"en": TextDraft("Water", translation="human")}).texts == {
        "en": TextDraft("Water", translation="human"),
        "fr": TextDraft(),
    }
    assert Draft("fr").original == TextDraft()


def test_a_mark_is_stored_in_utc_and_in_whole_seconds() -> None:
    there = datetime(2026, 3, 1, 14, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    since = stored(texts={"en": TextDraft("Water", outdated_since=there)}).texts["en"]
    assert since.outdated_since == NOW
    assert since.outdated_since.tzinfo is UTC


@pytest.mark.parametrize(
    ("tag", "is_one"),
    [
        ("fr", True), ("gsw", True), ("zh-Hant-TW", True),
        ("ab-" + "-".join(["abcdefg"] * 4), True), ("ab-" + "-".join(["abcdefgh"] * 4), False),
        ("FR", False), ("f", False), ("fr-", False), ("", False),
    ],
)  # fmt: skip
def test_a_text_is_in_a_language_that_has_a_tag(tag: str, is_one: bool) -> None:
    draft = Draft("fr", texts={"fr": FRENCH, tag: TextDraft("T")})
    if is_one:
        assert tag in drafts.tidy(draft).texts
        return
    for wrong in (draft, Draft(tag)):
        with pytest.raises(InvalidInput) as caught:
            drafts.tidy(wrong)
        error = caught.value
        assert (error.message, error.field, error.arguments) == (
            "“%(lang)s” is not the tag of a language.", "lang", {"lang": tag},
        )  # fmt: skip


def test_a_tag_is_as_long_as_can_be_stored() -> None:
    longest = "ab-" + "-".join(["abcdefg"] * 4) + "h"
    assert len(longest) == 35
    assert longest in drafts.tidy(Draft("fr", texts={longest: TextDraft("T")})).texts
    with pytest.raises(InvalidInput):
        drafts.tidy(Draft("fr", texts={longest.replace("ab-", "abc-"): TextDraft("T")}))


@pytest.mark.parametrize("name", drafts.WORDS)
def test_each_field_that_a_reader_reads_counts_as_words(name: str) -> None:
    written = TextDraft(**{name: "x"})
    assert not written.blank and TextDraft(**{name: " \u200b"}).blank
    assert not written.says_the_same(TextDraft()) and written.says_the_same(written)


def test_a_slug_a_mark_and_a_way_of_translating_are_no_words() -> None:
    other = replace(TextDraft(), slug="s", translation="machine", outdated_since=NOW)
    assert other.blank and other.says_the_same(TextDraft())


def followed(before: Draft, after: Draft, **given: Any) -> dict[str, datetime | None]:
    found = drafts.follow(before, after, NOW, **({"minor": False} | given))
    assert replace(found, texts={}) == replace(after, texts={})
    return {lang: text.outdated_since for lang, text in found.texts.items()}


TWO = Draft("fr", city="paris", texts={"fr": FRENCH, "en": TextDraft("Water", translation="human")})


def written(draft: Draft, lang: str, **words: Any) -> Draft:
    return replace(draft, texts={**draft.texts, lang: replace(draft.texts[lang], **words)})


def test_a_translation_that_is_new_or_confirmed_is_not_outdated_by_what_came_with_it() -> None:
    changed = written(TWO, "fr", body="Neuf")
    third = replace(changed, texts={**changed.texts, "es": TextDraft("Agua")})
    assert followed(TWO, third) == {"fr": None, "en": NOW, "es": None}
    assert followed(TWO, third, confirmed=["en"]) == {"fr": None, "en": None, "es": None}
    assert followed(TWO, third, minor=True) == {"fr": None, "en": None, "es": None}


def test_translations_of_an_original_that_is_gone_or_was_never_there_are_not_outdated() -> None:
    alone = replace(TWO, texts={"en": TWO.texts["en"]})
    assert followed(TWO, alone) == {"en": None}
    assert followed(alone, TWO) == {"fr": None, "en": None}
    outdated = written(TWO, "en", outdated_since=EARLIER)
    assert followed(outdated, outdated) == {"fr": None, "en": EARLIER}


def test_a_page_keeps_its_address_until_another_is_typed() -> None:
    typed = replace(TWO, texts={"fr": TextDraft("Neuf", slug="neuf"), "en": TextDraft("New"),
                                "es": TextDraft("Agua")})  # fmt: skip
    before = written(TWO, "en", slug="water")
    found = drafts.keep_slugs(before, typed)
    assert {lang: text.slug for lang, text in found.texts.items()} == {
        "fr": "neuf", "en": "water", "es": "",
    }  # fmt: skip
    assert found.texts["en"] == TextDraft("New", slug="water")
    assert replace(found, texts={}) == replace(typed, texts={})


@pytest.mark.parametrize(
    ("title", "typed", "found"),
    [("L’eau", "", "l-eau"), ("L’eau", "chosen", "chosen"), ("???", "", "study")],
)
def test_a_slug_is_made_of_the_title_where_none_is_typed(
    title: str, typed: str, found: str
) -> None:
    assert drafts.slug_of(TextDraft(title, typed)) == found


GOOD = replace(TWO, topics=("water",))


def problems(draft: Draft) -> list[Problem]:
    return drafts.problems(draft, cities={"paris"}, topics={"water"})


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (written(GOOD, "en", title="\u200b"), Problem("en.title", "Give the study a title.", {})),
        (written(GOOD, "fr", summary=" "),
         Problem("fr.summary", "Sum the study up in one or two sentences.", {})),
        (written(GOOD, "en", slug="Été"),
         Problem("en.slug", "Use small letters without accents, digits and hyphens only.", {})),
        (replace(GOOD, texts={**GOOD.texts, "es": TextDraft("Agua")}),
         Problem("es.title", "This site publishes in French and in English, not in “%(lang)s”.",
                 {"lang": "es"})),
        (replace(GOOD, city="xy"), Problem("city", drafts.UNKNOWN_CITY, {"city": "xy"})),
        (replace(GOOD, unreadable={"city": "Xy"}),
         Problem("city", drafts.UNKNOWN_CITY, {"city": "Xy"})),
        (replace(GOOD, topics=("water", "magic")),
         Problem("topics", "“%(topic)s” is not a topic we know.", {"topic": "magic"})),
        (replace(GOOD, inspired_by=(Link("x"),)),
         Problem("inspired_by",
                 "“%(link)s” needs an address that begins with https:// or http://.",
                 {"link": "x"})),
        (replace(GOOD, facts=Facts(sdgs=(18,))),
         Problem("sdgs", "There is no goal %(goal)s: they go from 1 to 17.", {"goal": 18})),
        (replace(GOOD, unreadable={"weather": "fair"}),
         Problem("weather", "“%(text)s” cannot be read.", {"text": "fair"})),
    ],
)  # fmt: skip
def test_what_stops_publication_is_said_where_it_is_and_with_what_is_wrong(
    draft: Draft, expected: Problem
) -> None:
    assert problems(draft) == [expected]


@pytest.mark.parametrize("name", LONGEST)
def test_a_text_that_is_too_long_is_told_by_how_much(name: str) -> None:
    most = LONGEST[name]
    assert problems(written(GOOD, "fr", **{name: "x" * most})) == []
    assert problems(written(GOOD, "fr", **{name: "x" * (most + 1)})) == [
        Problem(f"fr.{name}", "This has %(length)s characters; at most %(most)s fit.",
                {"length": most + 1, "most": most})
    ]  # fmt: skip


def test_what_is_known_here_is_asked_of_nobody_who_cannot_say() -> None:
    elsewhere = replace(GOOD, city="xy", topics=("magic",))
    assert drafts.problems(elsewhere) == []
    assert [each.field for each in problems(elsewhere)] == ["city", "topics"]
    assert problems(replace(GOOD, city=None)) == []


def test_the_original_is_judged_first_and_also_when_it_is_missing() -> None:
    draft = Draft("fr", texts={"en": TextDraft(), "aa": TextDraft("T")})
    assert [each.field for each in drafts.problems(draft)] == [
        "fr.title", "fr.summary", "aa.title", "en.title",
    ]  # fmt: skip


def test_what_is_empty_is_left_out_of_json() -> None:
    draft = written(GOOD, "en", outdated_since=EARLIER)
    assert drafts.to_json(draft) == {
        "original_lang": "fr",
        "city": "paris",
        "topics": ["water"],
        "facts": {},
        "inspired_by": [],
        "texts": {
            "fr": {"title": "L’eau", "slug": "l-eau", "summary": "Résumé",
                   "translation": "original"},
            "en": {"title": "Water", "translation": "human",
                   "outdated_since": "2026-01-01T00:00:00+00:00"},
        },
        "unreadable": {},
    }  # fmt: skip
    assert drafts.from_json(drafts.to_json(draft)) == draft


def test_json_of_an_older_version_is_read_with_what_it_lacks_empty() -> None:
    assert drafts.from_json({"original_lang": "fr"}) == Draft("fr")
    newer = {"original_lang": "fr", "weather": "fair", "texts": {"fr": {"title": "T", "mood": "x"}}}
    assert drafts.from_json(newer) == Draft("fr", texts={"fr": TextDraft("T")})
    full = replace(GOOD, facts=Facts(status="idea"), inspired_by=(Link("https://a.example/", "T"),),
                   unreadable={"staff": "douze"})  # fmt: skip
    assert drafts.from_json(drafts.to_json(full)) == full
