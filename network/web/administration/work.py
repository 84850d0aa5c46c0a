"""Long work that somebody watches: choosing what is done, “12 of 40”, and what came of it."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.jobs import batches
from network.jobs.batches import BatchView, ItemView, Said
from network.lib.i18n import N_
from network.membership.directory import Known
from network.web.entrance.access import requires
from network.web.entrance.context import session, settings
from network.web.entrance.locale import _, current, localised, url
from network.web.pieces import cards

blueprint = Blueprint("work", __name__)


@localised(
    blueprint,
    "/admin/work/<int:batch_id>",
    methods=("GET", "POST"),
)
@requires("administrator")
def batch(batch_id: int) -> ResponseReturnValue:
    """One piece of long work, from the choice to the last result, always at this address."""
    found = batches.view(session(), batch_id) or abort(404)
    if request.method == "GET":
        return _choice(found, []) if found.state == "offered" else _progress(found)
    if "again" in request.form:
        batches.again(session(), batch_id)
        return redirect(url("work.batch", batch_id=batch_id), 303)
    chosen = _open_numbers(found) if "all" in request.form else _chosen()
    if not batches.begin(session(), batch_id, chosen) and found.state == "offered":
        return _choice(found, [("item", _(N_("Choose at least one site.")))]), 422
    return redirect(url("work.batch", batch_id=batch_id), 303)


def _chosen() -> set[int]:
    given = request.form.getlist("item")
    return {int(number) for number in given if number.isdecimal() and len(number) < 8}


def _open_numbers(found: BatchView) -> set[int]:
    known = Known(session(), settings().base_url)
    return {item.number for item in found.items if _standing(item, known) == (False, None)}


def _standing(item: ItemView, known: Known) -> tuple[bool, int | None]:
    """Whether an item is this site itself, and the number under which it is followed already."""
    address = str(item.payload["url"])
    return known.is_ours(address), known.followed(address, bool(item.payload.get("member")))


def _choice(found: BatchView, errors: list[tuple[str, str]]) -> str:
    known, names, lang = Known(session(), settings().base_url), cards.city_names(), current()
    rows = []
    for item in found.items:
        ours, peer_id = _standing(item, known)
        city = names.get(str(item.payload.get("city")))
        rows.append((item, ours, peer_id, city.name(lang) if city else None))
    return render_template(
        "administration/choose.html",
        batch=found,
        members=[row for row in rows if row[0].payload.get("member")],
        others=[row for row in rows if not row[0].payload.get("member")],
        open=sum(not ours and peer_id is None for _item, ours, peer_id, _city in rows),
        errors=errors,
        said=_said,
    )


def _progress(found: BatchView) -> str:
    return render_template(
        "administration/batch.html",
        batch=found,
        items=found.having("waiting", "failed", "done"),
        waiting=len(found.having("waiting")),
        failed=len(found.having("failed")),
        said=_said,
    )


def _said(said: Said | None) -> str:
    return _(said[0], **said[1]) if said else ""
