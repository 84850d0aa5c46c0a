"""A city in a form: looked up among the places of the world, or typed in full.

Fields have a prefix, so that they stand in other forms, too: `place.name_en` in the editor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request

from network.cities import places, typed
from network.cities.places import Place
from network.cities.service import CityValue
from network.cities.typed import FIELDS
from network.lib import clock, i18n
from network.lib.i18n import N_
from network.web.entrance.locale import _, current

MOST_FOUND = 8
FEW = N_("Type at least two letters of the city’s name.")
NOTHING = N_("No place called “%(words)s” comes with this software. Fill in the fields below.")
KINDS = {
    "city": N_("City or town"),
    "village": N_("Village"),
    "district": N_("District or borough"),
    "agglomeration": N_("Agglomeration"),
    "county": N_("County or department"),
    "region": N_("Region"),
}
assert tuple(KINDS) == typed.KINDS


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in the form. words: looked for. found: proposals. message: about them.

    errors: (field id, message). value: the city that was chosen or typed in full, if one was.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    found: Sequence[tuple[str, str]] = ()
    message: str | None = None
    errors: Sequence[tuple[str, str]] = ()
    value: CityValue | None = None
    region: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody is at it."""
        return bool(self.words or self.message or self.errors)


def wanted(prefix: str) -> bool:
    """Whether the form was sent for a city: to look for one, to take a proposal, to add one."""
    then = request.form.get("then", "")
    return then in (f"{prefix}find", f"{prefix}add") or f"{prefix}choose" in request.form


def look(prefix: str) -> Part:
    """What becomes of such a form."""
    fields = sent(prefix)
    words = typed.line(request.form.get(f"{prefix}find", ""))[:200]
    if token := request.form.get(f"{prefix}choose"):
        place = places.chosen(token)
        if place is not None:
            return Part(typed.write(place.value, current()), value=place.value, region=place.region)
    if request.form.get("then") == f"{prefix}add":
        return checked(fields, prefix)
    found = [(place.token, described(place)) for place in places.find(words, MOST_FOUND)]
    message = None if found else _(NOTHING, words=words) if len(words) > 1 else _(FEW)
    return Part(fields, words, found, message)


def sent(prefix: str) -> dict[str, str]:
    """The fields as they were typed; region, for a slug, comes with a proposal."""
    return {name: request.form.get(f"{prefix}{name}", "") for name in (*FIELDS, "region")}


def checked(fields: Mapping[str, str], prefix: str) -> Part:
    """The part with the city that the fields mean, or with what is wrong in them."""
    value, problems = typed.read(fields, clock.now().year)
    errors = [(f"{prefix}{p.field}", _(p.message, **p.arguments)) for p in problems]
    region = typed.line(request.form.get(f"{prefix}region", ""))
    return Part(fields, errors=errors, value=None if errors else value, region=region)


def described(place: Place) -> str:
    """A proposal in the page's language: name, region, country, inhabitants."""
    value, lang = place.value, current()
    names = dict.fromkeys((value.name(lang), *value.names.values()))
    country = i18n.country_name(value.country, lang) if value.country else ""
    parts = [" / ".join(names), place.region, country]
    if value.population is not None:
        number = i18n.number(value.population, lang)
        parts.append(_(N_("%(number)s inhabitants"), number=number))
    return ", ".join(part for part in parts if part)


def choices() -> dict[str, Any]:
    """What can be chosen from: countries by name, kinds."""
    named = typed.countries(current()).items()
    countries = sorted(named, key=lambda item: i18n.sort_key(item[1]))
    return {
        "countries": [("", "–"), *countries],
        "kinds": [(kind, _(label)) for kind, label in KINDS.items()],
        "languages": [(lang, i18n.language_name(lang, current())) for lang in i18n.LANGUAGES],
    }
