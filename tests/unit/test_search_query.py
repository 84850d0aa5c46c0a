"""A reader's text becomes a query, whatever it is."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.search import folding
from network.search.query import (
    LONGEST_QUERY,
    MOST_WORDS,
    Query,
    Side,
    looser,
    parse,
    special_spans,
)


@pytest.mark.parametrize(
    ("text", "wanted", "excluded"),
    [
        ("", Side(), Side()),
        ("vélo ville", Side(words=("vélo", "ville")), Side()),
        ('"budget participatif"', Side(phrases=(("budget", "participatif"),)), Side()),
        ("« budget participatif »", Side(phrases=(("budget", "participatif"),)), Side()),
        ("“open data” x", Side(words=("x",), phrases=(("open", "data"),)), Side()),
        ('"vélo"', Side(words=("vélo",)), Side()),
        ("vélo -voiture", Side(words=("vélo",)), Side(words=("voiture",))),
        ('-"voie rapide"', Side(), Side(phrases=(("voie", "rapide"),))),
        ("porte-parole", Side(words=("porte-parole",)), Side()),
        ("-porte-parole", Side(), Side(words=("porte-parole",))),
        ("a - b", Side(words=("a", "b")), Side()),
        ("city:Paris budget", Side(words=("budget",), cities=("paris",)), Side()),
        ('CITY:"New York"', Side(cities=("new-york",)), Side()),
        ("ville:paris thème:logement", Side(cities=("paris",), topics=("logement",)), Side()),
        ("ville\u00a0:paris", Side(cities=("paris",)), Side()),
        ("-topic:open-data", Side(), Side(topics=("open-data",))),
        ("city: paris", Side(words=("city", "paris")), Side()),
        ("électricité:verte", Side(words=("électricité", "verte")), Side()),
        ("1 000 arbres", Side(words=("1 000", "arbres")), Side()),
        ("R & D", Side(words=("R & D",)), Side()),
        ('"un guillemet', Side(words=("un", "guillemet")), Side()),
        ("vélo vélo", Side(words=("vélo",)), Side()),
        ("vélo -voiture ville", Side(words=("vélo", "ville")), Side(words=("voiture",))),
        ("city:paris city:lyon x", Side(words=("x",), cities=("paris", "lyon")), Side()),
        ("city:& x", Side(words=("x",)), Side()),
    ],
)
def test_a_text_is_read_like_this(text: str, wanted: Side, excluded: Side) -> None:
    query = parse(text)
    assert (query.wanted, query.excluded, query.message) == (wanted, excluded, None)


def test_the_shown_text_has_nothing_that_cannot_be_shown() -> None:
    assert parse("vé\0lo \ud800 \x07x").text == "vé lo    x"
    assert parse("no\ufdd0character, pri\ue000vate").text == "no character, pri vate"


def test_too_many_words_are_cut_and_the_reader_is_told() -> None:
    query = parse(" ".join(f"mot{i}" for i in range(MOST_WORDS + 5)))
    assert len(query.wanted.words) == MOST_WORDS
    assert query.message is not None
    assert query.message[1] == {"count": MOST_WORDS}


def test_a_long_text_is_cut_and_the_reader_is_told() -> None:
    query = parse("vélo " * 10_000)
    assert len(query.text) <= LONGEST_QUERY
    assert query.message is not None


def test_a_text_of_just_the_longest_length_is_read_whole() -> None:
    query = parse("a" * LONGEST_QUERY)
    assert (len(query.text), query.message) == (LONGEST_QUERY, None)


def test_one_more_sign_is_cut_and_told() -> None:
    query = parse("a" * (LONGEST_QUERY + 1))
    assert len(query.text) == LONGEST_QUERY
    assert query.message is not None


def test_only_to_leave_something_out_is_a_question() -> None:
    assert parse("-voiture")
    assert parse("vélo")
    assert not parse("")


@pytest.mark.parametrize("text", ["***", ":::", '"""', "* " * 1000, "-", '" » “ -', "«»"])
def test_signs_without_a_word_are_told_to_be_no_question(text: str) -> None:
    query = parse(text)
    assert not query
    assert query.message is not None
    assert "no word" in query.message[0]
    assert parse("  ").message is None


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("vélo ville", {}),
        ('"budget participatif" ville', {"phrases": "budget participatif ville"}),
        ("vélo -voiture", {"excluded": "vélo"}),
        ("-voiture", {}),
        ("vélo city:paris", {"prefixes": "vélo"}),
        ("city:paris", {}),
        ('vélo -"voie rapide" topic:transport', {
            "excluded": "vélo topic:transport", "prefixes": 'vélo -"voie rapide"',
        }),
        ('city:"New York" "open data"', {
            "phrases": 'city:"New York" open data', "prefixes": '"open data"',
        }),
        ("vélo -city:paris", {"excluded": "vélo"}),
    ],
)  # fmt: skip
def test_a_question_is_asked_less_strictly_in_each_way_that_changes_it(
    text: str, ways: dict[str, str]
) -> None:
    assert looser(text) == ways


def test_of_a_long_question_no_more_is_asked_again_than_was_read() -> None:
    words = "a" * (LONGEST_QUERY - 6)
    assert looser(f"{words} -b c") == {"excluded": f"{words} c"}
    assert looser(f"{words}   -b c") == {"excluded": f"{words}"}
    assert looser(f"{words}      -b") == {}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("vélo ville", []),
        ('un "deux trois" quatre', ['"deux trois"']),
        ("vélo -voiture city:paris", ["-voiture", "city:paris"]),
        ("«un» “deux” -city:x porte-parole", ["«un»", "“deux”", "-city:x"]),
    ],
)
def test_what_is_more_than_plain_words_is_known_by_its_place(text: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in special_spans(text)] == marked


def count(query: Query) -> int:
    sides = (query.wanted, query.excluded)
    pieces = [p for side in sides for p in side.words]
    pieces += [p for side in sides for phrase in side.phrases for p in phrase]
    return sum(len(folding.piece(raw).words) for raw in pieces)


SYNTAX = st.text(st.sampled_from("ab é-\"«»“”:&.,'’ 0123\u00a0\u202f\0\ud800cityop*?(){}[]~^\\"))


@given(st.one_of(st.text(), SYNTAX, st.text(max_size=3).map(lambda text: text * 3000)))
def test_any_text_is_a_query_of_bounded_size(text: str) -> None:
    query = parse(text)
    assert len(query.text) <= LONGEST_QUERY
    assert count(query) <= MOST_WORDS
    assert all(hash(getattr(query.wanted, f.name)) is not None for f in fields(Side))


@given(SYNTAX)
def test_what_is_shown_means_the_same_when_sent_again(text: str) -> None:
    query = parse(text)
    again = parse(query.text)
    assert (again.wanted, again.excluded) == (query.wanted, query.excluded)
