"""What is personal of people who take part no longer is erased after its time; their ids stay.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when that was."""
    op.add_column("person", sa.Column("erased_at", sa.BigInteger))
