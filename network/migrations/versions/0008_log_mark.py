"""A mark that is new with each change of the log, for its ETags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("log_state") as batch:
        batch.add_column(sa.Column("mark", sa.String(length=16), server_default="", nullable=False))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("log_state") as batch:
        batch.drop_column("mark")
