"""Asking for a link by e-mail, and opening it: this browser then has its own chance to sign in."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.accounts import links
from network.lib.i18n import N_
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, current, localised, url
from network.web.entrance.session import know_browser

blueprint = Blueprint("sign_in_links", __name__)


@localised(blueprint, "/account/link", methods=("GET", "POST"))
@requires("anyone")
def ask() -> ResponseReturnValue:
    """Have a link sent. What is answered does not depend on whether the mailbox is known."""
    if not settings().smtp_host:
        abort(404)
    if request.method == "GET":
        return render_template("entrance/sign_in_link.html", step="ask", errors=[])
    email = request.form.get("email", "")
    if "@" not in email:
        problem = ("email", _(N_("Enter a mailbox such as name@city.example.")))
        return _asked_again(email, problem), 422
    if not links.ask(session(), email, request.remote_addr or "", current()):
        problem = ("email", _(N_("Too many e-mails have been asked for; try again later.")))
        return _asked_again(email, problem), 429
    return render_template("entrance/sign_in_link.html", step="sent", minutes=_minutes())


def _asked_again(email: str, *problems: tuple[str, str]) -> str:
    return render_template("entrance/sign_in_link.html", step="ask", email=email, errors=problems)


def _minutes() -> int:
    return int(links.LINK_LASTS.total_seconds() // 60)


@localised(blueprint, "/account/link/<token>", methods=("GET", "POST"))
@requires("anyone")
def open_link(token: str) -> ResponseReturnValue:
    """Software that checks mail opens every link, so opening it changes nothing: a button does."""
    if request.method == "GET":
        return render_template("entrance/sign_in_link.html", step="open", token=token)
    user = links.redeem(session(), token)
    if user is None:
        return render_template("entrance/sign_in_link.html", step="gone"), 410
    know_browser(user)
    return redirect(url("accounts.sign_in"), 303)
