"""Asks for a followed document and says what the answer means: unchanged, moved, gone or here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from network.lib import clock
from network.lib.errors import RemoteError
from network.lib.http import Door, Limits, Response
from network.lib.i18n import N_
from network.subscriptions import schedule

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5"
)
LONGEST_VALIDATOR = 1000
"""Characters of an ETag or date that we keep; a longer one is not worth sending back."""


class Gone(RemoteError):
    """The site says that the feed has ended (410)."""


class MovedAway(RemoteError):
    """The feed has moved for good to another site, which an administrator must agree to."""

    def __init__(self, url: str) -> None:
        super().__init__(
            N_("It has moved to %(url)s, another site. Someone must confirm that first."), url=url
        )
        self.url = url


@dataclass(frozen=True, slots=True)
class Validators:
    """What a later request needs to be answered with “not modified”.

    content_hash: SHA-256 of the body, for sites that know of no validators.
    """

    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""

    def as_headers(self) -> dict[str, str]:
        """The condition of a GET (RFC 9110 §13.1)."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer. url: the feed's address from now on. unchanged: nothing to parse."""

    response: Response
    url: str
    unchanged: bool
    validators: Validators


def ask(door: Door, url: str, known: Validators, limits: Limits) -> Answer:
    """Get a feed unless it is unchanged.

    Raises RemoteError: Gone, MovedAway, whatever the door raises, or the status in words.
    """
    response = door.get(url, {"Accept": ACCEPT, **known.as_headers()}, limits)
    here = same_site(url, response.url)
    if response.status == 410 and here:
        raise Gone(N_("The site says that this feed has ended (410)."), retryable=False)
    not_modified = response.status == 304 and bool(known.as_headers())
    if not (response.ok or not_modified):
        raise refusal(response)
    moved = response.permanent_url
    if moved is not None and not same_site(url, moved):
        raise MovedAway(moved)
    found = known if not_modified else validators(response)
    unchanged = not_modified or found.content_hash == known.content_hash
    return Answer(response, moved or url, unchanged, found)


def get(door: Door, url: str, limits: Limits, fresh: bool = False) -> Response:
    """Get a document whatever we hold. fresh: past every cache. Raises RemoteError."""
    headers = {"Accept": ACCEPT} | ({"Cache-Control": "no-cache"} if fresh else {})
    response = door.get(url, headers, limits)
    if not response.ok:
        raise refusal(response)
    return response


def validators(response: Response) -> Validators:
    """The validators of an answer."""
    given = (response.headers.get(name, "") for name in ("ETag", "Last-Modified"))
    etag, modified = (value if len(value) <= LONGEST_VALIDATOR else "" for value in given)
    return Validators(etag, modified, hashlib.sha256(response.content).hexdigest())


def refusal(response: Response) -> RemoteError:
    """The error that a status outside 2xx stands for."""
    wait = schedule.retry_after(response.headers, clock.now())
    host, status = urlsplit(response.url).netloc, response.status
    if status in (429, 503):
        message = N_("%(host)s asks us to come back later (%(status)s).")
    elif status in (401, 403):
        message = N_("%(host)s does not let us read it (%(status)s).")
    elif status in (404, 410):
        message = N_("There is nothing at this address any more (%(status)s).")
        return RemoteError(message, retry_after=wait, status=status)
    else:
        message = N_("%(host)s answered with an error (%(status)s).")
    return RemoteError(message, retry_after=wait, host=host, status=status)


def same_site(one: str, other: str) -> bool:
    """Whether two addresses have the same host and port; http and https count as one site."""
    return _site(one) == _site(other)


def _site(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # no address at all, which the door will say
        return url, None
    standard = port in (None, 80 if parts.scheme.lower() == "http" else 443)
    return (parts.hostname or "").lower(), None if standard else port


def origin_of(url: str) -> str:
    """Scheme, host and port as a node writes them at the start of its ids."""
    parts = urlsplit(url)
    host, default = parts.netloc.lower(), {"http": ":80", "https": ":443"}
    return f"{parts.scheme.lower()}://{host.removesuffix(default.get(parts.scheme.lower(), ''))}"
