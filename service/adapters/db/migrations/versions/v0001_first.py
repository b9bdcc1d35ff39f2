"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table; those that are pointed at come first."""
    _make_people()
    _make_sightings()
    _make_hits()
    _make_what_became_of_hits()
    _make_feed_files()
    _make_audit()


def _make_people() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("name", name="uq_organisation_name"),
    )
    op.create_table(
        "person",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_person_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("organisation", "name", name="uq_person_organisation"),
    )
    op.create_table(
        "credential",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("person", ROW_ID),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_credential_organisation"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_credential_person"),
        sa.PrimaryKeyConstraint("id", name="pk_credential"),
        sa.UniqueConstraint("digest", name="uq_credential_digest"),
    )


def _make_sightings() -> None:
    op.create_table(
        "sighting",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("credential", ROW_ID, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("list_version", sa.String(100), nullable=False),
        sa.Column("model_version", sa.String(100), nullable=False),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["credential"], ["credential.id"], name="fk_sighting_credential"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_sighting_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sighting"),
    )
    op.create_table(
        "claim",
        sa.Column("credential", ROW_ID, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("place", sa.SmallInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("sighting", ROW_ID, nullable=False),
        sa.Column("claimed_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["credential"], ["credential.id"], name="fk_claim_credential"),
        sa.PrimaryKeyConstraint("credential", "key", "place", name="pk_claim"),
        sqlite_with_rowid=False,
    )


def _make_hits() -> None:
    op.create_table(
        "hit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("sighting", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        sa.Column("plate", sa.String(10), nullable=False),
        sa.Column(
            "categories", sa.Text, nullable=False, comment="space between, the leading one first"
        ),
        sa.Column("disposition", sa.String(20), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("list_version", sa.String(100), nullable=False),
        sa.Column("model_version", sa.String(100), nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.id"], name="fk_hit_organisation"),
        sa.ForeignKeyConstraint(["sighting"], ["sighting.id"], name="fk_hit_sighting"),
        sa.PrimaryKeyConstraint("id", name="pk_hit"),
    )
    op.create_index("ix_hit_plate", "hit", ["plate"])
    op.create_index("ix_hit_sighting", "hit", ["sighting"])
    op.create_table(
        "hit_category",
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("hit", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["hit"], ["hit.id"], name="fk_hit_category_hit"),
        sa.PrimaryKeyConstraint("category", "hit", name="pk_hit_category"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hit_category_hit", "hit_category", ["hit"])


def _make_what_became_of_hits() -> None:
    op.create_table(
        "alert",
        sa.Column("number", ROW_ID, nullable=False),
        sa.Column("hit", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["hit"], ["hit.id"], name="fk_alert_hit"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_alert_organisation"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_alert"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_hit", "alert", ["hit"])
    op.create_table(
        "judgement",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("hit", ROW_ID, nullable=False),
        sa.Column("organisation", ROW_ID, nullable=False),
        sa.Column("credential", ROW_ID, nullable=False),
        sa.Column("judged_at", sa.BigInteger, nullable=False),
        sa.Column("identity", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("entry_fault", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["credential"], ["credential.id"], name="fk_judgement_credential"),
        sa.ForeignKeyConstraint(["hit"], ["hit.id"], name="fk_judgement_hit"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_judgement_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_judgement"),
    )
    op.create_index("ix_judgement_hit", "judgement", ["hit"])


def _make_feed_files() -> None:
    op.create_table(
        "feed_file",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("feed", sa.String(200), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("format", sa.String(40), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("rejected", sa.BigInteger, nullable=False),
        sa.Column("rejects", sa.LargeBinary, nullable=False),
        sa.Column("added", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("withdrawn", sa.BigInteger, nullable=False),
        sa.Column("version", sa.String(100)),
        sa.Column("refused", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_feed_file"),
    )
    op.create_index("ix_feed_file_feed", "feed_file", ["feed"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("prev", sa.LargeBinary(32), nullable=False),
        sa.Column("header", sa.LargeBinary, nullable=False),
        sa.Column("payload_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_table(
        "audit_payload",
        sa.Column("seq", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit.seq"], name="fk_audit_payload_seq"),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_payload"),
    )
