"""Who takes part: terms of organisations, passes of people, devices; what a key was issued for.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and add what people and keys are told by."""
    op.create_table(
        "terms",
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("document", sa.LargeBinary),
        sa.Column("suspended_at", sa.BigInteger),
        sa.Column("suspension", sa.Text, nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_terms_organisation"
        ),
        sa.PrimaryKeyConstraint("organisation", name="pk_terms"),
    )
    op.create_table(
        "pass",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("person", ROW_ID, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("colour", sa.String(20), nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("secrecy_at", sa.BigInteger),
        sa.Column("proposed_at", sa.BigInteger, nullable=False),
        sa.Column("approved_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_pass_person"),
        sa.PrimaryKeyConstraint("id", name="pk_pass"),
    )
    op.create_index("ix_pass_person", "pass", ["person"])
    op.create_table(
        "device",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("dropped_at", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_device_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
    )
    op.create_table(
        "register",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register"),
    )
    op.add_column("person", sa.Column("dropped_at", sa.BigInteger))
    op.add_column("person", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("credential", sa.Column("device", ROW_ID))
    op.add_column("credential", sa.Column("purpose", sa.String(20)))
    op.add_column("credential", sa.Column("incident", sa.String(100)))
    op.execute(
        "UPDATE credential SET purpose ="
        " CASE role WHEN 'auditor' THEN 'supervision' ELSE 'offences' END"
    )
