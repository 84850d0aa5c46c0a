"""Turns the read model's values into what templates show, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from flask import g, url_for
from markupsafe import Markup

from network.case_studies.versions import ELSEWHERE
from network.catalogue import queries
from network.catalogue.addresses import NOWHERE
from network.catalogue.queries import Card
from network.cities import service as cities
from network.cities import site as sites
from network.cities.models import City
from network.cities.site import Site
from network.following import queries as subscriptions
from network.lib import i18n
from network.lib.i18n import LANGUAGES
from network.topics import service as topics
from network.topics.models import Topic
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.entrance.counts import kept

Word = TypeVar("Word", Topic, City)


@dataclass(frozen=True, slots=True)
class StudyCard:
    """A study in a list (templates/macros/studies.html)."""

    study_key: str
    url: str
    title: str
    summary: str
    lang: str
    langs: tuple[str, ...]
    city_name: str | None
    city_url: str | None
    country: str | None
    status: str | None
    translation: str
    outdated_since: datetime | None
    published: datetime
    date_is_unknown: bool
    topics: list[tuple[str, str]]
    year: int | None
    origin_name: str | None
    origin_icon: str | None = None
    lang_is_guess: bool = False
    title_html: Markup | None = None
    snippet: Markup | None = None
    found_in: str | None = None
    compare_key: str = ""


def topic_names() -> dict[str, Topic]:
    """The vocabulary of topics by slug."""
    if "topic_names" not in g:
        g.topic_names = kept("topics", lambda: _by_slug(topics.all_topics(session())))
    return cast(dict[str, Topic], g.topic_names)


def city_names() -> dict[str, City]:
    """The vocabulary of cities by slug. A city comes with a study, so with a new version."""
    if "city_names" not in g:
        g.city_names = kept("cities", lambda: _by_slug(cities.all_cities(session())))
    return cast(dict[str, City], g.city_names)


def topic_named(slug: str) -> Topic | None:
    """The topic with this slug in any language."""
    known = topic_names()
    return known.get(slug) or next((t for t in known.values() if slug in t.slugs.values()), None)


def city_named(slug: str) -> City | None:
    """The city that this slug leads to, as cities.service.by_slug, of what is kept."""
    known, former = city_names(), kept("city_aliases", lambda: cities.aliases(session()))
    found = known.get(slug) or known.get(former.get(slug, ""))
    return found or next((c for c in known.values() if slug in c.slugs.values()), None)


def _by_slug(rows: Iterable[Word]) -> dict[str, Word]:
    """The rows outlive this request, so they must not belong to its session."""
    found = {row.slug: row for row in rows}
    for row in found.values():
        session().expunge(row)
    return found


def sources() -> dict[int, tuple[str, str | None]]:
    """(name, address of its picture or None) of each followed site, read once a request."""
    if "sources" not in g:
        faces = subscriptions.faces(session())
        g.sources = {id_: (name, icon_url(id_, mark)) for id_, (name, mark) in faces.items()}
    return cast(dict[int, tuple[str, str | None]], g.sources)


def icon_url(peer_id: int, mark: str) -> str | None:
    """Where a followed site's picture is, if it has one."""
    return url_for("icons.icon", peer_id=peer_id, v=mark) if mark else None


def study_url(place: str, slug: str, endpoint: str = "case_studies.study") -> str:
    """The study's page in this page's language.

    A study without a version in it has its page there all the same, which says so and links the
    version that exists; its address uses that version's slug.
    """
    return locale.url(endpoint, place=place_slug(place, locale.current()), slug=slug)


def place_slug(place: str, lang: str) -> str:
    """The city's part of an address in a language."""
    if place == NOWHERE:
        return ELSEWHERE[lang if lang in LANGUAGES else "en"]
    city = city_names().get(place)
    return city.slug_in(lang) if city else place


def place_named(given: str) -> str:
    """The inverse: the place that a city's part of an address in either language means."""
    if given in ELSEWHERE.values():
        return NOWHERE
    city = city_named(given)
    return city.slug if city else given


def site() -> Site:
    """What this node says of itself, kept until the catalogue changes."""
    return kept("site", lambda: sites.read(session(), settings()))


def site_name() -> str:
    """What the site is called in the page’s language."""
    return site().name(locale.current())


def description() -> str:
    """What the site is about, in the page’s language."""
    said = site().description(locale.current())
    return said or locale._(i18n.N_("What cities try, and what they learn"))


def city_link(slug: str | None) -> tuple[str | None, str | None]:
    """(name, address) of a city's page in the page's language."""
    if slug is None:
        return None, None
    city = city_names().get(slug)
    if city is None:
        return slug, None
    lang = locale.current()
    return city.name(lang), locale.url("cities.city", slug=city.slug_in(lang))


def topic_links(slugs: Iterable[str]) -> list[tuple[str, str]]:
    """(name, address) of each topic's page; unknown ones are passed over."""
    lang, known = locale.current(), topic_names()
    return [
        (known[s].name(lang), locale.url("topics.topic", slug=known[s].slug_in(lang)))
        for s in slugs
        if s in known
    ]


def show(
    cards: Sequence[Card], highlights: dict[str, tuple[Markup, Markup]] | None = None
) -> list[StudyCard]:
    """Cards for the templates. highlights: study_key → (title, snippet) of search results."""
    return [_show(card, (highlights or {}).get(card.study_key)) for card in cards]


def _show(card: Card, marked: tuple[Markup, Markup] | None) -> StudyCard:
    city_name, city_url = city_link(card.city)
    origin, icon = sources().get(card.source_id, (None, None)) if card.source_id else (None, None)
    return StudyCard(
        study_key=card.study_key,
        url=study_url(card.place, card.slug),
        title=card.title,
        summary=card.summary,
        lang=card.lang,
        langs=card.langs,
        city_name=city_name,
        city_url=city_url,
        country=i18n.country_name(card.country, locale.current()) if card.country else None,
        status=card.status,
        translation=card.translation,
        outdated_since=card.outdated_since,
        published=card.published,
        date_is_unknown=card.date_is_unknown,
        topics=topic_links(card.topics),
        year=card.year,
        origin_name=origin,
        origin_icon=icon,
        lang_is_guess=card.lang_is_guess,
        title_html=marked[0] if marked else None,
        snippet=marked[1] if marked else None,
        compare_key=f"{place_slug(card.place, locale.current())}/{card.slug}",
    )


def cards_of(keys: Sequence[str]) -> list[StudyCard]:
    """Cards of these studies, in their order."""
    return show(queries.cards(session(), keys, locale.current()))
