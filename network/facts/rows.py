"""Rows of the “could we do this?” sheet that are more than one fact on a line of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from network.facts import duration
from network.facts.kinds import Shown
from network.facts.numbers import money
from network.lib import i18n
from network.lib.i18n import N_, translate

if TYPE_CHECKING:
    from network.facts.values import Facts

NOTHING = Shown()


@dataclass(frozen=True, slots=True)
class About:
    """What rows are made of. population: of the study's city. contact_role: as its text says it.
    today: the node's day."""

    facts: Facts
    population: int | None
    contact_role: str
    today: date


Column = tuple[str, Callable[[About, str], Any]]
"""Of a spreadsheet: its head (msgid), and its value in a language."""


@dataclass(frozen=True)
class Row:
    """One thing that a study says. label: msgid. show: in a language.

    of: the facts that it shows; one that is illustrative makes it so. columns: in spreadsheets, by
    name where they are a fact's. figures: they are numbers, which a comparison has there instead of
    the text. on_page: it stands on the sheet of a study's own page, too. key: what one looks for
    first. at: where it stands among the rows, by default after those of the fact before.
    """

    name: str
    label: str
    show: Callable[[About, str], Shown]
    of: tuple[str, ...]
    columns: tuple[Column | str, ...] = ()
    figures: bool = False
    on_page: bool = True
    key: bool = False
    at: int = 0

    def illustrative(self, facts: Facts) -> bool:
        """Whether what it shows is an example and not public fact."""
        return not set(self.of).isdisjoint(facts.illustrative)


def when(about: About, lang: str) -> Shown:
    """From when to when: any part of it may be unknown."""
    facts = about.facts
    start, end = (each and i18n.partial_date(each, lang) for each in (facts.start, facts.end))
    if start and end:
        message = N_("%(start)s to %(end)s")
    elif start:
        message = N_("Since %(start)s")
    elif end:
        message = N_("Until %(end)s")
    else:
        return NOTHING
    return Shown((translate(lang, message, {"start": start, "end": end}),))


def how_long(about: About, lang: str) -> Shown:
    """How long it lasted, or lasts; nothing when it ended at a time that nobody knows."""
    facts = about.facts
    if not facts.end and facts.status == "ended":
        return NOTHING
    found = duration.between(facts.start, facts.end, about.today)
    if found is None:
        return NOTHING
    said = _length(found, lang)
    return Shown(
        (translate(lang, N_("%(time)s so far"), {"time": said}) if found.until_now else said,)
    )


def _length(found: duration.Duration, lang: str) -> str:
    count, words = found.count, i18n.catalogue(lang)
    if not count:
        less = N_("Less than a year") if found.unit == "year" else N_("Less than a month")
        return translate(lang, less)
    if found.unit == "month":
        return words.ngettext("%(count)s month", "%(count)s months", count) % {"count": count}
    return words.ngettext("%(count)s year", "%(count)s years", count) % {"count": count}


def currency(about: About, lang: str) -> str | None:
    """What the budget is in; of no budget, nothing."""
    stated: str | None = about.facts.budget_currency
    return stated if about.facts.budget_amount is not None else None


def cost_per_head(about: About, lang: str) -> Decimal | None:
    """Budget per inhabitant in the budget's currency, to two decimals."""
    amount = about.facts.budget_amount
    if amount is None or not about.population:
        return None
    return (amount / about.population).quantize(Decimal("0.01"))


def per_head(about: About, lang: str) -> Shown:
    """The same, to read."""
    cost = cost_per_head(about, lang)
    return NOTHING if cost is None else Shown((money(cost, about.facts.budget_currency, lang),))


def contact(about: About, lang: str) -> Shown:
    """Whom to ask, and where."""
    mailbox, role = about.facts.contact_email, about.contact_role
    links = ((mailbox, f"mailto:{mailbox}"),) if mailbox else ()
    return Shown((role,) if role else (), links, lang="text")
