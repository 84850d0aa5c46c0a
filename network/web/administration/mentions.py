"""Administration: pages elsewhere that link to our studies, and what other sites were told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.adoptions.webmention import moderation, queries, sending
from network.adoptions.webmention.queries import PAGE, MentionView, SentView
from network.catalogue import queries as catalogue
from network.lib import i18n
from network.lib.i18n import N_
from network.web.entrance.access import requires
from network.web.entrance.context import session
from network.web.entrance.locale import _, current, localised, ngettext, url
from network.web.pieces import cards, filters

blueprint = Blueprint("mentions", __name__)
SAID = {
    "accepted": N_("“%(page)s” is shown now."),
    "refused": N_("“%(page)s” is not shown."),
    "": N_("“%(page)s” waits for a decision again."),
}


@localised(blueprint, "/admin/mentions")
@requires("editor")
def index() -> ResponseReturnValue:
    """Pages elsewhere that link to our studies, those first that wait for a person."""
    state = request.args.get("state", "waiting")
    if state not in queries.STATES:
        abort(404)
    page = filters.page_number()
    counts = queries.counts(session())
    rows = queries.mentions(session(), state, page)
    if not rows and page > 1:
        abort(404)
    return render_template(
        "administration/mentions.html",
        rows=rows,
        studies=_studies([row.study_key for row in rows]),
        state=state,
        counts=counts,
        of_host=queries.waiting_of_host(session(), [row.host for row in rows]),
        undo=_undo(),
        said=_said,
        **_pages("mentions.index", page, counts[state], state=state),
    )


@localised(blueprint, "/admin/mentions/sent")
@requires("editor")
def sent() -> ResponseReturnValue:
    """The links of our studies, and what came of telling the sites that they lead to."""
    page = filters.page_number()
    counts = queries.counts(session())
    rows = queries.sent(session(), page)
    if not rows and page > 1:
        abort(404)
    return render_template(
        "administration/mentions_sent.html",
        groups=_by_study(rows),
        studies=_studies([row.study_key for row in rows]),
        counts=counts,
        said=_said,
        **_pages("mentions.sent", page, counts["sent"]),
    )


@localised(blueprint, "/admin/mentions/decide", methods=("POST",))
@requires("editor")
def decide() -> ResponseReturnValue:
    """Show a mention, refuse it, or take either back."""
    mention_id, decision = _number("mention"), request.form.get("decision", "")
    before = moderation.decide(session(), mention_id, decision)
    if request.form.get("undone"):
        found = queries.mention(session(), mention_id)
        flash(_(SAID[decision], page=_name(found)), "success")
        return redirect(_list(), 303)
    return redirect(_list(done=mention_id, before=before or None), 303)


@localised(
    blueprint,
    "/admin/mentions/accept-site",
    methods=("POST",),
)
@requires("editor")
def accept_site() -> ResponseReturnValue:
    """Show all that waits from one site."""
    host = request.form.get("host", "")[:300]
    number = moderation.accept_site(session(), host)
    text = ngettext(
        "%(number)s page of %(site)s is shown now.",
        "%(number)s pages of %(site)s are shown now.",
        number,
    )
    flash(text % {"number": i18n.number(number, current()), "site": host}, "success")
    return redirect(_list(), 303)


@localised(
    blueprint,
    "/admin/mentions/send-again",
    methods=("POST",),
)
@requires("editor")
def send_again() -> ResponseReturnValue:
    """Tell a site once more."""
    if not sending.send_again(session(), _number("mention")):
        abort(404)
    flash(_(N_("The site is told again within seconds. Reload the page to see the result.")))
    return redirect(url("mentions.sent"), 303)


def _number(name: str) -> int:
    given = request.form.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else abort(404)


def _list(**values: Any) -> str:
    """The list that the form was on."""
    state = request.form.get("state", "")
    return url("mentions.index", state=state if state in queries.STATES[1:] else None, **values)


def _undo() -> dict[str, Any] | None:
    """What was decided just now, so that it can be taken back at once."""
    done = request.args.get("done", "")
    found = queries.mention(session(), int(done)) if done.isdecimal() and len(done) < 10 else None
    if found is None:
        return None
    before = request.args.get("before", "")
    return {
        "id": found.id,
        "message": _(SAID.get(found.decision, SAID[""]), page=_name(found)),
        "before": before if before in moderation.DECISIONS else "",
    }


def _name(found: MentionView | None) -> str:
    return (found.title or found.source) if found else ""


def _studies(keys: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """study_key → (title, address, language) of the studies that readers can see."""
    shown = catalogue.cards(session(), list(dict.fromkeys(keys)), current())
    return {
        card.study_key: (card.title, cards.study_url(card.place, card.slug), card.lang)
        for card in shown
    }


def _by_study(rows: Sequence[SentView]) -> dict[str, list[SentView]]:
    groups: dict[str, list[SentView]] = {}
    for row in rows:
        groups.setdefault(row.study_key, []).append(row)
    return groups


def _said(said: tuple[str, dict[str, Any]] | None) -> str:
    """What went wrong, in the page's language."""
    return _(said[0], **said[1]) if said else ""


def _pages(endpoint: str, page: int, total: int, **values: Any) -> dict[str, Any]:
    more = page * PAGE < total
    before = page - 1 if page > 2 else None
    return {
        "next_url": url(endpoint, page=page + 1, **values) if more else None,
        "prev_url": url(endpoint, page=before, **values) if page > 1 else None,
    }
