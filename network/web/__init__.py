"""Pages and machine addresses, a room for each kind of people or programs that they serve."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

BLUEPRINTS = (
    "readers.home",
    "readers.case_studies",
    "readers.topics",
    "readers.cities",
    "searching.search",
    "searching.suggestions",
    "searching.search_feeds",
    "searching.saved_searches",
    "searching.own_searches",
    "searching.search_mail",
    "entrance.sign_in_links",
    "readers.compare",
    "readers.csv_list",
    "machines.feeds",
    "machines.log",
    "readers.pages",
    "entrance.accounts",
    "desk.editor",
    "desk.adoptions",
    "administration.admin",
    "administration.people",
    "administration.mentions",
    "machines.webmention",
    "administration.moderation",
    "administration.our_city",
    "administration.membership",
    "administration.joining_cities",
    "administration.work",
    "machines.health",
    "machines.nodeinfo",
    "machines.embed",
    "administration.receivers",
    "machines.websub",
    "machines.icons",
    "administration.sources",
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
