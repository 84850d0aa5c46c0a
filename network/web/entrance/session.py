"""The signed-in person of a request, by a session kept on the server."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, after_this_request, g, request, session

from network.accounts import devices
from network.accounts import service as accounts
from network.accounts.models import User
from network.config import Settings
from network.web.entrance.context import session as database
from network.web.entrance.context import settings

A_YEAR = 365 * 86_400
"""Seconds."""


def cookie_settings(config: Settings) -> dict[str, Any]:
    """Flask's cookie options. The name differs per node, because ports share a host's cookies."""
    return {
        "SESSION_COOKIE_NAME": _cookie_name(config),
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
    }


def _cookie_name(config: Settings, which: str = "") -> str:
    mark = hashlib.sha256(config.base_url.encode()).hexdigest()[:8]
    return f"{'__Host-' if config.secure else ''}pioneer-{mark}{which}"


def current_user() -> User | None:
    """The signed-in person, or None."""
    if "user" not in g:
        token = session.get("sid")
        g.user = accounts.user_of_token(database(), token) if token else None
    return g.user


def open_session(user: User) -> None:
    """Sign a person in: a new token and a new CSRF secret, whatever the browser had before."""
    session.clear()
    session["sid"] = accounts.open_session(database(), user, settings().session_hours)
    g.user = user
    know_browser(user)


def known_browser(user: User) -> str | None:
    """What this browser is known by, if the person has signed in with it before."""
    shown = request.cookies.get(_browser_cookie(user))
    return devices.read(settings().secret_key, user, shown)


def know_browser(user: User) -> None:
    """Give this browser a mark that it has been the person's; it outlasts signing out."""
    if known_browser(user) is not None:
        return
    name, mark = _browser_cookie(user), devices.make(settings().secret_key, user)

    @after_this_request
    def remember(response: Response) -> Response:
        response.set_cookie(
            name, mark, max_age=A_YEAR, secure=settings().secure, httponly=True, samesite="Lax"
        )
        return response


def _browser_cookie(user: User) -> str:
    return _cookie_name(settings(), f"-known-{user.id}")


def close_session() -> None:
    """Sign out: the token is worth nothing from now on, also when someone kept the cookie."""
    if token := session.get("sid"):
        accounts.close_session(database(), token)
    session.clear()
    g.user = None
