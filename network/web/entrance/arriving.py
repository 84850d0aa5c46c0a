"""What is settled before a view sees a request: whose site it is, what no database can hold, how
much may be sent. Whatever arrives, a view gets text and an answer names this site alone."""

from __future__ import annotations

from string import punctuation
from typing import Any
from urllib.parse import quote, urlsplit

import flask
from flask import Flask, Response, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter, Map, MapAdapter, RequestRedirect

LARGEST_NUMBER = 2**31 - 1
"""The largest number in an address: no table’s keys go further."""
SMALL_FORM = 64 * 1024
"""Bytes of any form but the desk’s, where people write at length, and of files."""
LARGE_FORMS = ("membership.import_list",)
MOST_FIELDS = 5_000
"""Fields of a form. The editor’s has a few hundred; a million of them cost seconds to read."""


class Number(IntegerConverter):
    """`<int:…>` in an address, within what a database can be asked for; else there is no page."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **({"max": LARGEST_NUMBER} | options))


class Request(flask.Request):
    """A request as views expect it.

    Its query is printable ASCII, whatever bytes were sent: U+FFFD stands for those that are no
    UTF-8, as it does in a path. HEAD is a GET whose answer loses its body (RFC 9110, section
    9.3.2), so that no view can take it for a form without a token.
    """

    def __init__(self, environ: Any, *args: Any, **options: Any) -> None:
        super().__init__(environ, *args, **options)
        text = self.query_string.decode("utf-8", "replace")
        self.query_string = quote(text, safe=punctuation).encode()
        if self.method == "HEAD":
            self.method = "GET"


class Site(Flask):
    """The application. Its routes never look at the Host header, which anyone may write, so a
    strange one can neither break them nor be repeated by them (attack 48)."""

    request_class = Request

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.url_map.converters["int"] = Number

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        """See Flask."""
        if request is None:
            return super().create_url_adapter(None)
        environ = {**request.environ, "HTTP_HOST": "localhost"}
        return self.url_map.bind_to_environ(environ, subdomain="")


def check() -> ResponseReturnValue | None:
    """Before each request: refuse what cannot be meant, or lead to the address that was."""
    if "\0" in request.path:
        abort(404)
    if b"%00" in request.query_string:
        abort(400)  # PostgreSQL holds no such text, and nobody means it
    if request.method not in ("GET", "OPTIONS"):
        _check_form()
    return _without_slash() if isinstance(request.routing_exception, NotFound) else None


def _check_form() -> None:
    for name in ("Origin", "Referer"):
        try:
            _port = urlsplit(request.headers.get(name, "")).port
        except ValueError:
            abort(400)  # whoever compares it with our address would stumble
    if request.blueprint != "desk" and request.endpoint not in LARGE_FORMS:
        request.max_content_length = SMALL_FORM
    urlencoded = request.mimetype == "application/x-www-form-urlencoded"
    if urlencoded and request.get_data(cache=True).count(b"&") > MOST_FIELDS:
        abort(413)


def _without_slash() -> ResponseReturnValue | None:
    """Where a page is meant whose address ends without a slash, lead there."""
    path = request.path.rstrip("/")
    adapter = current_app.create_url_adapter(request)
    if path in ("", request.path) or adapter is None or not adapter.test(path, "GET"):
        return None
    return redirect(_local(path, request.query_string.decode()), 308)


def _local(path: str, query: str) -> str:
    """An address on this site. path: as text; query: as it was sent."""
    return quote("/" + path.lstrip("/"), safe="/:@!$&'()*+,;=~") + (f"?{query}" if query else "")


def redirect_within(response: Response) -> Response:
    """After each request: the router’s own redirects name a path, and no host."""
    moved = request.routing_exception
    if isinstance(moved, RequestRedirect) and response.status_code == moved.code:
        path = urlsplit(moved.new_url)._replace(scheme="", netloc="").geturl()
        response.location = path = "/" + path.lstrip("/")
        response.set_data(redirect(path, moved.code).get_data())
    return response
