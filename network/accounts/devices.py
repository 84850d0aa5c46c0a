"""Browsers that have signed in to a mailbox before: a mark that they show when they do so again.

What OWASP calls device cookies: whoever guesses from elsewhere cannot use up this one's chances. A
mark opens nothing by itself, is good for one person, and is void once their password changes.
"""

from __future__ import annotations

import hashlib
import secrets

from network.accounts.models import User
from network.lib import tokens


def make(secret: str, user: User) -> str:
    """A new mark for a browser of this person. secret: the node's."""
    return tokens.make(secret, _purpose(user), f"{user.id}-{secrets.token_hex(16)}")


def read(secret: str, user: User, mark: str | None) -> str | None:
    """What the browser is known by, if the mark is one of this person's."""
    return tokens.read(secret, _purpose(user), mark) if mark else None


def _purpose(user: User) -> str:
    password = hashlib.sha256(user.password_hash.encode()).hexdigest()
    return f"a browser that has signed in, with the password {password}"
