"""People who sign in, for tests of the officials’ side: a browser each, and forms to send."""

from __future__ import annotations

import re
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from network.accounts import service as accounts
from network.accounts.models import User
from network.lib import clock
from network.lib.db import db, writing

PASSWORD = "quatre fontaines et un pont"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Of weaker parameters than the node's own, because a test checks behaviour, not strength."""

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Official:
    """One person and their browser."""

    def __init__(self, app: Flask, role: str, name: str) -> None:
        self.app, self.role = app, role
        self.email = f"{name}@paris.example"
        self.browser: FlaskClient = app.test_client()
        self._token: tuple[str | None, str] | None = None
        with app.app_context():
            session: Session = db.session()
            with writing(session):
                user = User(email=self.email, name=name.title(), role=role, active=True)
                user.password_hash, user.created = CHEAP_HASH, clock.now()
                session.add(user)
            self.id = user.id
            self.sid = accounts.open_session(session, user, 12)
        with self.browser.session_transaction() as cookie:
            cookie["sid"] = self.sid

    def get(self, address: str) -> TestResponse:
        """Open a page."""
        return self.browser.get(address)

    def post(self, address: str, data: Any = None, **options: Any) -> TestResponse:
        """Send a form with a token that this browser was given."""
        form = MultiDict(data or {})
        form.setdefault("csrf_token", self.token())
        return self.browser.post(address, data=form, **options)

    def token(self) -> str:
        """The token of this browser's forms, as long as it has the cookie of that page."""
        if self._token is None or self._token[0] != self._cookie():
            found = token(self.browser.get("/en/account/password"))
            self._token = (self._cookie(), found)
        return self._token[1]

    def _cookie(self) -> str | None:
        found = self.browser.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        return found.value if found else None


def token(page: TestResponse) -> str:
    """The CSRF token of a page's form."""
    found = _TOKEN.search(page.text)
    assert found, page.text[:500]
    return found[1]


def form(page: TestResponse) -> MultiDict[str, str]:
    """What a browser would send of the editor's form, as it stands on the page."""
    (found,) = html.fromstring(page.text).xpath('//form[@class="editor-form"]')
    sent: MultiDict[str, str] = MultiDict()
    for field in found.xpath(".//*[@name][not(self::button)]"):
        name, value = field.get("name"), field.get("value", "")
        if field.tag == "textarea":
            sent.add(name, (field.text or "").removeprefix("\n"))
        elif field.tag == "select":
            chosen = field.xpath("option[@selected]") or field.xpath("option")
            sent.add(name, chosen[0].get("value"))
        elif field.get("type") != "checkbox" or field.get("checked") is not None:
            sent.add(name, value)
    return sent


def user(app: Flask, person: Official) -> User:
    """The person's row as it is now."""
    with app.app_context():
        found = db.session.scalar(select(User).where(User.email == person.email))
        assert found is not None
        return found
