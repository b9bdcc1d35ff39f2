"""Entries that are put in one at a time.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of entries."""
    op.create_table(
        "entry",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("credential", ROW_ID, nullable=False),
        sa.Column("put_in_at", sa.BigInteger, nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("plate", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.BigInteger),
        sa.Column("valid_until", sa.BigInteger, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
        sa.Column("withdrawal", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_entry_organisation"
        ),
        sa.ForeignKeyConstraint(["credential"], ["credential.id"], name="fk_entry_credential"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
    )
    op.create_index("ix_entry_plate", "entry", ["plate"])
    op.create_index("ix_entry_valid_until", "entry", ["valid_until"])
