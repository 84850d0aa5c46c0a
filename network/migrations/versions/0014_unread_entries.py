"""What of a member's log is held back because it cannot be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from network.lib.db import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "subscription", sa.Column("unread", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_table(
        "unread_entry",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("updated", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("arguments", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_unread_entry_subscription_id")
        ),
        sa.PrimaryKeyConstraint("subscription_id", "entry_id", name=op.f("pk_unread_entry")),
    )
