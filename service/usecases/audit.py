"""Audit trail -> verdict: is every record still what was written, and none missing between."""

from collections.abc import Callable
from dataclasses import dataclass

from service.chain import GENESIS, digest_payload, hash_record
from service.ports import AuditTrail
from service.records import AuditRow

PROGRESS_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """The first record that does not fit, and what is wrong with it."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found.

    Attributes:
        records: records that fit, counted from the first.
        erased: how many of them have had their payload erased, which breaks no proof.
        fault: the first that does not fit, None if the chain is whole.
    """

    records: int
    erased: int
    fault: Fault | None


def verify(trail: AuditTrail, progress: Callable[[int], None] | None = None) -> Verdict:
    """Walk the whole chain; `progress` is told how many records were done, now and then.

    What cannot be seen from within: records cut off at the end, and a chain rewritten as a whole.
    Both take a witness that was told an earlier hash. An erased payload and a payload that was
    merely taken away look the same; the record itself stays either way.

    Raises:
        StorageUnavailable: the database cannot be read now.
    """
    records = erased = 0
    prev = GENESIS
    with trail.rows() as rows:
        for row in rows:
            reason = _fault(row, records + 1, prev)
            if reason is not None:
                return Verdict(records, erased, Fault(min(row.seq, records + 1), reason))
            records += 1
            erased += row.payload is None
            prev = row.hash
            if progress is not None and records % PROGRESS_EVERY == 0:
                progress(records)
    return Verdict(records, erased, _stray(trail))


def _fault(row: AuditRow, seq: int, prev: bytes) -> str | None:
    if row.seq != seq:
        return f"record {seq} is missing; the next one there is {row.seq}"
    if row.prev != prev:
        return "it does not follow from the record before: prev differs from that record's hash"
    try:
        return _changed(row)
    except TypeError:
        return "a field does not hold bytes: it was changed"


def _changed(row: AuditRow) -> str | None:
    computed = hash_record(row.seq, row.prev, payload_digest=row.payload_digest, header=row.header)
    if computed != row.hash:
        return "its header, payload digest or hash was changed"
    if row.payload is None or row.salt is None:
        return None
    if digest_payload(row.salt, row.payload) != row.payload_digest:
        return "its payload or salt was changed"
    return None


def _stray(trail: AuditTrail) -> Fault | None:
    seq = trail.stray_payload()
    return None if seq is None else Fault(seq, "a payload is there without its record")
