"""Hits that are no longer open: what they were for has ended.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of hits that were stood down."""
    op.create_table(
        "stand_down",
        sa.Column("number", ROW_ID, nullable=False),
        sa.Column("hit", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["hit"], ["hit.id"], name="fk_stand_down_hit"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_stand_down_organisation"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_stand_down"),
        sa.UniqueConstraint("hit", name="uq_stand_down_hit"),
        sqlite_autoincrement=True,
    )
