"""What the site says of itself: to people (about, accessibility) and to machines (well-known)."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, render_template

from network.catalogue.queries import Filter
from network.following import queries as subscriptions
from network.lib import clock
from network.lib.i18n import LANGUAGES
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.entrance.locale import localised
from network.web.pieces import cards, feeds_links

blueprint = Blueprint("pages", __name__)
HALF_A_YEAR = timedelta(days=182)
"""How long security.txt holds; less than a year, as RFC 9116 advises."""


@localised(blueprint, "/about")
def about() -> str:
    """Whose site it is, how the network works, and who is in it."""
    return render_template(
        "readers/about.html", peers=_members(), feed_links=feeds_links.for_list(Filter())
    )


def _members() -> list[tuple[str, str, str]]:
    """(name, address, city) of the sites of the network that this one follows."""
    lang, known = locale.current(), cards.city_names()
    return [
        (
            peer.title or peer.origin,
            peer.site_url or peer.origin,
            known[peer.city].name(lang) if peer.city in known else "",
        )
        for peer in subscriptions.peers(session())
        if peer.kind == "member" and peer.state == "active"
    ]


@localised(blueprint, "/accessibility")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("readers/accessibility.html")


@blueprint.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a weakness (RFC 9116); 404 when the node names no mailbox."""
    node = settings()
    if not node.contact:
        abort(404)
    contact = node.contact if ":" in node.contact else f"mailto:{node.contact}"
    midnight = clock.now().replace(hour=0, minute=0, second=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {midnight + HALF_A_YEAR:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {node.base_url}/.well-known/security.txt",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
