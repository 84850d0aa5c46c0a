"""Where the e-mails about kept searches lead: agreeing, changing, unsubscribing.

Software that checks mail opens every link in it, so opening one changes nothing: a button does.
What an address allows is in its signed token; whoever has the mail may do it, without an account.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.lib import tokens
from network.lib.errors import InvalidInput, NotFound
from network.lib.i18n import LANGUAGES
from network.saved_searches import service
from network.saved_searches.addresses import CONFIRMING, MANAGING
from network.saved_searches.models import SavedSearch
from network.web.entrance import locale
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, localised
from network.web.searching import kept

blueprint = Blueprint("search_mail", __name__)
ADDRESSES_ARE_SECRET = True


@localised(
    blueprint,
    "/searches/confirm/<token>",
    methods=("GET", "POST"),
)
@requires("anyone")
def confirm(token: str) -> ResponseReturnValue:
    """Does the owner of the mailbox want this?"""
    handle = _handle(token, CONFIRMING)
    row = _found(handle)
    if row is None:
        return _gone()
    if request.method == "POST":
        row = service.confirm(session(), handle)
    manage = tokens.make(settings().secret_key, MANAGING, handle)
    return render_template(
        "searching/search_mail.html",
        step="confirmed" if row.confirmed else "confirm",
        search=kept.shown([row])[0],
        manage_url=locale.url("search_mail.manage", token=manage) if row.confirmed else None,
        token=token,
    )


@localised(
    blueprint,
    "/searches/manage/<token>",
    methods=("GET", "POST"),
)
@requires("anyone")
def manage(token: str) -> ResponseReturnValue:
    """Every search of the mailbox that the mail came to. Officials sign in for theirs."""
    row = _found(_handle(token, MANAGING))
    if row is None or row.confirmed is None:
        return _gone()
    if row.user_id is not None:
        return redirect(locale.url("own_searches.mine"), 303)
    rows = service.of_same_reader(session(), row.handle)
    errors = []
    if request.method == "POST":
        handle, mailbox = row.handle, row.email
        try:
            return _after(handle, mailbox, kept.act(rows))
        except InvalidInput as error:
            where = f"{error.field}-{request.form.get('handle', '')}"
            errors = [(where, _(error.message, **error.arguments))]
    page = render_template(
        "searching/search_mail.html", step="manage", searches=kept.shown(rows), periods=_periods(),
        errors=errors, token=token,
    )  # fmt: skip
    return (page, 422) if errors else page


def _periods() -> list[tuple[str, str]]:
    return [(value, label) for value, label in kept.periods() if value != "never"]


def _after(handle: str, mailbox: str, said: str) -> ResponseReturnValue:
    """The list again, by a search that is still there; without one, a farewell."""
    left = [row.handle for row in service.of_mailbox(session(), mailbox)]
    if not left:
        return render_template("searching/search_mail.html", step="forgotten")
    flash(said, "success")
    token = tokens.make(settings().secret_key, MANAGING, handle if handle in left else left[0])
    return redirect(locale.url("search_mail.manage", token=token), 303)


@blueprint.route("/searches/unsubscribe/<token>", methods=("GET", "POST"))
@requires("anyone")
def unsubscribe(token: str) -> ResponseReturnValue:
    """The page of the link, and the one click of a mailbox's own button (RFC 8058).

    Doing it twice is no error, so that a button that is pressed again gets the same answer.
    """
    handle = _handle(token, MANAGING)
    row = _found(handle)
    lang = row.lang if row else locale.preferred()
    search = kept.shown([row])[0] if row else None
    if request.method == "POST":
        service.unsubscribe(session(), handle)
    with locale.speaking(lang if lang in LANGUAGES else "en"):
        page = render_template(
            "searching/search_mail.html",
            step="unsubscribed" if request.method == "POST" or row is None else "unsubscribe",
            search=search,
            token=token,
        )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = lang
    return response


def _handle(token: str, purpose: str) -> str:
    """What the token names; 404 when it is not one of ours."""
    return tokens.read(settings().secret_key, purpose, token) or abort(404)


def _found(handle: str) -> SavedSearch | None:
    try:
        return service.found(session(), handle)
    except NotFound:
        return None


def _gone() -> ResponseReturnValue:
    return render_template("searching/search_mail.html", step="gone"), 410


@blueprint.after_request
def keep_to_the_reader(response: Response) -> Response:
    """Pages whose address is a secret are kept by nobody and passed on to nobody."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
