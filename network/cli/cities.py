"""`city`: the places that studies may name, and what is said of each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy.orm import Session

from network.case_studies import cities as keeping
from network.cities import places, typed
from network.cities import service as cities
from network.cities import site as sites
from network.cities.models import City
from network.cities.service import CityValue
from network.cities.typed import FIELDS
from network.cli.context import as_json, database, say, settings
from network.gazetteer import joining
from network.lib import clock
from network.lib.errors import PioneerError
from network.lib.i18n import ENGLISH_FIRST, language_name

Function = Callable[..., Any]
HELP = {
    "slug": "Short name for addresses, such as saint-denis.",
    **{f"name_{lang}": f"Name in {language_name(lang, 'en')}." for lang in ENGLISH_FIRST},
    "country": "Code such as FR, or the country's name.",
    "kind": ", ".join(typed.KINDS),
    "geonames_id": "Its number at GeoNames.",
    "wikidata_id": "Its identifier at Wikidata, such as Q90.",
    "lat": "Latitude in degrees.",
    "lon": "Longitude in degrees.",
    "population": "Inhabitants.",
    "population_year": "Year of that figure.",
    "timezone": "Such as Europe/Paris.",
    "website": "Address of the city's website.",
}
assert tuple(HELP) == FIELDS


def told(*names: str) -> Callable[[Function], Function]:
    """Options for what may be said of a city; all of it without names."""

    def decorate(function: Function) -> Function:
        for name in reversed(names or FIELDS):
            flag = f"--{name.removesuffix('_id').replace('_', '-')}"
            function = click.option(flag, name, help=HELP[name])(function)
        return function

    return decorate


def looked_up(name: str) -> places.Place:
    """The one place that a name means among those shipped; raises PioneerError with the choices."""
    found = places.meant(name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise PioneerError(NOT_FOUND, name=name)
    shown = "; ".join(f"{described(p)} (--geonames {p.value.geonames_id})" for p in found[:SHOWN])
    raise PioneerError(SEVERAL, name=name, number=len(found), shown=shown)


NOT_FOUND = (
    "“%(name)s” is not among the places that come with the software. Say all that you know of it: "
    "--name-en, --name-fr, --country and, if you like, --population and --timezone."
)
SEVERAL = (
    "%(number)s places are called “%(name)s”. Add a country or region after a comma, or a number: "
    "%(shown)s"
)
SHOWN = 5
"""Places of one name that a message names."""


def in_each_language(named: Callable[[str], str]) -> str:
    """What something is called in each language of the pages, as one line."""
    return " / ".join(map(named, ENGLISH_FIRST))


def described(place: places.Place) -> str:
    """A place as one line."""
    value = place.value
    people = "" if value.population is None else f"{value.population:,} inhabitants"
    parts = (value.name("en"), place.region, value.country or "", people)
    return ", ".join(part for part in parts if part)


def value_of(name: str | None, options: dict[str, str | None]) -> tuple[CityValue, str]:
    """The city that a name and options say, and its region. Raises PioneerError.

    Where options give a name, they are all that is said; else the shipped places know the rest.
    """
    given = {key: text for key, text in options.items() if text is not None}
    region = ""
    if name and given.keys().isdisjoint(typed.NAMES):
        place = _by_number(name, given.get("geonames_id")) or looked_up(name)
        region, known = place.region, typed.write(place.value, "en")
        given = known | given
        given["slug"] = options.get("slug") or ""
    elif name:
        given.setdefault(typed.NAMES[0], name)
    value, problems = typed.read(given, clock.now().year)
    if problems:
        raise PioneerError(_listed(problems))
    return value, region


def _by_number(name: str, number: str | None) -> places.Place | None:
    if number is None:
        return None
    return next((p for p in places.find(name, 1000) if str(p.value.geonames_id) == number), None)


def _listed(problems: typed.Problems) -> str:
    return "; ".join(f"{p.field}: {p}" for p in problems).replace("%", "%%")


@click.group()
def city() -> None:
    """Add, list, edit and join the cities that studies may name."""


@city.command("list")
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def list_(json_: bool) -> None:
    """Every city that this node knows."""
    with database(settings()) as session:
        rows = cities.all_cities(session)
    if json_:
        as_json([_as_dict(row) for row in rows])
    for row in () if json_ else rows:
        people = "" if row.population is None else f"{row.population:,}"
        say(f"{row.slug:32} {row.country or '':3} {people:>12}  {in_each_language(row.name)}")


def _as_dict(row: City) -> dict[str, Any]:
    said = cities.by_field(cities.in_full(cities.value_of(row)))
    slugs = {f"slug_{lang}": row.slug_in(lang) for lang in ENGLISH_FIRST[1:]}
    return said | slugs | {"origin": row.origin, "said_by": row.said_by}


@city.command()
@click.argument("name", required=False)
@told()
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def add(name: str | None, json_: bool, **options: str | None) -> None:
    """Add a city: by NAME, such as “Lyon” or “San José, Costa Rica”, or said in full by options."""
    value, region = value_of(name, options)
    with database(settings()) as session:
        row, added = keeping.keep(session, value, region)
        _tell(row, "added" if added else "known already", json_)


@city.command()
@click.argument("slug")
@told(*FIELDS[1:])
@click.option("--json", "json_", is_flag=True, help="For scripts.")
def edit(slug: str, json_: bool, **options: str | None) -> None:
    """Say something else of the city SLUG; what no option names stays."""
    node = settings()
    with database(node) as session:
        row = _known(session, slug)
        ours = sites.read(session, node).city
        own = ours is not None and ours.slug == row.slug
        before = typed.write(cities.value_of(row), "en")
        given = {key: text for key, text in options.items() if text is not None}
        value, problems = typed.read(before | given, clock.now().year)
        if problems:
            raise PioneerError(_listed(problems))
        session.rollback()
        _tell(keeping.change(session, row.slug, value, own), "changed", json_)


@city.command()
@click.argument("goes", metavar="FROM")
@click.argument("stays", metavar="INTO")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "json_", is_flag=True, help="For scripts, with --yes.")
def join(goes: str, stays: str, yes: bool, json_: bool) -> None:
    """Make one city of two that are the same: everything of FROM goes to INTO, for good."""
    node = settings()
    with database(node) as session:
        found = joining.preview(session, _known(session, goes).slug, _known(session, stays).slug)
        goes, stays = found.goes.slug, found.stays.slug
        session.rollback()
        if not yes:
            _ask(found, goes, stays)
        done = joining.join(session, goes, stays, node.base_url)
        _tell(done.stays, f"{goes} is this city from now on", json_)


def _ask(found: joining.Preview, goes: str, stays: str) -> None:
    """Say what joining means, and go on only when somebody at a terminal agrees."""
    what = (
        f"Case studies go from {goes} to {stays}: {found.own} of this site, {found.followed} "
        "followed. This cannot be undone."
    )
    if not _on_terminal():
        raise PioneerError("%(what)s Give --yes to do it.", what=what)
    say(what)
    click.confirm("Join them?", abort=True)


def _on_terminal() -> bool:
    return sys.stdin.isatty()


def _known(session: Session, slug: str) -> City:
    row = cities.by_slug(session, slug)
    if row is None:
        raise PioneerError("“%(slug)s” is no city here; `city list` names them.", slug=slug)
    return row


def _tell(row: City, what: str, json_: bool) -> None:
    if json_:
        as_json(_as_dict(row))
    else:
        say(f"{row.slug}: {in_each_language(row.name)} ({what})")


COMMANDS = (city,)
