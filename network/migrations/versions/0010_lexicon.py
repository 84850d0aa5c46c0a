"""What words mean in the other language, learnt from translations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "lexicon",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("learnt_at", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("studies", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("lexicon")
