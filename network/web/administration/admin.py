"""Administration: the sites that are followed and how they are, and the work that waits."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from network.catalogue import tombstones
from network.following import health
from network.following import queries as peers_
from network.following import service as subscriptions
from network.following.queries import PeerView
from network.following.resolve import SeveralFeeds
from network.intake import unread
from network.jobs import dead
from network.jobs import service as jobs
from network.lib import clock, i18n
from network.lib.errors import InvalidInput, NotFound, RemoteError
from network.lib.i18n import N_
from network.moderation import parts, told_cities
from network.moderation.rules import Rule
from network.moderation.told_cities import Claimed
from network.push import queries as push
from network.web.administration import sources
from network.web.entrance.access import requires
from network.web.entrance.context import services, session, settings
from network.web.entrance.locale import _, current, localised, ngettext, url
from network.web.pieces import cards

blueprint = Blueprint("admin", __name__)
LONGEST_ADDRESS = 2000


@localised(blueprint, "/admin/")
@requires("administrator")
def index() -> ResponseReturnValue:
    """Administration begins with the followed sites."""
    return redirect(url("admin.peers"), 302)


@localised(blueprint, "/admin/members")
@requires("administrator")
def peers() -> str:
    """Every followed site with its health, and the form to follow one more."""
    return _peers_page({}, [])


@localised(blueprint, "/admin/members/follow", methods=("POST",))
@requires("administrator")
def follow() -> ResponseReturnValue:
    """Follow a site by any address of it; says at once what came of it."""
    typed = {name: request.form.get(name, "") for name in ("address", "city", "language", "mode")}
    address = " ".join(typed["address"].split())
    try:
        if not address or len(address) > LONGEST_ADDRESS:
            raise InvalidInput(N_("Enter the address of a site."), "address")
        found = subscriptions.follow(
            session(), services().door, sources.chosen_address(address), settings(),
            city=_city(typed["city"]), language=_language(typed["language"]),
            rule=Rule("hold") if typed["mode"] == "hold" else None,
        )  # fmt: skip
    except SeveralFeeds as error:
        problem = ("feed", _(N_("This page names several feeds. Choose one of them.")))
        return _peers_page(typed, [problem], sources.options(error.links)), 422
    except (InvalidInput, RemoteError) as error:
        return _peers_page(typed, [("address", _(error.message, **error.arguments))]), 422
    peer = peers_.peer_or_fail(session(), found.id)
    _tell_first_look(peer)
    if peer.kind == "member" and parts.is_part(sources.chosen_address(address), peer.url):
        names = ", ".join(peers_.rule_names(session(), peer.rule, current()))
        flash(_(parts.said(peer.rule.mode), names=names))
    return redirect(url("admin.peer", peer_id=peer.id), 303)


def _city(given: str) -> str | None:
    return given if given in cards.city_names() else None


def _language(given: str) -> str | None:
    return given if given in i18n.LANGUAGES else None


def _tell_first_look(peer: PeerView) -> None:
    name = peer.title or peer.url
    if peer.last_error is None:
        text = ngettext(
            "“%(site)s” is followed. %(number)s case study has arrived.",
            "“%(site)s” is followed. %(number)s case studies have arrived.",
            peer.studies + peer.waiting,
        )
        number = i18n.number(peer.studies + peer.waiting, current())
        flash(text % {"site": name, "number": number}, "success")
        if peer.waiting:
            flash(_(N_("They wait for one of you to read them before readers do.")))
        return
    message = N_("“%(site)s” is followed, but the first look failed. It is tried again by itself.")
    flash(_(message, site=name), "warning")


def _peers_page(
    typed: dict[str, str],
    errors: list[tuple[str, str]],
    feeds: list[tuple[str, str, str]] | None = None,
) -> str:
    return render_template(
        "administration/peers.html",
        peers=health.worst_first(peers_.peers(session()), clock.now()),
        typed=typed,
        errors=errors,
        feeds=feeds,
        cities=_city_options(),
        said=_said,
        pushes=push.pushes(session()),
    )


def _city_options() -> list[tuple[str, str]]:
    named = [(slug, city.name(current())) for slug, city in cards.city_names().items()]
    return [("", "–"), *sorted(named, key=lambda item: i18n.sort_key(item[1]))]


def _said(said: tuple[str, dict[str, Any]] | None) -> str:
    """A failure in the page's language."""
    return _(said[0], **said[1]) if said else ""


