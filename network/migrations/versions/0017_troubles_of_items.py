"""Items of a feed that could not be stored, and addresses longer than an index may hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("subscription", sa.Column("troubles", sa.JSON(none_as_null=True), nullable=True))
    op.drop_index("ix_version_url", "version")
    op.create_index("ix_version_url", "version", ["url"], postgresql_using="hash")
