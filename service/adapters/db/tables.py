"""The tables, as SQLAlchemy Core sees them; migrations make exactly these.

Ids grow with time and are the rowid on SQLite, times are integer microseconds, documents are
JSON as bytes: few b-trees, each written at its end. Types are portable; what is special to
SQLite is an option another database ignores.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from service.adapters.db import caller_tables
from service.adapters.db.caller_tables import ROW_ID

METADATA = caller_tables.METADATA
"""All tables, those of callers included."""

SIGHTING = Table(
    "sighting",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("credential", ROW_ID, ForeignKey("credential.id"), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("source", String(20), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("list_version", String(100), nullable=False),
    Column("model_version", String(100), nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("request", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("categories", String(300)),
    Column("purposes", String(100)),
)

HIT = Table(
    "hit",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("sighting", ROW_ID, ForeignKey("sighting.id"), nullable=False),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("plate", String(10), nullable=False),
    Column("categories", Text, nullable=False, comment="space between, the leading one first"),
    Column("disposition", String(20), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("list_version", String(100), nullable=False),
    Column("model_version", String(100), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Index(None, "sighting"),
    Index(None, "plate"),
)

HIT_CATEGORY = Table(
    "hit_category",
    METADATA,
    Column("category", String(40), primary_key=True),
    Column("hit", ROW_ID, ForeignKey("hit.id"), primary_key=True),
    Index(None, "hit"),
    sqlite_with_rowid=False,
)
"""`hit.categories` the other way round, so that a rare category is found without a scan."""

ALERT = Table(
    "alert",
    METADATA,
    Column("number", ROW_ID, primary_key=True),
    Column("hit", ROW_ID, ForeignKey("hit.id"), nullable=False),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "hit"),
    sqlite_autoincrement=True,  # a number is never used twice, even when the last was purged
)

STAND_DOWN = Table(
    "stand_down",
    METADATA,
    Column("number", ROW_ID, primary_key=True),
    Column("hit", ROW_ID, ForeignKey("hit.id"), nullable=False),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", String(20), nullable=False),
    UniqueConstraint("hit"),
    sqlite_autoincrement=True,  # followed by number, as alerts are
)

GUARD_STAND_DOWN = Table(
    "guard_stand_down",
    METADATA,
    Column("hit", ROW_ID, ForeignKey("hit.id"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", String(20), nullable=False),
)
"""Hits that are open for the control room, but of which all that a guard was told has ended."""

HIT_CORRECTION = Table(
    "hit_correction",
    METADATA,
    Column("hit", ROW_ID, ForeignKey("hit.id"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("statement", Text, nullable=False),
)
"""What is stated beside a hit, since it or what it says of somebody is contested."""

HIT_RESTRICTION = Table(
    "hit_restriction",
    METADATA,
    Column("hit", ROW_ID, ForeignKey("hit.id"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)
"""Hits that are kept as proof, and shown to an auditor alone."""

MATCHED_BACK = Table(
    "matched_back",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("version", String(100), nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""One row: the list that sightings of before were matched with last, and when."""

JUDGEMENT = Table(
    "judgement",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("hit", ROW_ID, ForeignKey("hit.id"), nullable=False),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("credential", ROW_ID, ForeignKey("credential.id"), nullable=False),
    Column("judged_at", BigInteger, nullable=False),
    Column("identity", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("entry_fault", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Index(None, "hit"),
)

CLAIM = Table(
    "claim",
    METADATA,
    Column("credential", ROW_ID, ForeignKey("credential.id"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("place", SmallInteger, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("sighting", ROW_ID, nullable=False),  # no foreign key: a claim outlives a purge
    Column("claimed_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

SPENDING = Table(
    "spending",
    METADATA,
    Column("holder", String(64), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("bits", Float, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("times", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How full accounts were at a moment, and how often that was written down; one that is "slowed"
holds seconds."""

FEED_FILE = Table(
    "feed_file",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("feed", String(200), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("format", String(40), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("rejects", LargeBinary, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("withdrawn", BigInteger, nullable=False),
    Column("version", String(100)),
    Column("refused", Text),
    Column("kind", String(10), nullable=False, server_default="full"),
    Column("sequence", BigInteger),
    Column("produced_at", BigInteger),
    Column("overridden", Text),
    Index(None, "feed"),
)

ENTRY = Table(
    "entry",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("organisation", ROW_ID, ForeignKey("organisation.id"), nullable=False),
    Column("credential", ROW_ID, ForeignKey("credential.id"), nullable=False),
    Column("put_in_at", BigInteger, nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("plate", String(10), nullable=False),
    Column("reference", String(100), nullable=False),
    Column("category", String(40), nullable=False),
    Column("valid_from", BigInteger),
    Column("valid_until", BigInteger, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("withdrawn_at", BigInteger),
    Column("withdrawal", BigInteger),
    Column("reason", Text, nullable=False),
    Index(None, "plate"),
    Index(None, "valid_until"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", ROW_ID, primary_key=True, autoincrement=False),
    Column("prev", LargeBinary(32), nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("payload_digest", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

AUDIT_PAYLOAD = Table(
    "audit_payload",
    METADATA,
    Column("seq", ROW_ID, ForeignKey("audit.seq"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary(16), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
"""What is personal, beside the chain: a row can be erased and the chain still proves."""
