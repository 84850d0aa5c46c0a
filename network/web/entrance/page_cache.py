"""Pages as every visitor without a session sees them, kept while the catalogue stays as it is.

What is kept is the text alone: cookies, security headers and validators are made for each answer,
and whoever has a session (so a name, a form token or a message of their own) is never answered
from here nor leaves anything here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any, TypeVar

from flask import Response, current_app, g, make_response, request, session
from flask.typing import ResponseReturnValue

from network.web.entrance import counts
from network.web.entrance.context import is_for_everybody
from network.web.entrance.counts import Kept

View = TypeVar("View", bound=Callable[..., Any])
LASTS = 10.0
"""Seconds that a page is kept: what followed sites say of themselves (their names, how complete
our copy is) changes without a change of the catalogue, and may be shown this late."""
LONGEST_ADDRESS = 400
"""Characters; a longer one is answered and not kept."""
PAGES = 256


@dataclass(frozen=True, slots=True)
class Page:
    """A page's text, what tells it from every other, and until when it may be shown.

    links: of its Link header.
    """

    body: bytes
    tag: str
    until: float
    links: tuple[str, ...] = ()


def cached(view: View) -> View:
    """For a view whose page says the same to every visitor without a session."""

    @wraps(view)
    def answer(**values: Any) -> ResponseReturnValue:
        if _has_session():
            return view(**values)
        address = (request.root_path, request.path, request.query_string)
        key = (counts.catalogue_version(), *address)
        page = _pages().find(key)
        if page is None or page.until < time.monotonic():
            made = view(**values)
            if not isinstance(made, str) or session.modified:
                return made
            page = _page(made)
            if sum(map(len, address)) <= LONGEST_ADDRESS:
                _pages().keep(key, page)
        else:
            g.links = list(page.links)
        return _response(page)

    return answer  # type: ignore[return-value]


def keep_private(response: Response) -> Response:
    """A page for one person, or one that carries a cookie, is for no cache at all."""
    if is_for_everybody():
        return response
    if response.mimetype == "text/html" and (
        _has_session() or session.modified or "Set-Cookie" in response.headers
    ):
        response.headers["Cache-Control"] = "private, no-store"
    return response


def add_link(address: str, rel: str) -> None:
    """Have this request's answer name an address in its Link header (RFC 8288), also when the page
    is kept and when the request ends in an error."""
    g.setdefault("links", []).append(f'<{address}>; rel="{rel}"')


def name_links(response: Response) -> Response:
    """After each request: the links that `add_link` was given."""
    for link in g.pop("links", ()):
        response.headers.add("Link", link)
    return response


def _has_session() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def _pages() -> Kept:
    kept: Kept = current_app.extensions.setdefault("pioneer-pages", Kept(PAGES))
    return kept


def _page(text: str) -> Page:
    body = text.encode()
    tag = blake2b(body, digest_size=16).hexdigest()
    return Page(body, tag, time.monotonic() + LASTS, tuple(g.get("links", ())))


def _response(page: Page) -> Response:
    response = make_response(page.body)
    response.set_etag(page.tag)
    response.headers["Cache-Control"] = "no-cache"  # keep it, and ask each time whether it changed
    return response.make_conditional(request)  # type: ignore[return-value]
