"""Plates -> reads of them, by class: what was misread, lost, added, swapped or not seen.

Seeded: the same reads come of the same plates. Not a model of how people or cameras misread
(`benchmarks/fit` has that), but one read of each kind that a search has to stand.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from plate_match.plate import GAP, SYMBOLS, UNKNOWN

Rng = np.random.Generator

LOOK_ALIKES = ("0DOQ", "8B", "5S", "2Z", "1I", "6G", "VY", "MN", "UV", "4A")
"""Symbols that are taken for each other."""

MISS = "miss"
"""A clean read of a vehicle that is not wanted: most of what a service is asked."""


@dataclass(frozen=True, slots=True)
class Case:
    """A read, and the plate that was there."""

    kind: str
    read: str
    truth: str


def reads(kind: str, plates: Iterable[str], *, seed: int) -> Iterator[Case]:
    """Yield one read a plate, leaving out the plates that cannot be read so.

    Args:
        kind: one of `CLASSES`.
        plates: compact; for `MISS`, of vehicles that are not wanted.
        seed: of this sequence.

    Raises:
        KeyError: no such class.
    """
    garble, rng = _GARBLES[kind], np.random.default_rng(seed)
    for plate in plates:
        read = garble(plate, rng)
        if read:
            yield Case(kind, read, plate)


def look_alikes(symbol: str) -> str:
    """Return what a symbol is taken for, in the order of `SYMBOLS`."""
    alike = {other for group in LOOK_ALIKES if symbol in group for other in group}
    return "".join(other for other in SYMBOLS if other in alike - {symbol})


def _exact(plate: str, _: Rng) -> str:
    return plate


def _confused(count: int) -> Callable[[str, Rng], str]:
    def garble(plate: str, rng: Rng) -> str:
        places = [place for place, symbol in enumerate(plate) if look_alikes(symbol)]
        if len(places) < count:
            return ""
        for place in rng.choice(places, count, replace=False):
            plate = _replaced(plate, place, _one(look_alikes(plate[place]), rng))
        return plate

    return garble


def _lost(plate: str, rng: Rng) -> str:
    return _replaced(plate, int(rng.integers(len(plate))), "")


def _added(plate: str, rng: Rng) -> str:
    place = int(rng.integers(len(plate) + 1))
    return plate[:place] + _one(SYMBOLS, rng) + plate[place:]


def _swapped(plate: str, rng: Rng) -> str:
    places = [place for place in range(len(plate) - 1) if plate[place] != plate[place + 1]]
    if not places:
        return ""
    place = int(rng.choice(places))
    return plate[:place] + plate[place + 1] + plate[place] + plate[place + 2 :]


def _unread(count: int) -> Callable[[str, Rng], str]:
    def garble(plate: str, rng: Rng) -> str:
        for place in rng.choice(len(plate), count, replace=False):
            plate = _replaced(plate, place, UNKNOWN)
        return plate

    return garble


def _part(count: int) -> Callable[[str, Rng], str]:
    def garble(plate: str, rng: Rng) -> str:
        begin = int(rng.integers(len(plate) - count + 1))
        return f"{GAP}{plate[begin : begin + count]}{GAP}"

    return garble


def _confused_and_lost(plate: str, rng: Rng) -> str:
    """Lose a symbol that is not the confused one."""
    places = [place for place, symbol in enumerate(plate) if look_alikes(symbol)]
    if not places:
        return ""
    confused = int(rng.choice(places))
    lost = int(rng.choice([place for place in range(len(plate)) if place != confused]))
    garbled = _replaced(plate, confused, _one(look_alikes(plate[confused]), rng))
    return _replaced(garbled, lost, "")


def _one(symbols: str, rng: Rng) -> str:
    return symbols[int(rng.integers(len(symbols)))]


def _replaced(plate: str, place: int, symbol: str) -> str:
    return plate[:place] + symbol + plate[place + 1 :]


_GARBLES: Mapping[str, Callable[[str, Rng], str]] = {
    "exact": _exact,
    "conf1": _confused(1),
    "conf2": _confused(2),
    "del1": _lost,
    "ins1": _added,
    "transp": _swapped,
    "wild1": _unread(1),
    "wild2": _unread(2),
    "partial3": _part(3),
    "partial4": _part(4),
    "conf1+del1": _confused_and_lost,
    MISS: _exact,
}

CLASSES = tuple(_GARBLES)
