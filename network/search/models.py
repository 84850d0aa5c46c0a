"""Tables of search: what words mean in the other language, and the index on PostgreSQL.

Nothing in them is more than what the database says elsewhere: they can be emptied and are made
anew. On SQLite those of the index stay empty, for Whoosh keeps it there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from network.lib.db import Base, Json, Moment


class LearntLexicon(Base):
    """One row: the lexicon that was learnt last. version: grows each time, for caches. studies: how
    many existed in both languages. stems: how words came to their stems, None before that was kept.
    pairs: (English stem, French stem, weight)."""

    __tablename__ = "lexicon"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    learnt_at: Mapped[datetime] = mapped_column(Moment)
    studies: Mapped[int]
    stems: Mapped[str | None] = mapped_column(String(40))
    pairs: Mapped[list[list[Any]]] = mapped_column(Json)


class SearchState(Base):
    """The index as a whole, one row; none while there is no index.

    format: what a reader must know to read it. generation: random, new with each rebuild.
    version: counts the commits. layout: the version at which blocks changed last.
    documents, blocks: the numbers that come next.
    """

    __tablename__ = "search_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    format: Mapped[str] = mapped_column(String(100))
    generation: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(BigInteger)
    layout: Mapped[int] = mapped_column(BigInteger)
    documents: Mapped[int] = mapped_column(BigInteger)
    blocks: Mapped[int]


class SearchText(Base):
    """One document: what is shown and what it is narrowed by. It is never changed, only replaced.

    number: given once in a generation, ascending. version: the commit that added it.
    entry, study: hashes of its two ids. facts, lang and after: see network.search.studies.
    """

    __tablename__ = "search_text"
    __table_args__ = (
        Index("ix_search_text_version", "version"),
        Index("ix_search_text_entry", "entry"),
        Index("ix_search_text_study", "study"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[int] = mapped_column(BigInteger)
    study: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[str] = mapped_column(Text)
    study_key: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    facts: Mapped[bytes] = mapped_column(LargeBinary)
    lang: Mapped[str] = mapped_column(Text)
    city: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    year: Mapped[str] = mapped_column(Text)
    topics: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


class SearchWord(Base):
    """A whole word that some document has had, as UTF-8. documents: how many had it when they were
    added, so that common words can be told from rare ones."""

    __tablename__ = "search_word"

    word: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    documents: Mapped[int]


class SearchFresh(Base):
    """The terms of a document that is in no block yet, which readers keep in memory."""

    __tablename__ = "search_fresh"
    __table_args__ = (Index("ix_search_fresh_version", "version"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
    terms: Mapped[bytes] = mapped_column(LargeBinary)


class SearchRemoval(Base):
    """A document that is gone. version: the commit that took it away."""

    __tablename__ = "search_removal"
    __table_args__ = (Index("ix_search_removal_version", "version"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


class SearchBlock(Base):
    """Documents `first` to `last` together, by their terms. It is never changed, only replaced.

    size: documents that it had when it was written. words: hashes of its whole words, ascending.
    """

    __tablename__ = "search_block"

    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int]
    words: Mapped[bytes] = mapped_column(LargeBinary)


class SearchPosting(Base):
    """A block's documents that hold a term. term: hash of field and term.

    documents: 16 bits each, counted from the block's first. weights: 8, 16 or 32 bits each.
    places: of a whole word, 16 bits each: how many places each document has, then the places.
    """

    __tablename__ = "search_posting"
    __table_args__ = (Index("ix_search_posting_block", "block"),)

    term: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    documents: Mapped[bytes] = mapped_column(LargeBinary)
    weights: Mapped[bytes] = mapped_column(LargeBinary)
    places: Mapped[bytes] = mapped_column(LargeBinary)
