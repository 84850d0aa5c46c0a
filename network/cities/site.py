"""What a node says of itself: its city, its name and description in both languages, its zone.

The page “Our city” and `init` write it. What they leave empty the settings say, so that a node
that was set up with PIONEER_CITY and PIONEER_NAME alone goes on as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.cities.models import SiteRow
from network.cities.service import CityValue, by_slug, value_of
from network.cities.typed import line, timezone
from network.config import DEFAULT_NAME
from network.lib.db import table_of
from network.lib.errors import InvalidInput
from network.lib.i18n import N_

DEFAULT_NAME_FR = "Villes pionnières"
"""The French for what every new node is called."""
UTC = "UTC"
TEXTS = ("name_en", "name_fr", "description_en", "description_fr")
"""What a person writes of the site."""
LONGEST = {"name_en": 200, "name_fr": 200, "description_en": 500, "description_fr": 500}


def tidied(given: Mapping[str, str]) -> tuple[dict[str, str], list[InvalidInput]]:
    """What was typed of the site, by TEXTS, and what is wrong with it."""
    found = {name: line(given.get(f"site_{name}", "")) for name in TEXTS}
    problems = [
        InvalidInput(
            N_("This has %(length)s characters; at most %(most)s fit."),
            f"site_{name}", length=len(text), most=LONGEST[name],
        )
        for name, text in found.items()
        if len(text) > LONGEST[name]
    ]  # fmt: skip
    if not found["name_en"] and not found["name_fr"]:
        problems.insert(0, InvalidInput(N_("Give the site a name."), "site_name_en"))
    return found, problems


def proposed_names(city: CityValue) -> dict[str, str]:
    """What the site of a city may be called."""
    return {
        "name_en": f"{DEFAULT_NAME} – {city.name_en}"[: LONGEST["name_en"]],
        "name_fr": f"{DEFAULT_NAME_FR} – {city.name_fr}"[: LONGEST["name_fr"]],
    }


class Fallback(Protocol):
    """The settings that count until somebody has said otherwise."""

    @property
    def name(self) -> str:
        """The site's name, in every language."""

    @property
    def city(self) -> str:
        """Slug of the node's own city, perhaps empty."""


@dataclass(frozen=True, slots=True)
class Site:
    """A node as readers and followers see it. city: None when it is not said or not known.

    timezone: of the IANA database, its city's unless another was chosen. Descriptions may be empty.
    """

    name_en: str
    name_fr: str
    description_en: str = ""
    description_fr: str = ""
    city: CityValue | None = None
    timezone: str = UTC

    def name(self, lang: str) -> str:
        """What the site is called in a language of the pages."""
        return self.name_fr if lang == "fr" else self.name_en

    def description(self, lang: str) -> str:
        """What it is about, in a sentence; perhaps empty."""
        return self.description_fr if lang == "fr" else self.description_en


_ROW = select(table_of(SiteRow))


def read(session: Session, node: Fallback) -> Site:
    """What this node says of itself now."""
    row = session.execute(_ROW).one_or_none() or SiteRow(name_en="", name_fr="")
    slug = row.city or node.city
    found = by_slug(session, slug) if slug else None
    default_fr = DEFAULT_NAME_FR if node.name == DEFAULT_NAME else node.name
    return Site(
        name_en=row.name_en or row.name_fr or node.name,
        name_fr=row.name_fr or row.name_en or default_fr,
        description_en=row.description_en or "",
        description_fr=row.description_fr or "",
        city=value_of(found) if found else None,
        timezone=row.timezone or (found and found.timezone) or UTC,
    )


def said(session: Session) -> dict[str, str]:
    """What was said of the site, by TEXTS and `timezone`; empty where the settings speak."""
    row = session.get(SiteRow, 1) or SiteRow()
    return {name: getattr(row, name) or "" for name in (*TEXTS, "timezone")}


def edit(session: Session) -> SiteRow:
    """The one row, made when it is not there; the caller holds the transaction."""
    row = session.get(SiteRow, 1)
    if row is None:
        row = SiteRow(
            id=1, name_en="", name_fr="", description_en="", description_fr="", timezone=None
        )
        session.add(row)
    return row


def zone(text: str) -> tuple[str, list[InvalidInput]]:
    """The time zone that was typed for the site, perhaps none, and what is wrong with it."""
    if not line(text):
        return "", []
    try:
        return timezone(line(text)), []
    except InvalidInput as error:
        return "", [InvalidInput(error.message, "site_timezone", **error.arguments)]
