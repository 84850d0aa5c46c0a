"""What every template may use: languages, dates, numbers, addresses, and the site's own data."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from typing import Any

from flask import Flask, url_for

from network.catalogue import labels
from network.lib import clock, i18n, sanitise
from network.lib.places import folder
from network.web.entrance import locale
from network.web.entrance.context import settings
from network.web.entrance.session import current_user
from network.web.pieces import cards, zone


def register(app: Flask) -> None:
    """Add filters, globals and gettext to the application's Jinja environment."""
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=locale.gettext, ngettext=locale.ngettext, newstyle=True
    )
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(url=locale.url, static=static)
    environment.filters.update(
        day=zone.day,
        date=zone.long_date,
        datetime=zone.long_moment,
        moment=datetime.fromisoformat,
        ago=lambda value: i18n.ago(value, clock.now(), locale.current()),
        number=lambda value: i18n.number(value, locale.current()),
        lang_name=lambda tag, lang=None: i18n.language_name(tag, lang),
        file_size=lambda count: i18n.file_size(count, locale.current()),
        status_name=lambda value: labels.status(value, locale.current()),
        peer_icon=lambda peer: cards.icon_url(peer.id, peer.icon_mark),
        country_name=lambda code: i18n.country_name(code, locale.current()),
    )
    environment.tests.update(cut_short=sanitise.is_cut)
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    return {
        "lang": locale.current(),
        "site": _site(),
        "switches": locale.switches(),
        "current_user": current_user(),
    }


def _site() -> dict[str, Any]:
    node, site, lang = settings(), cards.site(), locale.current()
    return {
        "name": site.name(lang),
        "tagline": cards.description(),
        "city_name": site.city.name(lang) if site.city else None,
        "logo_url": None,
        "accent": node.accent,
        "contact_email": node.contact,
    }


@cache
def _mark(name: str) -> str:
    path = folder("static") / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""


def static(name: str) -> str:
    """The address of a static file, with a mark of its content so that it is cached for ever."""
    return url_for("static", filename=name, v=_mark(name) or None)
