"""The tables of who may call: organisations, people, devices, credentials; see `tables`."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; SQLite makes only an INTEGER primary key the rowid itself."""

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

ORGANISATION = Table(
    "organisation",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("name", String(200), nullable=False),
    UniqueConstraint("name"),
)

PERSON = Table(
    "person",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("dropped_at", BigInteger),
    Column("reason", Text, nullable=False, server_default=""),
    Column("erased_at", BigInteger),
    UniqueConstraint("organisation", "name"),
)

TERMS = Table(
    "terms",
    METADATA,
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), primary_key=True),
    Column("document", LargeBinary),
    Column("suspended_at", BigInteger),
    Column("suspension", Text, nullable=False, server_default=""),
)
"""On which terms organisations take part; those without a row are open."""

PASS = Table(
    "pass",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("person", ROW_ID, ForeignKey("person.id"), nullable=False),
    Column("number", String(40), nullable=False),
    Column("colour", String(20), nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("role", String(20), nullable=False),
    Column("secrecy_at", BigInteger),
    Column("proposed_at", BigInteger, nullable=False),
    Column("approved_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("ended_how", String(20)),
    Column("ended_why", Text, nullable=False, server_default=""),
    Index(None, "person"),
)
"""Passes as they were proposed; the last one that was approved is the one that counts. One that
ended was a proposal until then; none is ever deleted, since an approval names them by id."""

DEVICE = Table(
    "device",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("dropped_at", BigInteger),
    Column("reason", Text, nullable=False, server_default=""),
)

REGISTER = Table(
    "register",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("changes", BigInteger, nullable=False),
)
"""One row: how often anything changed of who may call, so that it is read again."""

CREDENTIAL = Table(
    "credential",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("role", String(20), nullable=False),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("person", ROW_ID, ForeignKey("person.id")),
    Column("issued_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("device", ROW_ID),  # SQLite adds no foreign key to a table that is there
    Column("purpose", String(20)),
    Column("incident", String(100)),
    Column("expires_at", BigInteger),
    Column("issuer", Text),
    UniqueConstraint("digest"),
)
