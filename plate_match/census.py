"""When plates are listed -> how many are at a moment, without counting again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from plate_match.hotlist import Entry

Floats = NDArray[np.float64]

Time = tuple[float, float]
"""From when until when, in seconds since 1970; infinite where there is no bound."""

ALWAYS: Time = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True)
class Census:
    """Sorted beginnings and ends (seconds) of the times that plates are listed."""

    beginnings: Floats
    ends: Floats

    @classmethod
    def of(cls, times: Floats | Sequence[Time]) -> "Census":
        """Take the census of times, of which those of one plate do not overlap: (k, 2)."""
        beginnings, ends = np.array(times, dtype=np.float64).reshape(-1, 2).T
        return cls(np.sort(beginnings), np.sort(ends))

    def at(self, moment: datetime) -> int:
        """Return how many plates are listed at this moment."""
        now = moment.timestamp()
        begun = np.searchsorted(self.beginnings, now, side="right")
        return int(begun - np.searchsorted(self.ends, now, side="right"))

    def but(self, gone: Sequence[Time], come: Sequence[Time]) -> "Census":
        """Return the census without some of its times, and with others."""
        out, more = Census.of(gone), Census.of(come)
        return Census(
            _exchanged(self.beginnings, out.beginnings, more.beginnings),
            _exchanged(self.ends, out.ends, more.ends),
        )


def _exchanged(kept: Floats, gone: Floats, come: Floats) -> Floats:
    """Return sorted numbers without some of them and with others, sorted."""
    nth_alike = np.arange(len(gone)) - np.searchsorted(gone, gone)
    left = np.delete(kept, np.searchsorted(kept, gone) + nth_alike)
    return np.insert(left, np.searchsorted(left, come), come)


def validity(entry: Entry) -> Time:
    """Return from when until when an entry is in force."""
    begin, end = entry.valid_from, entry.valid_until
    return (
        -np.inf if begin is None else begin.timestamp(),
        np.inf if end is None else end.timestamp(),
    )


def times_of(entries: Iterable[Entry]) -> Sequence[Time]:
    """Return from when until when any of these is in force, one for each pause more."""
    return joined([validity(entry) for entry in entries])


def joined(validities: Sequence[Time]) -> Sequence[Time]:
    """Join times into ones that do not overlap and do not touch."""
    if len(validities) == 1 or ALWAYS in validities:
        return [ALWAYS] if ALWAYS in validities else validities
    found: list[Time] = []
    for begin, end in sorted(validities):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found
