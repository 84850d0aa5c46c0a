"""Alembic's entry: runs the revisions on the engine that the caller gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from network.lib.db import Base, broken_references, rebuilding
from network.migrations import Stuck

engine = context.config.attributes["engine"]


def check_references(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    """At the end of each revision's transaction, which is rolled back when this raises."""
    assert ctx.connection is not None
    if broken := broken_references(ctx.connection):
        raise Stuck(
            (
                "Revision %(revision)s was taken back: rows of the database refer to rows that are "
                "not there (%(tables)s). Bring the node back to a backup: pioneer-cities restore"
            ),
            revision=step.up_revision_id,
            tables=", ".join(broken),
        )


with rebuilding(engine) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite changes a table by copying it
        transaction_per_migration=True,
        on_version_apply=check_references,
    )
    with context.begin_transaction():
        context.run_migrations()
