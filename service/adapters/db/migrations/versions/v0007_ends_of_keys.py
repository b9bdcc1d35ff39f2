"""Credentials may have an end, and may stand for the tokens of an issuer.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns."""
    op.add_column("credential", sa.Column("expires_at", sa.BigInteger))
    op.add_column("credential", sa.Column("issuer", sa.Text))
