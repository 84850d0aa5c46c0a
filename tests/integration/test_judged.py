"""Judged questions on the demonstration’s studies find what they did when the ranking was made."""

from __future__ import annotations

import pytest

from benchmarks import engines, judged
from network.search import teaching
from network.search.lexicon import Lexicon
from network.search.values import SearchDocument

FLOORS = {
    # nDCG@5, Success@1, useful found; then at most: noise, results for nothing
    "judged.jsonl": (0.82, 0.91, 0.87, 0.17, 0.5),
    "judged_more.jsonl": (0.87, 0.95, 0.91, 0.25, 1.1),
    "judged_seen.jsonl": (0.79, 0.88, 0.83, 0.26, 0.5),
}
"""A little below what was measured."""


@pytest.fixture(scope="module")
def demonstration() -> tuple[list[SearchDocument], Lexicon]:
    documents, taught = judged.demonstration()
    return list(documents), taught


@pytest.mark.parametrize("known", ["shipped", "taught"])
def test_judged_questions_are_answered_as_well_as_ever(
    demonstration: tuple[list[SearchDocument], Lexicon], known: str
) -> None:
    documents, taught = demonstration
    lexicon = taught if known == "taught" else teaching.shipped()
    found = judged.measured(engines.whoosh, documents, lexicon)
    low = {
        name: found[name]
        for name, (*least, noise, nothing) in FLOORS.items()
        if any(got < floor for got, floor in zip(found[name][:3], least, strict=True))
        or found[name][3] > noise
        or found[name][4] > nothing
    }
    assert not low
