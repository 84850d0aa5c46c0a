"""The table of what words mean in the other language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment


class LearntLexicon(Base):
    """One row: the lexicon that was learnt last. version: grows each time, for caches. studies: how
    many existed in both languages. pairs: (English stem, French stem, weight)."""

    __tablename__ = "lexicon"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    learnt_at: Mapped[datetime] = mapped_column(Moment)
    studies: Mapped[int]
    pairs: Mapped[list[list[Any]]] = mapped_column(Json)
