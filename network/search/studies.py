"""From documents to studies: one result per study, its facets, and the order readers see.

An engine knows every document as columns; whatever keeps them, a Whoosh index or a PostgreSQL
database, the same arrays come of them.

Versions of a study are separate documents. Filters, facets and totals all speak of studies, by
what any of their versions says, so that a facet's count is always what choosing it gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from network.search import analysis
from network.search.postings import Documents, Floats, Ids, Index, Mask
from network.search.scoring import normalisation
from network.search.values import FACETS, Filters

ELSEWHERE = 0.95
"""The weight of a study that does not exist in the reader's language."""

TRANSLATED = 0.98
"""The weight of a study found by a version in another language that the reader's has beside it."""

PRIOR = 0.04
"""What completeness, and recency again, add to a score at most: enough to break ties."""

_FACETS = {
    "topic": "topics", "city": "city", "country": "country", "size": "size", "status": "status",
    "year": "year", "language": "lang",
}  # fmt: skip


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


class Column(NamedTuple):
    """A category: `values[codes[document]]`."""

    values: Sequence[str]
    codes: Ids


class Columns(NamedTuple):
    """Every document by its number. live: those that are not deleted. study: hash of its key, by
    which versions find each other. published: POSIX seconds. completeness: 0 to 255. lengths: of
    SCORED fields."""

    live: Mask
    study: NDArray[np.uint64]
    published: Ids
    completeness: NDArray[np.uint8]
    categories: Mapping[str, Column]
    lengths: Mapping[str, Floats]

    def arrays(self) -> tuple[Documents, Studies]:
        """What answering reads."""
        keys, study = np.unique(self.study[self.live], return_inverse=True)
        of_document = np.zeros(len(self.live), np.int64)
        of_document[self.live] = study
        lengths = {name: np.where(self.live, held, 0) for name, held in self.lengths.items()}
        tags, codes = self.categories["lang"]
        known = [analysis.LANGUAGES.index(analysis.language(tag).code) for tag in tags]
        documents = Documents(
            size=len(self.live),
            live=self.live,
            study=of_document,
            language=np.array(known or [0], np.int8)[codes],
            norms={name: normalisation(held) for name, held in lengths.items()},
            counts={name: int(np.count_nonzero(held)) for name, held in lengths.items()},
        )
        return documents, _studies(self, keys, of_document)


def _studies(columns: Columns, keys: NDArray[np.uint64], study: Ids) -> Studies:
    numbers = np.flatnonzero(columns.live)
    versions = numbers[np.argsort(study[numbers], kind="stable")]
    counts = np.bincount(study[numbers], minlength=len(keys))
    published = np.full(len(keys), np.iinfo(np.int64).min)
    np.maximum.at(published, study[numbers], columns.published[numbers])
    complete = np.zeros(len(keys), np.float32)
    held = columns.completeness[numbers].astype(np.float32) / 255
    np.maximum.at(complete, study[numbers], held)
    return Studies(
        size=len(keys),
        versions=versions,
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        published=published,
        completeness=complete,
        key=keys,
        facets={
            name: _facet(columns.categories[column], columns.live, study)
            for name, column in _FACETS.items()
        },
    )


def _facet(column: Column, live: Mask, study: Ids) -> Facet:
    """Which studies have which values of a category: one of a document, several a line, or none."""
    split = [[each for each in value.split("\n") if each] for value in column.values]
    table = {each: i for i, each in enumerate(sorted({each for given in split for each in given}))}
    flat = np.array([table[each] for given in split for each in given], np.int64)
    counts = np.array([len(given) for given in split] or [0])
    codes = column.codes[live]
    each_has = counts[codes]
    within = np.arange(each_has.sum()) - np.repeat(np.cumsum(each_has) - each_has, each_has)
    value = flat[np.repeat((np.cumsum(counts) - counts)[codes], each_has) + within]
    many = max(1, len(table))
    pairs = np.sort(np.repeat(study[live], each_has) * many + value)  # quicker than np.unique
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return Facet(list(table), pairs // many, pairs % many)


class Library(Index, Protocol):
    """An index together with what is shown of it."""

    @property
    def studies(self) -> Studies:
        """The studies' arrays."""

    def stored(self, number: int) -> dict[str, str]:
        """A document's title, summary and body."""

    def name(self, number: int, column: str) -> str:
        """A document's `entry_id`, `study_key` or `lang`."""

    def beginning(self, prefix: str, most: int) -> Sequence[str]:
        """At most so many of the whole words that begin so, those of most documents first; some
        may be of documents that have gone."""


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
    if not studies.size:
        return best
    age = studies.published - studies.published.min()  # of the oldest, 0
    recency = (age / max(1, int(age.max()))).astype(np.float32)
    return best * (1 + PRIOR * studies.completeness + PRIOR * recency)


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
