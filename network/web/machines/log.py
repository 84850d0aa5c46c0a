"""The node's own log for other nodes: its head, its archives, and its ids (docs/protocol)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, request

from network.log import pages
from network.log import service as log
from network.log.document import ATOM_TYPE
from network.log.pages import Publisher
from network.web.entrance.context import session, settings
from network.web.machines import log_readers
from network.web.pieces import cards, conditional, feeds_links

blueprint = Blueprint("log", __name__)
HEAD_LASTS = 86_400.0
"""Seconds for which the head is put together once for each state of the log: every follower asks
for it after a change, and its digest is of all that is live."""


@blueprint.get("/feed.atom")
def head() -> Response:
    """The newest rows, and what the whole log amounts to.

    State and rows are read in one transaction, hence of one snapshot.
    """
    log_readers.note()
    response = _answer(lambda: pages.head(session(), _publisher()), ATOM_TYPE)
    response.headers["Link"] = feeds_links.push_links(f"{settings().base_url}/feed.atom")
    return response


@blueprint.get("/feed/archive/<int:number>.atom")
def archive(number: int) -> Response:
    """A full page of the log (RFC 5005 section 4); rows that changed since have left it."""

    def document() -> bytes:
        found = pages.archive(session(), number, _publisher()) if number < 2**31 else None
        return found or abort(404)

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


def _publisher() -> Publisher:
    node, site = settings(), cards.site()
    name, hub = site.name(node.language), feeds_links.hub_address()
    return Publisher(node.base_url, name, hub, site.city)
