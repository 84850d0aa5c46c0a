"""The signed-in person of a request, by a session kept on the server."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import g, session

from network.accounts import service as accounts
from network.accounts.models import User
from network.config import Settings
from network.web.context import session as database
from network.web.context import settings


def cookie_settings(config: Settings) -> dict[str, Any]:
    """Flask's cookie options. The name differs per node, because ports share a host's cookies."""
    mark = hashlib.sha256(config.base_url.encode()).hexdigest()[:8]
    return {
        "SESSION_COOKIE_NAME": f"{'__Host-' if config.secure else ''}pioneer-{mark}",
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
    }


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


def close_session() -> None:
    """Sign out: the token is worth nothing from now on, also when someone kept the cookie."""
    if token := session.get("sid"):
        accounts.close_session(database(), token)
    session.clear()
    g.user = None
