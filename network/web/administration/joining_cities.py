"""Making one city of two that are the same: chosen, shown what it means, and then done for good."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.cities.models import City
from network.gazetteer import joining
from network.gazetteer.joining import Preview
from network.lib import i18n
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, current, localised, url
from network.web.pieces import cards

blueprint = Blueprint("joining_cities", __name__)


@localised(blueprint, "/admin/cities/join", methods=("GET", "POST"))
@requires("administrator")
def join() -> ResponseReturnValue:
    """Choose two cities, see what joining them means, and join them."""
    goes, stays = (request.values.get(name, "").strip() for name in ("goes", "stays"))
    if not goes and not stays:
        return _page(goes, stays)
    try:
        if request.method == "GET":
            return _page(goes, stays, joining.preview(session(), goes, stays))
        done = joining.join(session(), goes, stays, settings().base_url)
    except InvalidInput as error:
        return _page(goes, stays, errors=[(error.field or "goes", _(error.message))]), 422
    text = _(N_("“%(goes)s” is “%(stays)s” from now on."), **_names(done))
    flash(text, "success")
    return redirect(url("cities.city", slug=done.stays.slug_in(current())), 303)


def _page(
    goes: str,
    stays: str,
    preview: Preview | None = None,
    errors: list[tuple[str, str]] | None = None,
) -> str:
    return render_template(
        "administration/join_cities.html",
        cities=_options(),
        goes=goes,
        stays=stays,
        preview=preview,
        names=_names(preview) if preview else {},
        errors=errors or [],
    )


def _names(preview: Preview) -> dict[str, str]:
    return {"goes": preview.goes.name(current()), "stays": preview.stays.name(current())}


def _options() -> list[tuple[str, str]]:
    """Every city, with what tells it from others of its name."""
    named = [(slug, _described(city)) for slug, city in cards.city_names().items()]
    return [("", "–"), *sorted(named, key=lambda item: i18n.sort_key(item[1]))]


def _described(city: City) -> str:
    """Its name, its country and its inhabitants."""
    lang = current()
    known = [i18n.country_name(city.country, lang)] if city.country else []
    if city.population:
        known.append(i18n.number(city.population, lang))
    return f"{city.name(lang)} ({', '.join(known)}) · {city.slug}" if known else city.name(lang)
