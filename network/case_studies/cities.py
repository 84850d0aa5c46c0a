"""Cities and the site as people here say them, with all that follows: pages, index, own city."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from network.case_studies.drafts import UNKNOWN_CITY
from network.catalogue import store as catalogue
from network.cities import hearing
from network.cities import service as cities
from network.cities import site as sites
from network.cities.models import HERE, City
from network.cities.service import CityValue
from network.cities.typed import NO_LETTERS
from network.lib import clock
from network.lib.db import writing
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.log import service as log


def keep(session: Session, value: CityValue, region: str = "") -> tuple[City, bool]:
    """The city that a value means, added when it is not here yet; and whether it was added.

    region: tells cities of one name and country apart. Raises InvalidInput for a value without a
    name that a slug can be made of.
    """
    with writing(session):
        found = hearing.find(session, value, region)
        if found is not None:
            return found, False
        catalogue.touch(session)
        city = hearing.meet(session, value, clock.now(), HERE, region)
        if city is None:
            raise InvalidInput(NO_LETTERS, "slug")
        return city, True


def change(session: Session, slug: str, value: CityValue, own: bool = False) -> City:
    """Say of a city what the value says, here and to followers; its addresses stay.

    own: it is this node's city, of which nobody else has the last word. Raises InvalidInput for a
    city that is not here, or whose own site has the last word.
    """
    with writing(session):
        city = cities.by_slug(session, slug)
        if city is None:
            raise InvalidInput(UNKNOWN_CITY, city=slug)
        if city.said_by and not own:
            raise InvalidInput(ITS_OWN_WORD, host=city.said_by)
        cities.put(city, value)
        city.said_by = None
        session.flush()
        log.cities_changed(session, {city.slug})
    return city


ITS_OWN_WORD = N_(
    "%(host)s is the site of this city, and what it says counts. Ask there for the change. If it "
    "is not the city’s site, see its page under Administration, Members: block it, or let "
    "another one speak for the city."
)


def say_site(session: Session, city: str | None, said: Mapping[str, str]) -> None:
    """Say what this node is, here and to followers: its own city's slug, and fields of the site
    by name."""
    with writing(session):
        row = sites.edit(session)
        row.city = city
        sites.write(row, said)
        catalogue.touch(session)
        log.renew_mark(session)
