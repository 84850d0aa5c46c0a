"""The table of topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json
from network.lib.languages import said_in


class Topic(Base):
    """A topic of the shared vocabulary.

    slug: its English slug, the key used everywhere else. slugs: those of other languages that are
    not the same. names, synonyms: by language.
    """

    __tablename__ = "topic"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    slugs: Mapped[Mapping[str, str]] = mapped_column(Json, default=dict)
    names: Mapped[Mapping[str, str]] = mapped_column(Json, default=dict)
    synonyms: Mapped[Mapping[str, Sequence[str]]] = mapped_column(Json, default=dict)
    position: Mapped[int] = mapped_column(default=0)

    def name(self, lang: str) -> str:
        """Its name in a language of the pages."""
        return said_in(self.names, lang)

    def slug_in(self, lang: str) -> str:
        """Its slug in the addresses of a language."""
        return self.slugs.get(lang, self.slug)

    def titles(self) -> Iterator[str]:
        """Its slugs and its names, of every language."""
        return chain((self.slug,), self.slugs.values(), self.names.values())

    def all_synonyms(self) -> Iterator[str]:
        """What else it is called, in every language."""
        return chain.from_iterable(self.synonyms.values())
