"""Versions whose feed gives no date that can be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Which ones they are is told by their feeds at the next change."""
    op.add_column(
        "version",
        sa.Column("date_is_unknown", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
