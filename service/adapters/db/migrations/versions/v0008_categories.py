"""A sighting says which categories and purposes of entries its answer was over.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; answers of before were over all entries."""
    op.add_column("sighting", sa.Column("categories", sa.String(300)))
    op.add_column("sighting", sa.Column("purposes", sa.String(100)))
