"""What goes into the index and what comes out of it, whichever engine holds it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

FACETS = ("topic", "city", "country", "size", "status", "year", "language")
"""What results can be narrowed by; each is an attribute of Filters and a key of Results.facets."""

RELEVANCE = "relevance"
NEWEST = "newest"
SORTS = (RELEVANCE, NEWEST)

Named = tuple[tuple[str, str], ...]
"""Names as (language, name): a topic's name and its synonyms, a city's name."""


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One study in one language, as the index takes it.

    entry_id, study_key, lang, published: as in the catalogue; a study's versions share a study_key.
    title, summary, body: plain text. topics, city: slugs. topic_words, city_words: the names that
    these go by in every language of the site. size: the band of the city's inhabitants (see
    cities.sizes). year: of the start. completeness: 0 to 1.
    """

    entry_id: str
    study_key: str
    lang: str
    title: str
    summary: str
    body: str
    published: datetime
    topics: tuple[str, ...] = ()
    topic_words: Named = ()
    city: str | None = None
    city_words: Named = ()
    country: str | None = None
    size: str | None = None
    status: str | None = None
    year: int | None = None
    completeness: float = 0.0

    @property
    def fingerprint(self) -> bytes:
        """16 bytes that differ when anything in the document does."""
        content = repr(tuple(getattr(self, name) for name in self.__slots__))
        return hashlib.blake2b(content.encode(errors="replace"), digest_size=16).digest()


class Entry(NamedTuple):
    """What an index holds of one document, for comparing it with the database."""

    entry_id: str
    study_key: str
    fingerprint: bytes


Wanted = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader narrows results to: no restriction, one value, or any of several.

    language means “exists in that language”. A year is written as its digits.
    """

    topic: Wanted = None
    city: Wanted = None
    country: Wanted = None
    size: Wanted = None
    status: Wanted = None
    year: Wanted = None
    language: Wanted = None

    def chosen(self, facet: str) -> tuple[str, ...]:
        """The values chosen for a facet, none meaning all."""
        value: Wanted = getattr(self, facet)
        return (value,) if isinstance(value, str) else value or ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One study found, in the version that is shown to this reader.

    found_in: the language of the version that answered the query best, which may be another one.
    title_html, snippet_html: HTML-escaped text in which the words found are in <mark>.
    """

    study_key: str
    entry_id: str
    lang: str
    found_in: str
    score: float
    title_html: str
    snippet_html: str


@dataclass(frozen=True, slots=True)
class Completions:
    """queries: what was typed, its last word completed. studies: keys of studies that may have
    such words in their titles, the likeliest first."""

    queries: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """What another study is to share: slugs as in SearchDocument. city: whose studies are left out,
    for its page lists them. language: the reader's."""

    topics: Sequence[str]
    city: str | None
    country: str | None
    size: str | None
    language: str


Message = tuple[str, Mapping[str, Any]]
"""A gettext msgid and its arguments."""


@dataclass(slots=True)
class Results:
    """An answer: how many studies, the ones asked for, and counts by facet value.

    A facet's counts heed the other facets' filters: each is the total that a reader gets by
    choosing that value. did_you_mean: a better spelling that finds something. ready: False while
    there is no index to ask.
    """

    total: int = 0
    hits: list[Hit] = field(default_factory=list)
    facets: dict[str, dict[str, int]] = field(default_factory=lambda: {f: {} for f in FACETS})
    did_you_mean: str | None = None
    message: Message | None = None
    ready: bool = True
