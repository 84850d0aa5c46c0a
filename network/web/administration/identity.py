"""Whether this site is ready to be found by others, said in plain words for its administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from network.cities.service import CityValue
from network.cities.site import DEFAULT_NAMES, Site
from network.config import Settings
from network.lib.i18n import N_


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that others will see. good: None when it cannot be tested from here.

    text, arguments: a message to translate.
    """

    good: bool | None
    text: str
    arguments: dict[str, Any]


def checks(node: Settings, site: Site, lang: str, works: bool, studies: int) -> list[Check]:
    """Everything worth looking at, in the order of importance.

    lang: of the page. works: whether a worker runs. studies: published by this node.
    """
    return [
        _address(node),
        _https(node),
        _name(site.name(lang)),
        _city(node, site.city, lang),
        _contact(node),
        _worker(works),
        _studies(studies),
        Check(None, REACHABLE, {"url": f"{node.base_url}/feed.atom"}),
    ]


REACHABLE = N_(
    "Others must reach %(url)s. This cannot be tested from here: open it on a phone that is not in "
    "the city’s own network. It is right when a page appears that begins with “This is a feed”, "
    "or the feed itself."
)


def _address(node: Settings) -> Check:
    if node.public:
        text = N_("The address is %(url)s. It is part of every permanent id: keep it.")
        return Check(True, text, {"url": node.base_url})
    text = N_(
        "The address is %(url)s, which nobody outside this machine or network can open. Set "
        "PIONEER_BASE_URL to the public address before anything is published."
    )
    return Check(False, text, {"url": node.base_url})


def _https(node: Settings) -> Check:
    if node.secure:
        return Check(True, N_("Pages and feeds are sent over HTTPS, which nobody can alter."), {})
    text = N_(
        "The address begins with http://. Let the web server in front use HTTPS, and let "
        "PIONEER_BASE_URL begin with https://."
    )
    return Check(False, text, {})


def _name(name: str) -> Check:
    if name not in DEFAULT_NAMES.values():
        return Check(True, N_("The site is called “%(name)s”."), {"name": name})
    text = N_(
        "The site is called “%(name)s”, like every new one. Give it a name of its own on the page "
        "“Our city”, so that others can tell it from theirs."
    )
    return Check(False, text, {"name": name})


def _city(node: Settings, city: CityValue | None, lang: str) -> Check:
    if city:
        return Check(True, N_("It is the site of %(city)s."), {"city": city.name(lang)})
    if node.city:
        text = N_(
            "PIONEER_CITY names “%(city)s”, which is no city here. Say which it is on the page "
            "“Our city”."
        )
        return Check(False, text, {"city": node.city})
    text = N_("It says of no city that it is its site. Say it on the page “Our city”.")
    return Check(False, text, {})


def _contact(node: Settings) -> Check:
    if node.contact:
        return Check(True, N_("People can write to %(mailbox)s."), {"mailbox": node.contact})
    text = N_("It names no mailbox. Set PIONEER_CONTACT, so that other cities can write to you.")
    return Check(False, text, {})


def _worker(works: bool) -> Check:
    if works:
        return Check(True, N_("The worker runs: what others publish arrives by itself."), {})
    text = N_(
        "The worker does not run, so nothing would arrive. Start it with “pioneer-cities serve”, "
        "or “pioneer-cities worker” beside a server of your own."
    )
    return Check(False, text, {})


def _studies(studies: int) -> Check:
    if studies:
        text = N_("Case studies published here: %(number)s.")
        return Check(True, text, {"number": studies})
    text = N_("Nothing is published here yet. You can join all the same, and publish later.")
    return Check(None, text, {})
