"""Cities by which a followed site's case studies are shown at once or read first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    cities = sa.Column(
        "moderated_cities", sa.JSON(none_as_null=True), nullable=False, server_default="[]"
    )
    op.add_column("subscription", cities)
