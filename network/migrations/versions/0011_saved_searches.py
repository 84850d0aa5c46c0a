"""Searches that readers keep, and to whom news of them is sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. What readers see already is no news to anybody."""
    moment = network.lib.db.Moment(timezone=True)
    op.create_table(
        "saved_search",
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("filters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("every", sa.String(length=10), nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("confirmed", moment, nullable=True),
        sa.Column("asked_from", sa.String(length=64), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("due", moment, nullable=True),
        sa.Column("last_sent", moment, nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_search_user_id")
        ),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_saved_search")),
    )
    for column in ("user_id", "email", "due"):
        op.create_index(f"ix_saved_search_{column}", "saved_search", [column])
    op.create_table(
        "search_digest",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("studies", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["handle"], ["saved_search.handle"], name=op.f("fk_search_digest_handle")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_digest")),
    )
    op.create_index("ix_search_digest_handle", "search_digest", ["handle"])
    op.create_table(
        "told_study",
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["handle"], ["saved_search.handle"], name=op.f("fk_told_study_handle")
        ),
        sa.PrimaryKeyConstraint("handle", "study_key", name=op.f("pk_told_study")),
    )
    op.create_table(
        "study_debut",
        sa.Column("study_key", sa.String(length=1000), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("study_key", name=op.f("pk_study_debut")),
    )
    op.create_index("ix_study_debut_at", "study_debut", ["at"])
    op.execute(
        "INSERT INTO study_debut (study_key, at) SELECT study_key, sort_at FROM study WHERE shown"
    )


def downgrade() -> None:
    """Take back."""
    for table in ("study_debut", "told_study", "search_digest", "saved_search"):
        op.drop_table(table)
