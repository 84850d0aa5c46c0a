"""What cities say of who was inspired by them, and who follows this node."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("version") as table:
        table.add_column(
            sa.Column(
                "adoptions",
                sa.JSON(none_as_null=True),
                nullable=False,
                server_default=sa.text("'[]'"),
            )
        )
    op.create_table(
        "adoption",
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("href", sa.String(length=2000), nullable=False),
        sa.Column("target_key", sa.String(length=2000), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=True),
        sa.Column("decided", network.lib.db.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_key"], ["study.study_key"], name=op.f("fk_adoption_study_key")
        ),
        sa.PrimaryKeyConstraint("study_key", "position", name=op.f("pk_adoption")),
    )
    op.create_table(
        "rendition",
        sa.Column("entry_id", sa.String(length=1000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.Column("target_key", sa.String(length=2000), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["version.entry_id"], name=op.f("fk_rendition_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_rendition")),
    )
    op.create_index("ix_rendition_study_key", "rendition", ["study_key"])
    op.create_index("ix_rendition_target_key", "rendition", ["target_key"])
    op.create_table(
        "verdict",
        sa.Column("study_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("adopter", sa.String(length=2000), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=True),
        sa.Column("decided", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["case_study.id"], name=op.f("fk_verdict_study_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_verdict_user_id")),
        sa.PrimaryKeyConstraint("study_id", "digest", name=op.f("pk_verdict")),
    )
    op.create_table(
        "follower",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_seen", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("last_seen", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("confirmed_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("checked_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("next_check", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_follower")),
    )
    op.create_index("ix_follower_next_check", "follower", ["next_check"])


def downgrade() -> None:
    """Take back."""
    for table in ("follower", "verdict", "rendition", "adoption"):
        op.drop_table(table)
    with op.batch_alter_table("version") as batch:
        batch.drop_column("adoptions")
