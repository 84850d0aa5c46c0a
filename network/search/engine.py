"""What a search engine promises, so that one can be exchanged for another; how all are asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from network.lib.errors import PioneerError
from network.lib.i18n import N_
from network.search.answering import answer
from network.search.completing import complete
from network.search.lexicon import Lexicon
from network.search.query import Query
from network.search.relating import related
from network.search.studies import Library
from network.search.values import (
    RELEVANCE,
    Completions,
    Entry,
    Filters,
    Likeness,
    Results,
    SearchDocument,
)

T = TypeVar("T")

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


class SearchEngine(ABC):
    """An index of every study. Searching is for any process and thread; writing is the worker's.

    lexicon: what words are in the other language, asked for at each search.
    """

    def __init__(self, lexicon: Callable[[], Lexicon]) -> None:
        self._lexicon = lexicon

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
        lexicon = self._lexicon()
        return self._asked(
            lambda library: answer(library, query, filters, lang, offset, limit, sort, lexicon),
            Results(ready=False, message=(PREPARING, {})),
        )

    def complete(self, text: str, lang: str, limit: int) -> Completions:
        """What somebody who has typed this may mean; see completing. Never raises."""
        return self._asked(lambda library: complete(library, text, lang, limit), Completions())

    def related(self, like: Likeness, limit: int) -> list[str]:
        """The keys of studies like one, the likeliest first; see relating. Never raises."""
        return self._asked(lambda library: related(library, like, limit), [])

    @abstractmethod
    def _asked(self, ask: Callable[[Library], T], otherwise: T) -> T:
        """What the newest state answers; something else while there is none that can be read."""

    @abstractmethod
    def replace(self, changes: Mapping[str, Sequence[SearchDocument]]) -> None:
        """Make these the documents of the studies with these keys, none meaning that it is gone.

        One commit; nothing is written for what the index already holds.
        Raises IndexMissing, IndexBusy.
        """

    @abstractmethod
    def rebuild(
        self, documents: Iterable[SearchDocument], progress: Callable[[int], None] | None = None
    ) -> None:
        """Build an index of exactly these beside the live one, then put it in its place.

        progress is told how many documents are in. Raises IndexBusy.
        """

    @abstractmethod
    def entries(self) -> Iterator[Entry]:
        """What the index holds, for comparing. Raises IndexMissing."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether there is an index to search."""

    @abstractmethod
    def tidy(self) -> bool:
        """Do a piece of upkeep that keeps searching fast; False when there was nothing to do.

        For when the worker is idle; it makes way for anybody else who writes.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of files."""
