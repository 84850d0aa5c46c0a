"""Reader feeds in three formats, the page that helps to choose one, and the list of sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.catalogue import queries
from network.catalogue.queries import FACETS, Filter
from network.feeds import atom, jsonfeed, opml, rss, select
from network.feeds.addresses import uri
from network.feeds.opml import Outline
from network.feeds.values import Feed
from network.lib import clock
from network.lib.i18n import LANGUAGES, N_, language_name, sort_key, translate
from network.log import service as log
from network.subscriptions import listing
from network.subscriptions.listing import ListedPeer
from network.web.entrance import counts, locale
from network.web.entrance.context import session, settings
from network.web.entrance.headers import CONTENT_SECURITY_POLICY
from network.web.entrance.locale import localised
from network.web.machines import embed
from network.web.pieces import cards, conditional, feeds_links, filters
from network.web.pieces.feeds_links import FORMATS

blueprint = Blueprint("feeds", __name__)
SERIALISERS: dict[str, Callable[[Feed], bytes]] = {
    "atom": atom.serialise,
    "rss": rss.serialise,
    "json": jsonfeed.serialise,
}
CACHE = "public, max-age=300"
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""When a feed without entries was updated: the same each time, so that it is the same feed."""


@localised(blueprint, "/feed.<any(atom,rss,json):form>")
def feed(form: str) -> ResponseReturnValue:
    """The newest case studies in the address's language, narrowed by filters."""
    return _answer(form, _chosen())


@localised(
    blueprint,
    "/topics/<slug>/feed.<any(atom,rss,json):form>",
)
def topic_feed(slug: str, form: str) -> ResponseReturnValue:
    """The same for one topic."""
    found = cards.topic_named(slug)
    if found is None:
        abort(404)
    return _moved(slug, found.slug_in(locale.current())) or _answer(
        form, replace(_chosen(), topic=found.slug)
    )


@localised(
    blueprint,
    "/cities/<slug>/feed.<any(atom,rss,json):form>",
)
def city_feed(slug: str, form: str) -> ResponseReturnValue:
    """The same for one city."""
    found = cards.city_named(slug)
    if found is None:
        abort(404)
    return _moved(slug, found.slug_in(locale.current())) or _answer(
        form, replace(_chosen(), city=found.slug)
    )


def _moved(given: str, proper: str) -> ResponseReturnValue | None:
    """The other language's slug leads to this one's address, with the query kept."""
    if given == proper:
        return None
    assert request.endpoint is not None
    values = dict(request.view_args or {}) | {"slug": proper} | request.args.to_dict()
    return redirect(locale.url(request.endpoint, **values), 301)


def _chosen() -> Filter:
    """The filters of a feed. Its language is the address's."""
    return replace(filters.read(), language=None, scope=embed.read_scope())


def _answer(form: str, chosen: Filter) -> Response:
    """The feed, or 304 by the catalogue's version alone.

    A browser that opens a feed gets it as plain XML, because under its own media type Chromium
    shows the source, and not what the stylesheet makes of it.
    """
    now, lang = clock.now(), locale.current()
    media_type = FORMATS[form][1]
    if form != "json" and request.headers.get("Sec-Fetch-Dest") == "document":
        media_type = "application/xml"
    state = (log.position(session())[0], queries.version(session()))
    since = conditional.changed(state, now)
    response = conditional.answer(
        lambda: SERIALISERS[form](_feed(chosen, now)),
        media_type=f"{media_type}; charset=utf-8",
        mark=conditional.mark(state, lang, chosen, form, media_type),
        cache_control=CACHE,
        last_modified=since,
        keep=conditional.LASTS,
    )
    response.headers["Content-Language"] = lang
    response.headers["Link"] = feeds_links.push_links(feeds_links.public_address(form, chosen))
    if form != "json":
        response.headers["Vary"] = "Sec-Fetch-Dest"
    return response


def _feed(chosen: Filter, now: datetime) -> Feed:
    lang, node = locale.current(), settings()
    publisher = select.Publisher(cards.site().name(lang), node.licence)
    items = select.newest(session(), lang, chosen, publisher, now)
    return Feed(
        id=_id(chosen, lang),
        title=feeds_links.title(chosen),
        subtitle=cards.description(),
        lang=lang,
        page=feeds_links.page_address(chosen),
        addresses={form: feeds_links.public_address(form, chosen) for form in FORMATS},
        updated=max((item.updated for item in items), default=NO_DATE),
        site=publisher.name,
        site_url=f"{node.base_url}/",
        stylesheet=locale.url("feeds.stylesheet"),
        hub=feeds_links.hub_address(),
        items=items,
    )


