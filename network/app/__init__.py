"""Puts a node together: settings, database, search, the door, blueprints."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from network import web
from network.config import Settings, load
from network.lib import logs
from network.lib.db import db, engine_options, prepare_engine
from network.lib.places import folder
from network.search.opening import open_search
from network.subscriptions.policy import open_door
from network.web.entrance import arriving, errors, headers, locale, page_cache, session
from network.web.entrance.context import Services, is_for_everybody
from network.web.machines import webmention
from network.web.pieces import templating

YEAR = 31_536_000


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application of one node. Reads no setting after this."""
    settings = settings or load()
    logging.getLogger("network").setLevel(settings.log_level.upper())
    logs.be_brief()
    app = arriving.Site(
        "network",
        template_folder=str(folder("templates")),
        static_folder=str(folder("static")),
        static_url_path="/static",
    )
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=YEAR,
        WTF_CSRF_TIME_LIMIT=None,
        **session.cookie_settings(settings),
    )
    app.extensions["pioneer"] = Services(
        settings=settings,
        search=open_search(settings, lambda: Session(db.engine)),
        door=open_door(settings),
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.before_request(arriving.check)
    csrf = CSRFProtect(app)
    app.url_value_preprocessor(locale.pull_language)
    app.after_request(headers.secure)
    app.after_request(arriving.redirect_within)
    app.after_request(page_cache.keep_private)
    app.after_request(page_cache.name_links)
    app.after_request(locale.remember)
    app.after_request(_content_language)
    templating.register(app)
    errors.register(app)
    app.teardown_appcontext(errors.end_transaction)  # before the session that db.init_app removes
    web.register(app)
    webmention.exempt(csrf)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _content_language(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", locale.current())
        if not is_for_everybody():
            response.headers.setdefault("Vary", "Cookie")
    if request.endpoint == "static" and "v" not in request.args:
        response.headers["Cache-Control"] = "public, max-age=3600"
    return response
