"""The filters and the order of lists and search: read from the address, checked, and offered as
plain links, filters with counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, request

from network.catalogue import labels
from network.catalogue.queries import FACETS, Filter
from network.cities.models import City
from network.cities.sizes import SIZES
from network.facts.declared import STATUSES
from network.lib import i18n, languages
from network.lib.i18n import N_
from network.topics.models import Topic
from network.web.entrance import locale
from network.web.pieces import cards

LABELS = {
    "topic": N_("Topic"),
    "city": N_("City"),
    "country": N_("Country"),
    "size": N_("Inhabitants"),
    "status": N_("Status"),
    "year": N_("Year started"),
    "language": N_("Language"),
}
ORDERS = {
    "relevance": N_("Best match"),
    "newest": N_("Newest"),
    "adopted": N_("Most adopted"),
    "title": N_("Title"),
}
LONGEST = 12
"""Options shown for a facet; the rest are reached through the topics and cities pages."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet. options: (value, label, count, selected, address)."""

    name: str
    label: str
    options: list[tuple[str, str, int, bool, str]]


def read() -> Filter:
    """The filters that the address asks for. One that cannot be is answered with 404 or 400.

    topic and city are taken in either language's slug.
    """
    given = {name: request.args.get(name, "").strip() for name in FACETS}
    return Filter(
        topic=_slug(given["topic"], cards.topic_named),
        city=_slug(given["city"], cards.city_named),
        country=_matching(given["country"].upper(), r"[A-Z]{2}"),
        size=_matching(given["size"], "|".join(SIZES)),
        status=_matching(given["status"], "|".join(STATUSES)),
        year=int(year) if (year := _matching(given["year"], r"\d{4}")) else None,
        language=_matching(given["language"].lower(), r"[a-z]{2,3}(-[a-z0-9]{2,8})*"),
    )


def page_number() -> int:
    """The page asked for, from 1."""
    given = request.args.get("page", "1")
    if not re.fullmatch(r"[1-9]\d{0,5}", given):
        abort(400)
    return int(given)


def _slug(given: str, named: Callable[[str], Topic | City | None]) -> str | None:
    if not given:
        return None
    found = named(given)
    return found.slug if found else abort(404)


def _matching(given: str, pattern: str) -> str | None:
    if given and not re.fullmatch(pattern, given):
        abort(400)
    return given or None


def slug_of(name: str, value: Any, lang: str) -> str:
    """A filter's value as it stands in an address of a language."""
    if name == "topic" and value in cards.topic_names():
        return cards.topic_names()[value].slug_in(lang)
    if name == "city" and value in cards.city_names():
        return cards.city_names()[value].slug_in(lang)
    return str(value)


def label(name: str, value: Any) -> str:
    """A filter's value as a reader reads it."""
    lang = locale.current()
    match name:
        case "topic" if value in cards.topic_names():
            return cards.topic_names()[value].name(lang)
        case "city" if value in cards.city_names():
            return cards.city_names()[value].name(lang)
        case "country":
            return i18n.country_name(str(value), lang)
        case "size":
            return labels.size(str(value), lang)
        case "status":
            return labels.status(str(value), lang)
        case "language":
            return i18n.language_name(str(value), lang)
    return str(value)


def address(endpoint: str, filters: Filter, lang: str | None = None, **more: Any) -> str:
    """The address of a list with these filters."""
    lang = lang or locale.current()
    values = {
        name: slug_of(name, value, lang)
        for name in FACETS
        if (value := getattr(filters, name)) is not None
    }
    return locale.url(endpoint, lang, **values, **more)


def keep_in_switch(filters: Filter, **more: Any) -> None:
    """The language link leads to the same filters in its language's words."""
    given = [(name, getattr(filters, name)) for name in FACETS]
    for lang in locale.others():
        query = [(name, slug_of(name, value, lang)) for name, value in given if value is not None]
        query += [(name, str(value)) for name, value in more.items() if value]
        locale.switch_to(lang, query=query)


def facets(
    endpoint: str, filters: Filter, counts: Mapping[str, Mapping[str, int]], **more: Any
) -> list[Facet]:
    """Each facet with its options: the chosen one first, then the most frequent; years and sizes
    in their own order."""
    return [
        Facet(name, locale._(LABELS[name]), _options(endpoint, filters, name, counts[name], more))
        for name in FACETS
        if counts.get(name)
    ]


def _options(
    endpoint: str, filters: Filter, name: str, counts: Mapping[str, int], more: dict[str, Any]
) -> list[tuple[str, str, int, bool, str]]:
    chosen = getattr(filters, name)
    chosen = None if chosen is None else str(chosen)
    typed: Callable[[str], str | int] = int if name == "year" else str
    ordered = sorted(
        counts.items(), key=lambda item: (item[0] != chosen, _place(name, *item), item[0])
    )
    return [
        (
            slug_of(name, value, locale.current()),
            label(name, value),
            number,
            value == chosen,
            address(endpoint, having(filters, name, typed(value)), **more),
        )
        for value, number in ordered[:LONGEST]
    ]


def _place(name: str, value: str, number: int) -> int:
    """Where an option stands in its facet."""
    match name:
        case "year":
            return -int(value)
        case "size":
            return SIZES.index(value)
    return -number


def having(filters: Filter, name: str, value: Any) -> Filter:
    """The filters with one of them changed."""
    return replace(filters, **{name: value})


def active(endpoint: str, filters: Filter, **more: Any) -> list[tuple[str, str]]:
    """(label, address without it) for every filter in force."""
    return [
        (
            f"{locale._(LABELS[name])}{languages.row(locale.current()).colon} {label(name, value)}",
            address(endpoint, having(filters, name, None), **more),
        )
        for name in FACETS
        if (value := getattr(filters, name)) is not None
    ]


def order(offered: Sequence[str]) -> str:
    """The order that the address asks for, else the first; 400 for one that is not offered."""
    given = request.args.get("sort", "").strip() or offered[0]
    return given if given in offered else abort(400)


def order_said(order: str, offered: Sequence[str]) -> str | None:
    """What an address says of an order: nothing of the usual one."""
    return None if order == offered[0] else order


def orders(
    endpoint: str, filters: Filter, order: str, offered: Sequence[str], **more: Any
) -> list[tuple[str, str, bool]]:
    """(name, address, whether it is in force) of each order, from its first page on."""
    return [
        (
            locale._(ORDERS[name]),
            address(endpoint, filters, sort=order_said(name, offered), **more),
            name == order,
        )
        for name in offered
    ]
