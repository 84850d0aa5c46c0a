"""The officials' desk: what they work on, the editor of a study, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DBAPIError

from network.accounts.models import User
from network.case_studies import body, own_links, queries, service, versions, workflow
from network.case_studies import cities as keeping
from network.case_studies import publish as publication
from network.case_studies.drafts import Draft, TextDraft
from network.case_studies.publish import NotReady
from network.case_studies.queries import DeskRow
from network.case_studies.service import StaleDraft
from network.catalogue.values import SITE_LANGUAGES
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.lib.sanitise import trusted
from network.seen import is_blank
from network.web.desk import (
    adoptions,
    desk_forms,
    editor_form,
    editor_history,
    editor_links,
    editor_page,
    editor_rescue,
    editor_saving,
)
from network.web.desk import preview as previews
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, current, localised, url
from network.web.entrance.session import current_user
from network.web.pieces import cards, city_form, filters

blueprint = Blueprint("desk", __name__)
STUDY = "/desk/case-studies/<uuid:study_id>"
MORE_ROWS = 4
CITY = "place."
"""What stands before the names of fields for a city that is to be added."""

blueprint.before_request(editor_rescue.when_signed_out)
blueprint.register_error_handler(CSRFError, editor_rescue.when_token_expired)
blueprint.register_error_handler(DBAPIError, editor_rescue.when_nothing_can_be_saved)


def _user() -> User:
    user = current_user()
    assert user is not None  # the route requires a role
    return user


def _study(study_id: UUID, action: workflow.Action = "read") -> tuple[DeskRow, Draft]:
    """The study, for a person who may do this to it; else 404 or 403."""
    user = _user()
    row, draft = queries.get(session(), str(study_id))
    if not workflow.allowed(action, user.role, row.owner_id == user.id, row.state):
        abort(403)
    return row, draft


@localised(blueprint, "/desk/")
@requires("author")
def index() -> str:
    """What this person works on: all studies for editors, their own for authors."""
    user, page = _user(), filters.page_number()
    state = request.args.get("state") or None
    if state is not None and state not in workflow.STATES:
        abort(404)
    found = queries.studies(session(), user, page, state)
    if page > 1 and not found.rows:
        abort(404)
    counts = queries.counts(session(), user)
    more = page * queries.PAGE < found.total
    return render_template(
        "desk/desk.html",
        rows=found.rows,
        total=found.total,
        state=state,
        states=[(None, sum(counts.values())), *((s, counts[s]) for s in workflow.STATES)],
        everyones=user.role in workflow.DECIDING_ROLES,
        city_name=lambda slug: cards.city_link(slug)[0],
        languages=SITE_LANGUAGES,
        unanswered=adoptions.unanswered(),
        next_url=url("desk.index", state=state, page=page + 1) if more else None,
        prev_url=url("desk.index", state=state, page=page - 1) if page > 1 else None,
    )


@localised(blueprint, "/desk/new", methods=("GET", "POST"))
@requires("author")
def new() -> ResponseReturnValue:
    """Begin a study: its first language, its title, its city."""
    if request.method == "GET":
        typed = {"lang": current(), "title": "", "city": _own_city()}
        return desk_forms.new_page(typed, [])
    typed = desk_forms.typed_new()
    if typed["lang"] not in SITE_LANGUAGES:
        return desk_forms.new_page(
            typed, [("lang", _(N_("Choose the language in which you begin.")))]
        ), 422
    if is_blank(typed["title"]):
        return desk_forms.new_page(typed, [("title", _(N_("Give the study a title.")))]), 422
    draft = Draft(
        original_lang=typed["lang"],
        city=typed["city"] or None,
        texts={typed["lang"]: TextDraft(title=typed["title"])},
    )
    study_id = service.create(session(), _user(), draft)
    return redirect(url("desk.edit", study_id=study_id), 303)


def _own_city() -> str:
    city = cards.site().city
    return city.slug if city else ""


@localised(blueprint, STUDY, methods=("GET", "POST"))
@requires("author")
def edit(study_id: UUID) -> ResponseReturnValue:
    """The editor. Saving is all that its form does here; publishing has a route of its own."""
    row, draft = _study(study_id, "save")
    if request.method == "GET":
        return editor_page.render(editor_saving.opened(row, draft, _user()))
    form = editor_saving.sent(editor_form.languages(draft))
    if more := request.form.get("more"):
        spare = {more: editor_page.SPARE_ROWS + MORE_ROWS}
        page = editor_saving.again(form, editor_saving.opened(row, draft, _user()))
        return editor_page.render(replace(page, spare=spare))
    if city_form.wanted(CITY):
        return _with_city(row, draft, form)
    if editor_links.wanted() or "add" in request.form:
        return _choosing(row, draft, form)
    if problem := _save(row, draft, form):
        return problem
    if request.form.get("then") == "preview":
        return redirect(url("desk.preview", study_id=study_id), 303)
    flash(_(N_("Saved.")), "success")
    return redirect(url("desk.edit", study_id=study_id), 303)


def _choosing(row: DeskRow, draft: Draft, form: editor_saving.Sent) -> str:
    """The form with a search for an inspiration, or with the one chosen; nothing is saved yet."""
    page = editor_saving.again(form, editor_saving.opened(row, draft, _user()))
    lang = draft.original_lang
    if key := request.form.get("add"):
        return editor_page.render(replace(page, fields=editor_links.added(form.fields, key, lang)))
    own = versions.study_key(settings().base_url, row.id)
    return editor_page.render(replace(page, search=editor_links.search(own, current())))


def _with_city(row: DeskRow, draft: Draft, form: editor_saving.Sent) -> ResponseReturnValue:
    """The form with proposals for a city that no list has yet, or with the one that was added;
    nothing of the study is saved yet."""
    page = editor_saving.again(form, editor_saving.opened(row, draft, _user()))
    part = city_form.look(CITY)
    if part.value is None:
        return editor_page.render(replace(page, place=part)), 422 if part.errors else 200
    city, _added = keeping.keep(session(), part.value, part.region)
    return editor_page.render(replace(page, fields={**page.fields, "city": city.slug}))


def _save(row: DeskRow, draft: Draft, form: editor_saving.Sent) -> ResponseReturnValue | None:
    """Save what was sent; the page to show instead when somebody else was faster."""
    try:
        editor_saving.save(_user(), row, draft, form)
    except StaleDraft as stale:
        newest, _draft = queries.get(session(), row.id)
        return editor_page.render(editor_saving.conflict(_user(), form, stale, newest)), 409
    editor_saving.tell_understood(form)
    return None


@localised(blueprint, f"{STUDY}/publish", methods=("GET", "POST"))
@requires("editor")
def publish(study_id: UUID) -> ResponseReturnValue:
    """Show readers the study as it is typed; what stops that is said beside each field."""
    if request.method == "GET":  # after signing in again, or by the language link
        return redirect(url("desk.edit", study_id=study_id), 303)
    row, draft = _study(study_id, "save")
    form = editor_saving.sent(editor_form.languages(draft))
    if problem := _save(row, draft, form):
        return problem
    try:
        changed = publication.publish(session(), _user(), row.id, settings())
    except NotReady as error:
        page = replace(
            editor_saving.reread(row.id, _user()),
            errors=editor_page.messages(error.problems),
            notice=_(N_("Your text is saved, but it cannot be published yet.")),
        )
        return editor_page.render(page), 422
    _tell_published(row.id, bool(changed))
    return redirect(url("desk.edit", study_id=study_id), 303)


def _tell_published(study_id: str, changed: bool) -> None:
    row, _draft = queries.get(session(), study_id)
    said = N_("The study is published.") if changed else N_("Readers see exactly this already.")
    links = editor_page.public_links(row)
    address = dict(links).get(current()) or links[0][1]
    label = _(N_("Read it as readers do"))
    link = f'<a href="{escape(address)}">{escape(label)}</a>'
    flash(trusted(f"{escape(_(said))} {link}"), "success")


@localised(blueprint, f"{STUDY}/autosave", methods=("POST",))
@requires("author")
def autosave(study_id: UUID) -> ResponseReturnValue:
    """Save in the background; JSON for desk.js: new values of the form's hidden fields."""
    row, draft = _study(study_id, "save")
    form = editor_saving.sent(editor_form.languages(draft))
    try:
        editor_saving.save(_user(), row, draft, form, autosave=True)
    except StaleDraft as stale:
        return jsonify(message=_(stale.message, **stale.arguments)), 409
    page = editor_saving.reread(row.id, _user())
    return jsonify(fields={"revision": page.revision, "opened": page.opened})


