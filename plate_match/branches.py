"""A list held as bits + looks -> the sum of their likelihoods, by branch and bound in numpy.

What the kernel does where there is no kernel. Plates are gone through beginning by beginning.
What a beginning's plates make of the read, were all that the layout can issue listed, has a
closed form: the lattice with averages for the symbols to come. It bounds what those listed make
of it. Where that is next to nothing the plates below are left out, and estimated by their share
of those the layout can issue.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plate_match import kernel
from plate_match.channel import Observation, position
from plate_match.glance import Looks
from plate_match.grammar import LAYOUTS
from plate_match.index import EXACT, Asked, Index, Interval
from plate_match.keys import plates_of
from plate_match.lattice import Lattice, States, joined
from plate_match.layouts import PLACES
from plate_match.plate import SYMBOLS
from plate_match.store import Store

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CHUNK = 512
"""Beginnings that grow at a time, so that memory does not grow with what is left to do."""

_SCORED = 4096
"""Plates outside the layouts that are scored at a time."""


def total(index: Index, looks: Looks, grain: float, *, steps: int = EXACT) -> Interval:
    """Return the sum of the likelihoods above the base over all plates of an index.

    Args:
        index: of the plates.
        looks: what was read.
        grain: what may be left out in one piece; 0 for an exact sum.
        steps: beginnings after which all the rest is left out, however wide that makes it.
    """
    if kernel.native:
        return index.search(looks, Asked(0.0, 0, grain=grain, steps=steps)).rest
    return Branches(index.store).likelihood(looks, grain, steps=steps)


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """Beginnings of one length: n of them.

    Attributes:
        slot: the one that follows.
        layout: (n,) place in `LAYOUTS`.
        first: (n,) code of the first plate of each.
        states: forward, for each observation.
    """

    slot: int
    layout: Ints
    first: Ints
    states: tuple[States, ...]

    def parts(self) -> "Iterator[_Beginnings]":
        """Yield them, not too many at a time."""
        for begin in range(0, len(self.first), _CHUNK):
            yield self.take(np.arange(begin, min(begin + _CHUNK, len(self.first))))

    def take(self, which: NDArray[np.intp]) -> "_Beginnings":
        states = tuple(one.take(which) for one in self.states)
        return _Beginnings(self.slot, self.layout[which], self.first[which], states)


@dataclass(frozen=True)
class Branches:
    """A list, taken branch by branch where it is held as bits and plate by plate elsewhere."""

    store: Store

    def likelihood(self, looks: Looks, grain: float, *, steps: int = EXACT) -> Interval:
        """Return what `total` does."""
        walk = _Walk.of(looks)
        low, estimate, high = self._outside(looks), 0.0, 0.0
        pending = [walk.start()] if len(self.ranks) else []
        while pending:
            for part in pending.pop().parts():
                grown, plates = self._grown(part, walk)
                size = _WEIGHTS[grown.layout, part.slot]
                full = walk.bound(grown, size)
                is_known = (plates == size) & ((size == 1) | walk.is_closed)
                steps -= len(part.first)
                is_small = ~is_known & (full <= (grain if steps > 0 else np.inf))
                low += float(full[is_known].sum())
                estimate += float((full * plates / size)[is_small].sum())
                high += float(full[is_small].sum())
                pending.append(grown.take(np.flatnonzero(~is_known & ~is_small)))
        return Interval(low, low + estimate, low + high)

    def _grown(self, beginnings: _Beginnings, walk: "_Walk") -> tuple[_Beginnings, Ints]:
        """Grow by one symbol to beginnings that have plates; return also how many."""
        slot, layout = beginnings.slot, beginnings.layout
        counts = _SIZES[layout, slot]
        parent = np.repeat(np.arange(len(layout)), counts)
        place = np.arange(len(parent)) - np.repeat(np.cumsum(counts) - counts, counts)
        layout = layout[parent]
        first = beginnings.first[parent] + place * _WEIGHTS[layout, slot]
        plates = self._before(first + _WEIGHTS[layout, slot]) - self._before(first)
        there = np.flatnonzero(plates)
        layout, symbols = layout[there], _ALPHABETS[layout, slot, place][there]
        states = walk.grow(beginnings.take(parent[there]), symbols)
        return _Beginnings(slot + 1, layout, first[there], states), plates[there]

    def _before(self, codes: Ints) -> Ints:
        """Return how many plates have a smaller code: (n,)."""
        block, left = np.divmod(codes, _BLOCK)
        bits = np.clip(left[:, None] - 64 * np.arange(_BLOCK // 64), 0, 64)
        words = self.words.take(block, axis=0, mode="clip") & _LOWEST[bits]
        return np.asarray(self.ranks[block] + np.bitwise_count(words).sum(axis=1, dtype=np.int64))

    @cached_property
    def ranks(self) -> Ints:
        """Plates before each block of bits; empty if none are held as bits."""
        held = any(group.levels for group in self.store.groups)
        return self.store.ranks.astype(np.int64) if held else np.empty(0, dtype=np.int64)

    @cached_property
    def words(self) -> NDArray[np.uint64]:
        """The bits, eight words a block."""
        size = (len(self.store.ranks) - 1) * _BLOCK // 8
        return self.store.bits[:size].view(np.uint64).reshape(-1, _BLOCK // 64)

    def _outside(self, looks: Looks) -> float:
        """Return the exact sum over the plates that are of no layout."""
        total, begin = 0.0, 0
        for group in self.store.groups:
            if not group.levels:
                keys = self.store.keys[begin : begin + group.plates]
                begin += group.plates
                for start in range(0, len(keys), _SCORED):
                    each = looks.each(plates_of(keys[start : start + _SCORED]))
                    total += float(looks.above(each).sum())
        return total


@dataclass(frozen=True, slots=True)
class _Walk:
    """All looks, each read that may have been retold in it, and what is to come in the mean.

    Attributes:
        looks: what was read.
        owner: of which look each observation is.
        weights: of each observation.
        lattices: of each observation.
        tails: by observation and slot: backward states, one for each layout.
    """

    looks: Looks
    owner: tuple[int, ...]
    weights: tuple[float, ...]
    lattices: tuple[Lattice, ...]
    tails: tuple[Sequence[States], ...]

    @classmethod
    def of(cls, looks: Looks) -> "_Walk":
        owned = [
            (look, weight, seen)
            for look, sight in enumerate(looks.sights)
            for weight, seen in sight.observations
        ]
        owner, weights, observations = zip(*owned, strict=True)
        lattices = tuple(Lattice(seen, PLACES) for seen in observations)
        return cls(looks, owner, weights, lattices, tuple(map(_mean_tails, lattices)))

    @property
    def is_closed(self) -> bool:
        """Whether the bound of plates that are all listed is their sum: so for one look."""
        return len(self.looks.sights) == 1

    def start(self) -> _Beginnings:
        """Return the beginnings without a symbol: one for each layout."""
        count = len(LAYOUTS)
        states = tuple(lattice.start(count) for lattice in self.lattices)
        return _Beginnings(0, np.arange(count), _OFFSETS, states)

    def grow(self, parents: _Beginnings, symbols: NDArray[np.intp]) -> tuple[States, ...]:
        """Return the states of one more symbol."""
        slot = parents.slot
        dashed = _DASHED[slot, parents.layout]
        return tuple(
            lattice.grow(states, lattice.of_symbols(symbols, slot), dashed, slot=slot)
            for lattice, states in zip(self.lattices, parents.states, strict=True)
        )

    def bound(self, beginnings: _Beginnings, size: Ints) -> Floats:
        """Return the most that all plates below can add up to: (n,); of one look it is the sum.

        Of several, one is averaged over all plates, which holds the others at their most.
        """
        means = np.zeros((len(self.looks.sights), len(size)))
        for place, (look, weight) in enumerate(zip(self.owner, self.weights, strict=True)):
            tails = self.tails[place][beginnings.slot].take(beginnings.layout)
            by_component = joined(beginnings.states[place], tails, np.add)
            means[look] += weight * (self.lattices[place].seen.rates.weight @ by_component)
        ends = []
        for look, mean in enumerate(means):
            most = means * size
            most[look] = mean
            ends.append(self.looks.above(most) * size)
        return np.asarray(np.min(ends, axis=0))


def _mean_tails(lattice: Lattice) -> list[States]:
    """Return, for each slot, the backward states of the mean plate of each layout."""
    states = [lattice.finish(len(LAYOUTS))]
    for slot in range(PLACES - 1, -1, -1):
        emission = _mean_emission(lattice.seen, slot)
        states.insert(0, lattice.grow_back(states[0], emission, _DASHED[slot], slot=slot))
    return states


def _mean_emission(seen: Observation, slot: int) -> Floats:
    """Return what a symbol drawn from a slot emits, in each layout: (m, K, layouts)."""
    return np.asarray(seen.emission[position(slot, PLACES)] @ _CHANCES[slot])


_BLOCK = 512
_LOWEST = np.array([(1 << count) - 1 for count in range(65)], dtype=np.uint64)
"""The lowest bits of a word, by how many."""

_OFFSETS = np.array([layout.offset for layout in LAYOUTS])
_SIZES = np.array([[len(one) for one in layout.alphabets] for layout in LAYOUTS])
_WEIGHTS = np.array([layout.weights for layout in LAYOUTS])
_DASHED = np.array([[slot + 1 in one.dashes for one in LAYOUTS] for slot in range(PLACES)])
_ALPHABETS = np.array(
    [
        [
            [SYMBOLS.index(one) for one in alphabet.ljust(len(SYMBOLS), alphabet[0])]
            for alphabet in layout.alphabets
        ]
        for layout in LAYOUTS
    ]
)
_CHANCES = np.array(
    [
        [
            [(one in layout.alphabets[slot]) / len(layout.alphabets[slot]) for layout in LAYOUTS]
            for one in SYMBOLS
        ]
        for slot in range(PLACES)
    ]
)
