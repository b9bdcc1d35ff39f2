"""What the manifest of a feed file says, and what was overridden for it.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; files that came before have no manifest."""
    kind = sa.Column("kind", sa.String(10), nullable=False, server_default="full")
    op.add_column("feed_file", kind)
    op.add_column("feed_file", sa.Column("sequence", sa.BigInteger))
    op.add_column("feed_file", sa.Column("produced_at", sa.BigInteger))
    op.add_column("feed_file", sa.Column("overridden", sa.Text))
