"""Ways on from a search that found nothing: each with what it would find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import NamedTuple

from network.catalogue.queries import FACETS, Filter
from network.lib.i18n import N_
from network.search import folding
from network.search.city_sizes import Sized
from network.search.query import Query, looser, parse
from network.search.values import Filters, Results
from network.web.entrance import counts, locale
from network.web.entrance.context import services
from network.web.pieces import cards, filters
from network.web.readers import home

HERE = "search.search"
LIST = "case_studies.browse"
MOST_WORDS = 6
NEAR = 6
"""Topics offered."""
CLOSE = 0.8
"""How like a name a mistyped word has to be, of 1."""
_SHORTEST = 4

Way = tuple[str, str, int]
"""What else to look for, its address, and how many studies that finds."""

_LOOSER = {
    "phrases": N_("The same words, apart from each other"),
    "excluded": N_("Without excluding anything"),
    "prefixes": N_("In every city and topic"),
}


class Help(NamedTuple):
    """ways: (title, [Way]). topics: (name, address, number of studies) of the nearest; alike:
    whether any of them has something of the words. did_you_mean: a better spelling and its
    address, or None."""

    ways: list[tuple[str, list[Way]]]
    topics: list[tuple[str, str, int]]
    alike: bool
    did_you_mean: tuple[str, str] | None


class Sizes(NamedTuple):
    """asked: what was searched for, without the size of cities; empty when nothing else was said.
    ways: the bands that have studies, but for one that is chosen; narrowed: whether one is."""

    asked: str
    ways: list[Way]
    narrowed: bool


def ask(given: Query, chosen: Filter, offset: int, limit: int, sort: str) -> Results:
    """What the index answers to a reader of this page's language."""
    wanted = {name: getattr(chosen, name) for name in FACETS}
    wanted["year"] = None if chosen.year is None else str(chosen.year)
    return services().search.search(given, Filters(**wanted), locale.current(), offset, limit, sort)


def of_size(sized: Sized, chosen: Filter, counts_: Mapping[str, int], sort: str | None) -> Sizes:
    """The filter by size that a query spoke of. counts_: studies of each band, as found without it.

    Without words left there is nothing to search for, and the bands lead to the list of studies.
    """
    where, more = (HERE, {"q": sized.rest, "sort": sort}) if sized.rest else (LIST, {})
    fitting = [band for band in sized.bands if band != chosen.size and counts_.get(band)]
    ways = [
        (
            filters.label("size", band),
            filters.address(where, filters.having(chosen, "size", band), **more),
            counts_[band],
        )
        for band in fitting
    ]
    return Sizes(sized.rest, ways, chosen.size in sized.bands)


def for_nothing(given: str, chosen: Filter, found: Results, sort: str | None) -> Help:
    """What to offer when nothing was found. found: that answer, for its facets."""
    query = parse(given)
    ways = [
        (locale._(N_("With other words")), list(_other_words(given, query, chosen, sort))),
        (locale._(N_("With fewer filters")), list(_fewer_filters(given, query, chosen, sort))),
        (locale._(N_("In another language")), list(_languages(given, chosen, found, sort))),
    ]
    words = [w for raw in _pieces(query) for w in folding.piece(raw).words]
    better = _respelt(given, words, chosen, sort)
    return Help([way for way in ways if way[1]], *_near(words), better)


def _pieces(query: Query) -> tuple[str, ...]:
    wanted = query.wanted
    phrased = (raw for phrase in wanted.phrases for raw in phrase)
    return (*wanted.words, *phrased, *wanted.topics, *wanted.cities)


def _count(text: str, chosen: Filter) -> int:
    return ask(parse(text), chosen, 0, 0, "relevance").total


