"""Which engine a node has: the one that lives in its database, or the embedded one beside it."""

from __future__ import annotations

from network.config import Settings
from network.search.engine import SearchEngine


def open_search(settings: Settings) -> SearchEngine:
    """The engine for the node's kind of database; nothing is opened before it is asked."""
    if settings.database_url.startswith("postgresql"):
        from network.search.postgres_engine import PostgresEngine

        return PostgresEngine(settings.database_url)
    from network.search.whoosh_engine import WhooshEngine

    return WhooshEngine(settings.index_dir)
