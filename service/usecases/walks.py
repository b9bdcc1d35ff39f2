"""Reads of a firm's guards, one after another -> do they walk through plates, to see who is listed.

Vehicles that are met are drawn from all that drive; a walk asks for plates beside each other. So
what is counted are different reads of one firm within a window that are kin: all places alike but
one (a symbol is gone through), or all letters alike (a series is). By chance few are: of 8,000
reads a day of vehicles drawn from the series, about 0.05 others share a read but for one place, 0.2
its letters. A vehicle that is seen again and again is one read, and with misreads a few that
differ from it in different places; five in one place are a walk. Reads that are shared among
colleagues count together, so that they find nothing that one alone would not.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from plate_match.plate import Plate
from service.limit_ports import GuardsRead
from service.records import Caller

ONE_PLACE = 5
"""Different symbols in one place, all others alike, that make a walk."""

ONE_SERIES = 10
"""Different numbers with the same letters in the same places that make one."""

LEAST_LETTERS = 3
"""Letters alike that say that reads are of one series; two are shared by too many vehicles."""

_LENGTH = 6


class Pattern(StrEnum):
    """How plates are walked through."""

    ONE_SYMBOL = "one-symbol"
    SERIES = "series"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk: who took part in it, whoever asked last first, and what was asked."""

    pattern: Pattern
    callers: tuple[Caller, ...]
    plates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    pattern: Pattern
    most: int


_PLACE = _Kind(Pattern.ONE_SYMBOL, ONE_PLACE)
_LETTERS = _Kind(Pattern.SERIES, ONE_SERIES)

_Key = tuple[str, str]


LEAST_OWN = 2
"""Kin that somebody read before they are said to walk; one may be a car that passed by."""


@dataclass(slots=True)
class Detector:
    """Follows the reads of all firms for a window, in microseconds."""

    window: int
    _kin: dict[_Key, dict[str, tuple[int, Caller]]] = field(default_factory=dict, init=False)
    _order: deque[tuple[int, _Key, str]] = field(default_factory=deque, init=False)

    def add(self, read: GuardsRead) -> Walk | None:
        """Take in reads, in about the order they came; return the walk that they go on with."""
        self._forget(read.at - self.window)
        walks = [walk for plate in read.plates for walk in self._add(read, plate)]
        return max(walks, key=lambda walk: len(walk.plates), default=None)

    def _add(self, read: GuardsRead, plate: Plate) -> Iterator[Walk]:
        for kind, mask in _kinds(plate):
            key = read.caller.organisation, mask
            kin = self._kin.setdefault(key, {})
            fresh = plate not in kin
            kin[plate] = read.at, read.caller
            self._order.append((read.at, key, plate))
            if fresh and len(kin) >= kind.most:
                yield _walk(kind, read.caller, kin)

    def _forget(self, before: int) -> None:
        while self._order and self._order[0][0] < before:
            _, key, plate = self._order.popleft()
            kin = self._kin.get(key, {})
            if plate in kin and kin[plate][0] < before:
                del kin[plate]
                if not kin:
                    del self._kin[key]


def _walk(kind: _Kind, last: Caller, kin: dict[str, tuple[int, Caller]]) -> Walk:
    read = Counter(caller for _, caller in kin.values())
    walked = (caller for caller, plates in read.items() if plates >= LEAST_OWN)
    pattern = kind.pattern if len(read) == 1 else Pattern.SHARED
    return Walk(pattern, tuple(dict.fromkeys([last, *walked])), tuple(kin))


def _kinds(plate: Plate) -> Iterator[tuple[_Kind, str]]:
    """Yield what the kin of a plate share with it."""
    if len(plate) != _LENGTH:
        return
    for place in range(_LENGTH):
        yield _PLACE, f"{plate[:place]}?{plate[place + 1 :]}"
    letters = "".join("0" if symbol.isdigit() else symbol for symbol in plate)
    if sum(symbol.isalpha() for symbol in plate) >= LEAST_LETTERS and "0" in letters:
        yield _LETTERS, "~" + letters
