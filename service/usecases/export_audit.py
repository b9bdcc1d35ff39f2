"""Audit trail -> what a privacy audit asks for, by person, plate and period; itself on record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service import clock
from service.chain import UNSOUND, opened
from service.errors import DamagedRecord
from service.ports import AuditTrail
from service.records import AuditEvent, AuditRow, Caller
from service.usecases.named_plates import names
from service.usecases.open_audit import opened_by, opener_told

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for; None does not filter.

    Attributes:
        person: whose doings, and what was done about them: proposed, approved, dropped, searched
            for.
        plate: what concerned it, typed, shown or listed; its symbols alone, in capitals.
        since: of this moment or later, in microseconds since 1970.
        until: of before this one.
    """

    person: str | None = None
    plate: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """For whom and why the audit is opened, when, and by whose key; without one by a period only.

    What is personal is shown to an auditor alone.
    """

    by: str
    reason: str
    now: int
    auditor: Caller | None = None

    def told(self, **more: object) -> dict[str, object]:
        """Return what the personal part of the record of it says."""
        return {**opener_told(self.auditor), "by": self.by, "reason": self.reason, **more}


def export(trail: AuditTrail, asked: Asked, opening: Opening) -> Iterator[Document]:
    """Yield the records that are asked for, oldest first, as JSON has them.

    Where the personal part was erased, or is not opened, a record can be found by its time alone:
    of those that are asked for by person or plate it is none.

    Raises:
        StorageUnavailable: the export cannot be put on record, or the database not be read.
    """
    filters = {"person": asked.person, "plate": asked.plate}
    period = {"since": _text(asked.since), "until": _text(asked.until)}
    header = {**opened_by(opening.auditor), **period}
    told = opening.told(filters=filters)
    trail.add(AuditEvent(opening.now, "audit-exported", header, told))
    return found(trail, asked, personal=opening.auditor is not None)


def found(trail: AuditTrail, asked: Asked, *, personal: bool) -> Iterator[Document]:
    """Yield the records that are asked for, as JSON has them; that they are is not recorded."""
    with trail.rows() as rows:
        for row in rows:
            header, kept = opened(row)
            payload = kept if personal else None
            if _within(header["at"], asked):
                try:
                    concerns = _concerns(payload, asked)
                except UNSOUND:
                    raise DamagedRecord(row.seq) from None
                if concerns:
                    yield _document(row, header, payload)


def _within(at: int, asked: Asked) -> bool:
    begun = asked.since is None or at >= asked.since
    return begun and (asked.until is None or at < asked.until)


def _concerns(payload: Document | None, asked: Asked) -> bool:
    if asked.person is None and asked.plate is None:
        return True
    if payload is None:
        return False
    sought = payload.get("filters", {})
    about = {payload.get(name) for name in ("person", "secondPerson", "name", "by")}
    about |= {sought.get("person"), sought.get("name")}
    of_person = asked.person is None or asked.person in about
    return of_person and (asked.plate is None or names(payload, asked.plate))


def _document(row: AuditRow, header: Mapping[str, Any], payload: Document | None) -> Document:
    told = {**header, "at": clock.to_text(header["at"])}
    return {"seq": row.seq, **told, "personal": payload, "hash": row.hash.hex()}


def _text(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)
