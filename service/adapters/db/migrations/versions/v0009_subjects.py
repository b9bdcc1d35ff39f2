"""Hits can be corrected by a statement, and restricted.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "hit_correction",
        sa.Column("hit", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["hit"], ["hit.id"], name="fk_hit_correction_hit"),
        sa.PrimaryKeyConstraint("hit", name="pk_hit_correction"),
    )
    op.create_table(
        "hit_restriction",
        sa.Column("hit", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["hit"], ["hit.id"], name="fk_hit_restriction_hit"),
        sa.PrimaryKeyConstraint("hit", name="pk_hit_restriction"),
    )
