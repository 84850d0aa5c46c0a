"""An index that keeps fingerprints alone, for the seeds in which Whoosh itself does not run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from network.search.query import Query
from network.search.values import RELEVANCE, Entry, Filters, Results, SearchDocument


class PlainIndex:
    """A SearchEngine that proves that the jobs are right, and says nothing of the engine."""

    def __init__(self) -> None:
        self._held: dict[str, Entry] = {}

    def search(
        self,
        query: Query,
        filters: Filters,
        lang: str,
        offset: int = 0,
        limit: int = 10,
        sort: str = RELEVANCE,
    ) -> Results:
        """Finds nothing."""
        return Results(ready=False)

    def replace(self, changes: Mapping[str, Sequence[SearchDocument]]) -> None:
        """See SearchEngine."""
        kept = {i: e for i, e in self._held.items() if e.study_key not in changes}
        new = [_entry(document) for documents in changes.values() for document in documents]
        self._held = kept | {entry.entry_id: entry for entry in new}

    def rebuild(
        self, documents: Iterable[SearchDocument], progress: Callable[[int], None] | None = None
    ) -> None:
        """See SearchEngine."""
        self._held = {document.entry_id: _entry(document) for document in documents}

    def entries(self) -> Iterator[Entry]:
        """See SearchEngine."""
        return iter(list(self._held.values()))

    def ready(self) -> bool:
        """See SearchEngine."""
        return True

    def tidy(self) -> bool:
        """See SearchEngine."""
        return False

    def close(self) -> None:
        """See SearchEngine."""


def _entry(document: SearchDocument) -> Entry:
    return Entry(document.entry_id, document.study_key, document.fingerprint)
