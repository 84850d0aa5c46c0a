"""The front door: `/` sends to the visitor's language, the home page shows what cities do."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.adoptions import graph
from network.catalogue import listing, queries
from network.catalogue.queries import Filter
from network.lib import i18n
from network.web.entrance import counts, locale
from network.web.entrance.context import session, settings
from network.web.entrance.locale import localised
from network.web.entrance.page_cache import cached
from network.web.pieces import cards, chains, feeds_links

blueprint = Blueprint("home", __name__)
NEWEST = 8


@blueprint.get("/")
def negotiate() -> ResponseReturnValue:
    """302 to the visitor's language: cookie, then Accept-Language, then the node's default."""
    query = f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else ""
    response = redirect(f"/{locale.preferred()}/{query}", 302)
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Cache-Control"] = "private, max-age=0"
    return response


@localised(blueprint, "/")
@cached
def home() -> str:
    """What is new, by topic and by city, and how one practice travelled."""
    newest = listing.newest(session(), Filter(), locale.current(), NEWEST)
    by_topic, by_city = counts.by("topic"), counts.by("city")
    root = counts.kept("most-adopted", lambda: graph.most_adopted(session()))
    return render_template(
        "readers/home.html",
        cards=cards.show(newest),
        more_url=locale.url("case_studies.browse"),
        topics=topic_items(by_topic),
        cities=city_items(by_city),
        chain=chains.chain(_around(root)) if root else None,
        chain_url=_lineage_url(root) if root else None,
        totals={
            "studies": counts.total(Filter()),
            "cities": len(by_city),
            "topics": len(by_topic),
            "sites": 1 + len(cards.sources()),
        },
        feed_links=feeds_links.for_list(Filter()),
    )


def _around(root: str) -> graph.Lineage:
    return counts.kept(("around", root), lambda: graph.around(session(), root, settings().base_url))


def _lineage_url(key: str) -> str | None:
    found = queries.cards(session(), [key], locale.current())
    return cards.study_url(found[0].place, found[0].slug, "case_studies.lineage") if found else None


def topic_items(by_topic: dict[str, int]) -> list[tuple[str, str, int]]:
    """(name, address, count) of every topic that has studies, by name."""
    rows = [
        (topic.name(locale.current()), cards.topic_links([slug])[0][1], by_topic[slug])
        for slug, topic in cards.topic_names().items()
        if by_topic.get(slug)
    ]
    return sorted(rows, key=lambda row: i18n.sort_key(row[0]))


def city_items(by_city: dict[str, int]) -> list[tuple[str, str, int]]:
    """(name, address, count) of every city that has studies, by name."""
    rows = []
    for slug, number in by_city.items():
        name, address = cards.city_link(slug)
        if name and address:
            rows.append((name, address, number))
    return sorted(rows, key=lambda row: i18n.sort_key(row[0]))
