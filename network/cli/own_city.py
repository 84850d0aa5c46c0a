"""Whose site a node is: by PIONEER_CITY, by `init`'s options, or by questions on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click
from sqlalchemy.orm import Session

from network.case_studies import cities as keeping
from network.cities import places, typed
from network.cities import service as cities
from network.cities import site as sites
from network.cities.models import City, CityAlias, SiteRow
from network.cities.service import CityValue
from network.cli.cities import (
    SHOWN,
    Function,
    described,
    in_each_language,
    looked_up,
    value_of,
)
from network.cli.context import say
from network.config import Settings
from network.lib import clock, i18n
from network.lib.db import writing
from network.lib.errors import InvalidInput, PioneerError

_LANGUAGES = {lang: i18n.language_name(lang, "en") for lang in i18n.ENGLISH_FIRST}
HELP = {
    **{f"site_name_{code}": f"The site's name in {lang}." for code, lang in _LANGUAGES.items()},
    **{
        f"site_description_{code}": f"What the site is about, in {lang}."
        for code, lang in _LANGUAGES.items()
    },
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
    for lang, called in before.names.items():
        given[f"site_name_{lang}"] = given.get(f"site_name_{lang}") or called
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
    named = name is not None or not about.keys().isdisjoint(typed.NAMES)
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
    """Ask on a terminal whose site this is; an empty answer leaves it for later.

    Nothing is written before the last answer. Raises PioneerError when somebody breaks off.
    """
    say("Whose site is this? All of it can be changed later, on the page “Our city”.")
    try:
        name = _typed("City (empty: say it later)", default="", show_default=False)
        if not typed.line(name):
            return
        value, region = _choose(name)
        said = _site_names(value)
    except click.Abort:
        say("")
        raise PioneerError(
            "Nothing was written of the site’s city; the database is ready. Answer when you run "
            "pioneer-cities init again, or on the page “Our city”."
        ) from None
    session.rollback()
    city, _added = keeping.keep(session, value, region)
    keeping.say_site(session, city.slug, said)


def _site_names(city: CityValue) -> dict[str, str]:
    """What the site is called in each language."""
    given: dict[str, str] = {}
    for key, proposed in sites.proposed_names(city).items():
        field = f"site_{key}"

        def wrong(text: str, field: str = field) -> list[InvalidInput]:
            return [each for each in sites.tidied({field: text})[1] if each.field == field]

        given[field] = _asked(HELP[field], wrong, default=proposed)
    return sites.tidied(given)[0]


def _asked(question: str, wrong: Callable[[str], list[InvalidInput]], **how: Any) -> str:
    """An answer that is understood: any other is asked again, with the reason."""
    while True:
        answer = _typed(question, **how)
        problems = wrong(answer)
        if not problems:
            return answer
        say(str(problems[0]))


def _typed(question: str, **how: Any) -> str:
    """What somebody typed; in another encoding than the terminal's it is asked again."""
    while True:
        answer = str(click.prompt(question, **how))
        if not any("\ud800" <= letter <= "\udfff" for letter in answer):  # bytes that were none
            return answer
        say(
            "Your terminal does not send the letters that it says (UTF-8). Type it without accents."
        )


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
    given: dict[str, str] = {}
    questions = {
        **{f"name_{code}": f"Name in {lang}" for code, lang in _LANGUAGES.items()},
        "slug": "Short name for addresses (empty: made of the name)",
        "country": "Country",
        "kind": f"Kind ({', '.join(typed.KINDS)})",
        "population": "Inhabitants",
        "population_year": "Year of that figure",
        "timezone": "Time zone, such as Europe/Paris",
        "website": "Website",
    }
    for field, question in questions.items():
        proposed = given.get(typed.NAMES[0], name) if field in typed.NAMES else ""

        def wrong(text: str, field: str = field) -> list[InvalidInput]:
            problems = typed.read(given | {field: text}, clock.now().year)[1]
            return [each for each in problems if each.field == field]

        given[field] = _asked(question, wrong, default=proposed, show_default=bool(proposed))
    return typed.read(given, clock.now().year)[0]


def shown(site: sites.Site) -> str:
    """Whose site it is, as one line."""
    city, names = site.city, in_each_language(site.name)
    if city is None:
        return f"It is called {names} and says of no city that it is its."
    country = f" ({i18n.country_name(city.country, 'en')})" if city.country else ""
    return f"{names} is the site of {city.name('en')}{country}"
