"""What a change of the list does to sightings of before: hits made later, hits stood down.

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
    """Make both tables."""
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
    op.create_table(
        "matched_back",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_matched_back"),
    )
