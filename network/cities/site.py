"""What a node says of itself: its city, its name and description in each language, its zone.

The page “Our city” and `init` write it. What they leave empty the settings say, so that a node
that was set up with PIONEER_CITY and PIONEER_NAME alone goes on as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from network.cities.models import SiteRow
from network.cities.service import CityValue, by_slug, value_of
from network.cities.typed import line, timezone
from network.config import DEFAULT_NAME
from network.lib import languages
from network.lib.db import table_of
from network.lib.errors import InvalidInput
from network.lib.i18n import ENGLISH_FIRST, LANGUAGES, N_, by_language
from network.lib.languages import said_in

DEFAULT_NAMES = {lang: languages.row(lang).network for lang in LANGUAGES}
"""What every new node is called."""
UTC = "UTC"
LONGEST = {"name": 200, "description": 500}
TEXTS = {f"{what}_{lang}": most for what, most in LONGEST.items() for lang in ENGLISH_FIRST}
"""What a person writes of the site → the most characters that fit."""


def tidied(given: Mapping[str, str]) -> tuple[dict[str, str], list[InvalidInput]]:
    """What was typed of the site, by TEXTS, and what is wrong with it."""
    found = {name: line(given.get(f"site_{name}", "")) for name in TEXTS}
    problems = [
        InvalidInput(
            N_("This has %(length)s characters; at most %(most)s fit."),
            f"site_{name}", length=len(text), most=TEXTS[name],
        )
        for name, text in found.items()
        if len(text) > TEXTS[name]
    ]  # fmt: skip
    if not by_language(found, "name"):
        first = f"site_name_{ENGLISH_FIRST[0]}"
        problems.insert(0, InvalidInput(N_("Give the site a name."), first))
    return found, problems


def proposed_names(city: CityValue) -> dict[str, str]:
    """What the site of a city may be called."""
    return {
        f"name_{lang}": f"{DEFAULT_NAMES[lang]} – {city.name(lang)}"[: LONGEST["name"]]
        for lang in ENGLISH_FIRST
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

    names, descriptions: by language, as far as they are said. timezone: of the IANA database, its
    city's unless another was chosen.
    """

    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    city: CityValue | None = None
    timezone: str = UTC

    def name(self, lang: str) -> str:
        """What the site is called in a language of the pages."""
        return said_in(self.names, lang)

    def description(self, lang: str) -> str:
        """What it is about, in a sentence; perhaps empty."""
        return self.descriptions.get(lang, "")


_ROW = select(table_of(SiteRow))


def read(session: Session, node: Fallback) -> Site:
    """What this node says of itself now."""
    row = session.execute(_ROW).one_or_none() or SiteRow(names={}, descriptions={})
    slug = row.city or node.city
    found = by_slug(session, slug) if slug else None
    default = DEFAULT_NAMES if node.name == DEFAULT_NAME else dict.fromkeys(LANGUAGES, node.name)
    return Site(
        names=row.names or default,
        descriptions=row.descriptions,
        city=value_of(found) if found else None,
        timezone=row.timezone or (found and found.timezone) or UTC,
    )


def said(session: Session) -> dict[str, str]:
    """What was said of the site, by TEXTS and `timezone`; empty where the settings speak."""
    row = session.get(SiteRow, 1) or SiteRow(names={}, descriptions={})
    said = {f"name_{lang}": text for lang, text in row.names.items()}
    said |= {f"description_{lang}": text for lang, text in row.descriptions.items()}
    return dict.fromkeys(TEXTS, "") | said | {"timezone": row.timezone or ""}


def edit(session: Session) -> SiteRow:
    """The one row, made when it is not there; the caller holds the transaction."""
    row = session.get(SiteRow, 1)
    if row is None:
        row = SiteRow(id=1, names={}, descriptions={}, timezone=None)
        session.add(row)
    return row


def write(row: SiteRow, said: Mapping[str, str]) -> None:
    """Have the row say what `said` gives, and no more."""
    row.names, row.descriptions = by_language(said, "name"), by_language(said, "description")
    row.timezone = said.get("timezone") or None


def zone(text: str) -> tuple[str, list[InvalidInput]]:
    """The time zone that was typed for the site, perhaps none, and what is wrong with it."""
    if not line(text):
        return "", []
    try:
        return timezone(line(text)), []
    except InvalidInput as error:
        return "", [InvalidInput(error.message, "site_timezone", **error.arguments)]
