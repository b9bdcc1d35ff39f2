"""Entries, one after the other -> Taken: what is kept of each."""

from array import array
from typing import TypeVar

import numpy as np

from plate_match.audience import Circle
from plate_match.census import validity
from plate_match.description import profile_of
from plate_match.foreign import countries
from plate_match.hotlist import Entry
from plate_match.keys import Keys, keys_of
from plate_match.known import Part, part_of
from plate_match.plate import Plate
from plate_match.taken import Taken
from plate_match.traits import Profile

_AT_ONCE = 1 << 16
"""Plates that are turned into keys together."""

_One = TypeVar("_One")


class Gathering:
    """Takes entries one by one, and keeps none of them."""

    def __init__(self) -> None:
        self._plates: list[Plate] = []
        self._keys: list[Keys] = []
        self._where = array("q")
        self._profiles: dict[Profile, int] = {}
        self._profile = array("I")
        self._countries: dict[tuple[str, ...], int] = {(): 0}
        self._country, self._named = array("I"), array("I")
        self._span = array("d")
        self._circles: dict[Circle, int] = {}
        self._circle = array("I")
        self._tests = array("b")
        self._partials: dict[Part, int] = {}
        self._known = array("i")

    def take(self, entry: Entry, where: int) -> None:
        """Take an entry, which is at some place."""
        plate, known, spelled = entry.plate, -1, 0
        if isinstance(plate, Plate):
            spelled = _number(self._countries, countries(plate))
            self._plates.append(plate)
            if len(self._plates) == _AT_ONCE:
                self._turn()
        else:
            known = _number(self._partials, part_of(entry, plate))
        self._known.append(known)
        self._country.append(spelled)
        self._where.append(where)
        self._profile.append(_number(self._profiles, profile_of(entry)))
        named = (entry.country,) if entry.country else ()
        self._named.append(_number(self._countries, named))
        self._span.extend(validity(entry))
        self._circle.append(_number(self._circles, Circle.of(entry)))
        self._tests.append(entry.test)

    def taken(self) -> Taken:
        """Return what is kept of all that was taken."""
        self._turn()
        known = np.array(self._known, dtype=np.int32)
        keys = np.zeros(len(known), dtype=np.uint64)
        keys[known < 0] = np.concatenate(self._keys)
        return Taken(
            keys=keys,
            where=np.array(self._where, dtype=np.int64),
            profile=np.array(self._profile, dtype=np.uint32),
            profiles=tuple(self._profiles),
            country=np.array(self._country, dtype=np.uint32),
            named=np.array(self._named, dtype=np.uint32),
            countries=tuple(self._countries),
            span=np.array(self._span, dtype=np.float64).reshape(-1, 2),
            test=np.array(self._tests, dtype=np.bool_),
            circle=np.array(self._circle, dtype=np.uint32),
            circles=tuple(self._circles),
            known=known,
            partials=tuple(self._partials),
        )

    def _turn(self) -> None:
        self._keys.append(keys_of(self._plates))
        self._plates = []


def _number(numbers: dict[_One, int], one: _One) -> int:
    """Return the number of one of several things, a new one if it has none yet."""
    return numbers.setdefault(one, len(numbers))
