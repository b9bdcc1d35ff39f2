"""Audit trail -> what a privacy audit asks for, by person, plate and period; itself on record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from plate_match.errors import UnreadablePlate
from plate_match.normalize import normalize
from plate_match.plate import spelled
from service import clock
from service.ports import AuditTrail
from service.records import AuditEvent, AuditRow

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for; None does not filter.

    Attributes:
        person: whose doings.
        plate: what concerned it, typed, shown or listed; its symbols alone, in capitals.
        since: of this moment or later, in microseconds since 1970.
        until: of before this one.
    """

    person: str | None = None
    plate: str | None = None
    since: int | None = None
    until: int | None = None


def export(
    trail: AuditTrail, asked: Asked, *, by: str, reason: str, now: int
) -> Iterator[Document]:
    """Yield the records that are asked for, oldest first, as JSON has them.

    Where the personal part was erased, a record can be found by its time alone: of those that
    are asked for by person or plate it is none.

    Raises:
        StorageUnavailable: the export cannot be put on record, or the database not be read.
    """
    filters = {"person": asked.person, "plate": asked.plate, "by": by, "reason": reason}
    period = {"since": _text(asked.since), "until": _text(asked.until)}
    trail.add(AuditEvent(now, "audit-exported", period, filters))
    return _found(trail, asked)


def _found(trail: AuditTrail, asked: Asked) -> Iterator[Document]:
    with trail.rows() as rows:
        for row in rows:
            header = orjson.loads(row.header)
            if _within(header["at"], asked):
                payload = None if row.payload is None else orjson.loads(row.payload)
                if _concerns(payload, asked):
                    yield _document(row, header, payload)


def _within(at: int, asked: Asked) -> bool:
    begun = asked.since is None or at >= asked.since
    return begun and (asked.until is None or at < asked.until)


def _concerns(payload: Document | None, asked: Asked) -> bool:
    if asked.person is None and asked.plate is None:
        return True
    if payload is None:
        return False
    of_person = asked.person is None or payload.get("person") == asked.person
    return of_person and (asked.plate is None or asked.plate in _plates(payload))


def _plates(told: object) -> Iterator[str]:
    """Yield every text of a payload as a plate is spelled, where it can be read as one."""
    if isinstance(told, Mapping):
        for one in told.values():
            yield from _plates(one)
    elif isinstance(told, list):
        for one in told:
            yield from _plates(one)
    elif isinstance(told, str):
        try:
            yield spelled(normalize(told))
        except UnreadablePlate:
            return


def _document(row: AuditRow, header: Mapping[str, Any], payload: Document | None) -> Document:
    told = {**header, "at": clock.to_text(header["at"])}
    return {"seq": row.seq, **told, "personal": payload, "hash": row.hash.hex()}


def _text(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)
