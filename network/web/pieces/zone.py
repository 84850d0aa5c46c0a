"""The node's time zone: days and hours that people read on its pages. Machines get UTC."""

from __future__ import annotations

from datetime import date, datetime

from network.lib import i18n
from network.web.entrance import locale
from network.web.pieces import cards


def day(moment: datetime) -> date:
    """The day that it is in the node's zone."""
    return i18n.in_zone(moment, cards.site().timezone).date()


def long_date(value: date) -> str:
    """A day in full, of a moment the one in the node's zone."""
    shown = day(value) if isinstance(value, datetime) else value
    return i18n.long_date(shown, locale.current())


def long_moment(moment: datetime) -> str:
    """A day and an hour in full, the zone named."""
    return i18n.long_moment(moment, locale.current(), cards.site().timezone)
