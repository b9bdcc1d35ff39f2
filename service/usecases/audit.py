"""Audit trail -> verdict: is every record still what was written, and none missing between."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from service import clock
from service.chain import GENESIS
from service.ports import AuditTrail
from service.records import Head
from service.usecases.check_records import Checked, Fault, Span, check


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


def spans_of(trail: AuditTrail, size: int) -> list[Span]:
    """Return spans of that many records, which can be checked side by side; the rest is in none.

    Each begins from the hash that is kept of the record before it, which is checked with the
    span before. Where a record is missing they end: what is not whole is walked in turn.

    Raises:
        StorageUnavailable: the database cannot be read now.
    """
    head, spans, begin = trail.head(), list[Span](), Span()
    last = head.seq if head is not None and isinstance(head.seq, int) else 0
    for upto in range(size, last + 1, size):
        row = trail.row(upto)
        if row is None:
            break
        spans.append(begin._replace(upto=upto))
        begin = Span(upto, row.hash)
    return spans


def verify(
    trail: AuditTrail,
    progress: Callable[[int], None] | None = None,
    *,
    heads: Iterable[Head] = (),
    checked: Sequence[tuple[Span, Checked]] = (),
    now: int | None = None,
) -> Verdict:
    """Walk the whole chain; `progress` is told how many records were done, now and then.

    `heads` are what a witness was told of it, `checked` what was found before in spans of it, from
    the first record on: these are not walked again, unless something does not fit.

    Records cut off at the end are seen by the sightings they leave behind. What cannot be seen
    from within: the end cut off where no sighting tells of it, and a chain rewritten as a whole.
    Both take a witness that was told an earlier head; then only what was recorded since it was
    told last can be rewritten unseen. A payload may be missing where a later record says that
    those of its age were erased, and the law's years have passed since; else it was taken away:
    whoever runs the service can put on record that anything was erased. `now` is this moment,
    if no other is given.

    Raises:
        StorageUnavailable: the database cannot be read now.
    """
    heads = tuple(heads)
    # sightings first: what is recorded between the two moments has its record in the later one
    with trail.sightings() as sightings:
        whole = _whole(trail, progress, heads=heads, checked=checked)
        fault = whole.fault or _cut_off(whole, heads, sightings)
    gone = whole.gone.fault(clock.now() if now is None else now)
    return Verdict(whole.records, whole.erased, fault or _stray(trail) or gone)


def _whole(
    trail: AuditTrail,
    progress: Callable[[int], None] | None,
    *,
    heads: Sequence[Head],
    checked: Sequence[tuple[Span, Checked]],
) -> Checked:
    """Put together what was found in spans, and check the rest; if anything is amiss, all of it."""
    whole = Checked(GENESIS)
    for span, found in checked:
        fits = found.fault is None and span.upto == whole.records + found.records
        if span.prev != whole.last or not fits:
            return check(trail, Span(), heads=heads)
        whole.add(found)
    rest = check(trail, Span(whole.records, whole.last), heads=heads, progress=progress)
    if rest.fault is not None and checked:
        return check(trail, Span(), heads=heads)
    whole.add(rest)
    return whole


def _cut_off(whole: Checked, heads: Sequence[Head], sightings: Iterator[int]) -> Fault | None:
    """Return what is missing at the end, by what a witness was told and by the sightings."""
    told = max((head.seq for head in heads), default=0)
    missing = _unrecorded(sightings, whole.subjects)
    if whole.records < told:
        reason = f"the witness was told of record {told:,}: the end was cut off"
    elif missing:
        reason = f"{missing:,} sightings have no audit record: records are missing at the end"
    else:
        return None
    return Fault(whole.records + 1, reason)


def _unrecorded(sightings: Iterator[int], subjects: Iterable[int]) -> int:
    """Count the sightings without a record, in one pass over both.

    Ids grow with time and records stand in the order of their commit, so both run nearly side
    by side and little is kept: sightings that were passed and whose record is still to come.
    """
    passed, upcoming = set[int](), next(sightings, None)
    for subject in subjects:
        while upcoming is not None and upcoming <= subject:
            passed.add(upcoming)
            upcoming = next(sightings, None)
        passed.discard(subject)
    return len(passed) + (0 if upcoming is None else 1 + sum(1 for _ in sightings))


def _stray(trail: AuditTrail) -> Fault | None:
    seq = trail.stray_payload()
    return None if seq is None else Fault(seq, "a payload is there without its record")
