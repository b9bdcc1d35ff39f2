"""Hotlist plates + observation -> Candidates: every plate above the floor, none missed.

Every plate is scored under the channel itself; no string distance chooses. A plate is cut
in the middle into a head and a tail; those are far fewer than plates, so each is put through
the lattice once and a plate costs one product of two rows.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plate_match.channel import Observation
from plate_match.lattice import Lattice, States, joined
from plate_match.layouts import SIDECODES, sidecode
from plate_match.plate import LONGEST_PLATE, SHORTEST_PLATE, Plate, symbols_of

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

KERNEL = "numpy"
"""Which search this is, for whoever asks what is in use."""

_CHUNK = 4096
"""Plates scored at a time, so that their rows stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The plates above the floor for one read, likeliest first, ties by plate.

    Attributes:
        places: (n,) places of the plates in the index.
        likelihood: (n,) P(read | plate), summed over alignments and components, without the
            reads that say nothing of the plate.
    """

    places: Ints
    likelihood: Floats


@dataclass(frozen=True, slots=True)
class _Stem:
    """Distinct beginnings one symbol longer than the ones before: all (n,)."""

    parent: Ints
    symbol: Ints
    dashed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Part:
    """Distinct heads or tails: symbols (length, n), and whether a dash follows each."""

    symbols: Ints
    dashed: NDArray[np.bool_]

    def take(self, chosen: Ints) -> "_Part":
        return _Part(self.symbols[:, chosen], self.dashed[:, chosen])


@dataclass(frozen=True, slots=True)
class _Group:
    """Plates of one length: each is a head and a tail; heads grow symbol by symbol."""

    length: int
    places: Ints
    stems: tuple[_Stem, ...]
    heads: _Part
    tails: _Part
    head: Ints
    tail: Ints


@dataclass(frozen=True, slots=True)
class Index:
    """Distinct plates in order, ready to be searched. Immutable."""

    plates: tuple[Plate, ...]
    groups: tuple[_Group, ...]

    @classmethod
    def build(cls, plates: Sequence[Plate]) -> "Index":
        """Build the index of these plates; order and doubles do not matter."""
        ordered = tuple(sorted(set(plates)))
        lengths: dict[int, list[int]] = defaultdict(list)
        for place, plate in enumerate(ordered):
            lengths[len(plate)].append(place)
        groups = tuple(
            _group(np.array(places, dtype=np.intp), [ordered[place] for place in places])
            for _, places in sorted(lengths.items())
        )
        return cls(ordered, groups)

    def search(self, seen: Observation, floor: float) -> Candidates:
        """Return every plate whose best alignment is at least as probable as the floor."""
        found = [_search(group, seen, floor) for group in self.groups]
        places = np.concatenate([places for places, _ in found] or [np.empty(0, np.intp)])
        likelihood = np.concatenate([sums for _, sums in found] or [np.empty(0)])
        order = np.lexsort((places, -_level(likelihood)))
        return Candidates(places[order], likelihood[order])

    def likelihood(self, seen: Observation) -> Floats:
        """Return P(read | plate) of every plate, in order: the scan without a cut-off."""
        total = np.zeros(len(self.plates))
        for group in self.groups:
            everyone = np.arange(len(group.places))
            total[group.places] = _joined(group, everyone, Lattice(seen, group.length))
        return total


_ROUNDING = 1e-9
"""Relative; a bound is a product in another order than what it bounds."""


def _level(likelihood: Floats) -> Floats:
    """Round to twelve digits: what is equal but for the order of sums is a tie."""
    fraction, exponent = np.frexp(likelihood)
    return np.asarray(np.ldexp(np.round(np.ldexp(fraction, _DIGITS)), exponent - _DIGITS))


_DIGITS = 40
"""Bits."""


def dashes_of(plates: Sequence[Plate]) -> NDArray[np.bool_]:
    """Return whether a dash follows each symbol on the plate itself: (length, n).

    What a foreign plate shows between its groups is not known, so it has none.
    """
    dashed = np.zeros((len(plates[0]), len(plates)), dtype=bool)
    for column, plate in enumerate(plates):
        layout = sidecode(plate)
        for after in layout.dashes if layout else ():
            dashed[after - 1, column] = True
    return dashed


def _ideal(seen: Observation, length: int) -> list[States]:
    """Return, for each slot, what the best tail could make of every state: at least any other.

    One plate wide. Components are weighted here, so that a bound is a product and a maximum.
    """
    dashed = _LAYOUTS[length]
    lattice = Lattice(seen, length, np.maximum)
    emission = np.repeat(seen.emission.max(axis=2)[:, :, None], dashed.shape[1], axis=2)
    states = [lattice.finish(dashed.shape[1])]
    for slot in range(length - 1, -1, -1):
        states.insert(0, lattice.grow_back(states[0], emission, dashed[slot], slot=slot))
    weight = seen.rates.weight[:, None]
    return [
        States(*(part.max(axis=-1, keepdims=True) * weight for part in one.parts()))
        for one in states
    ]


def _layouts(length: int) -> NDArray[np.bool_]:
    """(length, n): the places of dashes that plates of this length can have, or none."""
    pairs = sorted({layout.dashes for layout in SIDECODES if len(layout.shape) == length})
    dashed = np.zeros((length, 1 + len(pairs)), dtype=bool)
    for column, pair in enumerate(pairs, start=1):
        dashed[[after - 1 for after in pair], column] = True
    return dashed


_LAYOUTS = {length: _layouts(length) for length in range(SHORTEST_PLATE, LONGEST_PLATE + 1)}


def _group(places: Ints, plates: Sequence[Plate]) -> _Group:
    symbols, dashed = symbols_of(plates), dashes_of(plates)
    length = len(symbols)
    cut = length // 2
    parts = [_distinct(symbols[:size], dashed[:size]) for size in range(cut + 1)]
    stems = [
        _Stem(
            parent=_first(parts[size + 1][1], parts[size][1]),
            symbol=parts[size + 1][0].symbols[-1],
            dashed=parts[size + 1][0].dashed[-1],
        )
        for size in range(cut)
    ]
    heads, head = parts[cut]
    tails, tail = _distinct(symbols[cut:], dashed[cut:])
    return _Group(length, places, tuple(stems), heads, tails, head, tail)


def _first(longer: Ints, shorter: Ints) -> Ints:
    """Return, for each longer beginning, which shorter one it starts with."""
    parent = np.zeros(longer.max() + 1, dtype=np.intp)
    parent[longer] = shorter
    return parent


def _distinct(symbols: Ints, dashed: NDArray[np.bool_]) -> tuple[_Part, Ints]:
    both = np.concatenate([symbols, dashed.astype(np.intp)])
    rows, inverse = np.unique(both, axis=1, return_inverse=True)
    length = len(symbols)
    return _Part(rows[:length], rows[length:].astype(bool)), inverse.reshape(-1)


def _head_rows(part: _Part, lattice: Lattice) -> Floats:
    states = lattice.start(part.symbols.shape[1])
    for slot, symbols in enumerate(part.symbols):
        states = lattice.grow(
            states, lattice.seen.of_symbols(symbols), part.dashed[slot], slot=slot
        )
    rows = states.rows()
    weight = lattice.seen.rates.weight
    return rows * np.tile(weight, rows.shape[1] // len(weight))


def _tails(part: _Part, lattice: Lattice) -> States:
    states = lattice.finish(part.symbols.shape[1])
    for slot in range(len(part.symbols) - 1, -1, -1):
        emission = lattice.seen.of_symbols(part.symbols[slot])
        before = slot + lattice.length // 2
        states = lattice.grow_back(states, emission, part.dashed[slot], slot=before)
    return states


def _search(group: _Group, seen: Observation, floor: float) -> tuple[Ints, Floats]:
    """Return the places within the floor and their summed likelihood."""
    alive = _alive_heads(group, seen, floor)
    plates = np.flatnonzero(alive[group.head])
    best = _joined(group, plates, Lattice(seen, group.length, np.maximum))
    plates = plates[best >= floor]
    return group.places[plates], _joined(group, plates, Lattice(seen, group.length))


def _alive_heads(group: _Group, seen: Observation, floor: float) -> NDArray[np.bool_]:
    """Return which heads could reach the floor with the best tail there could be.

    A beginning that cannot is dropped with all that starts with it; nothing else is.
    """
    lattice = Lattice(seen, group.length, np.maximum)
    ideal = _ideal(seen, group.length)
    states, alive = lattice.start(1), np.array([True])
    kept = np.array([0])
    for slot, stem in enumerate(group.stems):
        position = np.cumsum(alive) - 1
        grown = np.flatnonzero(alive[stem.parent])
        states = states.take(position[stem.parent[grown]])
        emission = seen.of_symbols(stem.symbol[grown])
        states = lattice.grow(states, emission, stem.dashed[grown], slot=slot)
        reach = joined(states, ideal[slot + 1], np.maximum).max(axis=0)
        kept = grown[reach >= floor * (1 - _ROUNDING)]
        states = states.take(np.flatnonzero(reach >= floor * (1 - _ROUNDING)))
        alive = np.zeros(len(stem.parent), dtype=bool)
        alive[kept] = True
    return alive


def _joined(group: _Group, plates: Ints, lattice: Lattice) -> Floats:
    """Return the probability of the read for these plates of a group, by this lattice."""
    if not len(plates):
        return np.empty(0)
    head, of_head = np.unique(group.head[plates], return_inverse=True)
    tail, of_tail = np.unique(group.tail[plates], return_inverse=True)
    heads = _head_rows(group.heads.take(head), lattice)
    tails = _tails(group.tails.take(tail), lattice).rows()
    found = []
    for part in _chunks(len(plates)):
        product = heads[of_head[part]] * tails[of_tail[part]]
        found.append(lattice.plus.reduce(product, axis=1))
    return np.concatenate(found)


def _chunks(count: int) -> Iterator[Ints]:
    for begin in range(0, count, _CHUNK):
        yield np.arange(begin, min(begin + _CHUNK, count))
