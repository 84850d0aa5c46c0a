"""What changed between two texts, as those who read it first are shown it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from network.web.administration.differences import Paragraph, paragraphs

LINES = st.lists(st.text("ab .,é", min_size=1, max_size=20), max_size=8).map("\n".join)


def said(found: list[Paragraph], kind: str) -> list[str]:
    return ["".join(text for k, text in paragraph if k in ("same", kind)) for paragraph in found]


@given(LINES, LINES)
def test_every_line_of_either_text_that_the_other_lacks_is_in_the_difference(
    before: str, after: str
) -> None:
    found = paragraphs(before, after)
    old, new = before.splitlines(), after.splitlines()
    out, in_ = said(found, "out"), said(found, "in")
    for line in set(old) - set(new):
        assert line.split() in [each.split() for each in out]
    for line in set(new) - set(old):
        assert line.split() in [each.split() for each in in_]


def test_the_same_text_has_no_difference() -> None:
    assert paragraphs("One\nTwo", "One\nTwo") == []


def test_one_word_of_a_long_line_is_marked_alone() -> None:
    assert paragraphs("Same\nthe old text", "Same\nthe new text") == [
        [("same", "the"), ("out", " old"), ("in", " new"), ("same", " text")]
    ]


def test_texts_that_would_take_for_ever_are_shown_as_replaced() -> None:
    before, after = ("\n".join(f"{word}{n % 7}" for n in range(30_000)) for word in "ab")
    assert len(paragraphs(before, after)) == 30_000
    assert len(paragraphs("a " * 100_000, "b " * 100_000)) == 1
