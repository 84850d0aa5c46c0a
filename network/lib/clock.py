"""The time, so that a test can hold it still, and which stored times are believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

SLACK = timedelta(minutes=2)
"""How far the clocks of machines that share a database may differ."""


def now() -> datetime:
    """The current moment as an aware UTC datetime with whole seconds (RFC 3339 in feeds)."""
    return datetime.now(UTC).replace(microsecond=0)


def is_ahead(stored: Any, moment: datetime, longest: timedelta) -> Any:
    """Whether a stored time is still to come at this moment.

    stored: a datetime, or a column, for which the answer is SQL. longest: how far ahead such a
    time is ever set. One that lies further ahead was set while this machine's clock was wrong, and
    is past: else all that waits for it would wait until the clock comes there again, for a year if
    need be.
    """
    return (stored > moment) & (stored <= moment + longest + SLACK)


def is_due(stored: Any, moment: datetime, longest: timedelta) -> Any:
    """The opposite: such a time has come."""
    return (stored <= moment) | (stored > moment + longest + SLACK)


def believed(stored: datetime | None, moment: datetime) -> datetime | None:
    """When something happened, or None when that lies ahead and so says nothing."""
    return None if stored is None or stored > moment + SLACK else stored
