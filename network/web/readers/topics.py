"""The topics, and what cities have done about each."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from network.catalogue import listing
from network.catalogue.queries import Filter
from network.web.entrance import counts, locale
from network.web.entrance.context import session
from network.web.entrance.locale import localised
from network.web.entrance.page_cache import cached
from network.web.pieces import cards, feeds_links, filters
from network.web.readers import home

blueprint = Blueprint("topics", __name__)


@localised(blueprint, "/topics/")
@cached
def index() -> str:
    """Every topic with its number of studies."""
    by_topic = counts.by("topic")
    empty = [cards.topic_links([slug])[0] for slug in cards.topic_names() if not by_topic.get(slug)]
    return render_template("readers/topics.html", topics=home.topic_items(by_topic), empty=empty)


@localised(blueprint, "/topics/<slug>")
@cached
def topic(slug: str) -> ResponseReturnValue:
    """One topic: its newest studies and its feeds."""
    lang, found = locale.current(), cards.topic_named(slug)
    if found is None:
        abort(404)
    if slug != found.slug_in(lang):
        return redirect(locale.url("topics.topic", slug=found.slug_in(lang)), 301)
    for other in locale.others():
        locale.switch_to(other, slug=found.slug_in(other))
    chosen = Filter(topic=found.slug)
    return render_template(
        "readers/topic.html",
        topic={"name": found.name(lang), "synonyms": found.synonyms.get(lang, ())},
        cards=cards.show(listing.newest(session(), chosen, lang, listing.PAGE)),
        total=counts.total(chosen),
        browse_url=filters.address("case_studies.browse", chosen),
        cities=home.city_items(counts.of_facets(chosen)["city"]),
        feed_links=feeds_links.for_list(chosen),
        feeds_url=filters.address("feeds.picker", chosen),
    )
