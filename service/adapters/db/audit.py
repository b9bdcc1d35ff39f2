"""The audit chain in its tables: appended to inside a transaction, streamed for verification."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Select, exists, func, select

from service.adapters.db.engine import reading, writing
from service.adapters.db.rows import RowInsert
from service.adapters.db.tables import AUDIT, AUDIT_PAYLOAD, SIGHTING
from service.chain import GENESIS, SealedEvent, hash_record, seal
from service.errors import DamagedRecord
from service.ports import StorageUnavailable
from service.records import AuditEvent, AuditRow, Head

_HEAD = select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
_RECORDS = select(AUDIT, AUDIT_PAYLOAD.c.salt, AUDIT_PAYLOAD.c.payload).outerjoin(
    AUDIT_PAYLOAD, AUDIT_PAYLOAD.c.seq == AUDIT.c.seq
)
_ROWS = _RECORDS.order_by(AUDIT.c.seq)
_STRAY = select(func.count(), func.min(AUDIT_PAYLOAD.c.seq)).where(
    ~exists().where(AUDIT.c.seq == AUDIT_PAYLOAD.c.seq)
)
_SIGHTINGS = select(SIGHTING.c.id).order_by(SIGHTING.c.id)
_INSERT_RECORD = RowInsert(AUDIT)
_INSERT_PAYLOAD = RowInsert(AUDIT_PAYLOAD)
_ROWS_AT_ONCE = 1_000
_LAST = 2**63 - 1
"""The last place there is."""


def append(connection: Connection, events: Sequence[SealedEvent]) -> None:
    """Link events to the chain, in this order, inside the caller's writing transaction.

    The head is read here and kept nowhere: other processes append too.
    """
    seq, prev = _head(connection) or (0, GENESIS)
    records, payloads = [], []
    for event in events:
        seq += 1
        hash_ = hash_record(seq, prev, payload_digest=event.payload_digest, header=event.header)
        records.append((seq, prev, event.header, event.payload_digest, hash_))
        payloads.append((seq, event.salt, event.payload))
        prev = hash_
    _INSERT_RECORD(connection, records)
    _INSERT_PAYLOAD(connection, payloads)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """Read as `reading` does, text that is none too: the record that holds it is to be named."""
    with reading(engine) as connection:
        driver: Any = connection.connection.driver_connection
        driver.text_factory = partial(str, encoding="utf-8", errors="replace")
        try:
            yield connection
        finally:
            driver.text_factory = str


class SqlAuditTrail:
    """`service.ports.AuditTrail` over the tables."""

    def __init__(self, engine: Engine, user: str | None = None) -> None:
        self._engine = engine
        self._user = user

    @contextmanager
    def rows(self, after: int = 0) -> Iterator[Iterator[AuditRow]]:
        """Stream records of one moment; writers are not held up meanwhile.

        After 0 are all, those among them whose place is no number, which none is after.
        """
        wanted = _ROWS.where(AUDIT.c.seq > after) if after else _ROWS
        with (
            _reading(self._engine) as connection,
            closing(_streamed(connection, wanted)) as streamed,
        ):
            yield map(AuditRow._make, streamed)

    @contextmanager
    def sightings(self) -> Iterator[Iterator[int]]:
        """Stream the ids of all sightings of one moment, rising."""
        with (
            _reading(self._engine) as connection,
            closing(_streamed(connection, _SIGHTINGS)) as streamed,
        ):
            yield (_number(id_) for (id_,) in streamed)

    def row(self, seq: int) -> AuditRow | None:
        """Return one record, None if there is none at this place."""
        with _reading(self._engine) as connection:
            found = connection.execute(_RECORDS.where(AUDIT.c.seq == seq)).one_or_none()
        return None if found is None else AuditRow._make(found)

    def stray_payload(self) -> int | None:
        """Return the seq of the first payload that belongs to no record, or None.

        One whose place is no number counts as that of record 0.
        """
        with _reading(self._engine) as connection:
            count, seq = connection.execute(_STRAY).one()
        if not count:
            return None
        return seq if isinstance(seq, int) else 0

    def add(self, event: AuditEvent) -> None:
        """Record one thing that was done, by whoever does it without a service."""
        with writing(self._engine) as connection:
            append(connection, [seal(event.by(self._user))])

    def head(self) -> Head | None:
        """Return the last record, None if there is none."""
        with _reading(self._engine) as connection:
            return _head(connection)


def _streamed(connection: Connection, wanted: Select[Any]) -> CursorResult[Any]:
    """Return rows that are fetched as they are read; closed they hold no moment of the database."""
    return connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(wanted)


def _number(id_: object) -> int:
    if isinstance(id_, int):
        return id_
    raise StorageUnavailable("the database is damaged: a sighting whose id is no number")


def _head(connection: Connection) -> Head | None:
    """Return the last record, None if there is none; nothing may be linked to a damaged one."""
    found = connection.execute(_HEAD).one_or_none()
    if found is None:
        return None
    head = Head._make(found)
    placed = type(head.seq) is int and 0 < head.seq < _LAST
    if not placed or type(head.hash) is not bytes or len(head.hash) != len(GENESIS):
        raise StorageUnavailable(f"the last of all records: {DamagedRecord(head.seq)}")
    return head
