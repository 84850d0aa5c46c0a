"""The named parts of a text are found by id or heading, in time that grows with its length."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.case_studies.body import compose
from network.catalogue.sections import lines_of, shortened
from network.facts.duration import Duration, between
from network.lib import csv_text, tokens


def test_sections_of_a_node_are_found_by_their_ids_without_their_headings() -> None:
    text = compose(
        "Intro", {"results": "Less *dust*.\n\n- one\n- two", "lessons": "## Late\n\nSo"}, "fr"
    )
    found = lines_of(text)
    assert found["results"] == ("Less dust.", "one", "two")
    assert found["lessons"] == ("Late", "So")
    assert "approach" not in found


def test_headings_of_other_sites_name_sections_too() -> None:
    text = (
        "<h2>Le projet</h2><p>A</p><h2>Les <em>résultats</em></h2><p>B<br>C</p><h3>Détail</h3>"
        "<p>D</p><h2>Ce qui n’a pas marché</h2><ul><li>E</li></ul><h2>Contact</h2><p>F</p>"
    )
    assert lines_of(text) == {"results": ("B", "C", "Détail", "D"), "lessons": ("E",)}


def test_a_section_within_a_section_belongs_to_it() -> None:
    text = '<section id="results"><h2>R</h2><section><p>a</p></section><p>b</p></section><p>c</p>'
    assert lines_of(text) == {"results": ("a", "b")}


@given(st.text("<>/sectionidh2=\"' presults\n", max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    for lines in lines_of(text).values():
        assert all(line.strip() for line in lines)


def test_a_long_text_is_cut_between_words_and_says_so() -> None:
    assert shortened(("one two", "three four"), 100) == (("one two", "three four"), True)
    assert shortened(("one two", "three four five"), 18) == (("one two", "three four…"), False)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2014", "2016", Duration(2, "year", False)),
        ("2014", "2014", Duration(0, "year", False)),
        ("2014-09", "2015-01-03", Duration(4, "month", False)),
        ("2014-09", "2016-09", Duration(2, "year", False)),
        ("2014-09", "2019-01", Duration(4, "year", False)),
        ("2014-09", None, Duration(11, "year", True)),
        ("2014", None, Duration(12, "year", True)),
        (None, "2014", None), ("2016", "2014", None), ("2027", None, None),
    ],
)  # fmt: skip
def test_a_duration_is_as_exact_as_its_dates(
    start: str | None, end: str | None, expected: Duration | None
) -> None:
    assert between(start, end, date(2026, 6, 1)) == expected


@given(st.text(max_size=60))
def test_no_cell_of_csv_begins_a_formula(text: str) -> None:
    content = csv_text.document([[text, "x"]], "en").decode("utf-8-sig")
    ((cell, _other),) = csv.reader(io.StringIO(content, newline=""))
    assert not cell.lstrip(" \u00a0\u202f").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in (text.replace("\0", ""), "'" + text.replace("\0", ""))


def test_numbers_of_csv_stay_numbers() -> None:
    row = [-5, "-5", None, 1.5]
    assert csv_text.document([row], "en") == b"\xef\xbb\xbf-5,'-5,,1.5\r\n"
    assert csv_text.document([row], "fr") == b"\xef\xbb\xbf-5;'-5;;1,5\r\n"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (Decimal("36.52"), "36.52", "36,52"),
        (Decimal("-0.5"), "-0.5", "-0,5"),
        (Decimal("1E+6"), "1000000", "1000000"),
        (Decimal("0.0000001"), "0.0000001", "0,0000001"),
        (1e-07, "0.0000001", "0,0000001"),
        (1_000_000, "1000000", "1000000"),
        ("3.14", "3.14", "3.14"),
        ("a;b", "a;b", '"a;b"'),
        ("a,b", '"a,b"', "a,b"),
    ],
)
def test_a_spreadsheet_of_either_language_finds_columns_and_numbers(
    value: object, english: str, french: str
) -> None:
    for lang, text in (("en", english), ("fr", french)):
        assert csv_text.document([[value]], lang).decode("utf-8-sig") == f"{text}\r\n"


@given(st.text("abc.", max_size=12), st.text(max_size=80))
def test_only_tokens_of_ours_and_for_this_purpose_are_read(value: str, other: str) -> None:
    token = tokens.make("secret", "manage", value)
    assert tokens.read("secret", "manage", token) == value
    assert tokens.read("secret", "confirm", token) is None
    assert tokens.read("other", "manage", token) is None
    assert other == token or tokens.read("secret", "manage", other) is None
    assert tokens.read("secret", "manage", token + "x") is None
