"""How often an XML feed asks to be read."""

from __future__ import annotations

from typing import Any

from network.reading.words.text import count

_DAY = 86400
_PERIODS = {
    "hourly": 3600,
    "daily": _DAY,
    "weekly": 7 * _DAY,
    "monthly": 30 * _DAY,
    "yearly": 365 * _DAY,
}


def interval(feed: dict[str, Any]) -> int | None:
    """Seconds between polls that the feed asks for: RSS's ttl, or RSS 1.0's syndication module."""
    minutes = count(dict.get(feed, "ttl"))
    if minutes:
        return minutes * 60
    period = _PERIODS.get(str(dict.get(feed, "sy_updateperiod") or "").strip().lower())
    times = count(dict.get(feed, "sy_updatefrequency")) or 1
    return period // min(times, period) if period else None
