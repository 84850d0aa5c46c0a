"""Which engine a node has: the one that lives in its database, or the embedded one beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from network.config import Settings
from network.search import teaching
from network.search.engine import SearchEngine

Sessions = Callable[[], AbstractContextManager[Session]]


def open_search(settings: Settings, sessions: Sessions | None = None) -> SearchEngine:
    """The engine for the node's kind of database; nothing is opened before it is asked.

    sessions: opens a session of the database, from which words are known that the site's own
    translations taught; without it, only those that are shipped are known.
    """
    lexicon = teaching.Taught(sessions) if sessions else teaching.shipped
    if settings.database_url.startswith("postgresql"):
        from network.search.postgres_engine import PostgresEngine

        return PostgresEngine(settings.database_url, lexicon=lexicon)
    from network.search.whoosh_engine import WhooshEngine

    return WhooshEngine(settings.index_dir, lexicon=lexicon)
