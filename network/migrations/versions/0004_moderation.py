"""What a member may publish here by itself, and what readers are told of what was withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("subscription") as table:
        table.add_column(
            sa.Column("moderation", sa.String(length=20), nullable=False, server_default="publish")
        )
        for name in ("moderated_topics", "moderated_languages"):
            table.add_column(
                sa.Column(name, sa.JSON(none_as_null=True), nullable=False, server_default="[]")
            )
    op.create_table(
        "moderated_study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("waiting_since", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("changed_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("decided_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("novelty", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["subscription.id"],
            name=op.f("fk_moderated_study_source_id_subscription"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user_account.id"],
            name=op.f("fk_moderated_study_decided_by_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderated_study")),
        sa.UniqueConstraint("study_key", name=op.f("uq_moderated_study_study_key")),
    )
    op.create_index("ix_moderated_study_waiting_since", "moderated_study", ["waiting_since"])
    op.create_index("ix_moderated_study_source_id", "moderated_study", ["source_id"])
    op.create_table(
        "held_version",
        sa.Column("entry_id", sa.String(length=1000), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("received", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["moderated_study.id"],
            name=op.f("fk_held_version_study_id_moderated_study"),
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_held_version")),
    )
    op.create_index(op.f("ix_held_version_study_id"), "held_version", ["study_id"])
    op.create_table(
        "withdrawn",
        sa.Column("entry_id", sa.String(length=1000), nullable=False),
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("topics", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("withdrawn_at", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_lang", sa.String(length=35), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_withdrawn")),
    )
    op.create_index("ix_withdrawn_place_slug", "withdrawn", ["place", "slug"])
    op.create_index(op.f("ix_withdrawn_source_id"), "withdrawn", ["source_id"])
    op.create_index(op.f("ix_withdrawn_study_key"), "withdrawn", ["study_key"])


def downgrade() -> None:
    """Take back."""
    for name in ("withdrawn", "held_version", "moderated_study"):
        op.drop_table(name)
    with op.batch_alter_table("subscription") as table:
        for name in ("moderated_languages", "moderated_topics", "moderation"):
            table.drop_column(name)
