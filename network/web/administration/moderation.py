"""What followed sites publish and readers do not see before a person of this site has read it."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from network.following import queries as peers
from network.following.queries import PeerView
from network.lib import i18n
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.moderation import review, told_cities
from network.moderation import service as moderation
from network.moderation.review import LISTS, PAGE, QueueRow
from network.moderation.rules import Rule, make_rule
from network.web.administration import held
from network.web.entrance.access import requires
from network.web.entrance.context import session
from network.web.entrance.locale import _, current, localised, ngettext, url
from network.web.entrance.session import current_user
from network.web.pieces import cards
from network.web.pieces.filters import page_number

blueprint = Blueprint("moderation", __name__)
MODES = {
    "publish": (N_("Shown at once"), ""),
    "hold": (
        N_("Read by one of us first"),
        N_("Nothing is shown before an editor has approved it."),
    ),
    "publish-some": (
        N_("Shown at once if they match, else read first"),
        N_("What fits a topic, a city or a language below is shown at once; the rest waits."),
    ),
    "hold-some": (
        N_("Read first if they match, else shown at once"),
        N_("What fits a topic, a city or a language below waits; the rest is shown at once."),
    ),
}
"""How people choose a rule: its name, and what it means."""
QUEUE = "/admin/review"
RULE = "/admin/members/<int:peer_id>/review"


@localised(blueprint, QUEUE)
@requires("editor")
def queue() -> ResponseReturnValue:
    """What waits, or what was decided; of one site, or of all."""
    which, page = request.args.get("list", "waiting"), page_number()
    if which not in LISTS:
        abort(404)
    site = _site()
    rows, total = review.page(session(), which, page, site.id if site else None)
    if page > 1 and not rows:
        abort(404)
    waiting = review.waiting(session())
    names = {number: name for number, (name, _icon) in cards.sources().items()}
    return render_template(
        "administration/review.html",
        rows=rows,
        which=which,
        lists=review.counts(session()),
        total=total,
        only=site,
        sites=[(id_, names.get(id_, ""), number) for id_, number in waiting.items()],
        prev_url=_page_url(which, site, page - 1) if page > 1 else None,
        next_url=_page_url(which, site, page + 1) if page * PAGE < total else None,
    )


def _site() -> PeerView | None:
    given = request.args.get("site", "")
    if not given:
        return None
    if not given.isdigit() or len(given) > 9:
        abort(404)
    return peers.peer(session(), int(given)) or abort(404)


def _page_url(which: str, site: PeerView | None, page: int) -> str:
    chosen: dict[str, Any] = {} if which == "waiting" else {"list": which}
    if site is not None:
        chosen["site"] = site.id
    if page > 1:
        chosen["page"] = page
    return url("moderation.queue", **chosen)


@localised(blueprint, f"{QUEUE}/<int:number>")
@requires("editor")
def study(number: int) -> ResponseReturnValue:
    """A held study as readers would see it, with what a change changes, and the decision."""
    return _study_page(number, "", [])


def _study_page(number: int, note: str, errors: list[tuple[str, str]]) -> str:
    row, texts = review.one(session(), _number(number))
    chosen = next((t for t in texts if t.lang == request.args.get("text")), None)
    chosen = chosen or _first(texts) or abort(404)
    return render_template(
        "administration/held.html",
        row=row,
        texts=[text.lang for text in texts],
        text=chosen,
        change=held.change(chosen),
        study=held.study(row, texts, chosen),
        alternates=[],
        note=note or row.note,
        most=moderation.LONGEST_NOTE,
        errors=errors,
    )


def _number(number: int) -> int:
    return number if number < 2**31 else 0


def _first(texts: list[review.Text]) -> review.Text | None:
    """The text to read first: one that waits, in the page's language if there is one."""
    order = sorted(texts, key=lambda t: (t.held is None, t.lang != current(), t.lang))
    return order[0] if order else None


@localised(
    blueprint,
    f"{QUEUE}/<int:number>/decide",
    methods=("POST",),
)
@requires("editor")
def decide(number: int) -> ResponseReturnValue:
    """Approve or refuse a study or its change, take it off, or undo a decision."""
    row, _texts = review.one(session(), _number(number))
    note = request.form.get("note", "")
    try:
        message = _decide(row, request.form.get("decision", ""), note)
    except InvalidInput as error:
        problem = (error.field or "note", _(error.message, **error.arguments))
        return _study_page(number, note, [problem]), 422
    flash(_(message, title=_title(row)), "success")
    return redirect(url("moderation.queue"), 303)