@localised(blueprint, "/admin/members/<int:peer_id>")
@requires("administrator")
def peer(peer_id: int) -> str:
    """One followed site: all that is known of its health, and what can be done."""
    found = _peer(peer_id)
    city, city_url = cards.city_link(found.city)
    return render_template(
        "administration/peer.html",
        peer=found,
        withdrawn=tombstones.of_source(session(), peer_id),
        unread=unread.of_source(session(), peer_id),
        state=health.state(found, clock.now()),
        city=city,
        city_url=city_url,
        said=_said,
        push=push.push_of(session(), peer_id),
        claims=_claims(peer_id),
        rule_names=peers_.rule_names(session(), found.rule, current()),
    )


def _claims(peer_id: int) -> list[tuple[Claimed, str, bool]]:
    """(claim, the city's name, whether it is our own) of those of which it is the site."""
    own = cards.site().city
    return [
        (each, each.city.name(current()), own is not None and own.slug == each.city.slug)
        for each in told_cities.claimed(session(), peer_id)
    ]


@localised(
    blueprint,
    "/admin/members/<int:peer_id>/city",
    methods=("POST",),
)
@requires("administrator")
def give_word(peer_id: int) -> ResponseReturnValue:
    """Let a site have the last word on the city that it says to be the site of."""
    try:
        subscriptions.give_word(session(), peer_id, request.form.get("slug", ""))
    except NotFound as error:
        flash(_(error.message), "error")
    else:
        flash(
            _(N_("What this site says of its city counts here from the next look on.")), "success"
        )
    return _back(peer_id)


def _peer(peer_id: int) -> PeerView:
    return peers_.peer(session(), peer_id) or abort(404)


@localised(
    blueprint,
    "/admin/members/<int:peer_id>/unfollow",
    methods=("GET", "POST"),
)
@requires("administrator")
def unfollow(peer_id: int) -> ResponseReturnValue:
    """Ask first, because everything that came from the site goes."""
    found = _peer(peer_id)
    if request.method == "GET":
        return render_template("administration/unfollow.html", peer=found)
    subscriptions.unfollow(session(), peer_id)
    flash(_(N_("“%(site)s” is not followed any more."), site=found.title or found.url), "success")
    return redirect(url("admin.peers"), 303)


@localised(
    blueprint,
    "/admin/members/<int:peer_id>/poll",
    methods=("POST",),
)
@requires("administrator")
def poll(peer_id: int) -> ResponseReturnValue:
    """Have the worker look at the site now."""
    subscriptions.poll_now(session(), peer_id)
    flash(_(N_("The site will be looked at within seconds. Reload the page to see the result.")))
    return _back(peer_id)


@localised(
    blueprint,
    "/admin/members/<int:peer_id>/block",
    methods=("POST",),
)
@requires("administrator")
def block(peer_id: int) -> ResponseReturnValue:
    """Take what came from the site off every page, and keep it."""
    subscriptions.block(session(), peer_id)
    flash(_(N_("The site is blocked: its case studies are not shown any more.")), "success")
    return _back(peer_id)


@localised(
    blueprint,
    "/admin/members/<int:peer_id>/unblock",
    methods=("POST",),
)
@requires("administrator")
def unblock(peer_id: int) -> ResponseReturnValue:
    """Show it again."""
    subscriptions.unblock(session(), peer_id)
    flash(_(N_("The site is no longer blocked: its case studies are shown again.")), "success")
    return _back(peer_id)


@localised(
    blueprint,
    "/admin/members/<int:peer_id>/move",
    methods=("POST",),
)
@requires("administrator")
def move(peer_id: int) -> ResponseReturnValue:
    """Agree that a site has moved for good, or stay with its old address."""
    try:
        if request.form.get("agree") == "yes":
            subscriptions.accept_move(session(), peer_id)
            flash(_(N_("The site is followed at its new address.")), "success")
        else:
            subscriptions.decline_move(session(), peer_id)
            flash(_(N_("The old address stays.")))
    except InvalidInput as error:
        flash(_(error.message, **error.arguments), "error")
    return _back(peer_id)


def _back(peer_id: int) -> ResponseReturnValue:
    return redirect(url("admin.peer", peer_id=peer_id), 303)


@localised(blueprint, "/admin/jobs", methods=("GET", "POST"))
@requires("administrator")
def work() -> ResponseReturnValue:
    """What waits to be done, and what failed for good and can be tried again."""
    if request.method == "POST":
        number = dead.retry_all(session())
        text = ngettext(
            "%(number)s task is tried again.", "%(number)s tasks are tried again.", number
        )
        flash(text % {"number": number}, "success")
        return redirect(url("admin.work"), 303)
    return render_template(
        "administration/jobs.html", counts=jobs.counts(session()), dead=dead.listed(session())
    )