def _other_words(given: str, query: Query, chosen: Filter, sort: str | None) -> Iterator[Way]:
    asked = [(locale._(_LOOSER[kind]), text) for kind, text in looser(given).items()]
    if len(query.wanted.words) > 1:
        said = N_("“%(words)s” alone")
        asked += [(locale._(said, words=w), w) for w in query.wanted.words[:MOST_WORDS]]
    for label, text in asked:
        if number := _count(text, chosen):
            yield label, filters.address(HERE, chosen, q=text, sort=sort), number


def _fewer_filters(given: str, query: Query, chosen: Filter, sort: str | None) -> Iterator[Way]:
    active = [name for name in FACETS if getattr(chosen, name) is not None]
    for (label, _address), name in zip(filters.active(HERE, chosen), active, strict=True):
        without = filters.having(chosen, name, None)
        if number := _count(given, without):
            told = locale._(N_("Without “%(filter)s”"), filter=label)
            yield told, filters.address(HERE, without, q=given, sort=sort), number
    number = _count(given, Filter())
    if len(active) > 1 and number:
        yield locale._(N_("Without any filter")), locale.url(HERE, q=given, sort=sort), number
    if not active or number:
        return
    for word in query.wanted.words[:MOST_WORDS] if len(query.wanted.words) > 1 else ():
        if number := _count(word, Filter()):
            told = locale._(N_("“%(words)s” alone, without any filter"), words=word)
            yield told, locale.url(HERE, q=word, sort=sort), number


def _languages(given: str, chosen: Filter, found: Results, sort: str | None) -> Iterator[Way]:
    for tag, number in found.facets["language"].items() if chosen.language else ():
        address = filters.address(HERE, filters.having(chosen, "language", tag), q=given, sort=sort)
        yield filters.label("language", tag), address, number


def _near(words: Sequence[str]) -> tuple[list[tuple[str, str, int]], bool]:
    """Topics whose names are most like the words, then those with most studies; and whether any
    is like them at all."""
    by_topic, alike = counts.by("topic"), {}
    for slug, topic in cards.topic_names().items():
        alike[slug] = _alike(words, _words(chain(topic.names.values(), topic.all_synonyms())))
    known = [slug for slug in by_topic if slug in alike]
    nearest = sorted(known, key=lambda slug: (-alike[slug], -by_topic[slug], slug))[:NEAR]
    items = home.topic_items({slug: by_topic[slug] for slug in nearest})
    return items, any(alike[slug] for slug in nearest)


def _alike(words: Iterable[str], names: Iterable[str]) -> int:
    """How many of the words begin as a word of the names does."""
    beginnings = {name[:_SHORTEST] for name in names if len(name) >= _SHORTEST}
    return sum(word[:_SHORTEST] in beginnings for word in words)


def _words(names: Iterable[str]) -> dict[str, str]:
    """Folded word → as a name writes it."""
    return {
        word: piece[0]
        for name in names
        for piece in folding.scan(name)
        for word in folding.piece(piece[0]).words
    }


def _respelt(
    given: str, words: Sequence[str], chosen: Filter, sort: str | None
) -> tuple[str, str] | None:
    """The query with the names of topics and cities that it may mean, if that finds anything."""
    known = counts.kept(("spelt names", locale.current()), _names)
    text = given
    for word in words[:MOST_WORDS]:
        if len(word) >= _SHORTEST and word not in known:
            for near in get_close_matches(word, known, 1, CLOSE):
                text = _exchanged(text, word, known[near])
    if text == given or not _count(text, chosen):
        return None
    return text, filters.address(HERE, chosen, q=text, sort=sort)


def _exchanged(text: str, word: str, better: str) -> str:
    for piece in folding.scan(text):
        if folding.piece(piece[0]).words == (word,):
            return text[: piece.start()] + better + text[piece.end() :]
    return text


def _names() -> dict[str, str]:
    """The words of the topics and cities that have studies."""
    lang, topics, cities = locale.current(), cards.topic_names(), cards.city_names()
    named = [topics[slug].name(lang) for slug in counts.by("topic") if slug in topics]
    named += [cities[slug].name(lang) for slug in counts.by("city") if slug in cities]
    return _words(named)
