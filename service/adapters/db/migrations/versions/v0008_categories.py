"""A sighting says which categories of entries its answer was over.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; answers of before were over all categories."""
    op.add_column("sighting", sa.Column("categories", sa.String(300)))
