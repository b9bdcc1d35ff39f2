"""Entries -> how many plates have an entry in force at a moment, without counting again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from plate_match.hotlist import Entry

_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Census:
    """Sorted beginnings and ends (seconds) of the times that plates are listed."""

    beginnings: NDArray[np.float64]
    ends: NDArray[np.float64]

    @classmethod
    def of(cls, plates: Iterable[Sequence[Entry]]) -> "Census":
        """Take the census of plates, each with its entries; one without entries is none."""
        times = [time for entries in plates for time in times_of(entries)]
        beginnings, ends = np.array(times, dtype=np.float64).reshape(-1, 2).T
        return cls(np.sort(beginnings), np.sort(ends))

    def at(self, moment: datetime) -> int:
        """Return how many plates are listed at this moment."""
        now = _seconds(moment)
        begun = np.searchsorted(self.beginnings, now, side="right")
        return int(begun - np.searchsorted(self.ends, now, side="right"))


def span_of(entries: Sequence[Entry]) -> tuple[float, float]:
    """Return from when until when some of these are in force, in seconds, pauses included."""
    return (
        min(_seconds(entry.valid_from or _ALWAYS[0]) for entry in entries),
        max(_seconds(entry.valid_until or _ALWAYS[1]) for entry in entries),
    )


def times_of(entries: Sequence[Entry]) -> Sequence[tuple[float, float]]:
    """Return from when until when any of these is in force, in seconds, one for each pause more."""
    return [(_seconds(begin), _seconds(end)) for begin, end in _spans(entries)]


def _seconds(moment: datetime) -> float:
    if moment in _ALWAYS:
        return -np.inf if moment == _ALWAYS[0] else np.inf
    return moment.timestamp()


def _spans(entries: Sequence[Entry]) -> Iterable[tuple[datetime, datetime]]:
    """Join the validities of one plate's entries into times that do not overlap."""
    validities = [
        (entry.valid_from or _ALWAYS[0], entry.valid_until or _ALWAYS[1]) for entry in entries
    ]
    if len(validities) == 1 or _ALWAYS in validities:
        return [_ALWAYS] if _ALWAYS in validities else validities
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(validities, key=itemgetter(0)):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined
