"""Entries, one after the other -> Gathered: their plates to search, and what is kept of each.

Of an entry some numbers are kept, about forty bytes, and not the entry: a million of them are
gathered in little memory, whoever shows one reads it again where it lies.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plate_match.audience import Audience
from plate_match.census import ALWAYS, Census, Time, joined, validity
from plate_match.description import profile_of
from plate_match.facts import Facts, Floats, Numbers
from plate_match.foreign import countries
from plate_match.hotlist import Entry
from plate_match.index import Index
from plate_match.keys import Keys, keys_of, plates_of
from plate_match.known import Known, known_of, partials_of
from plate_match.layers import Layers
from plate_match.plate import Plate
from plate_match.traits import Profile

Places = NDArray[np.int64]

_AT_ONCE = 1 << 16
"""Plates that are turned into keys, or back, together."""


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


class Gathering:
    """Takes entries one by one."""

    def __init__(self) -> None:
        self._plates: list[Plate] = []
        self._keys: list[Keys] = []
        self._whole = array("b")
        self._partial: dict[Known, list[int]] = defaultdict(list)
        self._where = array("q")
        self._profiles: dict[Profile, int] = {}
        self._profile = array("I")
        self._countries: dict[str | None, int] = {None: 0}
        self._country = array("I")
        self._begin, self._end = array("d"), array("d")
        self._audiences = array("B")
        self._tests = array("b")

    def take(self, entry: Entry, where: int) -> None:
        """Take an entry, which is at some place."""
        plate = entry.plate
        if isinstance(plate, Plate):
            self._plates.append(plate)
            if len(self._plates) == _AT_ONCE:
                self._turn()
        else:
            self._partial[known_of(entry)].append(len(self._where))
        begin, end = validity(entry)
        self._whole.append(isinstance(plate, Plate))
        self._where.append(where)
        self._profile.append(self._profiles.setdefault(profile_of(entry), len(self._profiles)))
        named = entry.country or None
        self._country.append(self._countries.setdefault(named, len(self._countries)))
        self._begin.append(begin)
        self._end.append(end)
        self._audiences.append(sum(bit for one, bit in _BITS.items() if one.may_know(entry)))
        self._tests.append(entry.test)

    def gathered(self) -> Mapping[Audience, Gathered]:
        """Return what was taken, for each audience; those that may know the same share one."""
        self._turn()
        keys = np.zeros(len(self._where), dtype=np.uint64)
        keys[_bools(self._whole)] = np.concatenate([*self._keys, np.empty(0, dtype=np.uint64)])
        audiences = np.frombuffer(self._audiences, dtype=np.uint8)
        found: dict[bytes, Gathered] = {}
        shared = {}
        for audience, bit in _BITS.items():
            told = (audiences & bit) > 0
            which = told.tobytes()
            if which not in found:
                found[which] = self._of(keys, told)
            shared[audience] = found[which]
        return shared

    def _turn(self) -> None:
        self._keys.append(keys_of(self._plates))
        self._plates = []

    def _of(self, keys: Keys, told: NDArray[np.bool_]) -> Gathered:
        """Return what was taken of the entries that are told."""
        whole = told & (keys > 0)
        plates = Index.of_keys(keys[whole])
        mine = {one: [at for at in places if told[at]] for one, places in self._partial.items()}
        partials, others = partials_of(one for one, places in mine.items() if places)
        place = np.full(len(keys), -1, dtype=np.int64)
        place[whole] = _places(plates.store.all_keys(), keys[whole])
        for nth, one in enumerate(others):
            place[mine[one]] = len(plates) + nth
        index = Layers((plates, partials)) if others else plates
        order = np.argsort(place, kind="stable")[np.count_nonzero(~told) :]
        begins = np.searchsorted(place[order], np.arange(len(index) + 1))
        where = np.array(self._where, dtype=np.int64)[order]
        return Gathered(index, self._facts(plates, order, begins), where, begins)

    def _facts(self, plates: Index, order: Places, begins: Places) -> Facts:
        several = np.flatnonzero(np.diff(begins) > 1).tolist()
        kind, kinds = self._kinds(order, begins, several)
        country, names = self._possible(plates, order, begins)
        spans, pauses = self._times(order, begins, several)
        steady = np.delete(spans, list(pauses), axis=0)
        times = np.concatenate([steady, *(np.array(one) for one in pauses.values())])
        tests = np.flatnonzero(_bools(self._tests)[order])
        return Facts(
            kind=kind,
            kinds=kinds,
            country=country,
            countries=names,
            spans=spans if pauses or np.isfinite(spans).any() else None,
            pauses=pauses,
            census=Census.of(times),
            tests=np.unique(np.searchsorted(begins, tests, side="right") - 1),
        )

    def _kinds(
        self, order: Places, begins: Places, several: Sequence[int]
    ) -> tuple[Numbers, tuple[tuple[Profile, ...], ...]]:
        """Return which kind each plate is: what its entries say of its vehicle, one by one."""
        profile = np.array(self._profile, dtype=np.uint32)[order]
        profiles = tuple(self._profiles)
        kinds = {(number,): number for number in range(len(profiles))}
        kind = profile[begins[:-1]]
        for place in several:
            said = tuple(profile[begins[place] : begins[place + 1]].tolist())
            kind[place] = kinds.setdefault(said, len(kinds))
        used, first, which = np.unique(kind, return_index=True, return_inverse=True)
        # In the order of their first plates: what others may know changes no number, and no sum.
        by_first = np.argsort(first)
        numbers = np.empty(len(used), dtype=np.uint32)
        numbers[by_first] = np.arange(len(used), dtype=np.uint32)
        every = tuple(kinds)
        said_of = (tuple(profiles[one] for one in every[number]) for number in used[by_first])
        return numbers[which], tuple(said_of)

    def _possible(
        self, plates: Index, order: Places, begins: Places
    ) -> tuple[Numbers, tuple[tuple[str, ...], ...]]:
        """Return the countries that each plate can be of."""
        numbers: dict[tuple[str, ...], int] = {}
        found = np.zeros(len(begins) - 1, dtype=np.uint32)
        keys = plates.store.all_keys()
        for start in range(0, len(keys), _AT_ONCE):
            some = plates_of(keys[start : start + _AT_ONCE])
            found[start : start + len(some)] = [
                numbers.setdefault(countries(plate), len(numbers)) for plate in some
            ]
        if len(keys) < len(found):
            found[len(keys) :] = numbers.setdefault((), len(numbers))
        named = np.array(self._country, dtype=np.uint32)[order]
        names = tuple(self._countries)
        places = np.searchsorted(begins, np.flatnonzero(named), side="right") - 1
        for place in np.unique(places).tolist():
            those = named[begins[place] : begins[place + 1]]
            said = tuple(str(names[one]) for one in those[those > 0].tolist())
            found[place] = numbers.setdefault(said, len(numbers))
        return found, tuple(numbers)

    def _times(
        self, order: Places, begins: Places, several: Sequence[int]
    ) -> tuple[Floats, dict[int, Sequence[Time]]]:
        """Return when each plate is listed, pauses included, and the times of those with any."""
        begin, end = (np.array(one)[order] for one in (self._begin, self._end))
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


_BITS = {audience: 1 << nth for nth, audience in enumerate(Audience)}


def _bools(marks: "array[int]") -> NDArray[np.bool_]:
    return np.array(marks, dtype=bool)


def _places(listed: Keys, keys: Keys) -> Places:
    """Return where in a list of distinct keys these are."""
    by_key = np.argsort(listed)
    return np.asarray(by_key[np.searchsorted(listed, keys, sorter=by_key)])
