"""A file of changes to a feed -> the steps it holds and the rows that are none."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plate_match.feed.fields import ACTION, FIELDS, Action, FieldFault, unknown_field
from plate_match.feed.parse import Format
from plate_match.feed.row import Row
from plate_match.feed.terms import OPEN, Terms
from plate_match.feed.validate import EXPIRED, FOREIGN, Reject, entry_of, is_over
from plate_match.hotlist import Entry
from plate_match.plate import Pattern, Plate


@dataclass(frozen=True, slots=True)
class Step:
    """What one row does to its feed.

    Attributes:
        row: the line it starts in.
        entry: what is added, or takes the place of what was there; None to withdraw.
        reference: whose entries are meant; empty: of any.
        plate: on which plate; None: on any.
    """

    row: int
    action: Action
    entry: Entry | None
    reference: str
    plate: Plate | Pattern | None


@dataclass(frozen=True, slots=True)
class Delta:
    """A file of changes that was read, its steps in order."""

    format: Format
    steps: tuple[Step, ...]
    rejects: tuple[Reject, ...]

    @property
    def rows(self) -> int:
        """How many rows the file has; blank lines, comments and a header are none."""
        return len(self.steps) + len(self.rejects)


def steps_of(
    rows: Iterable[Row], *, feed: str, now: datetime | None, terms: Terms = OPEN
) -> Iterator[Step | Reject]:
    """Yield a step, or a reject, for every row in order.

    An entry that has ended by `now` is not added; but one may be changed so that it has.
    """
    for row in rows:
        told = dict(row.fields)
        action = _action(told.pop(ACTION.name, None))
        if row.fault and not row.fields:
            yield Reject(row.number, row.fault)
        elif action is None:
            yield Reject(row.number, f"action: must be one of {', '.join(Action)}")
        elif action is Action.WITHDRAW:
            yield _withdrawal(row.number, told, feed)
        else:
            entry = entry_of(row._replace(fields=told), feed, terms)
            yield _put(row.number, action, entry, now=now)


def _action(told: object) -> Action | None:
    return Action(told) if isinstance(told, str) and told in list(Action) else None


def _put(
    number: int, action: Action, entry: Entry | Reject, *, now: datetime | None
) -> Step | Reject:
    if isinstance(entry, Reject):
        return entry
    if action is Action.ADD and is_over(entry, now):
        return Reject(number, EXPIRED)
    return Step(number, action, entry, entry.reference, entry.plate)


def _withdrawal(number: int, told: Mapping[str, object], feed: str) -> Step | Reject:
    """Return what takes entries out; what the row says beside whose they are is not asked."""
    faults = [unknown_field(name) for name in told if name not in FIELDS]
    values: dict[str, Any] = {}
    for name in _MEANT:
        try:
            values |= {name: FIELDS[name].read(told[name])} if told.get(name) is not None else {}
        except FieldFault as fault:
            faults.append(f"{name}: {fault}")
    if feed and values.get("feed", feed) != feed:
        faults.append(FOREIGN)
    reference, plate = values.get("reference", ""), values.get("plate")
    if not faults and not reference and plate is None:
        faults.append("reference: this or a plate is needed to withdraw")
    if faults:
        return Reject(number, "; ".join(faults))
    return Step(number, Action.WITHDRAW, None, reference, plate)


_MEANT = ("reference", "plate", "feed")
