"""Sight + all plates of a list -> their likelihoods, one and all: the slow twin of the kernel.

Every plate is scored under the channel itself. It is cut in the middle into a head and a tail;
those are far fewer than plates, so each is put through the lattice once and a plate costs one
product of two rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plate_match import kernel
from plate_match.keys import dashes_of, keys_of, symbols_of_keys
from plate_match.lattice import Lattice, States, backward
from plate_match.plate import Plate, symbols_of
from plate_match.sight import Sight
from plate_match.store import Store

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_CHUNK = 4096
"""Plates scored at a time, so that their rows stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Distinct heads or tails: symbols (length, n), and whether a dash follows each."""

    symbols: Ints
    dashed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Group:
    """Plates of one length: each is a head and a tail."""

    length: int
    places: Ints
    heads: _Part
    tails: _Part
    head: Ints
    tail: Ints


@dataclass(frozen=True, slots=True)
class Scan:
    """All plates of a list, ready to be scored."""

    groups: tuple[_Group, ...]
    plates: int

    @classmethod
    def of(cls, store: Store) -> "Scan":
        """Take a list apart."""
        symbols = symbols_of_keys(store.all_keys()).astype(np.intp)
        dashed = np.zeros(symbols.shape, dtype=bool)
        for group in store.groups:
            plates = slice(group.begin, group.begin + group.plates)
            dashed[: len(group.dashes), plates] = np.array(group.dashes)[:, None]
        lengths = (symbols >= 0).sum(axis=0)
        groups = (
            _group(np.flatnonzero(lengths == length), symbols[:length], dashed[:length])
            for length in np.unique(lengths)
        )
        return cls(tuple(groups), symbols.shape[1])

    def likelihoods(self, sight: Sight) -> tuple[Floats, Floats]:
        """Return P(read | plate) of every plate, without reads that say nothing of it.

        Returns:
            summed over alignments, and along the best one: (n,) each, in order of place.
        """
        sums, bests = np.zeros(self.plates), np.zeros(self.plates)
        for weight, seen in sight.observations:
            for group in self.groups:
                places = group.places
                sums[places] += weight * _scored(group, Lattice(seen, group.length))
                best = weight * _scored(group, Lattice(seen, group.length, np.maximum))
                bests[places] = np.maximum(bests[places], best)
        return sums, bests


def likelihoods_of(sight: Sight, plates: Sequence[Plate]) -> Floats:
    """Return P(read | plate) of plates of one length, listed or not: (n,)."""
    dashed, total = dashes_of(plates), np.zeros(len(plates))
    if kernel.native:
        keys = keys_of(plates)
        for one in sight.native:
            total += kernel.likelihoods(one, keys, dashed)
        return total
    symbols = symbols_of(plates)
    for weight, seen in sight.observations:
        lattice = Lattice(seen, len(symbols))
        emissions = [lattice.of_symbols(one, slot) for slot, one in enumerate(symbols)]
        total += weight * (seen.rates.weight @ backward(lattice, emissions, dashed))
    return total


def _group(places: Ints, symbols: Ints, dashed: NDArray[np.bool_]) -> _Group:
    length = len(symbols)
    cut = length // 2
    heads, head = _distinct(symbols[:cut, places], dashed[:cut, places])
    tails, tail = _distinct(symbols[cut:, places], dashed[cut:, places])
    return _Group(length, places, heads, tails, head, tail)


def _distinct(symbols: Ints, dashed: NDArray[np.bool_]) -> tuple[_Part, Ints]:
    both = np.concatenate([symbols, dashed.astype(np.intp)])
    rows, inverse = np.unique(both, axis=1, return_inverse=True)
    length = len(symbols)
    return _Part(rows[:length], rows[length:].astype(bool)), inverse.reshape(-1)


def _scored(group: _Group, lattice: Lattice) -> Floats:
    """Return the probability of the read for the plates of a group, by this lattice."""
    heads, tails = _head_rows(group.heads, lattice), _tails(group.tails, lattice).rows()
    found = [
        lattice.plus.reduce(heads[group.head[part]] * tails[group.tail[part]], axis=1)
        for part in _chunks(len(group.places))
    ]
    return np.concatenate(found)


def _head_rows(part: _Part, lattice: Lattice) -> Floats:
    states = lattice.start(part.symbols.shape[1])
    for slot, symbols in enumerate(part.symbols):
        states = lattice.grow(
            states, lattice.of_symbols(symbols, slot), part.dashed[slot], slot=slot
        )
    rows = states.rows()
    weight = lattice.seen.rates.weight
    return rows * np.tile(weight, rows.shape[1] // len(weight))


def _tails(part: _Part, lattice: Lattice) -> States:
    states = lattice.finish(part.symbols.shape[1])
    for slot in range(len(part.symbols) - 1, -1, -1):
        before = slot + lattice.length // 2
        emission = lattice.of_symbols(part.symbols[slot], before)
        states = lattice.grow_back(states, emission, part.dashed[slot], slot=before)
    return states


def _chunks(count: int) -> Iterator[slice]:
    return (slice(begin, begin + _CHUNK) for begin in range(0, count, _CHUNK))