def _id(chosen: Filter, lang: str) -> str:
    """Made of what never changes, not of the address and its words."""
    parts = {name: getattr(chosen, name) for name in (*FACETS, "scope")}
    query = urlencode({name: value for name, value in parts.items() if value is not None})
    return f"{settings().base_url}/id/feed/{lang}?{query}"


@localised(blueprint, "/feed.css")
def stylesheet() -> Response:
    """How a browser shows a feed, with a word on what to do with it."""
    title = locale._(N_("This is a feed"))
    text = locale._(
        N_(
            "Copy the address of this page into a feed reader, and it will bring you every new "
            "case study. What follows is what the feed holds now."
        )
    )
    response = make_response(
        render_template("machines/feed.css", title=_css_string(title), text=_css_string(text))
    )
    response.content_type = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _css_string(text: str) -> str:
    """The text as CSS writes it in quotes (CSS Syntax 3, section 4.3.5)."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


@localised(blueprint, "/feeds")
def picker() -> Response:
    """Language, topic, city and scope become an address, or something to put on another page."""
    lang = locale.current()
    chosen = replace(filters.read(), scope=embed.read_scope(), country=None, status=None, year=None)
    language = chosen.language or lang
    if language not in LANGUAGES:
        abort(400)
    look = embed.read_look()
    filters.keep_in_switch(chosen, scope=request.args.get("scope"), **look.query())
    node, names = settings(), (("topic", chosen.topic), ("city", chosen.city))
    picked = {name: filters.slug_of(name, value, lang) if value else "" for name, value in names}
    page = render_template(
        "machines/feeds.html",
        choices={
            "language": language,
            "scope": chosen.scope,
            "count": look.count,
            "theme": look.theme,
            **picked,
        },
        languages=[(code, language_name(code, lang).capitalize()) for code in LANGUAGES],
        topic_options=_topic_options(lang),
        city_options=_city_options(lang, chosen.city),
        feeds=[
            (name, feeds_links.public_address(form, chosen, language))
            for form, (name, _media_type) in FORMATS.items()
        ],
        log_url=f"{node.base_url}/feed.atom",
        opml_url=f"{node.base_url}/network.opml",
        feed_links=feeds_links.for_list(Filter()),
        counts=[(count, count) for count in sorted({*embed.COUNTS, look.count})],
        themes=[(theme, locale._(label)) for theme, label in embed.THEMES.items()],
        offer=embed.offer(replace(chosen, language=None), look, language),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


def _topic_options(lang: str) -> list[tuple[str, str]]:
    named = [(topic.slug_in(lang), topic.name(lang)) for topic in cards.topic_names().values()]
    every = sorted(named, key=lambda option: sort_key(option[1]))
    return [("", locale._(N_("All topics"))), *every]


def _city_options(lang: str, chosen: str | None) -> list[tuple[str, str]]:
    """Cities that have case studies, by name, and the one that was chosen."""
    slugs = {chosen, *counts.by("city")}
    named = [
        (c.slug_in(lang), c.name(lang)) for c in cards.city_names().values() if c.slug in slugs
    ]
    every = sorted(named, key=lambda option: sort_key(option[1]))
    return [("", locale._(N_("All cities"))), *every]


@blueprint.get("/network.opml")
def network() -> Response:
    """This site, the members that it follows and the other feeds that it reads."""
    node, site = settings(), cards.site()
    name = site.name(node.language)
    peers = listing.listed(session())
    own = Outline(
        name,
        f"{node.base_url}/feed.atom",
        f"{node.base_url}/",
        node.language,
        is_member=True,
        city=site.city.slug if site.city else None,
    )
    members = [own, *(_outline(peer) for peer in peers if peer.kind == "member")]
    others = [_outline(peer) for peer in peers if peer.kind != "member"]

    def say(message: str, **arguments: Any) -> str:
        return translate(node.language, message, arguments)

    document = opml.serialise(
        opml.Head(
            say(N_("The network as %(site)s sees it"), site=name),
            name,
            f"{node.base_url}/",
            max((peer.since for peer in peers), default=None),
        ),
        [(say(N_("Members of the network")), members), (say(N_("Other feeds")), others)],
    )
    return conditional.answer(
        lambda: document,
        media_type=f"{opml.TYPE}; charset=utf-8",
        mark=conditional.mark(document),
        cache_control=CACHE,
    )


def _outline(peer: ListedPeer) -> Outline:
    member = peer.kind == "member"
    return Outline(peer.title, uri(peer.url), uri(peer.page), peer.language, member, peer.city)


@blueprint.after_request
def open_to_other_sites(response: Response) -> Response:
    """Feeds may be read by the scripts of any site, with validators (Fetch standard, CORS)."""
    if request.endpoint == "feeds.picker":
        return response
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since, Cache-Control"
        headers["Access-Control-Max-Age"] = "86400"
    else:
        headers["Access-Control-Expose-Headers"] = "ETag, Link"
    return response
