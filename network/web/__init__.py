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
    "feeds",
    "log",
    "pages",
    "accounts",
    "editor",
    "admin",
    "membership",
    "work",
    "health",
    "nodeinfo",
    "embed",
)


def register(app: Flask) -> None:
    """Add every blueprint; each module has one named `blueprint`."""
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"network.web.{name}").blueprint)
