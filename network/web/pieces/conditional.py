"""Answers “has it changed?” before anything is read or written out (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from flask import Response, current_app, request
from werkzeug.http import is_resource_modified, quote_etag

from network import __version__
from network.web.entrance.context import settings
from network.web.entrance.counts import Kept
from network.web.pieces import cards

SECOND = timedelta(seconds=1)
LASTS = 300.0
"""Seconds for which a feed may be shown as it was, as long as its Cache-Control lets everybody:
what followed sites say of themselves changes without a change of the catalogue."""
DOCUMENTS = 32
"""Kept in memory: some hundred kilobytes each."""


def answer(
    make: Callable[[], bytes],
    *,
    media_type: str,
    mark: str,
    cache_control: str,
    last_modified: datetime | None = None,
    keep: float = 0.0,
) -> Response:
    """304 when the reader has it already, else the document that make gives.

    mark: the entity tag's text. last_modified: for readers that know no entity tags. keep: seconds
    for which the document is made only once for its mark, which stands for its bytes.
    """
    modified = is_resource_modified(request.environ, etag=mark, last_modified=last_modified)
    body = (_made_once(make, mark, keep) if keep else make()) if modified else b""
    response = Response(body, content_type=media_type) if modified else Response(status=304)
    if not modified:
        del response.headers["Content-Type"]
    response.headers["ETag"] = quote_etag(mark)
    response.headers["Cache-Control"] = cache_control
    if last_modified is not None:
        response.last_modified = last_modified
    return response


def _made_once(make: Callable[[], bytes], mark: str, keep: float) -> bytes:
    kept: Kept = current_app.extensions.setdefault("pioneer-documents", Kept(DOCUMENTS))
    now = time.monotonic()
    document, until = kept.find(mark) or (b"", now)
    if until <= now:
        document = make()
        kept.keep(mark, (document, now + keep))
    return document


def mark(*parts: object) -> str:
    """An entity tag's text for what these values, the settings and the software make."""
    node = settings()
    made_of = (__version__, node.base_url, cards.site(), node.licence, *parts)
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]


class Changes:
    """When this process saw each state of something first, as times that only grow.

    The catalogue knows a version and no date. Two states never get the same date, so that a
    reader who compares dates alone cannot miss the second of two changes in one second.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._state: object = None
        self._since = datetime(1970, 1, 1, tzinfo=UTC)

    def since(self, state: object, now: datetime) -> datetime | None:
        """Since when the state holds; None while that would be a date in the future.

        now: a time before the state was read.
        """
        with self._lock:
            if state != self._state:
                self._state, self._since = state, max(now, self._since + SECOND)
            return self._since if self._since <= now else None


def changed(state: object, now: datetime) -> datetime | None:
    """The same for the running application's catalogue."""
    changes: Changes = current_app.extensions.setdefault("pioneer-changes", Changes())
    return changes.since(state, now)
