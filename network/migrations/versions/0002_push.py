"""What push needs: the hub's topics and subscribers, and our own leases at other hubs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _hub()
    op.create_table(
        "push_lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("hub", sa.String(length=2000), nullable=False),
        sa.Column("topic", sa.String(length=2000), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("until", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("due", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("error_arguments", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("pushes", sa.Integer(), nullable=False),
        sa.Column("pushed_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("poll_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("window_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("window_pushes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_push_lease_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_lease")),
        sa.UniqueConstraint("token", name=op.f("uq_push_lease_token")),
    )
    op.create_index("ix_push_lease_subscription_id", "push_lease", ["subscription_id"])
    op.create_index("ix_push_lease_due", "push_lease", ["due"])


def _hub() -> None:
    op.create_table(
        "hub_topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("mark", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("rendered_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_topic")),
        sa.UniqueConstraint("path", name=op.f("uq_hub_topic_path")),
    )
    op.create_table(
        "hub_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=2000), nullable=False),
        sa.Column("callback", sa.String(length=2000), nullable=False),
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("until", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("wanted_mode", sa.String(length=12), nullable=False),
        sa.Column("wanted_lease", sa.Integer(), nullable=False),
        sa.Column("wanted_secret", sa.String(length=200), nullable=False),
        sa.Column("wanted_token", sa.String(length=32), nullable=False),
        sa.Column("wanted_at", network.lib.db.Moment(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("offered", sa.String(length=64), nullable=False),
        sa.Column("sent_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("error_arguments", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("busy_until", network.lib.db.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["hub_topic.id"], name=op.f("fk_hub_subscription_topic_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_subscription")),
        sa.UniqueConstraint("digest", name=op.f("uq_hub_subscription_digest")),
    )
    for column in ("topic_id", "host", "until"):
        op.create_index(f"ix_hub_subscription_{column}", "hub_subscription", [column])


def downgrade() -> None:
    """Take back."""
    op.drop_table("push_lease")
    op.drop_table("hub_subscription")
    op.drop_table("hub_topic")
