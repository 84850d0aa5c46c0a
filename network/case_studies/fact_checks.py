"""Whether a study's facts may be published, and in what words to say what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from babel.numbers import is_currency

from network.case_studies import typed_dates, typed_figures
from network.case_studies.typed_figures import Unclear
from network.catalogue.values import STATUSES, Facts, Link
from network.lib.i18n import N_
from network.lib.sanitise import web_url
from network.log.entry import LICENCES
from network.log.tidy import LONGEST_TITLE

MOST_ITEMS = 100
"""Items in a list of partners, authors or links; more would not travel in an entry."""
LONGEST_NAME = 300
LARGEST = MappingProxyType({"budget_amount": 10**15 - 1, "people_reached": 10**10, "staff": 10**6})
"""What an entry carries at most."""

_EMAIL = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,180}\.[^\s@<>\"'(),;:.]{2,60}")
_UNREADABLE = MappingProxyType(
    {
        "budget_amount": N_(
            "“%(text)s” is not an amount. Enter one such as 500000 or 1.5 million."
        ),
        "people_reached": N_("“%(text)s” is not a number of people. Enter a whole number."),
        "staff": N_("“%(text)s” is not a number of full-time posts. Enter one such as 12 or 1.5."),
        "sdgs": N_("“%(text)s”: enter the goals’ numbers, from 1 to 17, such as 11, 16."),
        "start": N_("“%(text)s” is not a date such as 2014, September 2014 or 23 September 2014."),
        "end": N_("“%(text)s” is not a date such as 2014, September 2014 or 23 September 2014."),
    }
)


class Problem(NamedTuple):
    """What is wrong with one field: a msgid and its arguments (lib.errors)."""

    field: str
    message: str
    arguments: Mapping[str, Any]


def problem(field: str, message: str, **arguments: Any) -> Problem:
    """A problem, with its arguments by name."""
    return Problem(field, message, arguments)


def problems(facts: Facts, unreadable: Mapping[str, str]) -> list[Problem]:
    """What stops these facts from being published, in the order of the form."""
    return [
        *_status(facts),
        *_time(facts, unreadable),
        *_figures(facts, unreadable),
        *_names("partners", facts.partners),
        *_contact(facts),
        *_goals(facts, unreadable),
        *link_problems("evidence", facts.evidence),
        *_names("authors", facts.authors),
        *_licence(facts),
        *_illustrative(facts),
        *_others(unreadable),
    ]


def doubts(facts: Facts, unreadable: Mapping[str, str]) -> list[Problem]:
    """What is to be asked about the figures and dates that were typed, in the order of the form."""
    return [
        _doubt(name, unreadable[name], facts)
        for name in (*typed_dates.FIELDS, *typed_figures.FIELDS)
        if name in unreadable
    ]


def _doubt(name: str, text: str, facts: Facts) -> Problem:
    """Why a figure or a date could not be read: its two meanings, or what is expected."""
    try:
        if name in typed_dates.FIELDS:
            typed_dates.read(text, None)
        elif name == "budget_amount":
            typed_figures.amount(text, None, facts.budget_currency)
        else:
            typed_figures.figure(text, None, name)
    except Unclear as unclear:
        return Problem(name, unclear.message, unclear.arguments)
    except ValueError:
        pass
    return problem(name, _UNREADABLE[name], text=text)


def _status(facts: Facts) -> Iterable[Problem]:
    if facts.status is not None and facts.status not in STATUSES:
        yield problem(
            "status", N_("“%(status)s” is not a status; it is one of %(statuses)s."),
            status=facts.status, statuses=", ".join(STATUSES),
        )  # fmt: skip


def _time(facts: Facts, unreadable: Mapping[str, str]) -> Iterable[Problem]:
    dates = {name: getattr(facts, name) for name in typed_dates.FIELDS}
    wrong = {name: text for name, text in dates.items() if _is_no_date(text)}
    wrong |= {name: unreadable[name] for name in dates if name in unreadable}
    for name, text in wrong.items():
        yield _doubt(name, text, facts)
    if facts.start and facts.end and not wrong:
        shared = min(len(facts.start), len(facts.end))
        if facts.end[:shared] < facts.start[:shared]:
            yield problem("end", N_("The end is before the start."))


def _is_no_date(text: str | None) -> bool:
    return text is not None and not is_partial_date(text)


def is_partial_date(text: str) -> bool:
    """Whether it is 2014, 2014-09 or 2014-09-23 (ISO 8601), a date that exists."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


