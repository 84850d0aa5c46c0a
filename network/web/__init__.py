"""Pages and machine addresses: one blueprint per capability."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

BLUEPRINTS = (
    "home",
    "case_studies",
    "topics",
    "cities",
    "search",
    "suggestions",
    "search_feeds",
    "saved_searches",
    "own_searches",
    "search_mail",
    "sign_in_links",
    "compare",
    "csv_list",
    "feeds",
    "log",
    "pages",
    "accounts",
    "editor",
    "adoptions",
    "admin",
    "people",
    "mentions",
    "webmention",
    "moderation",
    "our_city",
    "membership",
    "joining_cities",
    "work",
    "health",
    "nodeinfo",
    "embed",
    "receivers",
    "websub",
    "icons",
    "sources",
)


def register(app: Flask) -> None:
    """Add every blueprint; each module has one named `blueprint`. MACHINES_ONLY: it takes no
    browser's forms, so that none of them has a token. ADDRESSES_ARE_SECRET: what its forms may do,
    only who was sent their address may do, signed in or not."""
    for name in BLUEPRINTS:
        module = import_module(f"network.web.{name}")
        app.register_blueprint(module.blueprint)
        names = ("MACHINES_ONLY", "ADDRESSES_ARE_SECRET")
        if any(getattr(module, name, False) for name in names):
            app.extensions["csrf"].exempt(module.blueprint)
