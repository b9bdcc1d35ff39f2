"""Audit trail -> verdict: is every record still what was written, and none missing between."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from service import clock, ids
from service.chain import GENESIS, digest_payload, hash_record
from service.ports import AuditTrail
from service.records import SIGHTING_REPORTED, AuditRow, Head

PROGRESS_EVERY = 10_000

ERASED, AUDIT_PAYLOADS = "erased", "audit-payloads"
"""The action of whatever was kept long enough, and the kind that personal parts are."""

_OF_ERASED = b'"action":' + orjson.dumps(ERASED)
_NEVER = 2**63 - 1
_OF_SIGHTING = b'"action":' + orjson.dumps(SIGHTING_REPORTED)


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


def verify(
    trail: AuditTrail,
    progress: Callable[[int], None] | None = None,
    *,
    heads: Iterable[Head] = (),
) -> Verdict:
    """Walk the whole chain; `progress` is told how many records were done, now and then.

    `heads` are what a witness was told of it.

    Records cut off at the end are seen by the sightings they leave behind. What cannot be seen
    from within: the end cut off where no sighting tells of it, and a chain rewritten as a whole.
    Both take a witness that was told an earlier head; then only what was recorded since it was
    told last can be rewritten unseen. A payload may be missing where a later record says that
    those of its age were erased; else it was taken away.

    Raises:
        StorageUnavailable: the database cannot be read now.
    """
    records = erased = 0
    prev = GENESIS
    told = _Told(heads)
    gone = _Gone()
    # sightings first: what is recorded between the two moments has its record in the later one
    with trail.sightings() as sightings, trail.rows() as rows:
        unrecorded = _Unrecorded(sightings)
        for row in rows:
            reason = (
                _fault(row, records + 1, prev) or told.fault(row) or unrecorded.strike(row.header)
            )
            if reason is not None:
                return Verdict(records, erased, Fault(_named(row.seq, records), reason))
            records += 1
            erased += row.payload is None
            gone.note(row)
            prev = row.hash
            if progress is not None and records % PROGRESS_EVERY == 0:
                progress(records)
        missing = unrecorded.count()
    if records < told.last:
        reason = f"the witness was told of record {told.last:,}: the end was cut off"
        return Verdict(records, erased, Fault(records + 1, reason))
    if missing:
        reason = f"{missing:,} sightings have no audit record: records are missing at the end"
        return Verdict(records, erased, Fault(records + 1, reason))
    return Verdict(records, erased, _stray(trail) or gone.fault())


class _Told:
    """What a witness was told."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self._hashes: dict[int, set[bytes]] = {}
        for head in heads:
            self._hashes.setdefault(head.seq, set()).add(head.hash)
        self.last = max(self._hashes, default=0)
        self._agreed = 0

    def fault(self, row: AuditRow) -> str | None:
        """Say what is wrong with a record that the witness was told another hash of."""
        told = self._hashes.get(row.seq)
        if told is None:
            return None
        if told != {row.hash}:
            return (
                "the witness was told another hash of it: some of the records after "
                f"{self._agreed:,} were written anew"
            )
        self._agreed = row.seq
        return None


class _Gone:
    """Personal parts that are missing, and what the audit says of those that were erased."""

    def __init__(self) -> None:
        self._before = 0
        self._seqs, self._times = array("q"), array("q")

    def note(self, row: AuditRow) -> None:
        """Note a record whose personal part is missing, or that says that some were erased."""
        if row.payload is None:
            self._seqs.append(row.seq)
            self._times.append(_time(row.header))
        elif _OF_ERASED in row.header:
            self._before = max(self._before, _erased_before(row.header))

    def fault(self) -> Fault | None:
        """Return the first record whose personal part nobody has erased."""
        missing = zip(self._seqs, self._times, strict=True)
        seq = next((seq for seq, at in missing if at >= self._before), None)
        return None if seq is None else Fault(seq, "its personal part was taken away")


def _time(header: bytes) -> int:
    """Return when a record was made; of one that does not say so, a time that nothing reaches."""
    try:
        at = orjson.loads(header)["at"]
    except (ValueError, LookupError, TypeError):
        return _NEVER
    return at if isinstance(at, int) and 0 <= at < _NEVER else _NEVER


def _erased_before(header: bytes) -> int:
    """Return before when the personal parts of records were erased; 0 if it says something else."""
    try:
        told = orjson.loads(header)
        return clock.to_micros(datetime.fromisoformat(told["before"])) if _is_erased(told) else 0
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return 0


def _is_erased(told: Mapping[str, object]) -> bool:
    return told.get("action") == ERASED and told.get("kind") == AUDIT_PAYLOADS


class _Unrecorded:
    """The sightings without a record, counted in one pass over both.

    Ids grow with time and records stand in the order of their commit, so both run nearly side
    by side and little is kept: sightings that were passed and whose record is still to come.
    """

    def __init__(self, sightings: Iterator[int]) -> None:
        self._sightings = sightings
        self._next = next(sightings, None)
        self._passed: set[int] = set()

    def strike(self, header: bytes) -> str | None:
        """Take the sighting of a record off; a record of something else is let pass.

        Returns what is wrong with a record that should name a sighting and does not.
        """
        if _OF_SIGHTING not in header:
            return None
        subject = _subject(header)
        if subject is None:
            return "its header is that of a sighting, but names none"
        while self._next is not None and self._next <= subject:
            self._passed.add(self._next)
            self._next = next(self._sightings, None)
        self._passed.discard(subject)
        return None

    def count(self) -> int:
        """Return how many are left, once all records were passed."""
        later = 0 if self._next is None else 1 + sum(1 for _ in self._sightings)
        return len(self._passed) + later


def _subject(header: bytes) -> int | None:
    try:
        subject = orjson.loads(header)["subject"]
    except (ValueError, LookupError, TypeError):
        return None
    return ids.from_text(subject) if isinstance(subject, str) else None


def _named(seq: object, records: int) -> int:
    """Return the place by which a record is named that does not fit after so many."""
    return seq if isinstance(seq, int) and 0 < seq <= records else records + 1


def _fault(row: AuditRow, seq: int, prev: bytes) -> str | None:
    if not _is_number(row.seq) or row.seq != seq:
        return _misplaced(row.seq, seq)
    if row.prev != prev:
        return "it does not follow from the record before: prev differs from that record's hash"
    try:
        return _changed(row)
    except TypeError:
        return "a field does not hold bytes: it was changed"


def _is_number(there: object) -> bool:
    """Whether a place is one, in a table that may hold anything."""
    return isinstance(there, int)


def _misplaced(there: object, seq: int) -> str:
    if not isinstance(there, int):
        return "its place is no number"
    if there < seq:
        return f"a record stands at {there}, where none or another belongs"
    return f"record {seq} is missing; the next one there is {there}"


def _changed(row: AuditRow) -> str | None:
    computed = hash_record(row.seq, row.prev, payload_digest=row.payload_digest, header=row.header)
    if computed != row.hash:
        return "its header, payload digest or hash was changed"
    if row.payload is None or row.salt is None:
        alone = row.payload is not row.salt
        return "its payload or salt was taken away alone" if alone else None
    if digest_payload(row.salt, row.payload) != row.payload_digest:
        return "its payload or salt was changed"
    return None


def _stray(trail: AuditTrail) -> Fault | None:
    seq = trail.stray_payload()
    return None if seq is None else Fault(seq, "a payload is there without its record")
