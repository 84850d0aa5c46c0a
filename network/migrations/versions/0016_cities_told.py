"""What followed nodes call cities, and who has the last word on one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "told_city",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("speaks", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["city"], ["city.slug"], name=op.f("fk_told_city_city_city")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_told_city_subscription_id_subscription"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "slug", name=op.f("pk_told_city")),
    )
    op.create_index(op.f("ix_told_city_city"), "told_city", ["city"])
