"""Searching every study that the node knows, in both languages."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, render_template, request

from network.catalogue import queries
from network.catalogue.queries import FACETS, Filter
from network.lib.i18n import N_
from network.lib.sanitise import trusted
from network.search import city_sizes
from network.search.query import LONGEST_QUERY, parse
from network.search.values import SORTS, Hit, Message, Results
from network.web.entrance import counts, locale
from network.web.entrance.context import session
from network.web.entrance.locale import localised
from network.web.pieces import cards, filters
from network.web.readers import home
from network.web.searching import search_feeds, search_help

blueprint = Blueprint("search", __name__)
HERE = search_help.HERE
PER_PAGE = 10
LONGEST_SHOWN = 2 * LONGEST_QUERY
"""Characters of a query that the page repeats; more than are read, so that the cut is told."""
DEEPEST = 100
"""Last page of results: nobody reads the thousandth, and each page costs all before it."""


@localised(blueprint, "/search")
def search() -> str:
    """The results of a query; without one, the search box and what to look for."""
    given = request.args.get("q", "")[:LONGEST_SHOWN]
    chosen, page, order = filters.read(), filters.page_number(), filters.order(SORTS)
    sort = filters.order_said(order, SORTS)
    filters.keep_in_switch(chosen, q=given, sort=sort, page=page if page > 1 else None)
    if not given.strip():
        topics = home.topic_items(counts.by("topic"))
        return render_template("searching/search.html", q="", results=[], total=0, topics=topics)
    if page > DEEPEST:
        abort(404)
    sized = city_sizes.recognise(given)
    words = given if sized is None else sized.rest
    query = parse(words)
    found = search_help.ask(query, chosen, (page - 1) * PER_PAGE, PER_PAGE, order)
    sizes = sized and search_help.of_size(sized, chosen, found.facets.get("size", {}), sort)
    if sizes and not sizes.asked:
        return _sizes_alone(given, chosen, sizes, found)
    lost = found.ready and not found.total
    help_ = search_help.for_nothing(words, chosen, found, sort) if lost else None
    more, before = page * PER_PAGE < found.total, page - 1 if page > 2 else None
    asked = {"q": given, "sort": sort}
    return render_template(
        "searching/search.html",
        q=given,
        asked=words,
        sizes=sizes,
        keep=_kept(chosen, sort),
        results=_shown(found),
        total=found.total,
        page=page,
        orders=filters.orders(HERE, chosen, order, SORTS, q=given) if found.total > 1 else [],
        filters=filters.facets(HERE, chosen, found.facets, **asked),
        active=filters.active(HERE, chosen, **asked),
        clear_url=locale.url(HERE, **asked),
        next_url=filters.address(HERE, chosen, **asked, page=page + 1) if more else None,
        prev_url=filters.address(HERE, chosen, **asked, page=before) if page > 1 else None,
        did_you_mean=_suggestion(found, chosen, sort) or (help_.did_you_mean if help_ else None),
        message=_message(found, query.message if lost else found.message),
        help=help_,
        feed_links=search_feeds.for_list(query.text, chosen),
        feed_url=search_feeds.public_address("atom", query.text, chosen),
        save_url=filters.address("saved_searches.save", chosen, q=query.text),
    )


def _sizes_alone(given: str, chosen: Filter, sizes: search_help.Sizes, found: Results) -> str:
    """The page for a query that says nothing but a size: where cities of that size are."""
    return render_template(
        "searching/search.html",
        q=given,
        sizes=sizes,
        keep=_kept(chosen, None),
        message=_message(found, None),
        filters=filters.facets(search_help.LIST, chosen, found.facets),
        active=filters.active(HERE, chosen, q=given),
        clear_url=locale.url(HERE, q=given),
    )


def _shown(found: Results) -> list[cards.StudyCard]:
    """Rows come from the database; the index only says which, and where the words stand."""
    marks = {
        hit.study_key: (trusted(hit.title_html), trusted(hit.snippet_html)) for hit in found.hits
    }
    rows = queries.cards(session(), [hit.study_key for hit in found.hits], locale.current())
    hits = {hit.study_key: hit for hit in found.hits}
    return [_told(card, hits[card.study_key]) for card in cards.show(rows, marks)]


def _told(card: cards.StudyCard, hit: Hit) -> cards.StudyCard:
    """The card, saying in which version the words are when the one shown has none of them.

    An index that is a moment behind may have marked another version's title than the one shown.
    """
    if hit.lang != card.lang:
        return replace(card, title_html=None, snippet=None)
    marked = "<mark>" in hit.title_html + hit.snippet_html
    return card if marked or hit.found_in == card.lang else replace(card, found_in=hit.found_in)


def _kept(chosen: Filter, sort: str | None) -> list[tuple[str, str]]:
    """The filters and the order in use, sent along with a new search."""
    lang = locale.current()
    given = [(name, getattr(chosen, name)) for name in FACETS] + [("sort", sort)]
    return [
        (name, filters.slug_of(name, value, lang)) for name, value in given if value is not None
    ]


def _message(found: Results, message: Message | None) -> str | None:
    if not found.ready:
        return locale._(N_("The search index is being built. Try again in a minute."))
    return locale._(message[0], **message[1]) if message else None


def _suggestion(found: Results, chosen: Filter, sort: str | None) -> tuple[str, str] | None:
    """(the better spelling, the address that searches for it)."""
    if not found.did_you_mean:
        return None
    address = filters.address(HERE, chosen, q=found.did_you_mean, sort=sort)
    return found.did_you_mean, address
