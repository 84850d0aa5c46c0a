"""The addresses of push (W3C WebSub): the hub for our own feeds, and our callbacks at others."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from network.feeds import hub as hub_
from network.feeds.hub import Full
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.push import callback as websub_callback
from network.reading.discover import websub_from_header
from network.web.entrance.access import ANYONE, requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _
from network.web.pieces.feeds_links import hub_address

blueprint = Blueprint("websub", __name__)
MACHINES_ONLY = True
"""No browser’s forms lead here, so there is no token to ask for."""
TOPICS = ("feeds.", "log.")
"""Endpoints among which topics are looked for: those whose answers name our hub."""
LARGEST_DELIVERY = 8 * 1024 * 1024
"""Bytes of a delivery that are read to check its signature, as many as the server takes."""
BLOCK = 64 * 1024


@blueprint.post("/websub/hub")
@requires(ANYONE)
def hub() -> Response:
    """Take in a request to subscribe or unsubscribe; the callback is asked afterwards."""
    try:
        wanted = hub_.read(request.form, settings().base_url)
        path = _path_of(wanted.topic)
        if path is None:
            raise InvalidInput(
                N_("hub.topic is not a feed of this site; this hub serves no others.")
            )
        hub_.accept(session(), wanted, path)
    except InvalidInput as error:
        return _plain(400, _(error.message, **error.arguments))
    except Full as error:
        answer = _plain(429, _(error.message, **error.arguments))
        answer.headers["Retry-After"] = "3600"
        return answer
    return _plain(202, _(N_("The request is accepted and will now be verified.")))


def _path_of(topic: str) -> str | None:
    """The canonical address, from its path on, of a feed of ours: what it calls itself."""
    parts = urlsplit(topic)
    path = parts.path or "/"
    if not _endpoint(path).startswith(TOPICS):
        return None
    address = f"{path}?{parts.query}" if parts.query else path
    client = current_app.test_client(use_cookies=False)
    base_url = settings().base_url
    with current_app.app_context():  # of its own: our answer keeps its language
        answer = client.get(address, base_url=f"{base_url}/", follow_redirects=True)
    links = websub_from_header(", ".join(answer.headers.getlist("Link")), topic)
    if answer.status_code != 200 or hub_address() not in links.hubs:
        return None
    canonical = links.self_url or ""
    return canonical.removeprefix(base_url) if canonical.startswith(f"{base_url}/") else None


def _endpoint(path: str) -> str:
    """What answers at a path of ours; empty if nothing does, or another address is meant."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        return str(adapter.match(unquote(path), "GET")[0])
    except HTTPException:
        return ""


@blueprint.get("/websub/callback/<token>")
def confirm(token: str) -> Response:
    """A hub asks whether we want what was asked in our name, or says that it refuses."""
    asked = request.args
    if asked.get("hub.mode") == "denied":
        reason = asked.get("hub.reason", "")
        known = websub_callback.deny(session(), token, asked.get("hub.topic", ""), reason)
        return _plain(200 if known else 404, "")
    challenge = websub_callback.verify(session(), token, asked)
    return _plain(404, _(N_("Not asked for."))) if challenge is None else _plain(200, challenge)


@blueprint.post("/websub/callback/<token>")
@requires(ANYONE)
def receive(token: str) -> Response:
    """A delivery. Whether its signature was good is not told: 202 says that it was received."""
    request.max_content_length = LARGEST_DELIVERY
    signature = request.headers.get("X-Hub-Signature", "")
    if not websub_callback.receive(session(), token, signature, _blocks()):
        return _plain(410, _(N_("This site does not subscribe any more.")))
    return _plain(202, "")


def _blocks() -> Iterator[bytes]:
    """The body as it arrived; a form was read already."""
    if request.mimetype == "application/x-www-form-urlencoded":
        yield request.get_data()
        return
    while block := request.stream.read(BLOCK):
        yield block


def _plain(status: int, text: str) -> Response:
    """A type that no browser runs anything of (section 8.2)."""
    answer = Response(text, status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer
