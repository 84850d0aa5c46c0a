"""`reindex`: build the search index anew."""

from __future__ import annotations

import click
from sqlalchemy import func, select

from network.catalogue.models import Version
from network.cli.context import database, progress, say, settings
from network.search import service as search
from network.search.opening import open_search


@click.command()
def reindex() -> None:
    """Build the search index from the database beside the live one, then swap."""
    node = settings()
    with database(node) as session:
        total = session.scalar(select(func.count()).select_from(Version)) or 0
        with progress("Indexing", total) as tell:
            search.reindex(session, open_search(node), tell)
    say(f"The index holds {total} texts")


COMMANDS = (reindex,)
