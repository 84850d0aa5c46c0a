"""The tables of cities, of other slugs that lead to them, and of what this node says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import SAID, Base, Json, Moment
from network.lib.languages import said_in

SHIPPED, HERE, MEMBER = "shipped", "here", "member"
"""Where a city came from: our vocabulary, somebody at this node, a member's feed."""


class City(Base):
    """A city, village, county, region or any other place that tries things.

    slug: its English slug, the key used everywhere else. slugs: those of other languages that are
    not the same. names: by language. country: ISO 3166-1 alpha-2. population: inhabitants in
    population_year. timezone: of the IANA database. wikidata_id: “Q90”. origin:
    SHIPPED, HERE or MEMBER. said_by: host of the node that has the last word on it; None is nobody
    else. updated: when what is said of it changed.
    """

    __tablename__ = "city"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    slugs: Mapped[Mapping[str, str]] = mapped_column(Json, default=dict)
    names: Mapped[Mapping[str, str]] = mapped_column(Json, default=dict)
    country: Mapped[str | None] = mapped_column(String(2))
    subdivision: Mapped[str | None] = mapped_column(String(10))
    geonames_id: Mapped[int | None] = mapped_column(index=True)
    wikidata_id: Mapped[str | None] = mapped_column(String(20), index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    timezone: Mapped[str | None] = mapped_column(String(64))
    website: Mapped[str | None] = mapped_column(String(500))
    kind: Mapped[str] = mapped_column(String(20), default="city")
    origin: Mapped[str] = mapped_column(String(10), default=SHIPPED)
    said_by: Mapped[str | None] = mapped_column(String(255))
    updated: Mapped[datetime | None] = mapped_column(Moment, info=SAID)

    def name(self, lang: str) -> str:
        """Its name in a language of the pages."""
        return said_in(self.names, lang)

    def slug_in(self, lang: str) -> str:
        """Its slug in the addresses of a language."""
        return self.slugs.get(lang, self.slug)


class CityAlias(Base):
    """Another slug, of any language, that leads to a city: of one that was joined or renamed."""

    __tablename__ = "city_alias"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    city_slug: Mapped[str] = mapped_column(ForeignKey("city.slug"), index=True)


class SiteRow(Base):
    """What this node says of itself, in its one row. What is empty, the settings say.

    names, descriptions: by language.
    """

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str | None] = mapped_column(ForeignKey("city.slug"))
    names: Mapped[Mapping[str, str]] = mapped_column(Json, default=dict)
    descriptions: Mapped[Mapping[str, str]] = mapped_column(Json, default=dict)
    timezone: Mapped[str | None] = mapped_column(String(64))
