"""The reader's language: the address's first part, words of its own in each language, negotiation.

Languages are a URL prefix. One endpoint has one rule per language, told apart by the
value `lang`, so that the same view answers both and `url()` builds either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request
from flask import url_for as flask_url_for
from werkzeug.routing import BuildError

from network.lib.i18n import LANGUAGES, catalogue, translate
from network.lib.languages import in_words
from network.web.entrance.context import is_for_everybody, settings

View = TypeVar("View", bound=Callable[..., Any])
COOKIE = "lang"
LONGEST_WISHES = 1_000
"""Characters of Accept-Language that are read: ten thousand languages would take half a second."""


def localised(
    blueprint: Blueprint, path: str, *, methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """Route a view at /en + path and, in the words of each language (lib.languages), at /fr and
    the others; path: in English. The view receives no `lang` (see `current`)."""

    def register(view: View) -> View:
        for lang in sorted(LANGUAGES):
            rule, given = f"/{lang}{in_words(path, lang)}", {"lang": lang}
            blueprint.add_url_rule(rule, view.__name__, view, defaults=given, methods=list(methods))
        return view

    return register


def pull_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Flask url_value_preprocessor: take `lang` out of the view's arguments where the address
    has it in front; in a permanent id it is an argument like any other."""
    rule = request.url_rule
    if values and rule is not None and "lang" in (rule.defaults or {}):
        g.lang = values.pop("lang")


def current() -> str:
    """The language of this answer; on addresses without one (errors), what the visitor prefers."""
    lang: str | None = g.get("lang")
    if lang is None:
        first = request.path.split("/")[1] if request else ""
        lang = g.lang = first if first in LANGUAGES else preferred()
    return lang


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """A part of an answer that is in another language than the rest."""
    before, g.lang = current(), lang
    try:
        yield
    finally:
        g.lang = before


def preferred() -> str:
    """Cookie, then Accept-Language, then the node's default."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    default = settings().language
    if len(request.headers.get("Accept-Language", "")) > LONGEST_WISHES:
        return default
    order = sorted(LANGUAGES, key=lambda lang: lang != default)
    return request.accept_languages.best_match(order) or default


def others() -> list[str]:
    """The languages that this page is not in."""
    return [lang for lang in LANGUAGES if lang != current()]


def url(endpoint: str, lang: str | None = None, **values: Any) -> str:
    """An endpoint's address in a language, by default this page's; None values are left out."""
    given = tuple((key, value) for key, value in values.items() if value is not None)
    return _built(request.root_path, endpoint, lang or current(), given)


@lru_cache(8192)
def _built(_root: str, endpoint: str, lang: str, values: tuple[tuple[str, Any], ...]) -> str:
    """Building an address is a tenth of a millisecond, and a page has a hundred of them."""
    try:
        return flask_url_for(endpoint, lang=lang, **dict(values))
    except BuildError:
        return flask_url_for(endpoint, **dict(values))


def public_url(endpoint: str, lang: str | None = None, **values: Any) -> str:
    """Like `url`, absolute at the node's public address."""
    return settings().base_url + url(endpoint, lang, **values)


def switch_to(lang: str, **values: Any) -> None:
    """A view whose address has words of the language says here what they are in another."""
    g.setdefault("switch", {})[lang] = values


def switches() -> list[tuple[str, str]]:
    """(language, address) of the equivalent pages, with query, filters and page kept."""
    return [(lang, _switched(lang)) for lang in others()]


def _switched(lang: str) -> str:
    rule = request.url_rule
    if request.endpoint is None or rule is None or "lang" not in (rule.defaults or {}):
        return f"/{lang}/"
    values: Mapping[str, Any] = dict(request.view_args or {}) | g.get("switch", {}).get(lang, {})
    query = values.pop("query", None) if isinstance(values, dict) else None
    try:
        address = flask_url_for(request.endpoint, lang=lang, **values)
    except BuildError:
        return f"/{lang}/"
    if request.method != "GET":
        return address
    text = urlencode(query if query is not None else list(request.args.items(multi=True)))
    return f"{address}?{text}" if text else address


def remember(response: Response) -> Response:
    """Keep the language in a cookie when the visitor switched to it from a page of ours.

    Ordinary visits set no cookie, so that anonymous pages stay cacheable.
    """
    came_from = tuple(f"{request.host_url}{lang}/" for lang in LANGUAGES if lang != g.get("lang"))
    is_page = response.mimetype == "text/html" and not is_for_everybody()
    if is_page and "lang" in g and (request.referrer or "").startswith(came_from):
        response.set_cookie(
            COOKIE,
            g.lang,
            max_age=31536000,
            secure=settings().secure,
            samesite="Lax",
            httponly=True,
        )
    return response


def _(message: str, **arguments: Any) -> str:
    """A message in this page's language."""
    return translate(current(), message, arguments)


def gettext(message: str) -> str:
    """For Jinja: the bare lookup; arguments are filled in by its newstyle gettext."""
    return catalogue(current()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """For Jinja: a message that depends on a number."""
    return catalogue(current()).ngettext(singular, plural, number)
