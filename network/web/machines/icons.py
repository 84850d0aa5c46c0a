"""The pictures of followed sites, from our own origin."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from network.following import icons
from network.web.entrance.context import session
from network.web.pieces import conditional

blueprint = Blueprint("icons", __name__)


@blueprint.get("/icons/<int:peer_id>")
def icon(peer_id: int) -> Response:
    """A followed site's picture; under the mark that pages ask for it never changes."""
    found = icons.icon(session(), peer_id) if peer_id < 2**31 else None
    if found is None:
        abort(404)
    mark, picture = found
    lasting = request.args.get("v") == mark
    response = conditional.answer(
        lambda: picture.content,
        media_type=picture.media_type,
        mark=mark,
        cache_control="public, max-age=31536000, immutable" if lasting else "public, max-age=3600",
    )
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    )
    return response
