"""The door itself: one request in, its redirects followed by hand, one complete answer out."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple, Self
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from network import __version__
from network.lib.errors import RemoteError
from network.lib.http import body, failures
from network.lib.http.addresses import Guard, Network
from network.lib.http.budget import Budget
from network.lib.http.lines import Lines
from network.lib.http.values import Limits, Origin, Response

PERMANENT = (301, 308)
REDIRECTS = (301, 302, 303, 307, 308)
KEEP_METHOD = (307, 308)
PARTIAL = 206
DEFAULT_LIMITS = Limits()
ERROR_BODY_BYTES = 64 * 1024
"""Of an answer outside 2xx only a short text is of use (why a hub refused)."""
ONE_SITE_ONLY = ("Authorization", "Cookie")
"""Headers that are not sent on when a redirect leads to another origin."""

Data = bytes | Mapping[str, str]


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """The one SSLContext: loading the authorities takes 20 ms, a handshake 1.5."""
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def user_agent(base_url: str) -> str:
    """How this node says who asks, so that an operator who minds can find ours."""
    return f"PioneerCities/{__version__.rsplit('.', 1)[0]} (+{base_url.rstrip('/')}/)"


class Door:
    """Makes every request of this node to another site. Safe to share between threads.

    user_agent: see `user_agent`. allow_private, ports: see Guard. per_host: requests at a time.
    tls: other authorities than the usual ones.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        allow_private: tuple[Network, ...] = (),
        ports: tuple[int, ...] = (80, 443),
        per_host: int = 2,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._guard = Guard(allow_private, ports)
        self._lines = Lines(self._guard, tls or tls_context(), per_host)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that were kept."""
        self._lines.close()

    def get(
        self, url: str, headers: Mapping[str, str] | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> Response:
        """Fetch an address. Raises RemoteError; every status is returned (see Response)."""
        return self._follow("GET", url, headers or {}, None, limits)

    def head(
        self, url: str, headers: Mapping[str, str] | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> Response:
        """Ask for the headers alone. Raises RemoteError."""
        return self._follow("HEAD", url, headers or {}, None, limits)

    def post(
        self,
        url: str,
        data: Data,
        headers: Mapping[str, str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Response:
        """Send bytes, or a mapping as a form. Raises RemoteError.

        Only 307 and 308 are followed, for they alone keep method and body (RFC 9110 §15.4);
        any other redirect is returned.
        """
        return self._follow("POST", url, headers or {}, data, limits)

    def _follow(
        self, method: str, url: str, headers: Mapping[str, str], data: Data | None, limits: Limits
    ) -> Response:
        budget, hops = Budget(limits), list[tuple[int, str]]()
        kept, here, before = CaseInsensitiveDict(headers), url, None
        while len(hops) <= limits.redirects:
            request, origin = self._prepare(method, here, kept, data, before)
            here, before = str(request.url), origin
            if any(here == asked for _, asked in hops):
                raise failures.circle(url)
            answer = self._ask(request, origin, budget)
            if answer.location is None:
                addresses = [*(asked for _, asked in hops), here]
                lasting = len(list(takewhile(lambda hop: hop[0] in PERMANENT, hops)))
                permanent = addresses[lasting] if lasting else None
                return Response(
                    answer.status, here, answer.headers, answer.content, permanent, tuple(hops)
                )
            hops.append((answer.status, here))
            here = answer.location
        raise failures.too_many_redirects(url, limits.redirects)

    def _prepare(
        self,
        method: str,
        url: str,
        headers: CaseInsensitiveDict[str],
        data: Data | None,
        before: Origin | None,
    ) -> tuple[requests.PreparedRequest, Origin]:
        """The request as it goes out, and where to. Raises RemoteError for a bad address."""
        try:
            request = requests.Request(method, urldefrag(url).url, data=data).prepare()
            origin = _origin(str(request.url))
        except (RequestException, HTTPError, ValueError):
            raise failures.not_an_address(url) from None
        if origin is None:
            raise failures.not_an_address(url)
        self._guard.check_port(str(request.url), origin.port)
        if before not in (None, origin):
            for name in ONE_SITE_ONLY:
                headers.pop(name, None)
        request.headers.update(self._headers(headers))
        return request, origin

    def _headers(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """The caller's headers, with those that are the door's own to say."""
        # A validator that another site made up may be anything; HTTP carries Latin-1.
        sendable = {
            name: value
            for name, value in wanted.items()
            if value.isprintable() and all(ord(character) < 256 for character in value)
        }
        ours = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"}
        merged = CaseInsensitiveDict({"Accept": "*/*"} | sendable)
        merged.update(ours)
        merged.pop("Host", None)
        return dict(merged.items())

    def _ask(self, request: requests.PreparedRequest, origin: Origin, budget: Budget) -> _Answer:
        """One hop. The connection is kept when the answer was read to its end."""
        with self._lines.borrow(origin, budget) as line:
            budget.start(str(request.url), origin)
            answer = line.ask(request, budget)
            try:
                location = _location(answer)
                content = b"" if location is not None else _content(answer, budget)
                return _Answer(answer.status_code, answer.headers, content, location)
            finally:
                answer.raw.close()


class _Answer(NamedTuple):
    """One hop's outcome. location: the absolute address it redirects to."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    location: str | None


def _origin(url: str) -> Origin | None:
    """Where an address leads; None if it is no web address. Raises RemoteError, ValueError."""
    parts = parse_url(url)
    if parts.scheme not in ("http", "https") or not parts.host:
        return None
    if parts.auth is not None:
        raise failures.credentials(parts.host)
    # Whoever reads the address otherwise (urllib in other rooms) must see the same host in it.
    if (urlsplit(url).hostname or "") != parts.host.strip("[]"):
        return None
    default = 443 if parts.scheme == "https" else 80
    return Origin(parts.scheme, parts.host, default if parts.port is None else parts.port)


def _location(answer: requests.Response) -> str | None:
    """Where a redirect leads that this method follows, made absolute. Raises RemoteError."""
    location = answer.headers.get("Location")
    followed = KEEP_METHOD if answer.request.method == "POST" else REDIRECTS
    if location is None or answer.status_code not in followed:
        return None
    text = location.encode("latin-1").decode("utf-8", "replace")
    here = str(answer.request.url)
    try:
        target = urljoin(here, text)
    except ValueError:
        raise failures.not_an_address(text) from None
    if answer.request.method == "POST" and here.startswith("https:"):
        # What is posted may be secret (a subscription's key); it does not leave TLS.
        return target if target.startswith("https:") else None
    return target


def _content(answer: requests.Response, budget: Budget) -> bytes:
    """The body. Outside 2xx the status is what counts, whatever is wrong with the body."""
    if not budget.limits.body_bytes:
        return b""  # the connection is closed with the rest of it
    if answer.status_code == PARTIAL:  # nobody asked for a part, and it is not the whole
        raise failures.incomplete(str(budget.origin))
    if answer.request.method == "HEAD":
        content = b""
    elif 200 <= answer.status_code < 300:
        content = body.read(answer, budget, budget.limits.body_bytes)
    else:
        try:
            content = body.read(answer, budget, ERROR_BODY_BYTES)
        except RemoteError:
            return b""
    answer.raw.release_conn()
    return content
