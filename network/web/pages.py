"""What the site says of itself: to people (about, accessibility) and to machines (well-known)."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, jsonify, render_template

from network import __version__
from network.catalogue import queries
from network.catalogue.queries import Filter
from network.lib import clock
from network.lib.i18n import LANGUAGES
from network.log.names import PC
from network.subscriptions import queries as subscriptions
from network.web import cards, counts, feeds_links, locale
from network.web.context import session, settings
from network.web.locale import localised

blueprint = Blueprint("pages", __name__)
NODEINFO = "http://nodeinfo.diaspora.software/ns/schema/2.1"
HALF_A_YEAR = timedelta(days=182)
"""How long security.txt holds; less than a year, as RFC 9116 advises."""


@localised(blueprint, en="/about", fr="/a-propos")
def about() -> str:
    """Whose site it is, how the network works, and who is in it."""
    return render_template(
        "about.html", peers=_members(), feed_links=feeds_links.for_list(Filter())
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


@localised(blueprint, en="/accessibility", fr="/accessibilite")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("accessibility.html")


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


@blueprint.get("/.well-known/nodeinfo")
def nodeinfo_links() -> Response:
    """Where the description of this node is (NodeInfo, “Well-Known URL”)."""
    href = f"{settings().base_url}/nodeinfo/2.1"
    return _open(jsonify(links=[{"rel": NODEINFO, "href": href}]))


@blueprint.get("/nodeinfo/2.1")
def nodeinfo() -> Response:
    """What runs here and how much of it (NodeInfo 2.1).

    The schema lists protocols of social networks only; ours is named by its own name, as later
    editions of it allow, because claiming another would be untrue.
    """
    node = settings()
    description = {
        "version": "2.1",
        "software": {"name": "pioneer-cities", "version": __version__},
        "protocols": ["pioneer-cities"],
        "services": {"inbound": ["atom1.0", "rss2.0"], "outbound": ["atom1.0", "rss2.0"]},
        "openRegistrations": False,
        "usage": {"users": {}, "localPosts": counts.total(Filter(scope="own"))},
        "metadata": {
            "nodeName": node.name,
            "city": node.city or None,
            "languages": list(LANGUAGES),
            "protocol": PC,
            "log": f"{node.base_url}/feed.atom",
            "catalogueVersion": queries.version(session()),
        },
    }
    response = _open(jsonify(description))
    response.content_type = f'application/json; profile="{NODEINFO}#"; charset=utf-8'
    return response


def _open(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
