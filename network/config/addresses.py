"""Whether an address is one that others can open, as far as can be told by looking at it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_NEVER_PUBLIC = re.compile(
    r"(^|\.)(localhost|localdomain|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid)$"
)
"""Names of one machine or network (RFC 6761, RFC 6762, RFC 8375, ICANN's collisions)."""


def is_public(url: str) -> bool:
    """Whether it looks like an address that the whole world can open."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        numeric = re.search(r"(^|\.)(\d+|0x[\da-f]*)$", host)  # 127.1, another way to say 127.0.0.1
        return "." in host and not numeric and not _NEVER_PUBLIC.search(host)
    return (getattr(address, "ipv4_mapped", None) or address).is_global
