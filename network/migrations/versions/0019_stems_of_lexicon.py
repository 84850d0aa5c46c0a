"""How the words of the learnt lexicon came to their stems: one of other stems is learnt anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("lexicon", sa.Column("stems", sa.String(length=40), nullable=True))