@localised(blueprint, "/desk/render", methods=("POST",))
@requires("author")
def render() -> ResponseReturnValue:
    """A piece of Markdown as the page would show it, for the preview beside a field."""
    return body.render(request.form.get("body", "")), {"Content-Type": "text/html; charset=utf-8"}


@localised(blueprint, f"{STUDY}/preview")
@requires("author")
def preview(study_id: UUID) -> str:
    """The saved study as readers would see it, one language at a time."""
    row, draft = _study(study_id)
    wanted = request.args.get("text", current())
    lang = wanted if wanted in draft.texts else draft.original_lang
    known = publication.vocabulary(session())
    base_url = settings().base_url
    key = versions.study_key(base_url, row.id)
    return render_template(
        "desk/preview.html",
        row=row,
        study=previews.study(row, draft, lang),
        texts=list(draft.texts),
        found=editor_page.messages(
            [
                *publication.problems(draft, known),
                *own_links.problems(session(), base_url, key, draft),
            ]
        ),
        alternates=[],
        may_publish=workflow.allowed(
            workflow.publication(row.state), _user().role, row.owner_id == _user().id, row.state
        ),
    )


@localised(blueprint, f"{STUDY}/withdraw", methods=("GET", "POST"))
@requires("editor")
def withdraw(study_id: UUID) -> ResponseReturnValue:
    """Ask for the reason, then take the study from readers and from the sites that follow."""
    row, _draft = _study(study_id)
    if row.state != "published":
        return redirect(url("desk.edit", study_id=study_id), 303)
    if request.method == "GET":
        return desk_forms.withdraw_page(row, [])
    try:
        reason = request.form.get("reason", "")
        publication.withdraw(session(), _user(), row.id, reason, lang=current())
    except InvalidInput as error:
        return desk_forms.withdraw_page(row, [("reason", _(error.message, **error.arguments))]), 422
    flash(_(N_("The study is withdrawn. Its text stays here, on the desk.")), "success")
    return redirect(url("desk.edit", study_id=study_id), 303)


@localised(blueprint, f"{STUDY}/history")
@requires("author")
def revisions(study_id: UUID) -> str:
    """Who saved and published what, newest first."""
    row, _draft = _study(study_id)
    history = editor_history.sittings(queries.revisions(session(), row.id))
    return render_template("desk/revisions.html", row=row, history=history)


@localised(blueprint, f"{STUDY}/history/<int:number>")
@requires("author")
def revision(study_id: UUID, number: int) -> str:
    """An older text in the editor: saving it brings it back, leaving changes nothing."""
    row, draft = _study(study_id, "save")
    return editor_page.render(editor_history.reopened(row, draft, number, _user()))
