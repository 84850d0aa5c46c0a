"""The table of topics."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json


class Topic(Base):
    """A topic of the shared vocabulary. slug: its English slug, the key used everywhere else."""

    __tablename__ = "topic"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    slug_fr: Mapped[str] = mapped_column(String(100), unique=True)
    name_en: Mapped[str] = mapped_column(String(200))
    name_fr: Mapped[str] = mapped_column(String(200))
    synonyms_en: Mapped[list[str]] = mapped_column(Json)
    synonyms_fr: Mapped[list[str]] = mapped_column(Json)
    position: Mapped[int] = mapped_column(default=0)

    def name(self, lang: str) -> str:
        """Its name in a language of the pages."""
        return self.name_fr if lang == "fr" else self.name_en

    def slug_in(self, lang: str) -> str:
        """Its slug in the addresses of a language."""
        return self.slug_fr if lang == "fr" else self.slug
