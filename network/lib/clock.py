"""The time, so that a test can hold it still."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment as an aware UTC datetime with whole seconds (RFC 3339 in feeds)."""
    return datetime.now(UTC).replace(microsecond=0)
