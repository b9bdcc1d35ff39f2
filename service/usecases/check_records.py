"""Records of a span of the audit -> the first that does not fit, and what they tell of others."""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import orjson

from service import clock, ids
from service.chain import GENESIS, SALT_BYTES, digest_payload, hash_record
from service.ports import AuditTrail
from service.records import SIGHTING_REPORTED, AuditRow, Head

PROGRESS_EVERY = 10_000

ERASED, AUDIT_PAYLOADS = "erased", "audit-payloads"
"""The action of whatever was kept long enough, and the kind that personal parts are."""

LAWFUL = 5 * 365 * clock.DAY
"""Microseconds that the law keeps every personal part, whatever the audit says was erased."""

_OF_ERASED = b'"action":' + orjson.dumps(ERASED)
_NEVER = 2**63 - 1
_OF_SIGHTING = b'"action":' + orjson.dumps(SIGHTING_REPORTED)


class Span(NamedTuple):
    """Records that follow one another: from the one after `after`, whose hash is `prev`.

    `upto` is the place of the last, None for whatever is there.
    """

    after: int = 0
    prev: bytes = GENESIS
    upto: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """The first record that does not fit, and what is wrong with it."""

    seq: int
    reason: str


@dataclass(slots=True)
class Gone:
    """Personal parts that are missing, and what the audit says of those that were erased.

    Attributes:
        before: those of records that are older were erased; microseconds since 1970.
        seqs: where they are missing.
        times: when these records were made.
    """

    before: int = 0
    seqs: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[int]" = field(default_factory=lambda: array("q"))

    def note(self, row: AuditRow) -> None:
        """Note a record whose personal part is missing, or that says that some were erased."""
        if row.payload is None:
            self.seqs.append(row.seq)
            self.times.append(_time(row.header))
        elif _OF_ERASED in row.header:
            self.before = max(self.before, _erased_before(row.header))

    def add(self, later: "Gone") -> None:
        """Add what later records tell."""
        self.before = max(self.before, later.before)
        self.seqs.extend(later.seqs)
        self.times.extend(later.times)

    def fault(self, now: int) -> Fault | None:
        """Return the first record whose personal part nobody has erased, or might have by now."""
        missing, before = zip(self.seqs, self.times, strict=True), min(self.before, now - LAWFUL)
        seq = next((seq for seq, at in missing if at >= before), None)
        return None if seq is None else Fault(seq, "its personal part was taken away")


@dataclass(slots=True)
class Checked:
    """What the records of a span are, and tell.

    Attributes:
        records: those that fit, up to the first that does not.
        erased: how many of them have had their payload erased.
        last: the hash of the last of them.
        subjects: ids of the sightings they tell of, in their order.
        gone: personal parts that are missing.
        fault: the first that does not fit, None if all do.
    """

    last: bytes
    records: int = 0
    erased: int = 0
    subjects: "array[int]" = field(default_factory=lambda: array("q"))
    gone: Gone = field(default_factory=Gone)
    fault: Fault | None = None

    def add(self, later: "Checked") -> None:
        """Add what was found in the records that follow."""
        self.last, self.fault = later.last, later.fault
        self.records += later.records
        self.erased += later.erased
        self.subjects.extend(later.subjects)
        self.gone.add(later.gone)


def check(
    trail: AuditTrail,
    span: Span,
    *,
    heads: Iterable[Head] = (),
    progress: Callable[[int], None] | None = None,
) -> Checked:
    """Check the records of a span, beside what a witness was told of them (`heads`).

    `progress` is told how many were done, now and then.

    Raises:
        StorageUnavailable: the database cannot be read now.
    """
    checked, told = Checked(span.prev), _Told(heads)
    with trail.rows(span.after) as rows:
        for row in rows:
            if _is_past(row.seq, span.upto):
                break
            seq = span.after + checked.records + 1
            reason = _fault(row, seq, checked.last) or told.fault(row)
            reason = reason or _note(checked, row)
            if reason is not None:
                checked.fault = Fault(_named(row.seq, seq - 1), reason)
                break
            checked.records += 1
            checked.last = row.hash
            if progress is not None and checked.records % PROGRESS_EVERY == 0:
                progress(checked.records)
    return checked


def _is_past(seq: object, upto: int | None) -> bool:
    return upto is not None and isinstance(seq, int) and seq > upto


def _note(checked: Checked, row: AuditRow) -> str | None:
    """Note what a record tells of others, or return what is wrong with what it tells."""
    if _OF_SIGHTING in row.header:
        subject = _subject(row.header)
        if subject is None:
            return "its header is that of a sighting, but names none"
        checked.subjects.append(subject)
    checked.erased += row.payload is None
    checked.gone.note(row)
    return None


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
    # The digest is over both in a row: where one ends and the other begins it does not tell.
    parted = len(row.salt) == SALT_BYTES
    if not parted or digest_payload(row.salt, row.payload) != row.payload_digest:
        return "its payload or salt was changed"
    return None
