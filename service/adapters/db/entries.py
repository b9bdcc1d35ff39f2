"""Entries that are put in one at a time, in their table: added and withdrawn, never deleted."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, insert, select, update

from plate_match.feed.write import entry_of_line
from plate_match.hotlist import Entry
from service import ids
from service.adapters.db import audit
from service.adapters.db.caller_tables import ORGANISATION
from service.adapters.db.engine import reading, sound, writing
from service.adapters.db.tables import ENTRY
from service.chain import seal
from service.errors import NotThere
from service.ports import RecordingRefused
from service.queries import EntryQuery
from service.records import AuditEvent, EntryRecord

_LOG = logging.getLogger("service.entries")

_RECORDS = (
    select(ENTRY, ORGANISATION.c.name.label("firm"))
    .join(ORGANISATION, ORGANISATION.c.id == ENTRY.c.organisation)
    .where(ENTRY.c.document != b"")  # of one that was erased only its place is kept
)
_CHANGES = select(func.count() + func.count(ENTRY.c.withdrawn_at)).select_from(ENTRY)
_WITHDRAWN = ENTRY.c.withdrawn_at.is_not(None)


class SqlEntries:
    """`service.ports.Entries` over the table. Every call may block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def changes(self) -> int:
        """Return how many entries were put in and withdrawn so far."""
        with reading(self._engine) as connection:
            return _changes(connection)

    def in_force(self, at: int) -> tuple[int, Sequence[Entry]]:
        """Return the changes so far, and the entries that are not withdrawn and not over."""
        standing = select(ENTRY.c.document).where(~_WITHDRAWN, ENTRY.c.valid_until > at)
        with reading(self._engine) as connection:
            changes = _changes(connection)
            documents = connection.execute(standing.order_by(ENTRY.c.id)).scalars().all()
        return changes, _read(documents)

    def as_of(self, change: int) -> Sequence[Entry]:
        """Return the entries that stood after so many changes, those that were over included."""
        later = ENTRY.c.withdrawal.is_(None) | (ENTRY.c.withdrawal > change)
        standing = select(ENTRY.c.document).where(ENTRY.c.change <= change, later)
        with reading(self._engine) as connection:
            documents = connection.execute(standing.order_by(ENTRY.c.id)).scalars().all()
        return _read(documents)

    def put_in_since(self, change: int) -> Sequence[Entry]:
        """Return the entries put in after so many changes that are not withdrawn."""
        later = select(ENTRY.c.document).where(~_WITHDRAWN, ENTRY.c.change > change)
        with reading(self._engine) as connection:
            documents = connection.execute(later.order_by(ENTRY.c.id)).scalars().all()
        return _read(documents)

    def add(self, entry: EntryRecord, event: AuditEvent) -> EntryRecord:
        """Put an entry in, with its audit record; return it with its place among the changes."""
        with writing(self._engine) as connection:
            row = {column.name: getattr(entry, column.name) for column in ENTRY.columns}
            row["organisation"] = _organisation(connection, entry.organisation)
            row["credential"] = ids.from_text(entry.credential)
            row["change"] = _changes(connection) + 1
            connection.execute(insert(ENTRY).values(row))
            audit.append(connection, [seal(event)])
            return _one(connection, entry.id)

    def withdraw(self, id_: int, reason: str, event: AuditEvent) -> EntryRecord:
        """Withdraw an entry at the time of the event; one that is withdrawn stays as it is.

        Raises:
            NotThere: there is no such entry.
        """
        with writing(self._engine) as connection:
            found = _one(connection, id_)
            if found.withdrawn_at is None:
                values = {
                    "withdrawn_at": event.at,
                    "withdrawal": _changes(connection) + 1,
                    "reason": reason,
                }
                connection.execute(update(ENTRY).where(ENTRY.c.id == id_).values(values))
            audit.append(connection, [seal(event)])
            return _one(connection, id_)

    def entry(self, id_: int) -> EntryRecord | None:
        """Return an entry, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_RECORDS.where(ENTRY.c.id == id_)).one_or_none()
        return None if row is None else _record(row)

    def entries(self, query: EntryQuery) -> Sequence[EntryRecord]:
        """Return at most `query.limit` entries, newest first."""
        found = _RECORDS.where(*_conditions(query)).order_by(ENTRY.c.id.desc())
        with reading(self._engine) as connection, sound("an entry"):
            return [_record(row) for row in connection.execute(found.limit(query.limit))]


def _read(documents: Iterable[bytes]) -> Sequence[Entry]:
    """Return the entries of documents as they were written; of one that was erased nothing is.

    One that cannot be read is told of: the others are in force without it.
    """
    entries: list[Entry] = []
    for document in filter(None, documents):
        try:
            entries.append(entry_of_line(document, ""))
        except (AttributeError, LookupError, TypeError, ValueError):
            _LOG.error("an entry that was put in cannot be read, and is not in force")
    return entries


def _changes(connection: Connection) -> int:
    found: int = connection.execute(_CHANGES).scalar_one()
    return found


def _organisation(connection: Connection, name: str) -> int:
    known = select(ORGANISATION.c.id).where(ORGANISATION.c.name == name)
    found: int | None = connection.execute(known).scalar_one_or_none()
    if found is None:
        raise RecordingRefused("an entry names an organisation that is not known")
    return found


def _one(connection: Connection, id_: int) -> EntryRecord:
    row = connection.execute(_RECORDS.where(ENTRY.c.id == id_)).one_or_none()
    if row is None:
        raise NotThere
    return _record(row)


def _record(row: Row[Any]) -> EntryRecord:
    columns = row._asdict()
    firm = columns.pop("firm")
    credential = ids.to_text(columns["credential"])
    return EntryRecord(**{**columns, "organisation": firm, "credential": credential})


_FILTERS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "plate": lambda plate: ENTRY.c.plate == plate,
    "reference": lambda reference: ENTRY.c.reference == reference,
    "category": lambda category: ENTRY.c.category == category,
    "put_from": lambda at: ENTRY.c.put_in_at >= at,
    "put_to": lambda at: ENTRY.c.put_in_at < at,
    "organisation": lambda name: ORGANISATION.c.name == name,
    "before": lambda id_: ENTRY.c.id < id_,
}


def _conditions(query: EntryQuery) -> Iterator[ColumnElement[bool]]:
    for name, condition in _FILTERS.items():
        if (value := getattr(query, name)) is not None:
            yield condition(value)
    if query.in_force is not None:
        begun = ENTRY.c.valid_from.is_(None) | (ENTRY.c.valid_from <= query.now)
        standing = ~_WITHDRAWN & begun & (ENTRY.c.valid_until > query.now)
        yield standing if query.in_force else ~standing
