"""Facts: what is kept of each wanted plate beside its symbols, by place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from plate_match.census import ALWAYS, Census, Time, times_of
from plate_match.country import possible_countries
from plate_match.description import profile_of
from plate_match.hotlist import Entry
from plate_match.traits import Profile

Floats = NDArray[np.float64]
Numbers = NDArray[np.uint32]
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the entries of n plates say. Immutable; its arrays may be memory maps.

    Attributes:
        kind: (n,) which of `kinds` each plate is.
        kinds: what the entries of a plate say of its vehicle; many plates are of one kind.
        country: (n,) which of `countries` each plate can be of.
        countries: the likeliest first; nothing where it is not known.
        spans: (n, 2) seconds from when until when each is listed, pauses included; None if all
            always are.
        pauses: the times of those that are listed, not listed, and listed again, by place.
        census: how many are listed at a moment.
        tests: places of those that have an entry which is there for a test, ascending.
    """

    kind: Numbers
    kinds: tuple[tuple[Profile, ...], ...]
    country: Numbers
    countries: tuple[tuple[str, ...], ...]
    spans: Floats | None
    pauses: Mapping[int, Sequence[Time]]
    census: Census
    tests: NDArray[np.int64]

    def times(self, place: int) -> Sequence[Time]:
        """Return from when until when the plate at a place is listed, one for each pause more."""
        if place in self.pauses:
            return self.pauses[place]
        return [ALWAYS if self.spans is None else tuple(self.spans[place].tolist())]

    def but(self, fresh: Mapping[int, Sequence[Entry]]) -> "Facts":
        """Return the facts where the plates at some places have these entries.

        Places behind the end are of plates that are added; all of them are given.
        """
        more = sum(place >= len(self.kind) for place in fresh)
        times = {place: times_of(entries) for place, entries in fresh.items()}
        gone = [time for place in fresh if place < len(self.kind) for time in self.times(place)]
        come = [time for several in times.values() for time in several]
        kind, kinds = _renumbered(
            self.kind, self.kinds, {at: tuple(map(profile_of, one)) for at, one in fresh.items()}
        )
        country, countries = _renumbered(
            self.country, self.countries, {at: possible_countries(one) for at, one in fresh.items()}
        )
        kept = {place: one for place, one in self.pauses.items() if place not in fresh}
        tests = [place for place in self.tests.tolist() if place not in fresh]
        tests += [place for place, one in fresh.items() if any(entry.test for entry in one)]
        return Facts(
            kind=kind,
            kinds=kinds,
            country=country,
            countries=countries,
            spans=self._spans(times, more),
            pauses={**kept, **{place: one for place, one in times.items() if len(one) > 1}},
            census=self.census.but(gone, come),
            tests=np.array(sorted(tests), dtype=np.int64),
        )

    def _spans(self, times: Mapping[int, Sequence[Time]], more: int) -> Floats | None:
        if self.spans is None and all(one == [ALWAYS] for one in times.values()):
            return None
        spans = np.tile(ALWAYS, (len(self.kind) + more, 1))
        if self.spans is not None:
            spans[: len(self.spans)] = self.spans
        for place, one in times.items():
            spans[place] = one[0][0], one[-1][1]
        return spans


def _renumbered(
    which: Numbers, names: tuple[Said, ...], fresh: Mapping[int, Said]
) -> tuple[Numbers, tuple[Said, ...]]:
    """Return what is said at each place, by number, where something else is said at some."""
    numbers: dict[Any, int] = {name: number for number, name in enumerate(names)}
    longer = max(len(which), *(place + 1 for place in fresh))
    found = np.zeros(longer, dtype=np.uint32)
    found[: len(which)] = which
    for place, said in fresh.items():
        found[place] = numbers.setdefault(said, len(numbers))
    return found, tuple(numbers)
