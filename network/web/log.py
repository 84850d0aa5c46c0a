"""The node's own log for other nodes: its head, its archives, and its ids (docs/protocol)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request

from network.catalogue import queries as catalogue
from network.cities import service as cities
from network.log import service as log
from network.log.document import ATOM_TYPE, feed_xml
from network.log.entry import State
from network.log.places import MOST_PLACES, Place
from network.log.service import Page
from network.web import cards, conditional, feeds_links, readers
from network.web.context import session, settings

blueprint = Blueprint("log", __name__)
HEAD_LASTS = 86_400.0
"""Seconds for which the head is put together once for each state of the log: every follower asks
for it after a change, and its digest is of all that is live."""
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""When an empty log was updated: Atom asks for a date, and there is none."""


@blueprint.get("/feed.atom")
def head() -> Response:
    """The newest rows, and what the whole log amounts to.

    State and rows are read in one transaction, hence of one snapshot.
    """

    def document() -> bytes:
        state = log.read_state(session())
        return _document(log.head(session()), "/feed.atom", state, _places())

    readers.note()
    response = _answer(document, ATOM_TYPE)
    response.headers["Link"] = feeds_links.push_links(f"{settings().base_url}/feed.atom")
    return response


@blueprint.get("/feed/archive/<int:number>.atom")
def archive(number: int) -> Response:
    """A full page of the log (RFC 5005 section 4); rows that changed since have left it."""

    def document() -> bytes:
        found = log.archive(session(), number) if number < 2**31 else None
        return _document(found, _archive_path(number)) if found else abort(404)

    return _answer(document, ATOM_TYPE)


@blueprint.get("/feed/ids.txt")
def ids() -> Response:
    """The lines that the digest is made of, to find a difference by hand."""
    return _answer(lambda: "\n".join(log.lines(session())).encode(), "text/plain")


def _answer(document: Callable[[], bytes], media_type: str) -> Response:
    """304 by the log's position alone: nothing of it changes without a new one."""
    response = conditional.answer(
        document,
        media_type=f"{media_type}; charset=utf-8",
        mark=conditional.mark(request.path, *log.mark(session())),
        cache_control="no-cache",
        keep=HEAD_LASTS if request.endpoint == "log.head" else 0,
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _places() -> list[Place]:
    """The node's own city, and those that its studies are about, as they are described now."""
    own = cards.site().city
    about = [cities.value_of(city) for city in catalogue.own_cities(session())]
    others = [Place(city) for city in about if own is None or city.slug != own.slug]
    return [*([Place(own, own=True)] if own else ()), *others][:MOST_PLACES]


def _document(
    page: Page, path: str, state: State | None = None, places: Iterable[Place] = ()
) -> bytes:
    node = settings()
    name = cards.site().name(node.language)
    return feed_xml(
        f"{node.base_url}/feed.atom",
        name,
        list(_links(page, path, hubs=() if state is None else (feeds_links.hub_address(),))),
        max((datetime.fromisoformat(row.updated) for row in page.rows), default=NO_DATE),
        [row.xml for row in page.rows],
        author=name,
        state=state,
        archive=state is None,
        places=places,
    )


def _links(page: Page, path: str, hubs: Iterable[str] = ()) -> Iterable[tuple[str, str]]:
    """Absolute at the public address, whatever address the document was asked for by. Only the
    head names the hub: an archive changes by losing rows, which come back in the head."""
    base = settings().base_url
    yield "self", base + path
    yield "current", f"{base}/feed.atom"
    if page.prev is not None:
        yield "prev-archive", base + _archive_path(page.prev)
    for hub in hubs:
        yield "hub", hub
    yield "alternate", f"{base}/"


def _archive_path(number: int) -> str:
    return f"/feed/archive/{number}.atom"
