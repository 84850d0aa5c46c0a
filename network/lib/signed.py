"""Signatures of what one site sends another: HMAC, in the way of WebSub's X-Hub-Signature."""

from __future__ import annotations

import hmac
import re

METHODS = ("sha1", "sha256", "sha384", "sha512")
"""That we check. Many hubs know SHA-1 alone, and HMAC with it is not broken as SHA-1 itself is."""

_HEADER = re.compile(rf"({'|'.join(METHODS)})=([0-9a-f]+)", re.I)


def sign(secret: str, content: bytes) -> str:
    """The header's value for a content."""
    return "sha256=" + hmac.new(secret.encode(), content, "sha256").hexdigest()


class Check:
    """Compares a content, as it arrives block by block, with the header that came before it."""

    def __init__(self, secret: str, header: str) -> None:
        found = _HEADER.fullmatch(header.strip())
        self._claimed = found[2].lower() if found else ""
        self._mac = hmac.new(secret.encode(), digestmod=found[1].lower() if found else "sha256")

    def update(self, block: bytes) -> None:
        """Take in the next block."""
        self._mac.update(block)

    def is_good(self) -> bool:
        """Whether the header was made of this content with this secret; in constant time."""
        return hmac.compare_digest(self._mac.hexdigest(), self._claimed)
