"""What a search engine promises, so that one can be exchanged for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from network.lib.errors import PioneerError
from network.lib.i18n import N_
from network.search.query import Query
from network.search.values import (
    Completions,
    Entry,
    Filters,
    Likeness,
    Results,
    SearchDocument,
)

RELEVANCE = "relevance"
NEWEST = "newest"
SORTS = (RELEVANCE, NEWEST)

PREPARING = N_("The search index is being prepared. Please try again in a moment.")
"""What a reader is told while there is no index."""


class IndexMissing(PioneerError):
    """There is no index that this program can read: it has to be built first."""

    def __init__(self) -> None:
        super().__init__(N_("The search index has to be built first."))


class IndexBusy(PioneerError):
    """Another process has been writing to the index for too long; trying again later can help."""

    def __init__(self) -> None:
        super().__init__(N_("The search index is being written by another process."))


class SearchEngine(Protocol):
    """An index of every study. Searching is for any process and thread; writing is the worker's."""

    def search(
        self,
        query: Query,
        filters: Filters,
        lang: str,
        offset: int = 0,
        limit: int = 10,
        sort: str = RELEVANCE,
    ) -> Results:
        """The studies that answer a query, for a reader of `lang`; every one when it is empty.

        Never raises: without an index, the results say that they are not ready.
        """

    def complete(self, text: str, lang: str, limit: int) -> Completions:
        """What somebody who has typed this may mean; see completing. Never raises."""

    def related(self, like: Likeness, limit: int) -> list[str]:
        """The keys of studies like one, the likeliest first; see relating. Never raises."""

    def replace(self, changes: Mapping[str, Sequence[SearchDocument]]) -> None:
        """Make these the documents of the studies with these keys, none meaning that it is gone.

        One commit; nothing is written for what the index already holds.
        Raises IndexMissing, IndexBusy.
        """

    def rebuild(
        self, documents: Iterable[SearchDocument], progress: Callable[[int], None] | None = None
    ) -> None:
        """Build an index of exactly these beside the live one, then put it in its place.

        progress is told how many documents are in. Raises IndexBusy.
        """

    def entries(self) -> Iterator[Entry]:
        """What the index holds, for comparing. Raises IndexMissing."""

    def ready(self) -> bool:
        """Whether there is an index to search."""

    def tidy(self) -> bool:
        """Do a piece of upkeep that keeps searching fast; False when there was nothing to do.

        For when the worker is idle; it makes way for anybody else who writes.
        """

    def close(self) -> None:
        """Let go of files."""
