"""When to look at a feed again: what the other side asks for, and patience after failures."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=24)
"""No feed is ever left alone for longer (protocol.md)."""

QUIET_SHARE = 20
"""A foreign feed is looked at after this part of the time for which it has been silent."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that Retry-After asks for, as a number or a date (RFC 9110 §10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,10}", value):
        return float(value)
    moment = http_date(value)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def freshness(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds for which the answer may be kept: max-age less Age, else Expires (RFC 9111 §4.2).

    Zero when the other side says nothing, nonsense, or that it is not to be kept.
    """
    control = headers.get("Cache-Control", "").lower()
    if re.search(r"\bno-(cache|store)\b", control):
        return 0.0
    if found := re.search(r"\bmax-age\s*=\s*\"?([0-9]{1,10})", control):
        age = re.fullmatch(r"[0-9]{1,10}", headers.get("Age", "").strip())
        return max(0.0, float(found[1]) - (float(age[0]) if age else 0.0))
    expires = http_date(headers.get("Expires", ""))
    served = http_date(headers.get("Date", "")) or now
    return max(0.0, (expires - served).total_seconds()) if expires else 0.0


def http_date(value: str) -> datetime | None:
    """The moment that an HTTP date names, or None."""
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def wait(own: timedelta, asked: float, failures: int, jitter: float) -> timedelta:
    """How long to wait after a poll.

    own: the interval set here. asked: the most that the other side asks for, in seconds.
    failures: polls that failed in a row; each doubles the wait. jitter: from 0 to 1, so that a
    thousand feeds do not come due together; it lengthens the wait by up to a tenth.
    """
    patience = own * 2 ** min(failures, 20)
    longest = LONGEST.total_seconds()
    chosen = max(patience.total_seconds(), min(asked, longest)) * (1 + jitter / 10)
    return timedelta(seconds=min(chosen, longest))


def outside(moment: datetime, quiet: Collection[int], now: datetime) -> datetime:
    """The moment, or the first full hour after it that is not one in which the feed wants peace.

    quiet: hours of the week, from Monday 0 h UTC. However many they are, a feed is not left alone
    for longer than the longest wait.
    """
    latest = max(moment, now + LONGEST)
    while moment.weekday() * 24 + moment.hour in quiet and moment < latest:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(moment, latest)


def adaptive(own: timedelta, changed: datetime | None, now: datetime) -> timedelta:
    """The interval for a foreign feed: the longer it has been silent, the rarer we look."""
    return own if changed is None else max(own, min((now - changed) / QUIET_SHARE, LONGEST))
