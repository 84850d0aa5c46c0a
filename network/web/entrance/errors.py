"""Error pages in the reader's language: what happened and what to do."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from network.lib.db import db, is_not_writable, is_trouble
from network.lib.errors import Forbidden, InvalidInput, NotFound, PioneerError
from network.lib.i18n import N_
from network.web.entrance.locale import _, current

log = logging.getLogger(__name__)

MESSAGES: dict[int, tuple[str, str]] = {
    400: (
        N_("This request cannot be understood"),
        N_("The address or the form has something that this site does not expect."),
    ),
    403: (
        N_("You may not do this"),
        N_("Your account’s role does not include it. Ask an administrator of this site."),
    ),
    404: (
        N_("There is no such page"),
        N_("The address may have a typing error, or the page was withdrawn by its city."),
    ),
    405: (
        N_("This page cannot be used that way"),
        N_("The address exists, but not for this kind of request."),
    ),
    410: (
        N_("This case study was withdrawn"),
        N_("Its city has taken it down. You can look for others on the same topic."),
    ),
    413: (N_("This is too large"), N_("Send a smaller file or a shorter text.")),
    429: (N_("Too many requests"), N_("Wait a few minutes and try again.")),
    500: (
        N_("Something went wrong on our side"),
        N_("It has been noted. Try again in a few minutes; nothing that was saved is lost."),
    ),
    503: (N_("The site is resting"), N_("Try again in a few minutes.")),
}
CANNOT_SAVE = (
    N_("Nothing can be saved at the moment"),
    N_(
        "This site can be read, but its disk is full or read-only, and nothing was saved. "
        "Copy what you typed to keep it, and tell the people who run this site."
    ),
)
RETRY_SECONDS = 60
_STATUS = {NotFound: 404, Forbidden: 403, InvalidInput: 400}


def register(app: Flask) -> None:
    """Use these pages for every error."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(PioneerError, own_error)
    app.register_error_handler(Exception, unexpected)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """A page for an HTTP status; redirects and ready-made answers pass through."""
    if error.response is not None or error.code is None or error.code < 400:
        return error
    title, text = MESSAGES.get(error.code, MESSAGES[400 if error.code < 500 else 500])
    answer = page(error.code, _(title), _(text))
    answer.headers.extend(h for h in error.get_headers() if h[0] in ("Allow", "Retry-After"))
    return answer


def csrf_error(_error: CSRFError) -> ResponseReturnValue:
    """The form's token is missing or too old."""
    return page(
        400,
        _(N_("This form was open for too long")),
        _(N_("Go back, reload the page and send it again; what you typed should still be there.")),
    )


def own_error(error: PioneerError) -> ResponseReturnValue:
    """One of ours that no view turned into a form message."""
    status = _STATUS.get(type(error), 400)
    return page(status, _(MESSAGES[status][0]), _(error.message, **error.arguments))


def unexpected(error: Exception) -> ResponseReturnValue:
    """A fault of ours: logged with its trace, told without details. One of the database may be over
    in a while."""
    db.session.rollback()
    log.exception(
        "unexpected error at %s %s", request.method, request.path.encode("unicode_escape")
    )
    if not (is_trouble(error) or isinstance(error, OperationalError)):
        return http_error(InternalServerError())
    answer = page(503, *map(_, of_trouble(error)))
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def end_transaction(_error: BaseException | None = None) -> None:
    """What a request read is over: a connection that was lost since spoils no answer any more."""
    try:
        db.session.close()  # what was read stays readable, unlike after a rollback
    except DBAPIError:
        log.exception("a connection to the database was lost after its last use")
        db.session().invalidate()


def of_trouble(error: Exception) -> tuple[str, str]:
    """Title and text for a database that fails."""
    if isinstance(error, DBAPIError) and is_not_writable(error):
        return CANNOT_SAVE
    return MESSAGES[503]


def page(status: int, title: str, text: str) -> Response:
    """The error page, or JSON for the API."""
    if request.path.startswith("/api/"):
        response: Response = jsonify(error={"status": status, "title": title, "detail": text})
    else:
        response = make_response(_as_html(status, title, text))
        response.headers["Content-Language"] = current()
    response.status_code = status
    return response


def _as_html(status: int, title: str, text: str) -> str:
    try:
        return render_template("entrance/error.html", code=status, title=title, message=text)
    except DBAPIError:  # the frame asks the database, which may be what went wrong
        log.exception("the frame of an error page cannot be made")
        db.session.rollback()
        return str(_BARE.format(lang=current(), title=title, text=text))


_BARE = Markup(
    '<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>'
    "<h1>{title}</h1><p>{text}</p></html>"
)
