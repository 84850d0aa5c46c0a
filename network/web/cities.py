"""The cities of the network, and what each has tried."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from network.catalogue import queries
from network.catalogue.queries import Filter
from network.cities import service as cities
from network.lib import i18n
from network.web import cards, counts, feeds_links, filters, home, locale
from network.web.context import session
from network.web.locale import localised

blueprint = Blueprint("cities", __name__)


@localised(blueprint, en="/cities/", fr="/villes/")
def index() -> str:
    """Every city, by country; those with studies lead to them."""
    by_city, lang = counts.by("city"), locale.current()
    groups: dict[str, list[tuple[str, str, int]]] = {}
    for city in cards.city_names().values():
        name, address = cards.city_link(city.slug)
        if name and address and (by_city.get(city.slug) or city.shipped):
            country = i18n.country_name(city.country, lang) if city.country else ""
            groups.setdefault(country, []).append((name, address, by_city.get(city.slug, 0)))
    ordered = sorted(groups.items(), key=lambda item: item[0].casefold())
    return render_template("cities.html", countries=ordered)


@localised(blueprint, en="/cities/<slug>", fr="/villes/<slug>")
def city(slug: str) -> ResponseReturnValue:
    """One city: its studies, its topics and its feeds."""
    lang, found = locale.current(), cities.by_slug(session(), slug)
    if found is None:
        abort(404)
    if slug != found.slug_in(lang):
        return redirect(locale.url("cities.city", slug=found.slug_in(lang)), 301)
    locale.switch_to(locale.other(), slug=found.slug_in(locale.other()))
    chosen = Filter(city=found.slug)
    return render_template(
        "city.html",
        city={
            "name": found.name(lang),
            "country": i18n.country_name(found.country, lang) if found.country else None,
            "population": found.population,
            "kind": found.kind,
        },
        cards=cards.show(queries.newest(session(), chosen, lang, queries.PAGE)),
        total=counts.total(chosen),
        browse_url=filters.address("case_studies.browse", chosen),
        topics=home.topic_items(counts.of_facets(chosen)["topic"]),
        feed_links=feeds_links.for_list(chosen),
        feeds_url=filters.address("feeds.picker", chosen),
    )
