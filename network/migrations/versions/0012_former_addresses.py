"""Where pages were before their addresses changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "former_address",
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("place", "slug", "lang", name=op.f("pk_former_address")),
    )
    op.create_index("ix_former_address_study_key", "former_address", ["study_key"])
