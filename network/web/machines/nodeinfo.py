"""What runs here and how much of it, for machines that look for nodes (NodeInfo 2.1)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from network import __version__
from network.accounts import service as accounts
from network.catalogue import queries
from network.catalogue.queries import Filter
from network.lib.i18n import LANGUAGES
from network.log.names import PC
from network.web.entrance import counts
from network.web.entrance.context import session, settings
from network.web.pieces import cards

blueprint = Blueprint("nodeinfo", __name__)
SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.1"
PROTOCOLS = ("ostatus",)
"""The schema knows ten protocols by name and wants one of them. OStatus is Atom feeds with a hub,
which anyone may subscribe to; what nodes of this network say beyond it is in the metadata."""
SERVICES = ("atom1.0", "rss2.0")
ADDRESSES = {"hub": "/websub/hub", "webmention": "/webmention"}
"""Endpoints that a description names when this node has them."""


@blueprint.get("/.well-known/nodeinfo")
def links() -> Response:
    """Where the description of this node is (NodeInfo, “Discovery”)."""
    href = f"{settings().base_url}/nodeinfo/2.1"
    return _open(jsonify(links=[{"rel": SCHEMA, "href": href}]))


@blueprint.get("/nodeinfo/2.1")
def description() -> Response:
    """The description itself."""
    value = {
        "version": "2.1",
        "software": {"name": "pioneer-cities", "version": __version__},
        "protocols": list(PROTOCOLS),
        "services": {"inbound": list(SERVICES), "outbound": list(SERVICES)},
        "openRegistrations": False,
        "usage": {
            "users": {"total": accounts.number(session())},
            "localPosts": counts.total(Filter(scope="own")),
            "localComments": 0,
        },
        "metadata": _metadata(),
    }
    response = _open(jsonify(value))
    response.content_type = f'application/json; profile="{SCHEMA}#"; charset=utf-8'
    return response


def _metadata() -> dict[str, Any]:
    """What another node needs to know in order to follow this one."""
    node, site = settings(), cards.site()
    rules = {rule.rule for rule in current_app.url_map.iter_rules()}
    return {
        "nodeName": site.name(node.language),
        "city": site.city.slug if site.city else None,
        "language": node.language,
        "languages": list(LANGUAGES),
        "protocol": PC,
        "log": f"{node.base_url}/feed.atom",
        "opml": f"{node.base_url}/network.opml",
        **{name: node.base_url + path for name, path in ADDRESSES.items() if path in rules},
        "catalogueVersion": queries.version(session()),
    }


def _open(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
