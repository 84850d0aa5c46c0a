"""Nothing typed is lost: a form whose token or session has expired comes back as it was sent."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import DBAPIError

from network.case_studies import queries, workflow
from network.lib.db import is_trouble
from network.lib.i18n import N_
from network.web.desk import desk_forms, editor_form, editor_page, editor_saving
from network.web.entrance import errors
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _
from network.web.entrance.session import current_user

TYPED = ("desk.new", "desk.edit", "desk.publish", "desk.withdraw")
"""Routes whose forms hold what somebody wrote."""
TOO_OLD = N_("This form was open for too long. What you typed is still here: send it once more.")
SIGNED_OUT = N_(
    "You are signed out. What you typed is still here: sign in again in another tab, then come "
    "back and send it once more."
)


def when_signed_out() -> ResponseReturnValue | None:
    """Before a request of the desk: give the form back instead of leading to the sign-in page."""
    if request.method != "POST" or current_user() is not None:
        return None
    if request.endpoint == "desk.autosave":
        return jsonify(message=_(SIGNED_OUT)), 401
    if request.endpoint in TYPED and is_from_here():
        return _again(_(SIGNED_OUT)), 401
    return None


def when_token_expired(error: CSRFError) -> ResponseReturnValue:
    """The same for a form whose token is worth nothing any more; scripts get a new token.

    Nothing is done with what was sent: the person sees it and sends it again, or does not.
    """
    if not is_from_here():
        return errors.csrf_error(error)
    if request.endpoint == "desk.autosave":
        if current_user() is None:
            return jsonify(message=_(SIGNED_OUT)), 401
        return jsonify(fields={"csrf_token": generate_csrf()}), 400
    if request.endpoint not in TYPED:
        return errors.csrf_error(error)
    return _again(_(TOO_OLD if current_user() else SIGNED_OUT)), 400


def when_nothing_can_be_saved(error: DBAPIError) -> ResponseReturnValue:
    """The same when the database cannot take what was sent, as long as it can be read."""
    answer = errors.unexpected(error)
    if request.method != "POST" or request.endpoint not in TYPED or not is_trouble(error):
        return answer
    try:
        return _again(_(errors.of_trouble(error)[1])), 503
    except DBAPIError:
        return answer


def is_from_here() -> bool:
    """Whether a page of this site sent the form, as far as the browser says.

    Another site must not get a form of ours shown with its words in it.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    ours = (request.host.lower(), urlsplit(settings().base_url).netloc)
    return origin is None or urlsplit(origin).netloc.lower() in ours


def _again(message: str) -> str:
    problem = [("", message)]
    if request.endpoint == "desk.new":
        return desk_forms.new_page(desk_forms.typed_new(), problem)
    page = _page()
    if request.endpoint == "desk.withdraw":
        return desk_forms.withdraw_page(page.row if page else None, problem)
    langs = page.langs if page else editor_form.languages_in(request.form)
    again = editor_saving.again(editor_saving.sent(langs), page)
    return editor_page.render(editor_page.with_errors(again, problem))


def _page() -> editor_page.Page | None:
    """The editor on the study, if the person may see it now."""
    user = current_user()
    study_id = (request.view_args or {}).get("study_id")
    if user is None or not isinstance(study_id, UUID):
        return None
    row, draft = queries.get(session(), str(study_id))
    if not workflow.allowed("save", user.role, row.owner_id == user.id, row.state):
        return None
    return editor_saving.opened(row, draft, user)
