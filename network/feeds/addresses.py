"""Addresses as feeds may hold them: URIs (RFC 3986), whatever browsers put up with."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9;/?:@&=+$.\-_!~*'(),#]|%[0-9A-Fa-f]{2})+")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = ";/?:@&=+$-_.!~*'(),%"


def uri(address: str) -> str:
    """The same address in the characters of a URI: spaces, accents and brackets are written out.

    What has no scheme is left as it is.
    """
    if not address or _URI.fullmatch(address):
        return address
    try:
        parts = urlsplit(address)
        host = _host(parts.netloc)
    except ValueError:
        return quote(address, safe=_SAFE + "#")
    path, query, fragment = (_written(part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host, path, query, fragment))


def _written(part: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", part), safe=_SAFE, errors="ignore")


def _host(netloc: str) -> str:
    """The host in ASCII (RFC 3490); one that cannot be, percent-encoded."""
    if netloc.isascii():
        return quote(netloc, safe="[]:@%-._~!$&'()*+,;=")
    name, colon, port = netloc.partition(":")
    try:
        return name.encode("idna").decode("ascii") + colon + port
    except UnicodeError:
        return quote(netloc, safe=":", errors="ignore")
