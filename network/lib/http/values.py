"""What goes through the door and what comes back, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may cost this node.

    seconds: in all, for looking the name up, connecting, redirects, headers and body.
    wait: seconds to wait for a turn at the host before that time begins.
    redirects: how many are followed.
    body_bytes: of the content, decompressed; 0 when nobody wants it, so that it is not even read.
    whole: whether a longer content is refused; else its beginning is enough.
    wire_bytes: of the body as it arrives, with its chunk framing. head_bytes: of status line and
    headers, interim (1xx) answers included; there may be 100 header lines at most.
    """

    seconds: float = 30.0
    wait: float = 30.0
    redirects: int = 5
    body_bytes: int = 20 * MEBIBYTE
    wire_bytes: int = 10 * MEBIBYTE
    head_bytes: int = 64 * 1024
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer. Statuses that say "no" (304, 410, 429, 503) come back as well.

    url: the address that answered, after redirects. headers: names in any case; a repeated
    header's values are joined by ", ". content: the decompressed body; empty when a status
    outside 2xx came with a body that was long, late or damaged.
    permanent_url: where the 301s and 308s at the start of the redirects lead, to be remembered
    once the final status is good; None if there were none. hops: (status, address asked) of
    each redirect that was followed.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes
    permanent_url: str | None = None
    hops: tuple[tuple[int, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the status is in 2xx."""
        return 200 <= self.status < 300


class Origin(NamedTuple):
    """Scheme, host and port: what one connection reaches (RFC 6454 §4)."""

    scheme: str
    host: str
    port: int

    @property
    def server(self) -> tuple[str, int | None]:
        """What shares one limit of simultaneous requests: http and https of a host together."""
        return self.host.rstrip("."), None if self.port in (80, 443) else self.port

    def __str__(self) -> str:
        """The host as people know it, with its port when that is unusual."""
        return self.host if self.port in (80, 443) else f"{self.host}:{self.port}"
