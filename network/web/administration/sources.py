"""What a followed site is called here, and the choice where a page names several feeds."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from network.following import service as subscriptions
from network.lib import i18n
from network.lib.errors import InvalidInput
from network.lib.i18n import N_
from network.reading.discover import FeedLink
from network.web.entrance.access import requires
from network.web.entrance.context import session
from network.web.entrance.locale import _, current, localised, url

blueprint = Blueprint("sources", __name__)

FORMATS = {
    "application/atom+xml": "Atom",
    "application/rss+xml": "RSS",
    "application/rdf+xml": "RSS 1.0",
    "application/feed+json": "JSON Feed",
}


@localised(
    blueprint,
    "/admin/members/<int:peer_id>/name",
    methods=("POST",),
)
@requires("administrator")
def rename(peer_id: int) -> ResponseReturnValue:
    """Call a followed site by a name of our own; without one, as it calls itself."""
    try:
        title = subscriptions.rename(session(), peer_id, request.form.get("title", ""))
    except InvalidInput as error:
        flash(_(error.message, **error.arguments), "error")
    else:
        named = N_("The site is called “%(name)s” from now on.")
        again = N_("The site will be called as it calls itself, after the next look.")
        flash(_(named, name=title) if title else _(again), "success")
    return redirect(url("admin.peer", peer_id=peer_id), 303)


def chosen_address(address: str) -> str:
    """The feed that was chosen of those that the address names, or the address itself.

    A choice counts only with the address for which it was offered.
    """
    form = request.form
    return form["feed"] if form.get("feed") and form.get("feeds_of") == address else address


def options(links: list[FeedLink]) -> list[tuple[str, str, str]]:
    """(address, what it is, address and format) of each feed to choose from."""
    return [(link.url, link.title or link.url, _about(link)) for link in links]


def _about(link: FeedLink) -> str:
    language = i18n.language_name(link.lang, current()) if link.lang else ""
    said = (FORMATS.get(link.type, ""), language, link.url if link.title else "")
    return " · ".join(part for part in said if part)
