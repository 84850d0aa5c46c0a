"""From documents to studies: one result per study, its facets, and the order readers see.

Versions of a study are separate documents. Filters, facets and totals all speak of studies, by
what any of their versions says, so that a facet's count is always what choosing it gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.search.postings import Floats, Ids, Mask
from network.search.values import FACETS, Filters

ELSEWHERE = 0.95
"""The weight of a study that does not exist in the reader's language."""

TRANSLATED = 0.98
"""The weight of a study found by a version in another language that the reader's has beside it."""

PRIOR = 0.04
"""What completeness, and recency again, add to a score at most: enough to break ties."""


@dataclass(frozen=True, slots=True)
class Facet:
    """Which studies have which value, each pair once."""

    values: Sequence[str]
    study: Ids
    value: Ids

    def having(self, wanted: Sequence[str], size: int) -> Mask:
        """The studies that have any of the wanted values."""
        numbers = [i for i, value in enumerate(self.values) if value in wanted]
        found = np.zeros(size, np.bool_)
        found[self.study[np.isin(self.value, numbers)]] = True
        return found

    def count(self, among: Mask) -> dict[str, int]:
        """How many of the given studies have each value; the most frequent first."""
        counts = np.bincount(self.value[among[self.study]], minlength=len(self.values))
        held = [(value, int(counts[i])) for i, value in enumerate(self.values) if counts[i]]
        return dict(sorted(held, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, slots=True)
class Studies:
    """Every study that has a live version. versions: document numbers by study, from `first[i]`
    to `first[i + 1]`. published: POSIX seconds; completeness: 0 to 1; key: an arbitrary order."""

    size: int
    versions: Ids
    first: Ids
    published: Ids
    completeness: Floats
    key: NDArray[np.uint64]
    facets: Mapping[str, Facet]

    def of(self, number: int) -> Ids:
        """The documents of a study."""
        return self.versions[self.first[number] : self.first[number + 1]]

    def from_documents(self, found: Mask, study: Ids) -> Mask:
        """The studies of the documents found."""
        mask = np.zeros(self.size, np.bool_)
        mask[study[found]] = True
        return mask


def make_facet(values: Sequence[str], study: Ids, value: Ids) -> Facet:
    """A facet from pairs that may repeat; an empty value is none."""
    given = np.array([bool(v) for v in values], np.bool_)
    keep = given[value] if len(values) else np.zeros(0, np.bool_)
    pairs = np.sort(study[keep] * max(1, len(values)) + value[keep])  # quicker than np.unique
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return Facet(values, pairs // max(1, len(values)), pairs % max(1, len(values)))


def select(
    studies: Studies, found: Mask, filters: Filters
) -> tuple[Mask, dict[str, dict[str, int]]]:
    """The studies that pass every filter, and each facet's counts under the other filters."""
    passing = {
        name: studies.facets[name].having(chosen, studies.size)
        for name in FACETS
        if (chosen := filters.chosen(name))
    }
    chosen_studies, counts = found.copy(), {}
    for mask in passing.values():
        chosen_studies &= mask
    for name in FACETS:
        among = found.copy() if name in passing else chosen_studies
        for other, mask in passing.items():
            if name in passing and other != name:
                among &= mask
        counts[name] = studies.facets[name].count(among)
    return chosen_studies, counts


def weigh(studies: Studies, scores: Floats, study: Ids, native: Mask) -> Floats:
    """Each study's score: its best version's, less where the reader's language is missing.

    native: the documents in the reader's language.
    """
    has_native = studies.from_documents(native, study)
    weights = np.where(native, 1, np.where(has_native[study], TRANSLATED, ELSEWHERE))
    best = np.zeros(studies.size, np.float32)
    np.maximum.at(best, study, (scores * weights).astype(np.float32))
    return best * (1 + PRIOR * studies.completeness + PRIOR * _recency(studies.published))


def _recency(published: Ids) -> Floats:
    """0 for the oldest, 1 for the newest."""
    if not len(published):
        return np.zeros(0, np.float32)
    oldest = published.min()
    span = max(1, int(published.max() - oldest))
    return ((published - oldest) / span).astype(np.float32)


def order(studies: Studies, chosen: Mask, scores: Floats | None, end: int) -> Ids:
    """The first `end` chosen studies: by score when there is one, then newest first."""
    numbers = np.flatnonzero(chosen)
    rank = -scores[numbers] if scores is not None else -studies.published[numbers]
    if len(numbers) > end > 0:
        last = np.partition(rank, end - 1)[end - 1]
        kept = rank <= last
        numbers, rank = numbers[kept], rank[kept]
    # The key makes the order of equals the same in every process and after every merge.
    sequence = np.lexsort((studies.key[numbers], -studies.published[numbers], rank))
    return numbers[sequence][:end]
