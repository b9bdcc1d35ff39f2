"""What has been kept long enough is erased from the tables, a batch at a time.

Each batch is a transaction of its own with its audit record, short enough that a sighting which
waits for the writer's lock meanwhile waits a few milliseconds.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from service import ids
from service.adapters.db import audit
from service.adapters.db.engine import BUSY_MILLISECONDS, reading, storage_errors, writing
from service.adapters.db.tables import (
    ALERT,
    AUDIT,
    AUDIT_PAYLOAD,
    CLAIM,
    ENTRY,
    GUARD_STAND_DOWN,
    HIT,
    HIT_CATEGORY,
    HIT_CORRECTION,
    HIT_RESTRICTION,
    JUDGEMENT,
    MATCHED_BACK,
    SIGHTING,
    SPENDING,
    STAND_DOWN,
)
from service.chain import seal
from service.records import AuditEvent
from service.stand_down import FROZEN

MOST_PAGES = 50
"""Batches of records that are looked at for one that is due."""

NEVER = 2**63 - 1

BATCH = 200
"""Sightings, entries, claims or audit records that one transaction erases."""

_HAS_HIT = exists().where(HIT.c.sighting == SIGHTING.c.id)
NOTHING_SAID = {"plate": "", "reference": "", "document": b"", "reason": ""}
"""What is left in the row of an entry that was erased."""

_ANSWERED = or_(
    SIGHTING.c.list_version != FROZEN,
    SIGHTING.c.received_at < select(MATCHED_BACK.c.at).scalar_subquery(),
)
"""A sighting that came while the list was frozen waits for its answer until it is matched."""

_RESTRICTED = exists().where(HIT.c.sighting == SIGHTING.c.id, HIT_RESTRICTION.c.hit == HIT.c.id)
"""A sighting with a hit that is kept as proof."""

_OF_HIT = (
    ALERT,
    STAND_DOWN,
    GUARD_STAND_DOWN,
    JUDGEMENT,
    HIT_CATEGORY,
    HIT_CORRECTION,
    HIT_RESTRICTION,
)


class SqlErasure:
    """`service.ports.Erasure` over the tables. Every call may block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sightings_without_hit(self, before: int, event: AuditEvent) -> int:
        """Erase sightings that were received before a moment and have no hit."""
        with writing(self._engine) as connection:
            some = _some(connection, _sightings(before).where(~_HAS_HIT, _ANSWERED))
            connection.execute(delete(SIGHTING).where(SIGHTING.c.id.in_(some)))
            return recorded(connection, len(some), event)

    def sightings_with_hit(self, before: int, event: AuditEvent) -> int:
        """Erase sightings that were received before a moment, with their hits and all of those."""
        with writing(self._engine) as connection:
            some = _some(connection, _sightings(before).where(_HAS_HIT, ~_RESTRICTED))
            erase_hits(connection, HIT.c.sighting.in_(some))
            connection.execute(delete(SIGHTING).where(SIGHTING.c.id.in_(some)))
            return recorded(connection, len(some), event)

    def claims(self, before: int) -> int:
        """Erase what idempotency keys stood for that nobody can use any more."""
        key = (CLAIM.c.credential, CLAIM.c.key, CLAIM.c.place)
        some = select(*key).where(CLAIM.c.claimed_at < before).limit(BATCH)
        with writing(self._engine) as connection:
            return connection.execute(delete(CLAIM).where(tuple_(*key).in_(some))).rowcount

    def spending(self, before: int) -> int:
        """Erase what holders were told that has drained."""
        key = (SPENDING.c.holder, SPENDING.c.kind)
        some = select(*key).where(SPENDING.c.at < before).limit(BATCH)
        with writing(self._engine) as connection:
            return connection.execute(delete(SPENDING).where(tuple_(*key).in_(some))).rowcount

    def entries(self, before: int, event: AuditEvent) -> int:
        """Erase what is said by entries that were over before a moment.

        Their rows stay, since versions of the hotlist count them.
        """
        over = func.coalesce(ENTRY.c.withdrawn_at, ENTRY.c.valid_until) < before
        with writing(self._engine) as connection:
            old = select(ENTRY.c.id).where(over, ENTRY.c.document != b"").order_by(ENTRY.c.id)
            some = _some(connection, old.limit(BATCH))
            connection.execute(update(ENTRY).where(ENTRY.c.id.in_(some)).values(NOTHING_SAID))
            return recorded(connection, len(some), event)

    def audit_payloads(self, before: int, event: AuditEvent) -> int:
        """Erase the personal part of audit records of before a moment; the chain stays whole.

        The oldest come first. Each is judged by its own time: a clock that was wrong once
        neither spares those around it nor takes them along.
        """
        with reading(self._engine) as connection:
            some = _due(connection, before)
        with writing(self._engine) as connection:
            connection.execute(delete(AUDIT_PAYLOAD).where(AUDIT_PAYLOAD.c.seq.in_(some)))
            return recorded(connection, len(some), event)

    def settle(self) -> None:
        """Leave nothing of what was erased in the journal, unless somebody reads from it now."""
        with storage_errors(), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            # The first copies what it can and holds up nobody; little is left to the second.
            for how in ("PASSIVE", "TRUNCATE"):
                connection.exec_driver_sql(f"PRAGMA wal_checkpoint({how})")
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")


def erase_hits(connection: Connection, which: ColumnElement[bool]) -> None:
    """Erase hits and all that hangs on them, in the caller's transaction."""
    hits = select(HIT.c.id).where(which)
    for table in _OF_HIT:
        connection.execute(delete(table).where(table.c.hit.in_(hits)))
    connection.execute(delete(HIT).where(which))


def _sightings(before: int) -> Select[Any]:
    # Ids grow with the time of receipt, so the oldest are found without a look at the others.
    old = select(SIGHTING.c.id).where(SIGHTING.c.id < ids.least_id(before))
    return old.order_by(SIGHTING.c.id).limit(BATCH)


def _some(connection: Connection, wanted: Select[Any]) -> Sequence[int]:
    return connection.execute(wanted).scalars().all()


def recorded(connection: Connection, count: int, event: AuditEvent) -> int:
    """Put on record how many were erased, in the caller's transaction; of none nothing."""
    if count:
        header = {**event.header, "erased": count}
        said = AuditEvent(event.at, event.action, header, event.payload)
        audit.append(connection, [seal(said)])
    return count


def _due(connection: Connection, before: int) -> Sequence[int]:
    """Return the first records of before a moment that have a personal part.

    Those of a wrong clock may stand before them, and are passed over; not without end.
    """
    after = 0
    for _ in range(MOST_PAGES):
        page = (
            select(AUDIT.c.seq, AUDIT.c.header)
            .join(AUDIT_PAYLOAD, AUDIT_PAYLOAD.c.seq == AUDIT.c.seq)
            .where(AUDIT.c.seq > after)
            .order_by(AUDIT.c.seq)
            .limit(BATCH)
        )
        rows = connection.execute(page).all()
        some = [row.seq for row in rows if _made_at(row.header) < before]
        if some or not rows:
            return some
        after = rows[-1].seq
    return []


def _made_at(header: bytes) -> int:
    """Return when a record was made; one that was tampered with is never due, `verify` names it."""
    try:
        at = orjson.loads(header)["at"]
    except (ValueError, LookupError, TypeError):
        return NEVER
    return at if isinstance(at, int) else NEVER
