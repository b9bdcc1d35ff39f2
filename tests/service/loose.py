"""The audit in tables that hold anything, as somebody can make them who may write to the file."""

COLUMNS = {
    "audit": ("seq", "prev", "header", "payload_digest", "hash"),
    "audit_payload": ("seq", "salt", "payload"),
}
LOOSE = "; ".join(
    f"ALTER TABLE {table} RENAME TO old_{table}; "  # noqa: S608 - the names stand above
    f"CREATE TABLE {table} ({', '.join(columns)}); "
    f"INSERT INTO {table} SELECT {', '.join(columns)} FROM old_{table}; "
    f"DROP TABLE old_{table}"
    for table, columns in COLUMNS.items()
)
"""The same rows in tables without a type, a key or any other constraint."""
