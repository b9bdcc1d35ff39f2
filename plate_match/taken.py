"""Taken: the numbers that are kept of entries -> Gathered: the plates of any of them to search.

Of an entry some numbers are kept, about fifty bytes, and not the entry: from a million of them
the list of those that somebody may know of is made in little time, and of little memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from plate_match.audience import Circle, Told
from plate_match.census import ALWAYS, Census, Time, joined
from plate_match.facts import Facts, Floats, Numbers
from plate_match.index import Index
from plate_match.keys import Keys
from plate_match.known import Part, partials_of
from plate_match.layers import Layers
from plate_match.traits import Profile

Places = NDArray[np.int64]
_Said = TypeVar("_Said")


@dataclass(frozen=True)
class Gathered:
    """Wanted plates, what is kept of them, and where their entries are.

    Attributes:
        index: of the plates.
        facts: of each, by place.
        where: (m,) where each entry is, as it was told; those of one plate in the order taken.
        begins: (n + 1,) where in that those of each plate begin, and the end.
    """

    index: Index | Layers
    facts: Facts
    where: Places
    begins: Places


@dataclass(frozen=True, slots=True)
class Taken:
    """What is kept of each of n entries, in the order taken. Its arrays may be memory maps.

    Attributes:
        keys: (n,) of their plates, 0 where that is not a whole one.
        where: (n,) where each is, as it was told.
        profile: (n,) which of `profiles` it describes.
        profiles: what entries say of their vehicles.
        country: (n,) which of `countries` its plate can be of, by its spelling.
        named: (n,) which of `countries` it names, 0 if none.
        countries: of a plate, the likeliest first; the first of all is none.
        span: (n, 2) seconds from when until when it is in force.
        test: (n,) whether it is there for a test.
        circle: (n,) which of `circles` may know of it.
        circles: each once.
        known: (n,) which of `partials` it knows its vehicle by, -1 by a whole plate.
        partials: each once.
    """

    keys: Keys
    where: Places
    profile: Numbers
    profiles: tuple[Profile, ...]
    country: Numbers
    named: Numbers
    countries: tuple[tuple[str, ...], ...]
    span: Floats
    test: NDArray[np.bool_]
    circle: Numbers
    circles: tuple[Circle, ...]
    known: NDArray[np.int32]
    partials: tuple[Part, ...]

    def gathered(self, told: Told) -> Gathered:
        """Return what was taken of the entries of these circles, as if there were no others."""
        ours = np.frombuffer(told, dtype=np.bool_)[self.circle]
        mine = np.flatnonzero(ours)
        keys, known = self.keys[mine], self.known[mine]
        whole = known < 0
        plates = Index.of_keys(keys[whole])
        those = {self.partials[one]: one for one in np.unique(known[~whole]).tolist()}
        partials, others = partials_of(those)
        nth = np.zeros(len(self.partials), dtype=np.int64)
        nth[[those[one] for one in others]] = len(plates) + np.arange(len(others))
        place = np.empty(len(mine), dtype=np.int64)
        place[whole] = plates.store.places_held(keys[whole])
        place[~whole] = nth[known[~whole]]
        index = Layers((plates, partials)) if others else plates
        order = mine[np.argsort(place, kind="stable")]
        counts = np.bincount(place, minlength=len(index))
        begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return Gathered(index, self._facts(order, begins), self.where[order], begins)

    def _facts(self, order: Places, begins: Places) -> Facts:
        several = np.flatnonzero(np.diff(begins) > 1).tolist()
        kind, kinds = self._kinds(order, begins, several)
        country, countries = self._possible(order, begins, several)
        spans, pauses = self._times(order, begins, several)
        steady = np.delete(spans, list(pauses), axis=0)
        times = np.concatenate([steady, *(np.array(one) for one in pauses.values())])
        tests = np.flatnonzero(self.test[order])
        return Facts(
            kind=kind,
            kinds=kinds,
            country=country,
            countries=countries,
            spans=spans if pauses or np.isfinite(spans).any() else None,
            pauses=pauses,
            census=Census.of(times),
            tests=np.unique(np.searchsorted(begins, tests, side="right") - 1),
        )

    def _kinds(
        self, order: Places, begins: Places, several: Sequence[int]
    ) -> tuple[Numbers, tuple[tuple[Profile, ...], ...]]:
        """Return which kind each plate is: what its entries say of its vehicle, one by one."""
        profile = self.profile[order]
        kinds = {(number,): number for number in range(len(self.profiles))}
        kind = profile[begins[:-1]]
        for place in several:
            said = tuple(profile[begins[place] : begins[place + 1]].tolist())
            kind[place] = kinds.setdefault(said, len(kinds))
        number, used = _by_first(kind, tuple(kinds))
        return number, tuple(tuple(self.profiles[one] for one in said) for said in used)

    def _possible(
        self, order: Places, begins: Places, several: Sequence[int]
    ) -> tuple[Numbers, tuple[tuple[str, ...], ...]]:
        """Return the countries that each plate can be of: as entries name them, or as spelled."""
        spelled, named = self.country[order], self.named[order]
        numbers = {said: number for number, said in enumerate(self.countries)}
        first = begins[:-1]
        found = np.where(named[first] > 0, named[first], spelled[first])
        for place in several:
            those = named[begins[place] : begins[place + 1]]
            if those.any():
                said = tuple(self.countries[one][0] for one in those[those > 0].tolist())
                found[place] = numbers.setdefault(said, len(numbers))
        return _by_first(found, tuple(numbers))

    def _times(
        self, order: Places, begins: Places, several: Sequence[int]
    ) -> tuple[Floats, dict[int, Sequence[Time]]]:
        """Return when each plate is listed, pauses included, and the times of those with any."""
        begin, end = self.span[order].T
        spans = np.tile(ALWAYS, (len(begins) - 1, 1))
        if len(spans):
            spans[:, 0] = np.minimum.reduceat(begin, begins[:-1])
            spans[:, 1] = np.maximum.reduceat(end, begins[:-1])
        pauses = {}
        for place in several:
            mine = slice(begins[place], begins[place + 1])
            times = joined(list(zip(begin[mine].tolist(), end[mine].tolist(), strict=True)))
            if len(times) > 1:
                pauses[place] = times
        return spans, pauses


def _by_first(which: NDArray[Any], names: tuple[_Said, ...]) -> tuple[Numbers, tuple[_Said, ...]]:
    """Return what is said at each place, by number, in the order of the first places.

    So what others may know changes no number, and no sum.
    """
    first = np.full(len(names), len(which), dtype=np.int64)
    first[which[::-1]] = np.arange(len(which), dtype=np.int64)[::-1]
    used = np.argsort(first, kind="stable")[: np.count_nonzero(first < len(which))]
    numbers = np.zeros(len(names), dtype=np.uint32)
    numbers[used] = np.arange(len(used), dtype=np.uint32)
    return numbers[which], tuple(names[one] for one in used.tolist())
