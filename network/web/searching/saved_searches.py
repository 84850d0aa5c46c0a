"""Keeping a search: for officials at once, for any reader after a question to their mailbox."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.accounts.models import User
from network.catalogue.queries import FACETS, Filter
from network.lib.errors import InvalidInput, PioneerError
from network.lib.i18n import N_
from network.saved_searches import service
from network.saved_searches.service import TooMany, Wanted
from network.search.query import LONGEST_QUERY, parse
from network.web.entrance import locale
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, localised
from network.web.entrance.session import current_user
from network.web.pieces import filters
from network.web.searching import kept, search_feeds

blueprint = Blueprint("saved_searches", __name__)
HERE = "saved_searches.save"


@localised(blueprint, "/searches/save", methods=("GET", "POST"))
@requires("anyone")
def save() -> ResponseReturnValue:
    """The search that the address holds: its feed, and a form to keep it."""
    chosen, text = filters.read(), parse(request.args.get("q", "")[: LONGEST_QUERY + 1]).text
    filters.keep_in_switch(chosen, q=text)
    if not text and chosen == Filter():
        return redirect(locale.url("search.search"), 302)
    if request.method == "GET":
        return _page(text, chosen)
    try:
        return _keep(text, chosen)
    except (InvalidInput, TooMany) as error:
        return _page(text, chosen, error), 429 if isinstance(error, TooMany) else 422


def _keep(text: str, chosen: Filter) -> ResponseReturnValue:
    user = current_user()
    given = {name: getattr(chosen, name) for name in FACETS}
    wanted = Wanted(
        name=request.form.get("name", ""),
        lang=locale.current(),
        every=request.form.get("every", "never") if kept.sends_mail() else "never",
        query=text,
        filters={name: value for name, value in given.items() if value is not None},
    )
    if user is not None:
        service.keep(session(), user.id, wanted)
        flash(_(N_("The search is kept.")), "success")
        return redirect(locale.url("own_searches.mine"), 303)
    if not kept.sends_mail():
        raise InvalidInput(N_("This site sends no e-mails; follow the feed instead."))
    mailbox, address = request.form.get("email", ""), request.remote_addr or ""
    service.ask(session(), mailbox, wanted, settings().secret_key, address)
    return _page(text, chosen, sent=True), 202


def _page(text: str, chosen: Filter, error: PioneerError | None = None, sent: bool = False) -> str:
    user: User | None = current_user()
    name = " · ".join([text, *_labels(chosen)] if text else _labels(chosen))
    field = error.field if isinstance(error, InvalidInput) else None
    page = "search.search" if text else "case_studies.browse"
    return render_template(
        "searching/save_search.html",
        typed={
            "name": request.form.get("name", name[: service.LONGEST_NAME]),
            "every": request.form.get("every", "weekly" if kept.sends_mail() else "never"),
            "email": request.form.get("email", ""),
        },
        errors=[(field or "", _(error.message, **error.arguments))] if error else [],
        sent=sent,
        said=_said(text, chosen),
        periods=[p for p in kept.periods() if user is not None or p[0] != "never"],
        sends_mail=kept.sends_mail(),
        feed_url=search_feeds.public_address("atom", text, chosen),
        results_url=filters.address(page, chosen, **({"q": text} if text else {})),
        action=filters.address(HERE, chosen, q=text or None),
        most=service.LONGEST_NAME,
    )


def _said(text: str, chosen: Filter) -> str:
    words = [_(N_("Search: %(q)s"), q=text)] if text else []
    return " · ".join([*words, *_labels(chosen)])


def _labels(chosen: Filter) -> list[str]:
    given = [(name, getattr(chosen, name)) for name in FACETS]
    return [filters.label(name, value) for name, value in given if value is not None]
