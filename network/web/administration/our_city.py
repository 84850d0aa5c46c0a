"""“Our city”: what this node says of its own city and of itself, in each language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.case_studies import cities as keeping
from network.cities import hearing, typed
from network.cities import service as cities
from network.cities import site as sites
from network.lib.errors import InvalidInput
from network.lib.i18n import LANGUAGES, N_
from network.web.entrance.access import requires
from network.web.entrance.context import session
from network.web.entrance.locale import _, current, localised, url
from network.web.pieces import cards, city_form
from network.web.pieces.city_form import Part

blueprint = Blueprint("our_city", __name__)
SITE = tuple(f"site_{name}" for name in (*sites.TEXTS, "timezone"))


@localised(blueprint, "/admin/our-city", methods=("GET", "POST"))
@requires("administrator")
def index() -> ResponseReturnValue:
    """See and change it; a place can be looked up among those of the world first."""
    if request.method == "GET":
        return _page(_as_it_is(), _site_as_it_is(), _own())
    site = {name: request.form.get(name, "") for name in SITE}
    own = request.form.get("own", "")
    if city_form.wanted(""):
        return _proposed(site, own)
    return _save(site, own)


def _own() -> str:
    city = cards.site().city
    return city.slug if city else ""


def _as_it_is() -> Part:
    city = cards.site().city
    return Part(typed.write(city, current()) if city else {"kind": "city"})


def _site_as_it_is() -> dict[str, str]:
    """What was said; the settings' name where nothing was, so that saving keeps it."""
    site = cards.site()
    texts = {f"site_{name}": text for name, text in sites.said(session()).items()}
    return texts | {f"site_name_{lang}": name for lang, name in site.names.items()}


def _proposed(site: dict[str, str], own: str) -> ResponseReturnValue:
    """The form with proposals, or with the one that was chosen; nothing is saved yet."""
    part = city_form.look("")
    if part.value is not None:
        same = hearing.find(session(), part.value, part.region)
        own = same.slug if same else ""
        names = sites.proposed_names(part.value)
        part = replace(part, fields={**part.fields, "region": part.region})
        site |= {f"site_{name}": text for name, text in names.items() if _is_unsaid(site, name)}
    return _page(part, site, own), 200


def _is_unsaid(site: dict[str, str], name: str) -> bool:
    """Whether the site's name is one that every new site has."""
    return typed.line(site[f"site_{name}"]) in ("", *sites.DEFAULT_NAMES.values())


def _save(site: dict[str, str], own: str) -> ResponseReturnValue:
    part = city_form.checked(city_form.sent(""), "")
    said, problems = sites.tidied(site)
    zone, wrong = sites.zone(site["site_timezone"])
    problems += wrong
    errors = [*part.errors, *((p.field or "", _(p.message, **p.arguments)) for p in problems)]
    if part.value is None or errors:
        return _page(part, site, own, errors), 422
    if not own and (wrong_field := _still_ours(part)):
        again = _(STILL_OURS, city=cards.city_names()[_own()].name(current()))
        return _page(part, site, own, [(wrong_field, again)]), 422
    session().rollback()
    try:
        if own and cities.by_slug(session(), own):
            city = keeping.change(session(), own, part.value, own=True)
        else:
            city, added = keeping.keep(session(), part.value, part.region)
            if not added:
                city = keeping.change(session(), city.slug, part.value, own=True)
    except InvalidInput as error:
        first = f"name_{LANGUAGES[0]}"
        return _page(part, site, own, [(first, _(error.message, **error.arguments))]), 422
    keeping.say_site(session(), city.slug, said | {"timezone": zone})
    flash(_(N_("Saved. Readers see it from now on.")), "success")
    return redirect(url("our_city.index"), 303)


STILL_OURS = N_(
    "By this it is still %(city)s. Empty the numbers and the short name of %(city)s to add another "
    "city, or choose %(city)s above."
)


def _still_ours(part: Part) -> str | None:
    """The field by which what is to be another city is the one that we are."""
    value = part.value
    found = hearing.find(session(), value, part.region) if value else None
    if value is None or found is None or found.slug != _own():
        return None
    same = (name for name in hearing.IDENTIFIERS if getattr(value, name))
    return next((name for name in same if getattr(value, name) == getattr(found, name)), "slug")


def _page(
    part: Part, site: dict[str, str], own: str, errors: list[tuple[str, str]] | None = None
) -> str:
    ours = own or _own()
    values: dict[str, Any] = {"place": part, "said": site, "own": own, "ours": ours}
    known = cards.city_names().get(ours)
    return render_template(
        "administration/our_city.html",
        errors=errors or list(part.errors),
        own_name=known.name(current()) if known else None,
        place_choices=city_form.choices(),
        **values,
    )
