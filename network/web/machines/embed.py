"""What partners put on their own pages: a frame that stays up to date, and HTML to paste.

The frame may stand on any site, so it is a page of its own that carries nothing of a person: no
cookie is read or set, no form, no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, request

from network.catalogue import queries
from network.catalogue.queries import Filter
from network.feeds import select
from network.feeds.values import Item
from network.lib import clock
from network.lib.i18n import N_
from network.lib.sanitise import web_url
from network.log import service as log
from network.web.entrance import locale
from network.web.entrance.context import session, settings
from network.web.entrance.locale import localised
from network.web.pieces import cards, conditional, feeds_links, filters

blueprint = Blueprint("embed", __name__)
THEMES = {"auto": N_("As the reader’s device"), "light": N_("Light"), "dark": N_("Dark")}
COUNTS = (3, 5, 10, 20)
USUAL = 5
"""Case studies shown unless the address says how many."""
SCOPES = ("network", "own")
CACHE = "public, max-age=300"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    ]
)


@dataclass(frozen=True, slots=True)
class Look:
    """How the list looks. count: how many studies. theme: a key of THEMES."""

    count: int = USUAL
    theme: str = "auto"

    @property
    def height(self) -> int:
        """Of a frame in which most of it can be seen without scrolling, in CSS pixels."""
        return 120 + 76 * self.count

    def query(self) -> dict[str, Any]:
        """What an address says of it."""
        return {
            "count": None if self.count == USUAL else self.count,
            "theme": None if self.theme == "auto" else self.theme,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One study in the list. where: its city, or else the site that it comes from.

    published: when it came here, where date_is_unknown.
    """

    title: str
    url: str
    where: str
    published: datetime
    date_is_unknown: bool


def read_look() -> Look:
    """What the address asks for; 400 for what is not offered."""
    count, theme = request.args.get("count", str(USUAL)), request.args.get("theme") or "auto"
    if not count.isascii() or not count.isdigit() or not 1 <= int(count[:4]) <= max(COUNTS):
        abort(400)
    return Look(int(count[:4]), theme if theme in THEMES else abort(400))


def read_scope() -> str:
    """Whose studies the address asks for."""
    scope = request.args.get("scope") or SCOPES[0]
    return scope if scope in SCOPES else abort(400)


@localised(blueprint, "/embed")
def embed() -> Response:
    """The newest case studies as a page for a frame."""
    chosen = replace(filters.read(), language=None, scope=read_scope())
    look, lang, now = read_look(), locale.current(), clock.now()
    state = (log.position(session())[0], queries.version(session()))
    response = conditional.answer(
        lambda: _rendered("machines/embed.html", chosen, look, now).encode(),
        media_type="text/html; charset=utf-8",
        mark=conditional.mark(state, lang, chosen, look, settings().accent),
        cache_control=CACHE,
        last_modified=conditional.changed(state, now),
    )
    response.headers["Content-Language"] = lang
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def snippet(chosen: Filter, look: Look) -> str:
    """The same list as HTML that stays as it is, for a page that takes no frames."""
    return _rendered("machines/embed_snippet.html", chosen, look, clock.now()).strip()


def _rendered(template: str, chosen: Filter, look: Look, now: datetime) -> str:
    """Without what Flask gives every page, which would ask who is signed in."""
    node, lang = settings(), locale.current()
    publisher = select.Publisher(cards.site().name(lang), node.licence)
    items = select.newest(session(), lang, chosen, publisher, now, look.count)
    values: Mapping[str, Any] = {
        "lang": lang,
        "look": look,
        "accent": node.accent,
        "title": feeds_links.title(chosen),
        "rows": [row for item in items if (row := _row(item))],
        "more": feeds_links.page_address(chosen),
    }
    return current_app.jinja_env.get_template(template).render(values)


def _row(item: Item) -> Row | None:
    url = web_url(item.url)
    where = item.place.name(item.lang) if item.place else item.origin.title if item.origin else ""
    if url is None:
        return None
    return Row(item.title, url, where, item.published or item.updated, item.published is None)


def address(chosen: Filter, look: Look) -> str:
    """Where the frame of these choices is, on this site."""
    scope = None if chosen.scope == SCOPES[0] else chosen.scope
    asked = replace(chosen, language=None)
    return filters.address("embed.embed", asked, scope=scope, **look.query())


@dataclass(frozen=True, slots=True)
class Offer:
    """What a partner may paste. preview: the frame's address on this site."""

    title: str
    preview: str
    height: int
    frame: str
    snippet: str


def offer(chosen: Filter, look: Look, lang: str) -> Offer:
    """The frame and the HTML of some choices, in a language."""
    with locale.speaking(lang):
        title, path = feeds_links.title(chosen), address(chosen, look)
        template = current_app.jinja_env.get_template("machines/embed_frame.html")
        src = settings().base_url + path
        frame = template.render(src=src, title=title, height=look.height, lang=lang)
        return Offer(title, path, look.height, frame.strip(), snippet(chosen, look))
