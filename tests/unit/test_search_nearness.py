"""Words near each other, told by bisection as by looking at every pair of places."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from network.search import placing

PLACES = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 30)), max_size=12)


def ids(places: set[tuple[int, int]]) -> np.ndarray:
    """(document, position) as an index gives them."""
    return np.array(sorted(document << 16 | position for document, position in places), np.int64)


@given(PLACES, PLACES, st.integers(1, 4))
def test_a_word_is_near_that_follows_within_some_places_or_comes_just_before(
    one: set[tuple[int, int]], other: set[tuple[int, int]], distance: int
) -> None:
    steps = {-2, -1, *range(1, distance + placing.BETWEEN)}
    expected = {
        document
        for document, here in one
        for there, place in other
        if document == there and place - here in steps
    }
    assert placing.near(ids(one), ids(other), distance).tolist() == sorted(expected)
