"""The cities of the network, and what each has tried."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from network.catalogue import listing
from network.catalogue.queries import Filter
from network.cities.models import City
from network.lib import i18n
from network.web.entrance import counts, locale
from network.web.entrance.context import session
from network.web.entrance.locale import localised
from network.web.entrance.page_cache import cached
from network.web.pieces import cards, city_form, feeds_links, filters
from network.web.readers import home

blueprint = Blueprint("cities", __name__)


@localised(blueprint, "/cities/")
@cached
def index() -> str:
    """Every city that has case studies."""
    return render_template("readers/cities.html", cities=[_with_country(*c) for c in _found()])


def _found() -> list[tuple[str, str, str, int]]:
    lang, by_city = locale.current(), counts.by("city")
    rows = [
        (city.name(lang), locale.url("cities.city", slug=city.slug_in(lang)), city.country or "", n)
        for slug, n in by_city.items()
        if (city := cards.city_names().get(slug))
    ]
    return sorted(rows, key=lambda row: i18n.sort_key(row[0]))


def _with_country(name: str, url: str, country: str, number: int) -> tuple[str, str, int, str]:
    return name, url, number, i18n.country_name(country, locale.current()) if country else ""


@localised(blueprint, "/cities/<slug>")
@cached
def city(slug: str) -> ResponseReturnValue:
    """One city: its studies, its topics and its feeds."""
    lang, found = locale.current(), cards.city_named(slug)
    if found is None:
        abort(404)
    if slug != found.slug_in(lang):
        return redirect(locale.url("cities.city", slug=found.slug_in(lang)), 301)
    for other in locale.others():
        locale.switch_to(other, slug=found.slug_in(other))
    chosen = Filter(city=found.slug)
    return render_template(
        "readers/city.html",
        city=_described(found),
        cards=cards.show(listing.newest(session(), chosen, lang, listing.PAGE)),
        total=counts.total(chosen),
        browse_url=filters.address("case_studies.browse", chosen),
        topics=home.topic_items(counts.of_facets(chosen)["topic"]),
        feed_links=feeds_links.for_list(chosen),
        feeds_url=filters.address("feeds.picker", chosen),
    )


def _described(city: City) -> dict[str, Any]:
    """What is said of a city, in the page's language. A newer node may say a kind that we do not
    know: it is not shown."""
    lang, label = locale.current(), city_form.KINDS.get(city.kind)
    return {
        "name": city.name(lang),
        "country": i18n.country_name(city.country, lang) if city.country else None,
        "kind": locale._(label) if label else None,
        "population": city.population,
        "population_year": city.population_year,
        "website": city.website,
        "website_host": urlsplit(city.website or "").netloc,
    }
