"""Rows -> entries and rejects: every row becomes exactly one of the two."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plate_match.feed.fields import FIELDS, FieldFault, unknown_field
from plate_match.feed.row import Row
from plate_match.feed.terms import OPEN, Terms
from plate_match.hotlist import LOOKS, Entry, Wanted
from plate_match.plate import spelled


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was refused, by the line it starts in.

    `reason` names every fault as "field: what is wrong", joined by "; ", and never repeats
    a value of the row.
    """

    row: int
    reason: str


def validate(
    rows: Iterable[Row], *, feed: str, now: datetime | None, terms: Terms = OPEN
) -> Iterator[Entry | Reject]:
    """Yield an entry of this feed, or a reject, for every row in order.

    With `feed` empty a row may name any feed; without `now` no entry has expired.
    Several different entries may stand for one plate; the very same one twice may not.
    """
    seen: dict[int, int] = {}
    for row in rows:
        entry = entry_of(row, feed, terms)
        if isinstance(entry, Reject):
            yield entry
        elif is_over(entry, now):
            yield Reject(row.number, EXPIRED)
        elif (first := seen.setdefault(_mark(entry), row.number)) != row.number:
            yield Reject(row.number, f"duplicate: the same entry as in row {first}")
        else:
            yield entry


def _mark(entry: Entry) -> int:
    """Return what tells entries apart, without keeping them: a file may have millions.

    Of two entries on different plates both hashes would have to be the same.
    """
    return hash(entry) << 64 ^ hash(entry.plate)


EXPIRED = "expired: validUntil has passed"
FOREIGN = "feed: the entry belongs to another feed"


def is_over(entry: Entry, now: datetime | None) -> bool:
    """Whether an entry has ended by then; without a `now` none has."""
    return now is not None and entry.valid_until is not None and entry.valid_until <= now


def entry_of(row: Row, feed: str, terms: Terms = OPEN) -> Entry | Reject:
    """Return the entry of this feed that a row holds, or every reason why it holds none."""
    if row.fault and not row.fields:
        return Reject(row.number, row.fault)
    row = terms.filled(row)
    values, faults = _values(row)
    if row.fields.get("plate") is None and not _is_described(values):
        faults.insert(0, "plate: is missing")
    if row.fault:
        faults.insert(0, row.fault)
    faults += _contradictions(values, feed)
    faults += terms.faults(row, values)
    if row.bare and "plate" in values and not any(map(str.isdigit, spelled(values["plate"]))):
        faults.append("plate: holds no digit")
    if faults:
        return Reject(row.number, "; ".join(faults))
    return Entry(**{"plate": None, "feed": feed, **values})


def _values(row: Row) -> tuple[dict[str, Any], list[str]]:
    """Return the attributes a row gives, and what is wrong with those it cannot give."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    for name, value in row.fields.items():
        field = FIELDS.get(name)
        if field is None:
            faults.append(unknown_field(name))
        elif value is not None:
            try:
                values[field.attribute] = field.read(value)
            except FieldFault as fault:
                faults.append(f"{name}: {fault}")
    return values, faults


def _is_described(values: dict[str, Any]) -> bool:
    """Whether a vehicle is wanted that can be recognised without its plate."""
    return values.get("wanted") is not Wanted.PLATE and any(map(values.get, LOOKS))


def _contradictions(values: dict[str, Any], feed: str) -> Iterator[str]:
    if feed and values.get("feed", feed) != feed:
        yield FOREIGN
    start, end = values.get("valid_from"), values.get("valid_until")
    if start is not None and end is not None and end <= start:
        yield "validUntil: must be after validFrom"
