"""Liveness, readiness and discovery files, for monitors and robots."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from network.catalogue import queries
from network.jobs import service as jobs
from network.lib.db import db
from network.lib.i18n import LANGUAGES
from network.lib.languages import in_words
from network.lib.sqlite import file_of
from network.web.entrance.context import services, session, settings
from network.web.machines.wholeness import Wholeness
from network.web.pieces.templating import static

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Database and index can serve readers; how much work waits."""
    checks: dict[str, object] = {}
    try:
        checks["catalogue_version"] = queries.version(session())
        checks["jobs"] = jobs.counts(session())
        checks["database"] = _damage() is None
    except Exception:  # whatever the driver raises means the same here
        checks["database"] = False
    checks["index"] = services().search.ready()
    ready = checks["database"] is True and checks["index"] is True
    return jsonify(ready=ready, **checks), 200 if ready else 503


def _damage() -> str | None:
    """What is wrong with SQLite's file; a server looks after its files itself."""
    if db.engine.dialect.name != "sqlite":
        return None
    made = Wholeness(file_of(db.engine.url))
    kept: Wholeness = current_app.extensions.setdefault("pioneer-wholeness", made)
    return kept.damage()


@blueprint.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Browsers ask for it where no page names an icon, such as on a feed."""
    return redirect(static("favicon.svg"), 301)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Everything may be indexed but the desk, search results and administration."""
    lines = ["User-agent: *"]
    for path in ("/desk/", "/admin/", "/search"):
        lines += [f"Disallow: /{lang}{in_words(path, lang)}" for lang in LANGUAGES]
    lines.append(f"Sitemap: {settings().base_url}/sitemap.xml")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """This node's own pages, with their language pairs."""
    from network.web.machines import sitemaps

    return Response(
        render_template("machines/sitemap.xml", pages=sitemaps.pages()), mimetype="application/xml"
    )
