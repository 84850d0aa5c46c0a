"""Whose site a node is: by PIONEER_CITY, by `init`'s options, or by questions on a terminal."""

from __future__ import annotations

from collections.abc import Mapping

import click
from sqlalchemy.orm import Session

from network.case_studies import cities as keeping
from network.cities import places, typed
from network.cities import service as cities
from network.cities import site as sites
from network.cities.models import City, CityAlias, SiteRow
from network.cities.service import CityValue
from network.cli.cities import SHOWN, Function, described, looked_up, value_of
from network.cli.context import say
from network.config import Settings
from network.lib import clock, i18n
from network.lib.db import writing
from network.lib.errors import PioneerError

HELP = {
    "site_name_en": "The site's name in English.",
    "site_name_fr": "The site's name in French.",
    "site_description_en": "What the site is about, in English.",
    "site_description_fr": "The same in French.",
    "site_timezone": "The site's time zone, when it is not the city's.",
}


def told(function: Function) -> Function:
    """Options for what the site is called."""
    for name, help_ in reversed(HELP.items()):
        function = click.option(f"--{name.replace('_', '-')}", name, help=help_)(function)
    return function


def find(session: Session, node: Settings) -> None:
    """Make PIONEER_CITY a city that this node knows. Raises PioneerError when nobody knows it."""
    row = session.get(SiteRow, 1)
    if not node.city or (row and row.city) or cities.by_slug(session, node.city):
        return
    try:
        place = looked_up(node.city.replace("-", " "))
    except PioneerError as error:
        raise PioneerError(
            "PIONEER_CITY=%(city)s is no city here. %(why)s For example: pioneer-cities init "
            "--city NAME --name-en NAME --name-fr NOM --country FR",
            city=node.city, why=str(error),
        ) from None  # fmt: skip
    session.rollback()
    city, _added = keeping.keep(session, place.value, place.region)
    with writing(session):
        if cities.by_slug(session, node.city) is None:
            session.add(CityAlias(slug=node.city, city_slug=city.slug))
    say(f"PIONEER_CITY={node.city} is {described(place)}")


def tell(session: Session, node: Settings, name: str | None, options: Mapping[str, str]) -> None:
    """Write down what `init`'s options say. name: of the city, to be looked up.

    Raises PioneerError, and then nothing was changed.
    """
    site = {key: text for key, text in options.items() if key in HELP}
    about = {key: text for key, text in options.items() if key not in HELP}
    city = _city(session, node, name, about)
    before = sites.read(session, node)
    names = sites.proposed_names(cities.value_of(city)) if city else {}
    known = {key: text or names.get(key, "") for key, text in sites.said(session).items()}
    given = {f"site_{key}": text for key, text in known.items()} | site
    given["site_name_en"] = given["site_name_en"] or before.name_en
    given["site_name_fr"] = given["site_name_fr"] or before.name_fr
    said, problems = sites.tidied(given)
    zone, wrong = sites.zone(given["site_timezone"])
    problems += wrong
    if problems:
        raise PioneerError("; ".join(str(problem) for problem in problems).replace("%", "%%"))
    session.rollback()
    keeping.say_site(session, city.slug if city else None, said | {"timezone": zone})


def _city(
    session: Session, node: Settings, name: str | None, about: Mapping[str, str]
) -> City | None:
    """The city that the options name, or else the one that the node has, with what they change."""
    own = sites.read(session, node).city
    named = name is not None or not {"name_en", "name_fr"}.isdisjoint(about)
    if not named and own is not None:
        if not about:
            return cities.by_slug(session, own.slug)
        value, problems = typed.read(typed.write(own, "en") | dict(about), clock.now().year)
        if problems:
            raise PioneerError("; ".join(map(str, problems)).replace("%", "%%"))
        session.rollback()
        return keeping.change(session, own.slug, value, own=True)
    if not named and not about:
        return None
    value, region = value_of(name, dict(about))
    session.rollback()
    city, added = keeping.keep(session, value, region)
    if added or not about:
        return city
    known = typed.write(cities.value_of(city), "en")
    session.rollback()
    value, _ = typed.read(known | dict(about), clock.now().year)
    return keeping.change(session, city.slug, value, own=True)


def ask(session: Session, node: Settings) -> None:
    """Ask on a terminal whose site this is; an empty answer leaves it for later."""
    say("Whose site is this? All of it can be changed later, on the page “Our city”.")
    name = click.prompt("City (empty: say it later)", default="", show_default=False)
    if not name.strip():
        return
    value, region = _choose(name)
    session.rollback()
    city, _added = keeping.keep(session, value, region)
    names = sites.proposed_names(cities.value_of(city))
    site = {
        f"site_{key}": click.prompt(HELP[f"site_{key}"], default=default)
        for key, default in names.items()
    }
    session.rollback()
    keeping.say_site(session, city.slug, sites.tidied(site)[0])


def _choose(name: str) -> tuple[CityValue, str]:
    found = places.find(name, SHOWN)
    for number, place in enumerate(found, 1):
        say(f"  {number}  {described(place)}")
    if found:
        wanted = click.IntRange(0, len(found))
        number = click.prompt("Which one (0: none of these)", type=wanted, default=1)
        if number:
            return found[number - 1]
    return _by_hand(name), ""


def _by_hand(name: str) -> CityValue:
    """Every answer but the names may be left empty; one that is not understood is asked again."""
    given = {"name_en": click.prompt("Name in English", default=name)}
    given["name_fr"] = click.prompt("Name in French", default=given["name_en"])
    questions = {
        "slug": "Short name for addresses (empty: made of the name)",
        "country": "Country",
        "kind": f"Kind ({', '.join(typed.KINDS)})",
        "population": "Inhabitants",
        "population_year": "Year of that figure",
        "timezone": "Time zone, such as Europe/Paris",
        "website": "Website",
    }
    for field, question in questions.items():
        while True:
            given[field] = click.prompt(question, default="", show_default=False)
            value, problems = typed.read(given, clock.now().year)
            wrong = [str(problem) for problem in problems if problem.field == field]
            if not wrong:
                break
            say(wrong[0])
    return value


def shown(site: sites.Site) -> str:
    """Whose site it is, as one line."""
    city = site.city
    if city is None:
        return f"It is called {site.name_en} / {site.name_fr} and says of no city that it is its."
    country = f" ({i18n.country_name(city.country, 'en')})" if city.country else ""
    return f"{site.name_en} / {site.name_fr} is the site of {city.name_en}{country}"
