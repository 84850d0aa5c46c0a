"""What is shown before a person has read it, case by case, and how new a changed text is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.catalogue.values import Facts, Link, Version
from network.cities.service import CityValue
from network.lib.errors import InvalidInput
from network.moderation import held_text
from network.moderation.rules import MOST_NEW, Rule, make_rule, novelty
from tests.strategies import versions

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = " ".join(f"word{n}" for n in range(100))


def version(lang: str = "fr", topics: tuple[str, ...] = (), body: str = TEXT, **more) -> Version:
    given = {"title": "T", "summary": "S", "url": "https://a.example/x"} | more
    return Version("https://a.example/id/1/" + lang, "https://a.example/id/1", lang,
                   body_html=f"<p>{body}</p>", published=NOON, updated=NOON, topics=topics,
                   **given)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "what", "through"),
    [
        (Rule(), version(), True),
        (Rule("hold"), version(), False),
        (Rule("publish", ("water",)), version(topics=("water",)), True),
        (Rule("hold", ("water",)), version(topics=("air",)), False),
        (Rule("publish-some", ("water",)), version(topics=("water", "air")), True),
        (Rule("publish-some", ("water",)), version(topics=("air",)), False),
        (Rule("publish-some", ("water",)), version(), False),
        (Rule("publish-some", (), ("fr",)), version("fr"), True),
        (Rule("publish-some", (), ("fr",)), version("fr-CA"), True),
        (Rule("publish-some", (), ("fr-ca",)), version("fr"), False),
        (Rule("publish-some", ("water",), ("fr",)), version("es", ("water",)), True),
        (Rule("hold-some", ("water",)), version(topics=("water", "air")), False),
        (Rule("hold-some", ("water",)), version(topics=("air",)), True),
        (Rule("hold-some", (), ("es",)), version("es"), False),
        (Rule("hold-some", (), ("es",)), version("und"), True),
        (Rule("publish-some", (), (), ("lyon",)), version(city="lugdunum"), True),
        (Rule("publish-some", (), (), ("lugdunum",)), version(city="lugdunum"), False),
        (Rule("publish-some", ("water",), (), ("lyon",)), version(topics=("air",)), True),
        (Rule("hold-some", (), (), ("lyon",)), version(), False),
        (Rule("hold-some", (), (), ("paris",)), version(), True),
        (Rule("publish-some", (), ("fr",)), version("FR-CA"), True),
        (Rule("publish-some", (), ("zh",)), version("zh-Hant-TW"), True),
        (Rule("publish-some", (), ("fr-ca",)), version("fr-CA"), True),
    ],
)
def test_a_rule_lets_through_or_not(rule: Rule, what: Version, through: bool) -> None:
    assert rule.lets_through(what, "lyon") is through


@pytest.mark.parametrize(
    ("mode", "topics", "languages", "field"),
    [
        ("", [], [], "mode"),
        ("all", [], [], "mode"),
        ("publish-some", [], [], "topics"),
        ("hold-some", [], [" "], "topics"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_where_it_was_chosen(
    mode: str, topics: list, languages: list, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_rule(mode, topics, languages)
    assert caught.value.field == field


@pytest.mark.parametrize("one", [(["water"], [], []), ([], ["fr"], []), ([], [], ["lyon"])])
def test_a_topic_a_language_or_a_city_is_enough(one: tuple[list, list, list]) -> None:
    assert make_rule("publish-some", *one) == Rule("publish-some", *map(tuple, one))


def test_a_rule_keeps_no_topics_that_it_does_not_use() -> None:
    assert make_rule("hold", ["water"], ["fr"]) == Rule("hold")
    assert make_rule("publish", ["water"], ["fr"], ["lyon"]) == make_rule("publish") == Rule()
    assert make_rule("hold-some", ["b", "a", "a"], [" FR ", "es"]) == Rule(
        "hold-some", ("a", "b"), ("es", "fr")
    )


def test_nothing_is_new_in_the_same_text_and_everything_in_another() -> None:
    assert novelty(version(), version()) == 0
    assert novelty(version(), version(body="wholly " * 3 + "other " * 60)) == 1


def test_one_word_of_a_text_may_change() -> None:
    assert 0 < novelty(version(), version(body=TEXT.replace("word7 ", "seven "))) <= MOST_NEW
    short = novelty(version(body="Un texte court."), version(body="Un texte bref."))
    assert 0 < short <= MOST_NEW


def test_a_word_is_new_with_the_two_that_stand_before_and_behind_it() -> None:
    after = version(body=TEXT.replace("word7 ", "seven "))
    assert novelty(version(), after) == pytest.approx(3 / 99)


def test_marking_words_is_nothing_new() -> None:
    assert novelty(version(), version(body=TEXT.replace("word7 ", "<b>word7</b> "))) == 0


def test_words_in_another_order_are_new() -> None:
    assert novelty(version(), version(body=" ".join(reversed(TEXT.split())))) > MOST_NEW


@pytest.mark.parametrize(
    "change",
    [{"title": "Other"}, {"summary": "Other"},
     {"body": TEXT + ' <a href="https://b.example/">word1</a>'},
     {"body": TEXT + '<img src="https://b.example/" alt="">'},
     {"inspired_by": (Link("https://b.example/", ""),)},
     {"facts": Facts(evidence=(Link("https://b.example/", ""),))},
     {"facts": Facts(contact_email="a@b.example")}],
)  # fmt: skip
def test_another_title_or_a_link_to_elsewhere_is_all_new(change: dict) -> None:
    assert novelty(version(), version(**change)) == 1


@given(st.lists(st.sampled_from("abcdefgh"), max_size=80), st.data())
def test_taking_out_one_passage_is_hardly_new(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words)))
    end = data.draw(st.integers(start, len(words)))
    shorter = words[:start] + words[end:]
    found = novelty(version(body=" ".join(words)), version(body=" ".join(shorter)))
    assert found <= MOST_NEW


@given(versions(), versions())
def test_novelty_is_a_share(before: Version, after: Version) -> None:
    assert 0 <= novelty(before, after) <= 1
    assert novelty(after, after) == 0


@given(versions(), st.booleans())
def test_a_held_version_comes_back_as_it_came(given: Version, has_city: bool) -> None:
    import json

    city = (
        CityValue("x", {"en": "X", "fr": "Ix"}, "FR", "village", lat=48.8, lon=2.3, population=7)
        if has_city
        else None
    )
    kept = json.loads(json.dumps(held_text.to_json(given, city)))
    assert held_text.from_json(kept) == (given, city)


def test_a_version_that_was_held_before_cities_had_two_names_is_read() -> None:
    kept = held_text.to_json(version(), None) | {"_city": ["x", "X", "FR", 48.8, 2.3]}
    assert held_text.from_json(kept)[1] == CityValue("x", {"en": "X"}, "FR", lat=48.8, lon=2.3)


def test_every_field_of_a_version_is_kept() -> None:
    full = version(
        topics=("a", "b"),
        city="paris",
        slug="s",
        translation="machine",
        original_lang="en",
        outdated_since=NOON,
        legal_basis="L",
        contact_role="C",
        facts=Facts(status="idea", evidence=(Link("https://a.example/", "t"),), sdgs=(1,)),
        inspired_by=(Link("https://a.example/", "t"),),
        alternates=(("en", "https://a.example/id/1/en"),),
        lang_is_guess=True,
        date_is_unknown=True,
    )
    assert held_text.from_json(held_text.to_json(full, None)) == (full, None)
    assert replace(full, alternates=()) != full
