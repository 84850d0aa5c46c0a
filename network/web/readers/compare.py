"""Comparing up to four studies side by side, and finding those worth comparing with."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from network.catalogue import alike, queries
from network.lib import csv_text
from network.lib.i18n import sort_key
from network.lib.languages import in_words
from network.search import city_sizes
from network.search.query import LONGEST_QUERY, parse
from network.search.values import Filters
from network.web.entrance import locale
from network.web.entrance.context import services, session, settings
from network.web.entrance.locale import localised
from network.web.entrance.session import current_user
from network.web.pieces import cards, filters
from network.web.pieces.cards import StudyCard
from network.web.readers import comparison, comparison_csv, selection
from network.web.readers.selection import Selection

blueprint = Blueprint("compare", __name__)
FOUND = 6
"""Studies proposed or found at a time."""


@localised(blueprint, "/compare")
def compare() -> Response:
    """The chosen studies side by side; below them, what could be added."""
    chosen = selection.read()
    given, city = request.args.get("q", "").strip()[: 2 * LONGEST_QUERY], _city()
    kept = [("q", given), ("city", request.args.get("city", ""))]
    selection.keep_in_switch(chosen, [(name, value) for name, value in kept if value])
    room = selection.MOST - len(chosen.columns)
    page = render_template(
        "readers/compare.html",
        columns=chosen.columns,
        rows=comparison.rows(chosen.columns) if chosen.columns else [],
        removals=_removals(chosen),
        currencies=comparison.currencies(chosen.columns),
        gone=chosen.gone,
        unknown=chosen.unknown,
        left_out=chosen.left_out,
        most=selection.MOST,
        names=chosen.names,
        csv_url=selection.address(chosen.names, selection.DOCUMENT),
        asked=given,
        found=_addable(chosen, _search(given, chosen)) if room and given else [],
        near=_addable(chosen, _near(chosen, city)) if room and city else [],
        city_value=filters.slug_of("city", city, locale.current()) if city else "",
        cities=_cities() if room else [],
    )
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@localised(blueprint, "/compare.csv")
def document() -> Response:
    """The same for a spreadsheet."""
    columns = selection.read().columns
    table = comparison_csv.table(columns, comparison.rows(columns), settings().base_url)
    response = Response(csv_text.document(table, locale.current()), content_type=csv_text.TYPE)
    name = in_words("comparison", locale.current())
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Content-Language"] = locale.current()
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _removals(chosen: Selection) -> list[str]:
    """Where each study is taken out again."""
    names = chosen.names
    return [selection.address([n for n in names if n != name]) for name in names]


def _city() -> str | None:
    """Whose size counts: the city asked for, else, for officials, the node's own."""
    found = cards.city_named(request.args.get("city", "").strip())
    if found is None and current_user() is not None and (own := cards.site().city):
        found = cards.city_named(own.slug)
    return found.slug if found and found.population else None


def _cities() -> list[tuple[str, str]]:
    """Every city whose size is known, by name."""
    lang = locale.current()
    known = [(c.slug_in(lang), c.name(lang)) for c in cards.city_names().values() if c.population]
    return [("", "–"), *sorted(known, key=lambda option: sort_key(option[1]))]


def _search(given: str, chosen: Selection) -> list[str]:
    """What a search for studies to add finds first."""
    most = FOUND + len(chosen.columns)
    query = parse(city_sizes.words(given))
    found = services().search.search(query, Filters(), locale.current(), 0, most)
    return [hit.study_key for hit in found.hits]


def _near(chosen: Selection, city: str | None) -> list[str]:
    """Studies of the same topics from cities of about the same size."""
    here = cards.city_names().get(city or "")
    if here is None or not here.population:
        return []
    without = [column.key for column in chosen.columns]
    return alike.of_similar_size(
        session(), chosen.topics, here.slug, here.population, without, FOUND
    )


def _addable(chosen: Selection, keys: list[str]) -> list[tuple[StudyCard, str, int | None]]:
    """(card, where it is compared too, its city's inhabitants) of those not chosen yet."""
    held = {column.key for column in chosen.columns}
    wanted = [key for key in keys if key not in held][:FOUND]
    known = cards.city_names()
    rows = queries.cards(session(), wanted, locale.current())
    return [
        (
            card,
            selection.address([*chosen.names, card.compare_key], city=request.args.get("city")),
            known[row.city].population if row.city in known else None,
        )
        for row, card in zip(rows, cards.show(rows), strict=True)
    ]
