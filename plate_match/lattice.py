"""Plate symbols x read columns: the recursion that sums, or maximises, over alignments.

A plate of L symbols passes slots 0..L; before each symbol the channel stands in one slot, with
j of the m columns of the read spent. The states of a slot are

* `main[j]`: nothing is owed;
* `owed[j]`: the last symbol was swapped with the next one and is column j+1, column j is owed;
* `gap[j]`: column j is a gap ("any number of symbols"), which is being passed;
* `late`: the beginning is still cut off, no column is spent;
* the end is cut off: all columns are spent, and what follows costs nothing.

Arrays are (columns, components, plates). The same code runs with `np.add` (the probability of
a read, all alignments) and `np.maximum` (its likeliest alignment): `plus` says which.
Forward vectors of a plate's head and backward vectors of its tail meet in one slot, where a
product summed over the states is the probability of the read. That makes a scan of all plates
cheap: heads and tails are far fewer than plates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plate_match.channel import INNER, LEADING, TRAILING, Observation, position

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class States:
    """One slot's states; forward: probability so far, backward: probability of the rest.

    Shapes: `main` (m + 1, K, n), `owed` and `gap` (m, K, n), `late` and `ended` (K, n).
    """

    main: Floats
    owed: Floats
    gap: Floats
    late: Floats
    ended: Floats

    def take(self, index: NDArray[np.intp]) -> "States":
        """Return the states of these plates."""
        return States(*(part[..., index] for part in self.parts()))

    def parts(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return the five arrays in order."""
        return self.main, self.owed, self.gap, self.late, self.ended

    def rows(self) -> Floats:
        """Return one row a plate: shape (n, states x K)."""
        count = self.late.shape[-1]
        flat = [part.reshape(-1, count) for part in self.parts()]
        return np.ascontiguousarray(np.concatenate(flat).T)


