"""Emptiness is judged by what a reader would see, everywhere by one function."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.case_studies.drafts import Draft, TextDraft, problems, tidy
from network.case_studies.markdown_files import parse
from network.facts import typed
from network.facts.lines import typed_line
from network.lib.errors import InvalidInput
from network.lib.sanitise import strip_control
from network.lib.text import clean, said
from network.log import tidy as log_tidy
from network.reading.words import text as parse_text
from network.seen import is_blank

UNSEEN = {
    "nothing": "",
    "spaces": " \t\n\u00a0\u1680\u2003\u202f\u205f\u3000\u2028\u2029",
    "controls": "\x00\x1b\x7f\x85",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f",
    "direction": "\u200e\u200f\u061c\u202a\u202c\u202d\u202e\u2066\u2069",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "Braille blank": "\u2800",
    "variation selectors": "\ufe0e\ufe0f\U000e0100\u180b\u180e",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "marks without a letter": "\u0301\u20dd\u3099",
    "Khmer vowels that are not seen": "\u17b4\u17b5",
    "annotations and objects": "\ufff9\ufffa\ufffb\ufffc",
    "private use": "\ue000\uf8ff\U000f0000",
    "no characters": "\ufdd0\uffff\U0001ffff\U000e0fff\ufff0\u2065",
    "half a pair": "\ud800",
    "musical and Egyptian blanks": "\U0001d159\U0001d173\U00013441",
}
SEEN = [
    "Budget",
    "1",
    ".",
    "é",
    "e\u0301",
    "میخواهم".replace("ه", "ه\u200c"),
    "क्\u200dष",
    "👩\u200d💻",
    "🏴\U000e0067\U000e0062\U000e007f",
    "❤\ufe0f",
    "한글",
    "\u200fعربي",
    "⠃",
    "\U0001fadf",  # a splatter, younger than some interpreters
    "\u202e.",
    "�",
]


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_what_shows_nothing_is_empty_wherever_it_is_typed_or_read(text: str) -> None:
    assert is_blank(text)
    assert said(text) == ""
    assert log_tidy.one_line(text) == ""
    assert typed_line(text) == ""
    assert parse_text.one_line(text) == ""
    assert typed.read({"authors": [text, "A"], "budget_amount": text}, "en")[0].authors == ("A",)
    draft = tidy(Draft("fr", texts={"fr": TextDraft(title=text, summary=text)}))
    assert {problem.field for problem in problems(draft)} == {"fr.title", "fr.summary"}


@pytest.mark.parametrize("text", SEEN, ids=ascii)
def test_what_somebody_can_read_is_not_empty_and_stays_as_it_is(text: str) -> None:
    assert not is_blank(text)
    assert said(text) == text
    assert typed_line(text) == text


@given(st.text(st.sampled_from(" \t\u00a0\n\u2028\x00a")))
def test_a_line_is_read_as_what_stands_below_an_empty_one(text: str) -> None:
    """Which the shorter way for texts of one line does not take."""
    assert typed_line(text) == typed_line(f"\u2028{text}")


@given(st.text(st.characters(codec=None)))
def test_cleaning_does_not_change_whether_a_text_is_empty(text: str) -> None:
    assert is_blank(text) == is_blank(strip_control(text))


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=3))
def test_letters_figures_and_signs_are_seen(text: str) -> None:
    blanks = {"HANGUL", "BRAILLE", "OBJECT", "MUSICAL", "EGYPTIAN"}
    named = {unicodedata.name(character, "").partition(" ")[0] for character in text}
    assert not is_blank(text) or any(word in blanks or "HALFWIDTH" in named for word in named)


def test_a_file_whose_heading_shows_nothing_has_no_title() -> None:
    with pytest.raises(InvalidInput, match="no title"):
        parse("---\nlang: fr\n---\n# \u200b\u3164\n\nTexte.", "fr.md")


HELD = re.compile(r"[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@given(st.text(st.characters(codec=None)) | st.text("a é\u00a0\u202f\n\r\t\x00\u200b\ud800\ufffe"))
def test_what_no_database_holds_goes_and_nothing_else(text: str) -> None:
    assert clean(text) == "".join(HELD.findall(text))
