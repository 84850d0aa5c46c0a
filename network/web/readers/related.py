"""Studies that a reader of one may want next, and why each of them is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from network.adoptions.edges import adopters_of
from network.catalogue import queries
from network.catalogue.models import Study
from network.catalogue.queries import Card
from network.cities.sizes import size_of
from network.lib import i18n
from network.lib.i18n import N_
from network.search.values import Likeness
from network.web.entrance import locale
from network.web.entrance.context import services, session, settings
from network.web.pieces import cards, filters, kinship

SHOWN = 3
SIBLINGS = 1
"""Of them at most, those that learned from the same study; the page lists what taught whom."""
_SPARE = 4
"""Asked for beyond what is shown: some may be on the page already."""


@dataclass(frozen=True, slots=True)
class Related:
    """A study and, in a few words, what it shares with the one that is read."""

    card: cards.StudyCard
    reasons: tuple[str, ...]


def related(found: Study, topics: list[str], kin: tuple[list[kinship.Kin], ...]) -> list[Related]:
    """Studies of the same topics, from cities of its size, country and language first.

    topics: of the version that is shown. kin: what taught it and who adopted it, as the page
    lists them already.
    """
    lang = locale.current()
    own = _facts(found.city, found.country)
    like = Likeness(tuple(topics), found.city, found.country, own.size, lang)
    known = {found.study_key, *(each.key for group in kin for each in group)}
    known |= queries.renditions(session(), found.study_key)
    siblings = _siblings(found.study_key, kin[0], known)
    alike = services().search.related(like, SHOWN + len(known) + _SPARE)
    wanted = [key for key in dict.fromkeys([*siblings, *alike]) if key not in known]
    rows = queries.cards(session(), wanted[: SHOWN + _SPARE], lang)
    shown = list(_each_once(rows, found))[:SHOWN]
    return [
        Related(card, tuple(_reasons(row, own, topics, siblings)))
        for row, card in zip(shown, cards.show(shown), strict=True)
    ]


def _siblings(key: str, sources: list[kinship.Kin], known: set[str]) -> dict[str, str]:
    """Other studies that learned from what taught this one → whose practice that is."""
    taught = {each.key: each.place for each in sources}
    if not taught:
        return {}
    edges = adopters_of(session(), list(taught), settings().base_url)
    found = {e.target: taught[e.source] for e in edges if e.known and e.target not in known}
    return dict(list(found.items())[:SIBLINGS])


def _each_once(rows: list[Card], found: Study) -> Iterator[Card]:
    """One a city, and without what is this study once more, under another id."""
    cities, texts = {found.city}, {(version.lang, version.title) for version in found.versions}
    for row in rows:
        is_new = row.city is None or row.city not in cities
        if is_new and (row.lang, row.title) not in texts:
            cities.add(row.city)
            texts.add((row.lang, row.title))
            yield row


@dataclass(frozen=True, slots=True)
class _Facts:
    size: str | None
    country: str | None


def _facts(city: str | None, country: str | None) -> _Facts:
    known = cards.city_names().get(city or "")
    return _Facts(size_of(known.population) if known else None, country)


def _reasons(row: Card, own: _Facts, topics: list[str], siblings: dict[str, str]) -> Iterator[str]:
    lang, other = locale.current(), _facts(row.city, row.country)
    if source := siblings.get(row.study_key):
        yield locale._(N_("Also inspired by %(city)s"), city=source)
    names = cards.topic_names()
    if shared := [names[t].name(lang) for t in row.topics if t in topics and t in names]:
        yield shared[0]
    if own.size and other.size == own.size:
        label = filters.label("size", own.size)
        yield locale._(N_("Similar size (%(size)s)"), size=label[:1].lower() + label[1:])
    if own.country and other.country == own.country:
        yield i18n.country_name(own.country, lang)
