"""Alembic's entry: runs the revisions on the engine that the caller gives."""

from __future__ import annotations

from alembic import context

from network.lib.db import Base

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite changes a table by copying it
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
