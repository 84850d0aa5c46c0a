"""Adoptions at the desk: confirming and contesting them, and each study's receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.accounts.models import User
from network.adoptions import desk, receipts
from network.adoptions.edges import Edge
from network.adoptions.receipts import Page
from network.case_studies import queries, verdicts, workflow
from network.case_studies.queries import DeskRow
from network.case_studies.verdicts import Opinion
from network.case_studies.versions import study_key
from network.catalogue.values import SITE_LANGUAGES
from network.lib import clock
from network.lib.errors import InvalidInput, NotFound
from network.lib.i18n import N_
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, localised, url
from network.web.entrance.session import current_user
from network.web.pieces import cards, chains, filters

blueprint = Blueprint("adoptions", __name__)
PAGE = 20
SAID = {
    "confirmed": N_("Confirmed. Every site that follows this one learns of it."),
    "contested": N_("Contested, with your reason. Every site that follows this one learns of it."),
    "nothing": N_("Taken back. This site says nothing of it any more."),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One adoption as the desk lists it.

    study_id, ours, ours_url: our study. title, url, lang, place: of the adopter, which ours_too
    says to be on this site as well. number: tells the fields of one form from another's.
    """

    number: int
    study_id: str
    ours: str
    ours_url: str
    ours_lang: str | None
    title: str
    url: str
    lang: str | None
    place: str
    edge: Edge
    ours_too: bool


@localised(blueprint, "/desk/adoptions", methods=("GET", "POST"))
@requires("editor")
def index() -> ResponseReturnValue:
    """Who says to have adopted our practices, what nobody answered yet first; and the answers.

    An answer confirms, contests with a reason, or takes back; readers see it at once.
    """
    return _answer() if request.method == "POST" else _page()


def _page(typed: dict[str, str] | None = None, errors: Sequence[tuple[str, str]] = ()) -> str:
    """The list. typed: an answer that was refused, in the fields of its case."""
    page, chosen = filters.page_number(), _chosen()
    found = desk.cases(session(), settings().base_url, chosen and _key(chosen))
    if page > 1 and (page - 1) * PAGE >= len(found):
        abort(404)
    shown = found[(page - 1) * PAGE : page * PAGE]
    here = {"study": chosen}
    return render_template(
        "desk/adoptions.html",
        cases=cases(shown),
        unanswered=sum(edge.state == "declared" for edge in found),
        chosen=_row(chosen) if chosen else None,
        page=page,
        typed=typed or {},
        errors=list(errors),
        languages=SITE_LANGUAGES,
        most=verdicts.LONGEST_REASON,
        next_url=url("adoptions.index", page=page + 1, **here)
        if page * PAGE < len(found)
        else None,
        prev_url=url("adoptions.index", page=page - 1, **here) if page > 1 else None,
    )


def _chosen() -> str | None:
    """The one study that the list is narrowed to, in the address or in the form."""
    given = request.values.get("only") or request.args.get("study")
    try:
        return str(UUID(given)) if given else None
    except ValueError:
        abort(404)


def _row(study_id: str) -> DeskRow:
    return queries.get(session(), study_id)[0]


def _key(study_id: str) -> str:
    return study_key(settings().base_url, study_id)


def cases(edges: Sequence[Edge]) -> list[Case]:
    """Adoptions as pages show them."""
    ends = [key for edge in edges for key in edge.ends]
    shown = {card.study_key: card for card in cards.cards_of(list(dict.fromkeys(ends)))}
    return [_case(number, edge, shown) for number, edge in enumerate(edges, 1)]


def _case(number: int, edge: Edge, shown: dict[str, cards.StudyCard]) -> Case:
    ours, theirs = shown.get(edge.source), shown.get(edge.target)
    return Case(
        number=number,
        study_id=edge.source.rpartition("/")[2],
        ours=ours.title if ours else edge.source,
        ours_url=ours.url if ours else edge.source,
        ours_lang=ours.lang if ours else None,
        title=theirs.title if theirs else edge.title or edge.target,
        url=theirs.url if theirs else edge.target,
        lang=theirs.lang if theirs else None,
        place=chains.label(edge.target, theirs, edge.title),
        edge=edge,
        ours_too=edge.target.startswith(f"{settings().base_url}/id/"),
    )


def _answer() -> ResponseReturnValue:
    typed = {name: request.form.get(name, "") for name in ("study", "adopter", "reason", "lang")}
    verdict = request.form.get("verdict", "")
    opinion = None if verdict == "nothing" else Opinion(verdict, typed["reason"], typed["lang"])
    try:
        desk.answer(
            session(), _user(), _uuid(typed["study"]), typed["adopter"], opinion,
            settings().base_url,
        )  # fmt: skip
    except NotFound as error:
        return _page(errors=[("", _(error.message, **error.arguments))]), 404
    except InvalidInput as error:
        session().rollback()
        return _page(typed, [(error.field or "", _(error.message, **error.arguments))]), 422
    flash(_(SAID.get(verdict, SAID["nothing"])), "success")
    return redirect(url("adoptions.index", study=_chosen()), 303)


def _uuid(given: str) -> str:
    try:
        return str(UUID(given))
    except ValueError:
        abort(404)


def _user() -> User:
    user = current_user()
    assert user is not None  # the route requires a role
    return user


@localised(
    blueprint,
    "/desk/case-studies/<uuid:study_id>/receipt",
)
@requires("author")
def receipt(study_id: UUID) -> str:
    """What has become of a study, for its author and for editors."""
    user = _user()
    row, _draft = queries.get(session(), str(study_id))
    if not workflow.allowed("read", user.role, row.owner_id == user.id, row.state):
        abort(403)
    found = receipts.of(session(), _key(row.id), settings().base_url, clock.now())
    origins = {each.origin.partition("://")[2] for each in found.followers}
    known = [page.known for page in (*found.syndicated, *found.translations, *found.mentions)]
    keys = [key for key in known if key] + [key for key, _lang in found.translated_by]
    shown = {card.study_key: card for card in cards.cards_of(list(dict.fromkeys(keys)))}
    return render_template(
        "desk/receipt.html",
        row=row,
        receipt=found,
        others_pushed=sorted(found.pushed - origins),
        adopters=cases(found.adopters),
        may_answer=user.role in workflow.DECIDING_ROLES and row.state == "published",
        pages={kind: _pages(getattr(found, kind), shown) for kind in KINDS},
        translated_by=[(shown[key], lang) for key, lang in found.translated_by if key in shown],
    )


KINDS = ("syndicated", "translations", "mentions")


def _pages(pages: Sequence[Page], shown: dict[str, cards.StudyCard]) -> list[dict[str, Any]]:
    return [
        {
            "title": page.title or page.address,
            "url": page.address,
            "site": page.site or chains.label(page.address, shown.get(page.known or "")),
            "lang": page.lang,
            "received": page.received,
        }
        for page in pages
    ]


def unanswered() -> int | None:
    """How many adoptions wait for an answer, for the desk's navigation of those who may give it."""
    user = current_user()
    if user is None or user.role not in workflow.DECIDING_ROLES:
        return None
    return desk.unanswered(session(), settings().base_url)
