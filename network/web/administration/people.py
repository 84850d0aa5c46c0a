"""Administration: the people who may sign in, and what each may do."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from network.accounts import service as accounts
from network.accounts.models import User
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.web.entrance import session as signed_in
from network.web.entrance.access import requires
from network.web.entrance.context import session
from network.web.entrance.locale import _, localised, url

blueprint = Blueprint("people", __name__)
ROLE_LABELS = {
    "author": N_("Author"),
    "editor": N_("Editor"),
    "administrator": N_("Administrator"),
}


@localised(blueprint, "/admin/users", methods=("GET", "POST"))
@requires("administrator")
def index() -> ResponseReturnValue:
    """Everyone who may sign in, and the form to add a person."""
    if request.method == "GET":
        return _users_page({"role": "author"}, [])
    typed = {name: _line(name) for name in ("email", "name", "role")}
    try:
        added = accounts.add(session(), **typed, password=request.form.get("password", ""))
    except InvalidInput as error:
        problem = (error.field or "email", _(error.message, **error.arguments))
        return _users_page(typed, [problem]), 422
    flash(_(N_("%(name)s can sign in now."), name=added.name), "success")
    return redirect(url("people.index"), 303)


def _line(name: str) -> str:
    return " ".join(request.form.get(name, "").split())


def _users_page(typed: dict[str, str], errors: list[tuple[str, str]]) -> str:
    return render_template(
        "administration/users.html",
        people=accounts.everyone(session()),
        typed=typed,
        errors=errors,
        roles=_roles(),
    )


def _roles() -> dict[str, str]:
    return {role: _(label) for role, label in ROLE_LABELS.items()}


@localised(
    blueprint,
    "/admin/users/<int:user_id>",
    methods=("GET", "POST"),
)
@requires("administrator")
def person(user_id: int) -> ResponseReturnValue:
    """One person: role, password, and whether they may sign in."""
    found = next((u for u in accounts.everyone(session()) if u.id == user_id), None) or abort(404)
    if request.method == "GET":
        return _user_page(found, [])
    try:
        message = _change(found, request.form.get("change", ""))
    except InvalidInput as error:
        session().refresh(found)
        problem = (error.field or "role", _(error.message, **error.arguments))
        return _user_page(found, [problem]), 422
    flash(message, "success")
    return redirect(url("people.person", user_id=user_id), 303)


def _user_page(person: User, errors: list[tuple[str, str]]) -> str:
    return render_template("administration/user.html", person=person, errors=errors, roles=_roles())


def _change(person: User, change: str) -> str:
    """Do one of the page's changes; gives what to say. Raises InvalidInput."""
    name, email = person.name, person.email
    match change:
        case "role":
            role = accounts.set_role(session(), email, request.form.get("role", "")).role
            return _(N_("%(name)s is now: %(role)s."), name=name, role=_(ROLE_LABELS[role]))
        case "password":
            changed = accounts.set_password(session(), email, request.form.get("password", ""))
            if _is_me(changed):
                signed_in.open_session(changed)
            return _(N_("%(name)s has a new password and is signed out everywhere."), name=name)
        case "disable":
            accounts.set_active(session(), email, False)
            return _(N_("%(name)s is signed out and can no longer sign in."), name=name)
        case "enable":
            accounts.set_active(session(), email, True)
            return _(N_("%(name)s can sign in again."), name=name)
    raise BadRequest


def _is_me(person: User) -> bool:
    me = signed_in.current_user()
    return me is not None and me.id == person.id