def _figures(facts: Facts, unreadable: Mapping[str, str]) -> Iterable[Problem]:
    for name, most in LARGEST.items():
        value = getattr(facts, name)
        if name in unreadable:
            yield _doubt(name, unreadable[name], facts)
        elif value is not None and not 0 <= value <= most:
            yield problem(name, N_("Enter a number from 0 to %(most)s."), most=most)
        elif isinstance(value, Decimal) and value != round(value, 2):
            yield problem(name, N_("Enter at most two decimals."))
    yield from _currency(facts)


def _currency(facts: Facts) -> Iterable[Problem]:
    code = facts.budget_currency
    if code is None:
        if facts.budget_amount is not None:
            yield problem("budget_currency", N_("Say in which currency the budget is."))
    elif not re.fullmatch("[A-Z]{3}", code) or not is_currency(code):
        yield problem(
            "budget_currency", N_("“%(code)s” is not a currency. Enter its code, such as EUR."),
            code=code,
        )  # fmt: skip


def _names(field: str, names: tuple[str, ...]) -> Iterable[Problem]:
    yield from _too_many(field, names)
    for name in names:
        if len(name) > LONGEST_NAME:
            yield problem(
                field, N_("“%(start)s…” is longer than %(most)s characters."),
                start=name[:40], most=LONGEST_NAME,
            )  # fmt: skip


def _too_many(field: str, items: tuple[Any, ...]) -> Iterable[Problem]:
    if len(items) > MOST_ITEMS:
        yield problem(field, N_("Enter at most %(most)s."), most=MOST_ITEMS)


def _contact(facts: Facts) -> Iterable[Problem]:
    if facts.contact_email is not None and not _EMAIL.fullmatch(facts.contact_email):
        yield problem("contact_email", N_("Enter a mailbox such as name@city.example."))


def _goals(facts: Facts, unreadable: Mapping[str, str]) -> Iterable[Problem]:
    if "sdgs" in unreadable:
        yield problem("sdgs", _UNREADABLE["sdgs"], text=unreadable["sdgs"])
    for goal in facts.sdgs:
        if not 1 <= goal <= 17:
            yield problem("sdgs", N_("There is no goal %(goal)s: they go from 1 to 17."), goal=goal)


def link_problems(field: str, links: tuple[Link, ...]) -> Iterable[Problem]:
    """What is wrong with a list of links."""
    yield from _too_many(field, links)
    for link in links:
        if web_url(link.href) != link.href:
            yield problem(
                field, N_("“%(link)s” needs an address that begins with https:// or http://."),
                link=link.href or link.title,
            )  # fmt: skip
        elif len(link.title) > LONGEST_TITLE:
            yield problem(
                field, N_("“%(start)s…” is longer than %(most)s characters."),
                start=link.title[:40], most=LONGEST_TITLE,
            )  # fmt: skip


def _licence(facts: Facts) -> Iterable[Problem]:
    given = facts.licence
    if given is not None and given not in LICENCES and web_url(given) != given:
        yield problem(
            "licence", N_("Enter the address of the licence, or one of %(names)s."),
            names=", ".join(LICENCES),
        )  # fmt: skip


def _illustrative(facts: Facts) -> Iterable[Problem]:
    known = {f.name for f in fields(Facts)}
    for name in facts.illustrative:
        if name not in known:
            yield problem("illustrative", N_("“%(name)s” is not a fact of the sheet."), name=name)


def _others(unreadable: Mapping[str, str]) -> Iterable[Problem]:
    for name, text in unreadable.items():
        if name not in _UNREADABLE and name != "city":
            yield problem(name, N_("“%(text)s” cannot be read."), text=text)
