"""Becoming a member: lists of sites come in, are chosen from, and may confirm moves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from network.catalogue.queries import Filter
from network.cities import site as sites
from network.jobs import batches
from network.jobs import service as jobs
from network.jobs.batches import Entry, Offer
from network.jobs.kinds import Kind
from network.lib.errors import InvalidInput, NotFound, RemoteError
from network.lib.i18n import N_, translate
from network.membership import directory, lists
from network.membership.directory import Found
from network.reading.opml import MOST_BYTES, parse_opml
from network.web.administration import identity
from network.web.entrance import counts, locale
from network.web.entrance.access import requires
from network.web.entrance.context import services, session, settings
from network.web.entrance.locale import _, current, localised, url
from network.web.pieces import cards

blueprint = Blueprint("membership", __name__)
LONGEST_ADDRESS = 2_000
LEADER = "leader"
"""The lease that a working worker holds."""

Problems = list[tuple[str, str]]


@localised(blueprint, "/admin/join", methods=("GET", "POST"))
@requires("administrator")
def join() -> ResponseReturnValue:
    """Step by step into the network: this site, whom to follow, and what to tell them."""
    if request.method == "GET":
        return _join_page("", [])
    address = _line("address")
    try:
        return _chosen_from(_asked(address), "join")
    except (InvalidInput, RemoteError) as error:
        return _join_page(address, [_problem(error, "address")]), 422


def _join_page(address: str, errors: Problems) -> str:
    node = settings()
    works = jobs.leader(session(), LEADER) is not None
    studies = counts.total(Filter(scope="own"))
    found = identity.checks(node, cards.site(), current(), works, studies)
    return render_template(
        "administration/join.html",
        checks=[(check.good, _(check.text, **check.arguments)) for check in found],
        typed=address,
        errors=errors,
        letters=[_letter(lang) for lang in (current(), *locale.others())],
    )


LETTER_SUBJECT = N_("%(site)s has joined the Pioneer Cities network")
LETTER = N_(
    "Hello,\n\n"
    "%(site)s has joined the Pioneer Cities network and now follows your site, so our readers find "
    "your case studies beside ours.\n\n"
    "Would you follow us too? In the administration of your site, open “Members”, paste this "
    "address and press “Follow”:\n\n"
    "%(url)s\n\n"
    "Our case studies then appear on your site within minutes, and whatever we change or withdraw "
    "follows by itself.\n\n"
    "Kind regards"
)


def _letter(lang: str) -> dict[str, str]:
    """What to send to the others, in a language, and a link that opens it in a mail program."""
    node = settings()
    values = {"site": _who(lang), "url": f"{node.base_url}/"}
    subject, text = (translate(lang, message, values) for message in (LETTER_SUBJECT, LETTER))
    query = urlencode({"subject": subject, "body": text.replace("\n", "\r\n")}, quote_via=quote)
    return {"lang": lang, "text": text, "mailto": f"mailto:?{query}"}


def _who(lang: str) -> str:
    """Who has joined: the site by its own name, but its city where that is the network's name."""
    site = cards.site()
    if not site.name(lang).startswith(tuple(sites.DEFAULT_NAMES.values())):
        return site.name(lang)
    return site.city.name(lang) if site.city else translate(lang, N_("Our site"), {})


@localised(blueprint, "/admin/members/import", methods=("GET", "POST"))
@requires("administrator")
def import_list() -> ResponseReturnValue:
    """Take in a list of sites from a file or an address, to choose from."""
    if request.method == "GET":
        return _import_page({}, [])
    address, upload = _line("address"), request.files.get("file")
    field = "file" if upload is not None and upload.filename else "address"
    try:
        found = _asked(address) if upload is None or field == "address" else _uploaded(upload)
        return _chosen_from(found, "import")
    except (InvalidInput, RemoteError) as error:
        return _import_page({"address": address}, [_problem(error, field)]), 422


def _uploaded(file: FileStorage) -> Found:
    with closing(file):
        content = file.stream.read(MOST_BYTES + 1)
    return Found((file.filename or "")[:200], parse_opml(content, file.content_type))


def _import_page(typed: dict[str, str], errors: Problems) -> str:
    return render_template(
        "administration/import.html",
        typed=typed,
        errors=errors,
        trusted=lists.lists(session()),
        recent=batches.recent(session()),
        said=_said,
    )


def _said(message: str, arguments: dict[str, Any] | None) -> str:
    return _(message, **(arguments or {}))


def _line(name: str) -> str:
    return " ".join(request.form.get(name, "").split())


def _asked(address: str) -> Found:
    if not address or len(address) > LONGEST_ADDRESS:
        raise InvalidInput(N_("Enter the address of a site."), "address")
    session().rollback()  # nothing is asked of the network within a transaction
    return directory.read_list(services().door, address, settings())


def _problem(error: InvalidInput | RemoteError, field: str) -> tuple[str, str]:
    return field, _(error.message, **error.arguments)


def _chosen_from(found: Found, origin: str) -> ResponseReturnValue:
    """Keep what a list holds under an address of its own, and go there to choose."""
    if not found.sites.sites:
        raise InvalidInput(N_("This list names no site that can be followed."))
    about = Offer(Kind.FOLLOW, found.sites.title, origin, found.url, found.sites.notice)
    after = directory.newest(session())
    entries = [Entry(site.title, directory.payload(site, after)) for site in found.sites.sites]
    batch_id = batches.offer(session(), about, entries)
    return redirect(url("work.batch", batch_id=batch_id), 303)


@localised(blueprint, "/admin/members/lists", methods=("POST",))
@requires("administrator")
def trust() -> ResponseReturnValue:
    """Let a list confirm moves from now on."""
    address = _line("trust")
    try:
        if not address or len(address) > LONGEST_ADDRESS:
            raise InvalidInput(N_("Enter the address of a site."), "trust")
        added = lists.add(session(), services().door, address, settings())
    except (InvalidInput, RemoteError) as error:
        return _import_page({"trust": address}, [_problem(error, "trust")]), 422
    name = added.title or added.url
    flash(_(N_("“%(list)s” may confirm moves from now on."), list=name), "success")
    return redirect(url("membership.import_list"), 303)


@localised(
    blueprint,
    "/admin/members/lists/<int:list_id>",
    methods=("POST",),
)
@requires("administrator")
def trusted(list_id: int) -> ResponseReturnValue:
    """Read a trusted list now, choose from it, or trust it no more."""
    actions: dict[str, Callable[[int], ResponseReturnValue]] = {
        "read": _read, "choose": _choose, "remove": _remove,
    }  # fmt: skip
    action = actions.get(request.form.get("action", "")) or abort(400)
    try:
        return action(list_id)
    except NotFound:
        abort(404)
    except (InvalidInput, RemoteError) as error:
        flash(_(error.message, **error.arguments), "error")
        return redirect(url("membership.import_list"), 303)


def _read(list_id: int) -> ResponseReturnValue:
    row = lists.read(session(), services().door, list_id, settings())
    if row.error:
        flash(_said(row.error, row.error_arguments), "error")
    else:
        flash(_(N_("The list was read.")), "success")
    return redirect(url("membership.import_list"), 303)


def _choose(list_id: int) -> ResponseReturnValue:
    row = next((each for each in lists.lists(session()) if each.id == list_id), None)
    return _chosen_from(_asked(row.url), "import") if row else abort(404)


def _remove(list_id: int) -> ResponseReturnValue:
    lists.remove(session(), list_id)
    flash(_(N_("The list confirms no moves any more.")), "success")
    return redirect(url("membership.import_list"), 303)
