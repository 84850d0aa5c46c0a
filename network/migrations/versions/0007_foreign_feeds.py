"""What ordinary feeds say of themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "source_icon",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=50), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_source_icon_subscription_id_subscription"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_source_icon")),
    )
    with op.batch_alter_table("subscription") as table:
        table.add_column(
            sa.Column("title_is_chosen", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("quiet_hours", sa.JSON(none_as_null=True), nullable=True))
        table.add_column(
            sa.Column("icon_mark", sa.String(length=16), nullable=False, server_default="")
        )
        table.add_column(
            sa.Column("icon_due", network.lib.db.Moment(timezone=True), nullable=True)
        )
    with op.batch_alter_table("version") as table:
        table.add_column(
            sa.Column(
                "attachments", sa.JSON(none_as_null=True), nullable=False, server_default="[]"
            )
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("version") as table:
        table.drop_column("attachments")
    with op.batch_alter_table("subscription") as table:
        for name in ("icon_due", "icon_mark", "quiet_hours", "title_is_chosen"):
            table.drop_column(name)
    op.drop_table("source_icon")
