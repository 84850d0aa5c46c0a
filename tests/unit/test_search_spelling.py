"""A word that nobody wrote is taken for one that somebody did."""

from __future__ import annotations

import pytest

from network.search.spelling import corrections

KNOWN = {"participatif": 5, "participative": 3, "budget": 9, "velo": 2, "ville": 7, "mobilite": 1}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("particpatif", ["participatif"]),
        ("participatiif", ["participatif"]),
        ("participotif", ["participatif"]),
        ("paritcipatif", ["participatif"]),
        ("vlle", ["ville"]),
        ("vleo", ["velo"]),
        ("veelo", ["velo"]),
        ("valo", []),
        ("budgetville", ["budget ville"]),
        ("xyz", []),
        ("vel", []),
        ("participxxxf", []),
        ("b2dget", []),
    ],
)
def test_one_slip_is_mended(typed: str, expected: list[str]) -> None:
    assert corrections(typed, KNOWN.__contains__, KNOWN.__getitem__) == expected


def test_the_more_frequent_word_comes_first() -> None:
    known = {"maire": 2, "mairie": 9}
    found = corrections("mairei", known.__contains__, known.__getitem__)
    assert found == ["mairie", "maire"]
