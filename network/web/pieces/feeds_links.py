"""Addresses of reader feeds, for the pages that offer them and for the feeds themselves."""

from __future__ import annotations

from dataclasses import replace

from network.catalogue.queries import FACETS, Filter
from network.feeds import atom, jsonfeed, rss
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.entrance.context import settings
from network.web.pieces import cards, filters

FORMATS = {
    "atom": ("Atom", atom.TYPE),
    "rss": ("RSS", rss.TYPE),
    "json": ("JSON Feed", jsonfeed.TYPE),
}
"""Extension in the address → name, media type."""


def for_list(chosen: Filter) -> list[tuple[str, str, str]]:
    """(media type, title, address) of the page's feeds, for its head (rel=alternate)."""
    name = title(chosen)
    return [
        (media_type, f"{name} ({format_name})", address(form, chosen))
        for form, (format_name, media_type) in FORMATS.items()
    ]


def address(form: str, chosen: Filter, lang: str | None = None) -> str:
    """Where the feed is: under the topic's or the city's page when that says it all.

    A filter by language is left out: a feed has one already.
    """
    lang = lang or locale.current()
    values = {name: value for name in FACETS if (value := getattr(chosen, name)) is not None}
    values.pop("language", None)
    slugs = {name: filters.slug_of(name, value, lang) for name, value in values.items()}
    scope = None if chosen.scope == "network" else chosen.scope
    for name, endpoint in (("topic", "feeds.topic_feed"), ("city", "feeds.city_feed")):
        if list(slugs) == [name]:
            return locale.url(endpoint, lang, slug=slugs[name], form=form, scope=scope)
    return locale.url("feeds.feed", lang, form=form, **slugs, scope=scope)


def public_address(form: str, chosen: Filter, lang: str | None = None) -> str:
    """The same, absolute at the node's public address."""
    return settings().base_url + address(form, chosen, lang)


def hub_address() -> str:
    """Where to subscribe to pushes of any feed of this node (W3C WebSub)."""
    return f"{settings().base_url}/websub/hub"


def push_links(self_url: str) -> str:
    """The Link header of a feed: its hub and its canonical address (WebSub, section 4)."""
    return f'<{hub_address()}>; rel="hub", <{self_url}>; rel="self"'


def page_address(chosen: Filter) -> str:
    """The page that a person reads instead, absolute."""
    chosen = replace(chosen, language=None)
    given = [name for name in FACETS if getattr(chosen, name) is not None]
    if not given:
        return locale.public_url("home.home")
    for name, endpoint in (("topic", "topics.topic"), ("city", "cities.city")):
        if given == [name]:
            slug = filters.slug_of(name, getattr(chosen, name), locale.current())
            return locale.public_url(endpoint, slug=slug)
    return settings().base_url + filters.address("case_studies.browse", chosen)


def title(chosen: Filter) -> str:
    """What a feed or a list is called: the site, then what was chosen."""
    parts = [
        filters.label(name, value)
        for name in FACETS
        if name != "language" and (value := getattr(chosen, name)) is not None
    ]
    if chosen.scope == "own":
        parts.append(locale._(N_("This site alone")))
    return f"{cards.site_name()} – {', '.join(parts) or locale._(N_('Case studies'))}"
