"""One committed state of the Whoosh index as arrays over all its segments."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from whoosh.index import TOC

from network.search import analysis
from network.search.postings import EMPTY, Documents, Ids, Mask, Postings, join
from network.search.scoring import normalisation
from network.search.studies import Facet, Studies, make_facet
from network.search.values import Entry
from network.search.whoosh_engine.schema import FACTS
from network.search.whoosh_engine.segment import SCORED, SegmentView

_FACETS = {
    "topic": "topics", "city": "city", "country": "country", "size": "size", "status": "status",
    "year": "year", "language": "lang",
}  # fmt: skip


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
        keys, study = np.unique(facts["study"][live].astype(np.uint64), return_inverse=True)
        of_document = np.zeros(len(live), np.int64)
        of_document[live] = study
        self.documents = self._documents(live, of_document)
        self.studies = self._studies(keys, live, of_document, facts)

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

    def occurrences(self, word: str) -> Ids:
        """Every place of a whole word as `document << 16 | position`, ascending."""
        pairs = zip(self._bases, self.segments, strict=False)
        return np.concatenate([EMPTY.ids, *(s.occurrences(word) + (b << 16) for b, s in pairs)])

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

    def _documents(self, live: Mask, study: Ids) -> Documents:
        lengths = {name: self._concatenated(name) for name in SCORED}
        for held in lengths.values():
            held[~live] = 0
        tags, codes = self._values("lang")
        known = [analysis.LANGUAGES.index(analysis.language(tag).code) for tag in tags]
        return Documents(
            size=len(live),
            live=live,
            study=study,
            language=np.array(known or [0], np.int8)[codes],
            norms={name: normalisation(held) for name, held in lengths.items()},
            counts={name: int(np.count_nonzero(held)) for name, held in lengths.items()},
        )

    def _concatenated(self, field: str) -> NDArray[np.float32]:
        return np.concatenate([np.empty(0, np.float32), *(s.lengths[field] for s in self.segments)])

    def _studies(
        self, keys: NDArray[np.uint64], live: Mask, study: Ids, facts: NDArray[np.void]
    ) -> Studies:
        numbers = np.flatnonzero(live)
        versions = numbers[np.argsort(study[numbers], kind="stable")]
        counts = np.bincount(study[numbers], minlength=len(keys))
        published = np.full(len(keys), np.iinfo(np.int64).min)
        np.maximum.at(published, study[numbers], facts["published"][numbers].astype(np.int64))
        completeness = np.zeros(len(keys), np.float32)
        np.maximum.at(
            completeness, study[numbers], facts["completeness"][numbers].astype(np.float32) / 255
        )
        return Studies(
            size=len(keys),
            versions=versions,
            first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            published=published,
            completeness=completeness,
            key=keys,
            facets={name: self._facet(column, live, study) for name, column in _FACETS.items()},
        )

    def _facet(self, column: str, live: Mask, study: Ids) -> Facet:
        values, codes = self._values(column)
        if column != "topics":
            return make_facet(values, study[live], codes[live])
        table = {topic: i for i, topic in enumerate(sorted({t for v in values for t in v.split()}))}
        pairs = [np.array([table[t] for t in value.split()], np.int64) for value in values]
        counts = np.array([len(p) for p in pairs] or [0])
        offsets = np.concatenate([[0], np.cumsum(counts)])
        flat = np.concatenate([np.empty(0, np.int64), *pairs])
        each = counts[codes[live]]
        within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        value = flat[np.repeat(offsets[codes[live]], each) + within]
        return make_facet(list(table), np.repeat(study[live], each), value)

    def _values(self, column: str) -> tuple[list[str], Ids]:
        """A category's values over all segments, and each document's."""
        table: dict[str, int] = {}
        parts = [np.empty(0, np.int64)]
        for segment in self.segments:
            category = segment.categories[column]
            numbers = [table.setdefault(sys.intern(v), len(table)) for v in category.values]
            parts.append(np.array(numbers, np.int64)[category.codes])
        return list(table), np.concatenate(parts)


def _live(toc: TOC, bases: Sequence[int]) -> Mask:
    live = np.ones(bases[-1], np.bool_)
    for base, segment in zip(bases, toc.segments, strict=False):
        deleted = list(segment.deleted_docs())
        live[np.array(deleted, np.int64) + base] = False
    return live


_NO_FACTS = np.empty(0, FACTS)
