"""The documents of this node's own log, its head and archives, as they are served and checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from network.catalogue import queries as catalogue
from network.cities import service as cities
from network.cities.service import CityValue
from network.log import service as log
from network.log.document import feed_xml
from network.log.entry import State
from network.log.places import MOST_PLACES, Place
from network.log.service import Page

HEAD = "/feed.atom"
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""When an empty log was updated: Atom asks for a date, and there is none."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Whose log it is. base_url: its public address. name: of the site. hub: its hub's address.
    city: its own, if it has said which."""

    base_url: str
    name: str
    hub: str
    city: CityValue | None = None


def archive_path(number: int) -> str:
    """Where an archive is."""
    return f"/feed/archive/{number}.atom"


def head(session: Session, who: Publisher) -> bytes:
    """The newest rows, and what the whole log amounts to: to be read in one transaction."""
    state = log.read_state(session)
    return _document(log.head(session), HEAD, who, state, _places(session, who.city))


def archive(session: Session, number: int, who: Publisher) -> bytes | None:
    """A full page of the log; None when there is no such page yet."""
    found = log.archive(session, number)
    return _document(found, archive_path(number), who) if found else None


def _places(session: Session, own: CityValue | None) -> list[Place]:
    """The node's own city, and those that its studies are about, as they are described now."""
    about = [cities.value_of(city) for city in catalogue.own_cities(session)]
    others = [Place(city) for city in about if own is None or city.slug != own.slug]
    return [*([Place(own, own=True)] if own else ()), *others][:MOST_PLACES]


def _document(
    page: Page,
    path: str,
    who: Publisher,
    state: State | None = None,
    places: Iterable[Place] = (),
) -> bytes:
    return feed_xml(
        f"{who.base_url}{HEAD}",
        who.name,
        list(_links(page, path, who, is_head=state is not None)),
        max((datetime.fromisoformat(row.updated) for row in page.rows), default=NO_DATE),
        [row.xml for row in page.rows],
        author=who.name,
        state=state,
        archive=state is None,
        places=places,
    )


def _links(page: Page, path: str, who: Publisher, *, is_head: bool) -> Iterable[tuple[str, str]]:
    """Absolute at the public address, whatever address the document was asked for by. Only the
    head names the hub: an archive changes by losing rows, which come back in the head."""
    yield "self", who.base_url + path
    yield "current", f"{who.base_url}{HEAD}"
    if page.prev is not None:
        yield "prev-archive", who.base_url + archive_path(page.prev)
    if is_head:
        yield "hub", who.hub
    yield "alternate", f"{who.base_url}/"
