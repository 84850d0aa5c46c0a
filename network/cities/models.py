"""The tables of cities, of other slugs that lead to them, and of what this node says of itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import SAID, Base, Moment

SHIPPED, HERE, MEMBER = "shipped", "here", "member"
"""Where a city came from: our vocabulary, somebody at this node, a member's feed."""


class City(Base):
    """A city, village, county, region or any other place that tries things.

    slug: its English slug, the key used everywhere else. country: ISO 3166-1 alpha-2. population:
    inhabitants in population_year. timezone: of the IANA database. wikidata_id: “Q90”. origin:
    SHIPPED, HERE or MEMBER. said_by: host of the node that has the last word on it; None is nobody
    else. updated: when what is said of it changed.
    """

    __tablename__ = "city"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    slug_fr: Mapped[str] = mapped_column(String(100), index=True)
    name_en: Mapped[str] = mapped_column(String(200))
    name_fr: Mapped[str] = mapped_column(String(200))
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
        return self.name_fr if lang == "fr" else self.name_en

    def slug_in(self, lang: str) -> str:
        """Its slug in the addresses of a language."""
        return self.slug_fr if lang == "fr" else self.slug


class CityAlias(Base):
    """Another slug, of any language, that leads to a city: of one that was joined or renamed."""

    __tablename__ = "city_alias"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    city_slug: Mapped[str] = mapped_column(ForeignKey("city.slug"), index=True)


class SiteRow(Base):
    """What this node says of itself, in its one row. What is empty, the settings say."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str | None] = mapped_column(ForeignKey("city.slug"))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_fr: Mapped[str] = mapped_column(String(200), default="")
    description_en: Mapped[str] = mapped_column(String(500), default="")
    description_fr: Mapped[str] = mapped_column(String(500), default="")
    timezone: Mapped[str | None] = mapped_column(String(64))
