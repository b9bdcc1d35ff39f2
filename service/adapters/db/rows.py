"""Many rows into one table at the least cost: the statement is compiled once.

SQLAlchemy's own path turns every row into a dict and back; on the way of a sighting that is
most of the work (measured: twice the time a row).
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Dialect, Table, insert


class RowInsert:
    """Inserts tuples whose items stand in the order of `columns` (default: all of the table)."""

    def __init__(self, table: Table, columns: Sequence[str] = ()) -> None:
        self._insert = insert(table)
        self._columns = list(columns or table.columns.keys())
        self._text: dict[str, str] = {}

    def __call__(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Insert the rows in the caller's transaction; none is fine."""
        if rows:
            connection.exec_driver_sql(self._compiled(connection.dialect), list(rows))

    def _compiled(self, dialect: Dialect) -> str:
        if dialect.name not in self._text:
            compiled = self._insert.compile(dialect=dialect, column_keys=self._columns)
            self._text[dialect.name] = str(compiled)
        return self._text[dialect.name]
