"""A result shows why it was found, and never what could run."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.search import analysis, folding
from network.search.snippets import LENGTH, Highlighter


def highlighter(*words: str) -> Highlighter:
    stems = {
        code: {analysis.language(code).stem(word) for word in words} for code in analysis.LANGUAGES
    }
    return Highlighter(set(words), stems)


def test_words_are_marked_as_they_were_written() -> None:
    assert (
        highlighter("eau", "citoyen").title("L’Eau des citoyennes", "fr")
        == "<mark>L’Eau</mark> des <mark>citoyennes</mark>"
    )


def test_a_stem_is_marked_in_its_own_language_only() -> None:
    assert "<mark>" in highlighter("city").title("Cities", "en")
    assert "<mark>" not in highlighter("city").title("Cities", "fr")


def test_a_hyphenated_word_is_marked_whole() -> None:
    assert (
        highlighter("porteparole").title("Le porte-parole", "fr") == "Le <mark>porte-parole</mark>"
    )


def test_everything_else_is_escaped() -> None:
    title = highlighter("x", "script").title("<script>x</script> & \"'", "en")
    assert title == (
        "&lt;<mark>script</mark>&gt;<mark>x</mark>&lt;/<mark>script</mark>&gt; &amp; &quot;&#x27;"
    )


def test_the_snippet_is_where_most_words_stand_together() -> None:
    body = "budget. " + "rien ici. " * 60 + "Le budget participatif des quartiers. " + "fin " * 80
    snippet = highlighter("budget", "participatif", "quartiers").snippet(body, "fr")
    assert "Le <mark>budget</mark> <mark>participatif</mark> des <mark>quartiers</mark>." in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")


def test_without_words_the_snippet_is_the_beginning() -> None:
    assert highlighter().snippet("Un début. " * 100, "fr").startswith("Un début. Un début.")


def test_a_short_text_is_shown_whole() -> None:
    assert highlighter("b").snippet("a\n b c", "en") == "a <mark>b</mark> c"


def test_no_break_spaces_stay() -> None:
    assert highlighter().snippet("500\u202fmillions", "fr") == "500\u202fmillions"


TEXTS = st.text(st.sampled_from("ab <>&\"'\n.é-’"), max_size=600)


@given(TEXTS)
def test_any_snippet_is_a_piece_of_its_text_with_balanced_marks(text: str) -> None:
    snippet = highlighter("a", "b").snippet(text, "en")
    without = re.sub(r"</?mark>", "", snippet)
    assert "<" not in without
    assert ">" not in without
    assert snippet.count("<mark>") == snippet.count("</mark>")
    shown = unescape(without).removeprefix("… ").removesuffix(" …")
    assert shown in re.sub(r"[ \t\r\n]+", " ", text)
    assert len(shown) <= LENGTH + 100 or " " not in shown


@pytest.mark.parametrize(
    ("asked", "lang", "written"),
    [
        ("fly", "en", "flies"), ("women", "en", "Woman"), ("people", "en", "person"),
        ("oeil", "fr", "YEUX"), ("travail", "fr", "travaux"), ("coeur", "fr", "cœurs"),
        ("ete", "fr", "e\u0301te\u0301"), ("cooperation", "fr", "co\u00adopération"),
        ("sncf", "fr", "S.N.C.F."), ("cooperation", "en", "co-operation"), ("eau", "fr", "l’eau"),
        ("1000", "fr", "1\u202f000"), ("r&d", "en", "R & D"), ("finance", "en", "ﬁnances"),
        ("noel", "fr", "Noël"), ("aequo", "fr", "æquo"),
    ],
)  # fmt: skip
def test_every_form_is_found_in_a_long_text(asked: str, lang: str, written: str) -> None:
    around = "dans l’un ou l’autre cas\u00a0: « rien » " * 3
    marked = highlighter(asked).title(f"{around}{written} {around}", lang)
    assert [unescape(one) for one in re.findall("<mark>(.*?)</mark>", marked)] == [written]


PIECES = st.sampled_from(
    "l’eau eaux œuvre oeuvre OEUVRE fly flies Flying porte-parole parole R&D été e\u0301te\u0301 "
    "S.N.C.F. yeux œil ?eau eau! (eau) ’eau’ Łódź лес ville-été d’aujourd’hui aujourd'hui".split()
)


@given(
    st.lists(PIECES, min_size=1, max_size=4),
    st.lists(PIECES, max_size=30),
    st.sampled_from([" ", "\u00a0", "\u202f", "\n", "-", "…", "/"]),
    st.sampled_from(analysis.LANGUAGES),
)
def test_spotting_misses_nothing_that_reading_everything_finds(
    asked: list[str], written: list[str], between: str, lang: str
) -> None:
    words = [w for raw in asked for f in folding.scan(raw) for w in analysis.piece(f[0]).words]
    text = between.join(written)
    # With a number asked for, every piece is read.
    assert highlighter(*words).title(text, lang) == highlighter(*words, "0").title(text, lang)
