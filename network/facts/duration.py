"""How long a practice lasted, as exactly as its partial dates allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Duration:
    """count: of whole units, perhaps 0. until_now: it goes on."""

    count: int
    unit: Literal["year", "month"]
    until_now: bool


def between(start: str | None, end: str | None, today: date) -> Duration | None:
    """From a partial date to another, or to today; None when nothing is known or nothing makes
    sense. Months only where both ends have one, and below three years."""
    if not start:
        return None
    first, last = _parts(start), _parts(end) if end else (today.year, today.month)
    if len(first) > 1 and len(last) > 1:
        months = (last[0] - first[0]) * 12 + last[1] - first[1]
        if months < 0:
            return None
        if months == 0 or (months < 36 and months % 12):
            return Duration(months, "month", not end)
        return Duration(months // 12, "year", not end)
    years = last[0] - first[0]
    return Duration(years, "year", not end) if years >= 0 else None


def _parts(partial: str) -> tuple[int, ...]:
    return tuple(int(part) for part in partial.split("-"))
