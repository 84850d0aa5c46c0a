"""Signing in and out, changing one's password, and keeping what officials see out of caches."""

from __future__ import annotations

import re

from flask import Blueprint, Response, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from network.accounts import service as accounts
from network.accounts.models import User
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.web.entrance import errors
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, localised, url
from network.web.entrance.session import close_session, current_user, known_browser, open_session

blueprint = Blueprint("accounts", __name__)
FOR_OFFICIALS = (
    *(
        "accounts",
        "desk",
        "admin",
        "people",
        "membership",
        "mentions",
        "moderation",
        "receivers",
        "sign_in_links",
        "work",
    ),
    "own_searches",
)
"""Blueprints whose pages are nothing for search engines."""


@blueprint.after_app_request
def keep_private(response: Response) -> Response:
    """What is shown to a signed-in person, or holds a form's token, is stored by nobody."""
    officials = request.blueprint in FOR_OFFICIALS
    if officials or g.get("user") is not None:
        response.headers["Cache-Control"] = "private, no-store"
    if officials:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def local_path(given: str | None) -> str | None:
    """The address if it is a path on this site, else None (attack 48).

    Browsers read a backslash as a slash, pass over tabs and line ends, and take `//name` for
    another host, so an address with any of these is refused, whatever comes after.
    """
    if not given or len(given) > 2000 or not re.fullmatch(r"/[\x21-\x5b\x5d-\x7e]*", given):
        return None
    return None if "//" in re.split("[?#]", given)[0] else given


@localised(blueprint, "/account/sign-in", methods=("GET", "POST"))
@requires("anyone")
def sign_in() -> ResponseReturnValue:
    """The sign-in form; afterwards the page that the person wanted, or the desk."""
    target = local_path(request.values.get("next"))
    if request.method == "GET":
        if current_user() is not None:
            return redirect(target or url("desk.index"), 303)
        return _sign_in_form(target)
    try:
        user = accounts.sign_in(
            session(),
            request.form.get("email", ""),
            request.form.get("password", ""),
            request.remote_addr or "",
            known_browser,
        )
    except InvalidInput as error:
        throttled = error.field is None
        message = (error.field or "email", _(error.message, **error.arguments))
        return _sign_in_form(target, message), 429 if throttled else 422
    open_session(user)
    return redirect(target or url("desk.index"), 303)


@blueprint.errorhandler(CSRFError)
def form_too_old(error: CSRFError) -> ResponseReturnValue:
    """A sign-in form whose token is worth nothing any more comes again, with the mailbox kept."""
    if request.endpoint != "accounts.sign_in":
        return errors.csrf_error(error)
    message = _(N_("This form was open for too long. Sign in again."))
    return _sign_in_form(local_path(request.form.get("next")), ("password", message)), 400


def _sign_in_form(target: str | None, *problems: tuple[str, str]) -> str:
    return render_template(
        "entrance/sign_in.html",
        email=request.form.get("email", ""),
        next_url=target,
        errors=problems,
        by_mail=bool(settings().smtp_host),
    )


@localised(blueprint, "/account/sign-out", methods=("POST",))
@requires("anyone")
def sign_out() -> ResponseReturnValue:
    """End this browser's session, here and for whoever copied its cookie."""
    close_session()
    flash(_(N_("You are signed out.")), "success")
    return redirect(url("home.home"), 303)


@localised(blueprint, "/account/password", methods=("GET", "POST"))
@requires("author")
def password() -> ResponseReturnValue:
    """Change one's own password: signs the person out everywhere else."""
    user = current_user()
    assert user is not None
    if request.method == "GET":
        return render_template("entrance/password.html", errors=[])
    try:
        _change_password(user)
    except InvalidInput as error:
        message = (error.field or "current", _(error.message, **error.arguments))
        return render_template("entrance/password.html", errors=[message]), 422
    flash(_(N_("Your password is changed. Other browsers are signed out.")), "success")
    return redirect(url("accounts.password"), 303)


def _change_password(user: User) -> None:
    """Raises InvalidInput. Asking for the current one counts as signing in: guesses are limited."""
    email, new = user.email, request.form.get("password", "")
    try:
        accounts.sign_in(
            session(),
            email,
            request.form.get("current", ""),
            request.remote_addr or "",
            known_browser,
        )
    except InvalidInput as error:
        if error.field is None:
            raise
        raise InvalidInput(N_("This is not your current password."), "current") from None
    if new != request.form.get("again", ""):
        raise InvalidInput(N_("The two new passwords differ."), "again")
    open_session(accounts.set_password(session(), email, new))
