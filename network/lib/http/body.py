"""A body read whole, decompressed as it arrives, and stopped as soon as it is too much."""

from __future__ import annotations

import zlib

import requests

from network.lib.http import failures
from network.lib.http.budget import Budget

BLOCK = 64 * 1024
GZIP, ZLIB, RAW_DEFLATE = 31, 15, -15
"""`wbits` of zlib for RFC 1952, 1950 and 1951."""
GZIP_BEGINS = b"\x1f\x8b\x08"
"""How a member of a gzip file begins (RFC 1952 §2.3.1)."""
GZIP_MEMBERS = 16
"""A gzip file may be several in a row (RFC 1952 §2.2); thousands of tiny ones are an attack."""


class Plain:
    """No compression."""

    def feed(self, block: bytes, room: int) -> bytes:
        return block

    def finished(self) -> bool:
        return True


class Gzip:
    """RFC 1952, member after member."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP)
        self._members = 1
        self._over = False
        self._start = b""

    def feed(self, block: bytes, room: int) -> bytes:
        """At most room + 1 decompressed bytes. Raises zlib.error."""
        out = b""
        while block and not self._over:
            if self._member.eof:
                block = self._next_member(block)
                continue
            out += self._member.decompress(block, room + 1 - len(out))
            block = self._member.unused_data
            if len(out) > room:
                break
        return out

    def finished(self) -> bool:
        return self._member.eof

    def _next_member(self, block: bytes) -> bytes:
        """What is left to read of a member that begins here. Anything else after the end of one
        (padding, a line end, what a program said last) is no part of the body."""
        start = self._start + block
        if len(start) < len(GZIP_BEGINS) and GZIP_BEGINS.startswith(start):
            self._start = start
            return b""
        if not start.startswith(GZIP_BEGINS):
            self._over = True
            return b""
        self._members, self._start = self._members + 1, b""
        if self._members > GZIP_MEMBERS:
            raise zlib.error("too many members")
        self._member = zlib.decompressobj(GZIP)
        return start


class Deflate:
    """RFC 9110 §8.4.1.2 means the zlib format; some servers send the bare stream instead."""

    def __init__(self) -> None:
        self._start = b""
        self._stream: zlib._Decompress | None = None

    def feed(self, block: bytes, room: int) -> bytes:
        """At most room + 1 decompressed bytes. Raises zlib.error."""
        if self._stream is None:
            self._start += block
            if len(self._start) < 2:
                return b""
            block = self._start
            self._stream = zlib.decompressobj(ZLIB if _is_zlib(block) else RAW_DEFLATE)
        return self._stream.decompress(block, room + 1)

    def finished(self) -> bool:
        return self._stream is not None and self._stream.eof


def _is_zlib(start: bytes) -> bool:
    """Whether two bytes are a header of RFC 1950 §2.2: method 8 and a check by 31."""
    return start[0] & 0x0F == 8 and int.from_bytes(start[:2]) % 31 == 0


CODINGS: dict[str, type[Plain | Gzip | Deflate]] = {
    "": Plain,
    "identity": Plain,
    "gzip": Gzip,
    "x-gzip": Gzip,
    "deflate": Deflate,
}
"""What we ask for, and no more than one of it."""
UNASKED = frozenset(
    "br zstd compress x-compress exi pack200-gzip aes128gcm dcb dcz bzip2 xz".split()
)
"""Codings that there are (IANA's registry, and two more). Any other word is none: servers put a
character set here, or "none"."""


def read(answer: requests.Response, budget: Budget, body_bytes: int) -> bytes:
    """The decompressed body, complete. body_bytes: how long it may be.

    Raises RemoteError when it is too long, broken off, damaged or encoded otherwise. Of one that
    is too long and need not be whole, the beginning is given and the connection closed.
    """
    whole = budget.limits.whole
    host = str(budget.origin)
    _check_framing(answer, host)
    decoder = _decoder(answer, host)
    if whole and int(answer.raw.length_remaining or 0) > budget.limits.wire_bytes:
        raise failures.too_large(host, budget.limits.wire_bytes)
    body, empty = bytearray(), True
    try:
        for block in answer.raw.stream(BLOCK, decode_content=False):
            empty = False
            body += decoder.feed(block, body_bytes - len(body))
            if len(body) > body_bytes:
                if whole:
                    raise failures.too_large(host, body_bytes)
                answer.raw.close()
                return bytes(body[:body_bytes])
    except zlib.error:
        raise failures.damaged(host) from None
    except failures.TRANSPORT as error:
        raise failures.explain(error, host, budget.limits.seconds) from error
    if not (decoder.finished() or empty):
        raise failures.incomplete(host)
    return bytes(body)


def _check_framing(answer: requests.Response, host: str) -> None:
    """Refuse a body whose end cannot be known (RFC 9112 §6.3), as it might be cut short."""
    transfer = answer.headers.get("Transfer-Encoding", "").strip().lower()
    if transfer not in ("", "chunked"):
        raise failures.unwanted_coding(host, transfer)
    length = answer.headers.get("Content-Length", "0").strip()
    if not transfer and not all(part.strip().isdecimal() for part in length.split(",")):
        raise failures.not_http(host)


def _decoder(answer: requests.Response, host: str) -> Plain | Gzip | Deflate:
    written = answer.headers.get("Content-Encoding", "").lower().split(",")
    words = [word.strip(" \t\"'") for word in written]
    named = [word for word in words if word in UNASKED or CODINGS.get(word, Plain) is not Plain]
    if len(named) > 1 or not UNASKED.isdisjoint(named):
        raise failures.unwanted_coding(host, ", ".join(named))
    return CODINGS[named[0]]() if named else Plain()
