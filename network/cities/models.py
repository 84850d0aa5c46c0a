"""The table of cities."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base


class City(Base):
    """A city, county or region. slug: its English slug, the key used everywhere else.

    country: ISO 3166-1 alpha-2. population: inhabitants. shipped: part of our vocabulary (else
    learnt from a member's feed).
    """

    __tablename__ = "city"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    slug_fr: Mapped[str] = mapped_column(String(100), index=True)
    name_en: Mapped[str] = mapped_column(String(200))
    name_fr: Mapped[str] = mapped_column(String(200))
    country: Mapped[str | None] = mapped_column(String(2))
    subdivision: Mapped[str | None] = mapped_column(String(10))
    geonames_id: Mapped[int | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    population: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(10), default="city")
    shipped: Mapped[bool] = mapped_column(default=True)

    def name(self, lang: str) -> str:
        """Its name in a language of the pages."""
        return self.name_fr if lang == "fr" else self.name_en

    def slug_in(self, lang: str) -> str:
        """Its slug in the addresses of a language."""
        return self.slug_fr if lang == "fr" else self.slug
