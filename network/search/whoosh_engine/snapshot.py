"""One committed state of the Whoosh index as arrays over all its segments."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from whoosh.index import TOC

from network.search.postings import CATEGORIES, EMPTY, SCORED, Ids, Mask, Postings, join
from network.search.studies import Column, Columns
from network.search.values import Entry
from network.search.whoosh_engine.schema import FACTS
from network.search.whoosh_engine.segment import SegmentView


class Snapshot:
    """An Index (see postings) that also knows studies, stored text and entries.

    Made anew after each commit, from segments that are mostly the same as before; never
    `Searcher.refresh()`, which keeps deleted segments and with them withdrawn studies.
    """

    def __init__(self, toc: TOC, segments: Sequence[SegmentView]) -> None:
        self.generation: int = toc.generation
        self.segments = segments
        sizes = [segment.size for segment in segments]
        self._bases = np.cumsum([0, *sizes]).tolist()
        live = _live(toc, self._bases)
        self._all_live = bool(live.all())
        facts = np.concatenate([s.facts for s in segments]) if segments else _NO_FACTS
        self._fingerprints = facts["fingerprint"]
        columns = Columns(
            live=live,
            study=facts["study"].astype(np.uint64),
            published=facts["published"].astype(np.int64),
            completeness=facts["completeness"],
            categories={name: self._values(name) for name in CATEGORIES},
            lengths={
                name: np.concatenate([_NO_LENGTHS, *(s.lengths[name] for s in segments)])
                for name in SCORED
            },
        )
        self.documents, self.studies = columns.arrays()

    def postings(self, field: str, term: str) -> Postings:
        """The live documents that hold a term in a field."""
        parts = []
        for base, segment in zip(self._bases, self.segments, strict=False):
            ids, weights = segment.postings(field, term)
            if len(ids):
                parts.append(Postings(ids + base if base else ids, weights))
        found = join(parts)
        if self._all_live:
            return found
        kept = self.documents.live[found.ids]
        return Postings(found.ids[kept], found.weights[kept])

    def occurrences(self, word: str, among: Mask) -> Ids:
        """Every place of a whole word in some of the documents, as `document << 16 | position`,
        ascending."""
        parts = [EMPTY.ids]
        for base, segment in zip(self._bases, self.segments, strict=False):
            found = segment.occurrences(word, among[base : base + segment.size])
            parts.append(found + (base << 16))
        return np.concatenate(parts)

    def stored(self, number: int) -> dict[str, str]:
        """A document's title, summary and body."""
        segment, inside = self._locate(number)
        return segment.stored(inside)

    def name(self, number: int, column: str) -> str:
        """A document's `entry_id`, `study_key` or category."""
        segment, inside = self._locate(number)
        if column in segment.categories:
            category = segment.categories[column]
            return category.values[category.codes[inside]]
        return segment.key(column, inside)

    def entries(self) -> Iterator[Entry]:
        """What is held of every live document."""
        for base, segment in zip(self._bases, self.segments, strict=False):
            pairs = zip(segment.keys("entry_id"), segment.keys("study_key"), strict=True)
            for number, (entry_id, study_key) in enumerate(pairs, base):
                if self.documents.live[number]:
                    yield Entry(entry_id, study_key, self.fingerprint(number))

    def fingerprint(self, number: int) -> bytes:
        """A document's fingerprint."""
        return bytes(self._fingerprints[number].tobytes())

    def knows(self, word: str) -> bool:
        """Whether any document has had this whole word."""
        return any(word in segment.words for segment in self.segments)

    def beginning(self, prefix: str, most: int) -> list[str]:
        """At most so many of the whole words that begin so, those of most documents first."""
        counts: Counter[str] = Counter()
        for segment in self.segments:
            counts.update(segment.beginning(prefix, most))
        return [word for word, _ in counts.most_common(most)]

    def _locate(self, number: int) -> tuple[SegmentView, int]:
        place = bisect_right(self._bases, number) - 1
        return self.segments[place], int(number - self._bases[place])

    def _values(self, column: str) -> Column:
        """A category's values over all segments, and each document's."""
        table: dict[str, int] = {}
        parts = [np.empty(0, np.int64)]
        for segment in self.segments:
            category = segment.categories[column]
            numbers = [table.setdefault(sys.intern(v), len(table)) for v in category.values]
            parts.append(np.array(numbers, np.int64)[category.codes])
        return Column(list(table), np.concatenate(parts))


def _live(toc: TOC, bases: Sequence[int]) -> Mask:
    live = np.ones(bases[-1], np.bool_)
    for base, segment in zip(bases, toc.segments, strict=False):
        deleted = list(segment.deleted_docs())
        live[np.array(deleted, np.int64) + base] = False
    return live


_NO_FACTS, _NO_LENGTHS = np.empty(0, FACTS), np.empty(0, np.float32)