@dataclass(frozen=True, slots=True)
class Lattice:
    """The recursion for one observation and plates of one length (in symbols)."""

    seen: Observation
    length: int
    plus: np.ufunc = np.add

    def start(self, count: int) -> States:
        """Return the forward states in slot 0 before anything happened."""
        columns, components = self.seen.shape
        late = np.ones((components, count))
        ended = np.zeros((components, count))
        owed = np.zeros((columns, components, count))
        main = np.zeros((columns + 1, components, count))
        return States(main, owed, owed.copy(), late, ended)

    def settle(self, states: States, slot: int) -> States:
        """Forward, inside a slot: the cut beginning ends here, columns are inserted, gaps pass.

        Afterwards `main` is ready to meet the next symbol, or the end.
        """
        rates, plus = self.seen.rates, self.plus
        begins = rates.begins(slot, self.length)[:, None]
        main, gap = states.main.copy(), states.gap.copy()
        main[0] = plus(main[0], states.late * begins)
        insert = self._insert(slot)
        for j, is_gap in enumerate(self.seen.gaps):
            if is_gap:
                gap[j] = plus(gap[j], main[j])
                main[j + 1] = plus(main[j + 1], gap[j] * rates.gap)
            else:
                main[j + 1] = plus(main[j + 1], main[j] * insert[j])
        main *= (1 - rates.insert[:, self.kind(slot)])[:, None]
        ends = rates.ends(slot, self.length)[:, None]
        ended = plus(states.ended, main[-1] * ends)
        return States(main * (1 - ends), states.owed, gap, states.late * (1 - begins), ended)

    def meet(self, states: States, emission: Floats, slot: int) -> States:
        """Forward, from settled states over the symbol of a slot; `emission` is (m, K, n)."""
        plus, before = self.plus, states.main
        keep, swap = self.kept(slot)
        main = before * self.lost(slot)
        main[1:] = plus(main[1:], before[:-1] * (emission * keep))
        owed = np.zeros_like(emission)
        if len(emission) > 1:
            owed[:-1] = before[:-2] * (emission[1:] * swap)
            main[2:] = plus(main[2:], states.owed[:-1] * emission[:-1])
        return States(main, owed, states.gap, states.late, states.ended)

    def cross(self, states: States, dashed: NDArray[np.bool_]) -> States:
        """Forward, over the dash that follows the symbol of these plates; (n,) booleans."""
        rates, before = self.seen.rates, states.main
        main = before * rates.dash_delete[:, None]
        read = self.seen.dash * (1 - rates.dash_delete)[:, None]
        main[1:] = self.plus(main[1:], before[:-1] * read)
        main = np.where(dashed, main, before)
        return States(main, states.owed, states.gap, states.late, states.ended)

    def grow(
        self, states: States, emission: Floats, dashed: NDArray[np.bool_], *, slot: int
    ) -> States:
        """Forward, from one slot to the next: settle, meet the symbol, cross its dash."""
        return self.cross(self.meet(self.settle(states, slot), emission, slot), dashed)

    def finish(self, count: int) -> States:
        """Return the backward states in the last slot: of `count` plates with nothing left."""
        columns, components = self.seen.shape
        leave = np.zeros((columns + 1, components, count))
        leave[-1] = (1 - self.seen.rates.insert[:, TRAILING])[:, None]
        nothing = np.zeros((columns, components, count))
        return self._settle_back(leave, nothing, np.ones((components, count)), slot=self.length)

    def meet_back(self, after: States, emission: Floats, slot: int) -> States:
        """Backward, from the states after a symbol to those of the slot before it."""
        rates, plus, ahead = self.seen.rates, self.plus, after.main
        keep, swap = self.kept(slot)
        leave = ahead * self.lost(slot)
        leave[:-1] = plus(leave[:-1], ahead[1:] * (emission * keep))
        owed = np.zeros_like(emission)
        if len(emission) > 1:
            leave[:-2] = plus(leave[:-2], after.owed[:-1] * (emission[1:] * swap))
            owed[:-1] = ahead[2:] * emission[:-1]
        ends = rates.ends(slot, self.length)[:, None]
        leave *= 1 - ends
        leave[-1] = plus(leave[-1], ends * after.ended)
        leave *= (1 - rates.insert[:, self.kind(slot)])[:, None]
        states = self._settle_back(leave, after.gap, after.late, slot=slot)
        return States(states.main, owed, states.gap, states.late, after.ended)

    def cross_back(self, after: States, dashed: NDArray[np.bool_]) -> States:
        """Backward, over the dash of these plates."""
        rates, ahead = self.seen.rates, after.main
        main = ahead * rates.dash_delete[:, None]
        read = self.seen.dash * (1 - rates.dash_delete)[:, None]
        main[:-1] = self.plus(main[:-1], ahead[1:] * read)
        main = np.where(dashed, main, ahead)
        return States(main, after.owed, after.gap, after.late, after.ended)

    def grow_back(
        self, after: States, emission: Floats, dashed: NDArray[np.bool_], *, slot: int
    ) -> States:
        """Backward, from the slot after this one."""
        return self.meet_back(self.cross_back(after, dashed), emission, slot)

    def _settle_back(self, leave: Floats, gap: Floats, late: Floats, *, slot: int) -> States:
        """Undo `settle` from the values of leaving the slot with j columns spent."""
        rates, plus = self.seen.rates, self.plus
        main, gap = leave, gap.copy()
        insert = self._insert(slot)
        for j in range(len(self.seen.gaps) - 1, -1, -1):
            if self.seen.gaps[j]:
                gap[j] = plus(gap[j], main[j + 1] * rates.gap)
                main[j] = plus(main[j], gap[j])
            else:
                main[j] = plus(main[j], main[j + 1] * insert[j])
        begins = rates.begins(slot, self.length)[:, None]
        late = plus(late * (1 - begins), main[0] * begins)
        nothing = np.zeros_like(gap)
        return States(main, nothing, gap, late, np.ones_like(late))

    def kind(self, slot: int) -> int:
        """Return where a column inserted in this slot stands: leading, inner, trailing."""
        if slot == 0:
            return LEADING
        return TRAILING if slot == self.length else INNER

    def _insert(self, slot: int) -> Floats:
        """Return the probability of one inserted column: (m, K, 1 or n)."""
        kind = self.kind(slot)
        return self.seen.insertion[:, :, kind] * self.seen.rates.insert[:, kind, None]

    def lost(self, slot: int) -> Floats:
        """Return the chance that the symbol of a slot is lost: (K, 1)."""
        place = position(slot, self.length)
        return self.seen.rates.delete[:, place, None]

    def kept(self, slot: int) -> tuple[Floats, Floats]:
        """Return (K, 1) chances that a symbol is read in its place, and that it is swapped."""
        swap = self.seen.rates.transpose[:, None] * (slot < self.length - 1)
        return 1 - self.lost(slot) - swap, swap

    def of_symbols(self, symbols: NDArray[np.intp], slot: int) -> Floats:
        """Return the emission of these symbols in a slot: (m, K, n)."""
        return self.seen.of_symbols(symbols, position(slot, self.length))


def backward(lattice: Lattice, emissions: Sequence[Floats], dashed: NDArray[np.bool_]) -> Floats:
    """Return P(read | plate) of each component: shape (K, n), for whole plates.

    Args:
        lattice: of the observation; its length is `len(emissions)`.
        emissions: one array (m, K, n) a symbol.
        dashed: (length, n): whether a dash follows each symbol.
    """
    states = lattice.finish(emissions[0].shape[-1])
    for slot in range(lattice.length - 1, -1, -1):
        states = lattice.grow_back(states, emissions[slot], dashed[slot], slot=slot)
    return states.late


def joined(heads: States, tails: States, plus: np.ufunc) -> Floats:
    """Return the probability of the read where heads and tails meet: (K, n)."""
    total = heads.late * tails.late
    total = plus(total, heads.ended * tails.ended)
    for head, tail in ((heads.main, tails.main), (heads.owed, tails.owed), (heads.gap, tails.gap)):
        total = plus(total, plus.reduce(head * tail, axis=0))
    return np.asarray(total, dtype=np.float64)
