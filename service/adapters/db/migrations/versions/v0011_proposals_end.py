"""A proposal may end without an approval: turned down, withdrawn, or dropped with the person.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when, how and why."""
    op.add_column("pass", sa.Column("ended_at", sa.BigInteger))
    op.add_column("pass", sa.Column("ended_how", sa.String(20)))
    op.add_column("pass", sa.Column("ended_why", sa.Text, nullable=False, server_default=""))
