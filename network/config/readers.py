"""What the value of a setting may be, and what is said when it is something else.

Each reader takes the text that was given. Raises ValueError with what it expected.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from network.seen import is_blank

SHORTEST_KEY = 32

ENCODED = "in the account and the password, write @ as %40, / as %2F, : as %3A and % as %25"
"""How signs that mean something in an address are written where they are meant (RFC 3986)."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(value: str) -> str:
    """Any text of which a reader would see something, or none."""
    if value.strip() and is_blank(value):
        raise ValueError("a text that can be seen: this one has only characters that show nothing")
    return value.strip()


def path(value: str) -> Path:
    """A path, from the folder of the process or the user’s home."""
    return Path(value).expanduser().absolute()


def url(value: str) -> str:
    """The address of a host over HTTP or HTTPS, without a path."""
    expected = ValueError("an address such as https://pioneers.city.example")
    try:
        parts = urlsplit(value.strip())
        good = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        raise expected from None
    found = re.fullmatch(r"(?:\[(.+)\]|([^:]+))(?::\d+)?", parts.netloc)
    good = good and found is not None and _is_host(found[1] or found[2])
    if not good or parts.query or parts.fragment:
        raise expected
    if parts.path.strip("/"):
        raise ValueError("an address without a path: the node needs a host of its own")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def host(value: str) -> str:
    """The name or the number of a machine, without a scheme or a port; or none."""
    given = value.strip()
    bare = given[1:-1] if given.startswith("[") and given.endswith("]") else given
    if given and not _is_host(bare):
        raise ValueError("the name or number of a machine alone, such as 127.0.0.1; the port apart")
    return bare


def _is_host(given: str) -> bool:
    """Whether it is a number of the Internet, or a name of labels between points, in any script."""
    labels = given.removesuffix(".").split(".")
    try:
        if ":" in given:
            return bool(ipaddress.IPv6Address(given))
        if labels[-1].isdecimal():
            return bool(socket.inet_aton(given))  # 127.1 as well
    except (ValueError, OSError):
        return False
    return all(re.fullmatch(r"\w([\w-]{0,61}\w)?", label) for label in labels)


def database(value: str) -> str:
    """An address as SQLAlchemy takes it, or nothing."""
    if not value.strip():
        return ""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    expected = "an address such as postgresql+psycopg://pioneer:password@127.0.0.1/pioneer"
    try:
        url = make_url(value.strip())
    except (ArgumentError, ValueError):
        raise ValueError(f"{expected}; {ENCODED}") from None
    if url.drivername not in (*_SHORT, "sqlite", "postgresql+psycopg") or not url.database:
        raise ValueError(expected)
    if url.database == ":memory:":
        raise ValueError("a database that is kept: one in memory is gone after each command")
    if "@" in f"{url.host}{url.database}" and url.drivername != "sqlite":
        raise ValueError(f"{expected}; {ENCODED}")
    if url.drivername in _SHORT:  # for SQLAlchemy that names another driver, or none
        return value.strip().replace(url.drivername, "postgresql+psycopg", 1)
    return value.strip()


_SHORT = ("postgresql", "postgres")
"""How PostgreSQL’s own programs, and hosting services, name it in addresses."""


def file(value: str) -> Path | None:
    """A file that can be read, or none."""
    if not value.strip():
        return None
    path = Path(value.strip()).expanduser().absolute()
    if not os.access(path, os.R_OK) or not path.is_file():
        raise ValueError("a file that can be read")
    return path


def mailbox(value: str) -> str:
    """A mailbox, or none."""
    if value.strip() and not re.fullmatch(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+", value.strip()):
        raise ValueError("a mailbox such as pioneers@city.example")
    return value.strip()


def contact(value: str) -> str:
    """A mailbox, the address of a page with a form, or none."""
    if re.fullmatch(r"https?://[^\s<>\"]+|mailto:[^@\s<>]+@[^@\s<>]+|tel:[+\d-]+", value.strip()):
        return value.strip()
    return mailbox(value)


def key(value: str) -> str:
    """A secret that is long enough, or none."""
    if value.strip() and len(value.strip()) < SHORTEST_KEY:
        raise ValueError(f"at least {SHORTEST_KEY} characters that nobody can guess")
    return value.strip()


def integer(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number from low to high."""

    def read(value: str) -> int:
        if not re.fullmatch(r"\d{1,12}", value.strip()) or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return read


def choice(*choices: str) -> Callable[[str], str]:
    """Reads one of these words, in whatever letters."""

    def read(value: str) -> str:
        if value.strip().lower() not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return value.strip().lower()

    return read


def networks(value: str) -> tuple[Network, ...]:
    """Networks in CIDR form (RFC 4632), between commas."""
    try:
        return tuple(
            ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip()
        )
    except ValueError:
        raise ValueError("networks in CIDR form, such as 127.0.0.0/8,10.1.0.0/16") from None


def ports(value: str) -> tuple[int, ...]:
    """Port numbers, between commas."""
    parts = [part.strip() for part in value.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,5}", part) and 0 < int(part) < 65536 for part in parts):
        raise ValueError("ports, such as 80,443,8443")
    return tuple(dict.fromkeys(map(int, parts)))


def slug(value: str) -> str:
    """A short name for addresses, or none."""
    if value and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value.strip()):
        raise ValueError("a city's short name, such as paris")
    return value.strip()
