"""Every search as a feed: what it finds, newest first, each study once, as the page shows it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from network.catalogue import queries
from network.catalogue.queries import FACETS, Filter
from network.feeds import select
from network.feeds.values import Feed
from network.lib import clock
from network.lib.i18n import N_
from network.log import service as log
from network.search import city_sizes
from network.search.query import LONGEST_QUERY, parse
from network.search.values import NEWEST
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.entrance.locale import localised
from network.web.machines.feeds import CACHE, NO_DATE, SERIALISERS, open_to_other_sites
from network.web.pieces import cards, conditional, feeds_links, filters
from network.web.pieces.feeds_links import FORMATS
from network.web.searching import search_help

blueprint = Blueprint("search_feeds", __name__)
blueprint.after_request(open_to_other_sites)
HERE = "search_feeds.feed"


@localised(blueprint, "/search.<any(atom,rss,json):form>")
def feed(form: str) -> ResponseReturnValue:
    """What a search finds; without words, the feed of what its filters select."""
    chosen = filters.read()
    asked = parse(city_sizes.words(request.args.get("q", "")[: LONGEST_QUERY + 1]))
    if not asked.text:
        return redirect(feeds_links.address(form, chosen), 302)
    state = (log.position(session())[0], queries.version(session()))
    keys = _found(asked.text, chosen)
    media_type = _media_type(form)
    response = conditional.answer(
        lambda: SERIALISERS[form](_feed(asked.text, chosen, keys)),
        media_type=f"{media_type}; charset=utf-8",
        # The index follows the catalogue by a moment, so what was found belongs to the mark.
        mark=conditional.mark(
            state, keys, locale.current(), asked.text, chosen, form, media_type, "search"
        ),
        cache_control=CACHE,
        keep=conditional.LASTS,
    )
    response.headers["Content-Language"] = locale.current()
    response.headers["Link"] = f'<{public_address(form, asked.text, chosen)}>; rel="self"'
    response.headers["X-Robots-Tag"] = "noindex"
    if form != "json":
        response.headers["Vary"] = "Sec-Fetch-Dest"
    return response


def _media_type(form: str) -> str:
    """As with other feeds, a browser that opens it gets plain XML."""
    if form != "json" and request.headers.get("Sec-Fetch-Dest") == "document":
        return "application/xml"
    return FORMATS[form][1]


def _found(text: str, chosen: Filter) -> tuple[str, ...]:
    found = search_help.ask(parse(text), chosen, 0, select.LIMIT, NEWEST)
    return tuple(hit.study_key for hit in found.hits)


def _feed(text: str, chosen: Filter, keys: tuple[str, ...]) -> Feed:
    lang, node = locale.current(), settings()
    publisher = select.Publisher(cards.site().name(lang), node.licence)
    items = select.of_studies(session(), lang, keys, publisher, clock.now())
    return Feed(
        id=_id(text, chosen, lang),
        title=title(text, chosen),
        subtitle=cards.description(),
        lang=lang,
        page=settings().base_url + filters.address("search.search", chosen, q=text),
        addresses={form: public_address(form, text, chosen) for form in FORMATS},
        updated=max((item.updated for item in items), default=NO_DATE),
        site=publisher.name,
        site_url=f"{node.base_url}/",
        stylesheet=locale.url("feeds.stylesheet"),
        items=items,
    )


def _id(text: str, chosen: Filter, lang: str) -> str:
    parts = {"q": text} | {name: getattr(chosen, name) for name in FACETS}
    query = urlencode({name: value for name, value in parts.items() if value is not None})
    return f"{settings().base_url}/id/feed/search/{lang}?{query}"


def title(text: str, chosen: Filter) -> str:
    """The site, the words, and what the search was narrowed to."""
    labels = [
        filters.label(name, value)
        for name in FACETS
        if (value := getattr(chosen, name)) is not None
    ]
    words = locale._(N_("Search: %(q)s"), q=text)
    return f"{cards.site_name()} – {', '.join([words, *labels])}"


def address(form: str, text: str, chosen: Filter) -> str:
    """Where the feed of a search is; of the filters alone when there are no words."""
    if not text:
        return feeds_links.address(form, replace(chosen, language=None))
    return filters.address(HERE, chosen, form=form, q=text)


def public_address(form: str, text: str, chosen: Filter) -> str:
    """The same, absolute at the node's public address."""
    return settings().base_url + address(form, text, chosen)


def for_list(text: str, chosen: Filter) -> list[tuple[str, str, str]]:
    """(media type, title, address) of the search's feeds, for its page's head (rel=alternate)."""
    name = title(text, chosen)
    return [
        (media_type, f"{name} ({format_name})", address(form, text, chosen))
        for form, (format_name, media_type) in FORMATS.items()
    ]
