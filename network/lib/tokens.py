"""Values that travel in an address and come back unchanged: signed, for one purpose alone."""

from __future__ import annotations

import base64
import hmac


def make(secret: str, purpose: str, value: str) -> str:
    """The value with its signature (HMAC-SHA-256), in the characters of an address."""
    return f"{value}.{_signature(secret, purpose, value)}"


def read(secret: str, purpose: str, token: str) -> str | None:
    """The value, if the token was made with this secret for this purpose; in constant time."""
    value, dot, given = token.rpartition(".")
    if not dot or not token.isascii():
        return None
    return value if hmac.compare_digest(given, _signature(secret, purpose, value)) else None


def _signature(secret: str, purpose: str, value: str) -> str:
    mac = hmac.new(secret.encode(), f"{purpose}\n{value}".encode(), "sha256").digest()
    return base64.urlsafe_b64encode(mac).decode("ascii").rstrip("=")
