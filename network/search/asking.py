"""What every engine is asked in the same way, whatever it keeps its index in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from network.search.answering import Library, answer
from network.search.completing import complete
from network.search.engine import PREPARING, RELEVANCE
from network.search.lexicon import Lexicon
from network.search.query import Query
from network.search.relating import related
from network.search.values import Completions, Filters, Likeness, Results

T = TypeVar("T")


class Asking(ABC):
    """The reading half of a SearchEngine. lexicon: what words are in the other language, asked for
    at each search."""

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
        """See SearchEngine."""
        lexicon = self._lexicon()
        return self._asked(
            lambda library: answer(library, query, filters, lang, offset, limit, sort, lexicon),
            Results(ready=False, message=(PREPARING, {})),
        )

    def complete(self, text: str, lang: str, limit: int) -> Completions:
        """See SearchEngine."""
        return self._asked(lambda library: complete(library, text, lang, limit), Completions())

    def related(self, like: Likeness, limit: int) -> list[str]:
        """See SearchEngine."""
        return self._asked(lambda library: related(library, like, limit), [])

    @abstractmethod
    def _asked(self, ask: Callable[[Library], T], otherwise: T) -> T:
        """What the newest state answers; something else while there is none that can be read."""
