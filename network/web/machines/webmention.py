"""Where other sites say that they link to one of our studies: for their software, and for people.

The endpoint is for any site's software, so it asks for no token; a form of ours that somebody sends
by it changes nothing that they could not change themselves.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from network.adoptions.webmention import receiving
from network.adoptions.webmention.receiving import TooMany
from network.lib.errors import Forbidden, InvalidInput, PioneerError
from network.lib.i18n import N_
from network.web.entrance import locale
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, localised

blueprint = Blueprint("webmention", __name__)
PLAIN, JSON, HTML = "text/plain", "application/json", "text/html"
ACCEPTED = N_("Accepted. The page will be read, and the link verified, within minutes.")
_STATUS: dict[type[PioneerError], int] = {InvalidInput: 400, Forbidden: 403, TooMany: 429}


@blueprint.get("/webmention")
def negotiate() -> ResponseReturnValue:
    """The page for people, in the visitor's language."""
    response = redirect(locale.url("webmention.form", locale.preferred(), **_asked()), 302)
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Cache-Control"] = "private, max-age=0"
    return response


@localised(blueprint, "/webmention", methods=("GET", "POST"))
@requires("anyone")
def form() -> ResponseReturnValue:
    """“Have you taken up this practice?”: two addresses, typed or pasted."""
    return receive() if request.method == "POST" else _page(_asked())


@blueprint.post("/webmention")
@requires("anyone")
def receive() -> ResponseReturnValue:
    """Take a Webmention (W3C, section 3.2): 202 when it is to be verified, else why not."""
    source, target = (request.form.get(name, "").strip() for name in ("source", "target"))
    wanted = request.accept_mimetypes.best_match((PLAIN, JSON, HTML), PLAIN)
    try:
        receiving.receive(session(), source, target, settings().base_url)
    except (InvalidInput, Forbidden, TooMany) as error:
        return _refused(error, wanted)
    return _accepted(wanted)


def exempt(csrf: CSRFProtect) -> None:
    """Take the endpoint and its form, and nothing else, from the check of tokens."""
    for view in (receive, form):
        csrf.exempt(view)


def _asked() -> dict[str, str]:
    given = {name: request.args.get(name, "").strip() for name in ("source", "target")}
    return {name: value for name, value in given.items() if value}


def _accepted(wanted: str) -> Response:
    if wanted == HTML:
        response = make_response(
            render_template("machines/webmention.html", typed={}, errors=[], sent=True)
        )
    elif wanted == JSON:
        response = jsonify(status="accepted", message=ACCEPTED)
    else:
        response = _plain(ACCEPTED)
    response.status_code = 202
    return response


def _refused(error: PioneerError, wanted: str) -> Response:
    """In English, as sites' software logs it; in the reader's language on a page."""
    if wanted == HTML:
        field = error.field if isinstance(error, InvalidInput) else None
        said = (field or "source", _(error.message, **error.arguments))
        response = make_response(_page(request.form.to_dict(), [said]))
    elif wanted == JSON:
        response = jsonify(error=str(error))
    else:
        response = _plain(str(error))
    response.status_code = _STATUS[type(error)]
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _plain(text: str) -> Response:
    return Response(f"{text}\n", mimetype=PLAIN)


def _page(typed: dict[str, str], errors: list[tuple[str, str]] | None = None) -> str:
    return render_template("machines/webmention.html", typed=typed, errors=errors or [], sent=False)