def _title(row: QueueRow) -> str:
    """What to call it, in the page's language if it can be."""
    titles = dict(row.titles)
    return titles.get(current()) or next(iter(titles.values()), row.study_key)


def _decide(row: QueueRow, decision: str, note: str) -> str:
    user = current_user()
    match decision:
        case "approve":
            moderation.approve(session(), user, row.id, note)
            return N_("“%(title)s” is shown to readers now.")
        case "refuse":
            moderation.refuse(session(), user, row.id, note)
            if row.shown:
                return N_("The change to “%(title)s” is refused; readers see the text as before.")
            return N_("“%(title)s” is refused; readers do not see it.")
        case "take-off":
            moderation.refuse(session(), user, row.id, note, whole=True)
            return N_("“%(title)s” is refused; readers do not see it.")
        case "undo":
            moderation.undo(session(), row.id)
            return N_("The decision on “%(title)s” is undone.")
    raise BadRequest


@localised(blueprint, f"{QUEUE}/all", methods=("POST",))
@requires("editor")
def approve_all() -> ResponseReturnValue:
    """Approve everything of one site that waits."""
    given = request.form.get("site", "")
    if not given.isdigit() or len(given) > 9:
        raise BadRequest
    number = moderation.approve_all(session(), current_user(), int(given))
    text = ngettext(
        "%(number)s case study is shown to readers now.",
        "%(number)s case studies are shown to readers now.",
        number,
    )
    flash(text % {"number": i18n.number(number, current())}, "success")
    return redirect(url("moderation.queue"), 303)


@localised(blueprint, RULE, methods=("GET", "POST"))
@requires("administrator")
def rule(peer_id: int) -> ResponseReturnValue:
    """By which rule a site's case studies are shown at once or wait."""
    peer = peers.peer(session(), peer_id) or abort(404)
    if request.method == "GET":
        return _rule_page(peer, peer.rule, [])
    form = request.form
    topics = [slug for slug in form.getlist("topics") if slug in cards.topic_names()]
    places = [slug for slug in form.getlist("cities") if slug in cards.city_names()]
    languages = form.getlist("languages")[:200]
    try:
        made = make_rule(form.get("mode", ""), topics, languages, places)
    except InvalidInput as error:
        mode = cast(Any, form.get("mode", ""))
        typed = Rule(mode, tuple(topics), tuple(languages), tuple(places))
        problem = (error.field or "mode", _(error.message, **error.arguments))
        return _rule_page(peer, typed, [problem]), 422
    changes = moderation.set_rule(session(), peer_id, made, keep_shown="keep" in form)
    flash(_tell(changes), "success")
    return redirect(url("admin.peer", peer_id=peer_id), 303)


def _rule_page(peer: PeerView, chosen: Rule, errors: list[tuple[str, str]]) -> str:
    lang = current()
    named = [(slug, topic.name(lang)) for slug, topic in cards.topic_names().items()]
    slugs = {*chosen.cities, *told_cities.written_about(session(), peer.id)}
    places = [(slug, city.name(lang)) for slug, city in cards.city_names().items() if slug in slugs]
    return render_template(
        "administration/rule.html",
        peer=peer,
        rule=chosen,
        modes=[(mode, _(name), hint and _(hint)) for mode, (name, hint) in MODES.items()],
        topics=sorted(named, key=lambda item: i18n.sort_key(item[1])),
        cities=sorted(places, key=lambda item: i18n.sort_key(item[1])),
        languages=held.languages(*chosen.languages, *([peer.language] if peer.language else [])),
        errors=errors,
    )


def _tell(changes: moderation.Changes) -> str:
    """What a new rule came to, in words."""
    said = [_(N_("From now on the new rule is followed."))]
    if changes.shown:
        text = ngettext(
            "%(number)s case study that waited is shown now.",
            "%(number)s case studies that waited are shown now.",
            changes.shown,
        )
        said.append(text % {"number": i18n.number(changes.shown, current())})
    if changes.held:
        text = ngettext(
            "%(number)s case study that was shown waits for review now.",
            "%(number)s case studies that were shown wait for review now.",
            changes.held,
        )
        said.append(text % {"number": i18n.number(changes.held, current())})
    return " ".join(said)
