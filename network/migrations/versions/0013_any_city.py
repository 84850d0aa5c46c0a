"""Any city of the world: what is said of it, other slugs that lead to it, and the node's own site.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import network.lib.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("wikidata_id", sa.String(length=20), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("website", sa.String(length=500), nullable=True),
        sa.Column("said_by", sa.String(length=255), nullable=True),
        sa.Column("updated", network.lib.db.Moment(timezone=True), nullable=True),
        sa.Column("origin", sa.String(length=10), nullable=False, server_default="shipped"),
    )


def upgrade() -> None:
    """Apply. Columns are added, renamed and dropped where they are: studies refer to the table, so
    that it cannot be copied."""
    for column in _added():
        op.add_column("city", column)
    op.execute("UPDATE city SET origin = 'member' WHERE NOT shipped")
    op.drop_column("city", "shipped")
    op.execute("ALTER TABLE city RENAME COLUMN kind TO short_kind")
    op.add_column(
        "city", sa.Column("kind", sa.String(length=20), nullable=False, server_default="city")
    )
    op.execute("UPDATE city SET kind = short_kind")
    op.drop_column("city", "short_kind")
    for name in ("geonames_id", "wikidata_id"):
        op.create_index(op.f(f"ix_city_{name}"), "city", [name])
    op.create_table(
        "city_alias",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("city_slug", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["city_slug"], ["city.slug"], name=op.f("fk_city_alias_city_slug_city")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_city_alias")),
    )
    op.create_index(op.f("ix_city_alias_city_slug"), "city_alias", ["city_slug"])
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=True),
        *(
            sa.Column(f"{what}_{lang}", sa.String(length=length), nullable=False)
            for what, length in (("name", 200), ("description", 500))
            for lang in ("en", "fr")
        ),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["city"], ["city.slug"], name=op.f("fk_site_city_city")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
