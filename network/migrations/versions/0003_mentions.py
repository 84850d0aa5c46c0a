"""Webmentions, received and sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=2000), nullable=False),
        sa.Column("target", sa.String(length=2000), nullable=False),
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("received", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("verified_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("next_check", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("error_arguments", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("digest", name=op.f("uq_mention_digest")),
    )
    op.create_index("ix_mention_study_key_state", "mention", ["study_key", "state"])
    op.create_index("ix_mention_next_check", "mention", ["next_check"])
    op.create_index("ix_mention_host", "mention", ["host"])
    op.create_index("ix_mention_state_received", "mention", ["state", "received"])
    op.create_table(
        "sent_mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.Column("source", sa.String(length=2000), nullable=False),
        sa.Column("target", sa.String(length=2000), nullable=False),
        sa.Column("endpoint", sa.String(length=2000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("next_try", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("sent_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("error_arguments", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_mention")),
        sa.UniqueConstraint("digest", name=op.f("uq_sent_mention_digest")),
    )
    op.create_index("ix_sent_mention_study_key", "sent_mention", ["study_key"])
    op.create_index("ix_sent_mention_next_try", "sent_mention", ["next_try"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("sent_mention")
    op.drop_table("mention")
