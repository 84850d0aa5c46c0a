"""The searches that an official keeps: renamed, sent more or less often, deleted."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.lib.errors import InvalidInput
from network.saved_searches import service
from network.web.entrance import locale
from network.web.entrance.access import requires
from network.web.entrance.context import session
from network.web.entrance.locale import _, localised
from network.web.entrance.session import current_user
from network.web.searching import kept

blueprint = Blueprint("own_searches", __name__)


@localised(blueprint, "/desk/searches", methods=("GET", "POST"))
@requires("author")
def mine() -> ResponseReturnValue:
    """Every search of the signed-in person."""
    user = current_user()
    assert user is not None
    rows = service.of_user(session(), user.id)
    errors = []
    if request.method == "POST":
        try:
            flash(kept.act(rows), "success")
            return redirect(locale.url("own_searches.mine"), 303)
        except InvalidInput as error:
            where = f"{error.field}-{request.form.get('handle', '')}"
            errors = [(where, _(error.message, **error.arguments))]
    page = render_template(
        "searching/own_searches.html",
        searches=kept.shown(rows),
        periods=kept.periods(),
        sends_mail=kept.sends_mail(),
        errors=errors,
    )
    return (page, 422) if errors else page
