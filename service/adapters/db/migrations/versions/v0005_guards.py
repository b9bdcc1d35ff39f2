"""What guards were told of a hit can end before the hit does.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "guard_stand_down",
        sa.Column("hit", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["hit"], ["hit.id"], name="fk_guard_stand_down_hit"),
        sa.PrimaryKeyConstraint("hit", name="pk_guard_stand_down"),
    )
