"""Labelled reads + rates -> expected counts: the E-step of the fit.

Pairs of (plate, read) with the same number of columns and gaps in the same places go through
the lattice together; every event of the channel is counted with its posterior probability.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.fit.batches import STANDING, Batch, Labelled, batches, told
from plate_match.channel import (
    DASH,
    ERROR,
    INNER,
    INSERTED,
    LEADING,
    MATCH,
    TRAILING,
    UNREAD,
    Observation,
    Rates,
    position,
)
from plate_match.lattice import Lattice, States, backward
from plate_match.plate import LONGEST_PLATE
from plate_match.retelling import KINDS

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

COLUMNS = UNREAD + 1


@dataclass(slots=True)
class Counts:
    """Expected events; K components, B bins of confidence. The shapes are those of `Rates`.

    `symbols` (K, 3) are those that were not cut off, by position; `lost` of them were lost,
    `right` and `wrong` are what became of those that were read.
    """

    components: int
    bins: int
    reads: Floats = field(init=False)
    garbage: float = 0.0
    confusion: Floats = field(init=False)
    inserted: Floats = field(init=False)
    slots: Floats = field(init=False)
    slots_by_style: Floats = field(init=False)
    lost: Floats = field(init=False)
    symbols: Floats = field(init=False)
    right: Floats = field(init=False)
    wrong: Floats = field(init=False)
    swapped: Floats = field(init=False)
    dash_lost: Floats = field(init=False)
    cut: Floats = field(init=False)
    confidence: Floats = field(init=False)
    garbage_column: Floats = field(init=False)
    retold: Floats = field(init=False)
    likelihood: float = 0.0

    def __post_init__(self) -> None:
        k = self.components
        self.reads = np.zeros(k)
        self.confusion = np.zeros((k, DASH + 1, COLUMNS))
        self.inserted = np.zeros((k, 3, COLUMNS))
        self.slots = np.zeros((k, 3))
        self.slots_by_style = self.slots
        self.lost, self.symbols = np.zeros((k, 3)), np.zeros((k, 3))
        self.right, self.wrong = np.zeros((k, 3)), np.zeros((k, 3))
        self.swapped, self.dash_lost = np.zeros(k), np.zeros(k)
        self.cut = np.zeros((2, k, LONGEST_PLATE + 1))
        self.confidence = np.zeros((k, 3, self.bins))
        self.garbage_column = np.zeros(COLUMNS)
        self.retold = np.zeros(len(KINDS))

    @property
    def reports(self) -> float:
        """All reads, those that say nothing included."""
        return float(self.reads.sum()) + self.garbage


def expect(reads: Sequence[Labelled], rates: Rates) -> Counts:
    """Return the expected counts of all events, given these rates."""
    counts = Counts(len(rates.weight), rates.confidence.shape[2])
    everything = list(batches(told(reads, rates.retold.tolist()), counts.bins))
    total = np.zeros(len(reads))
    for batch in everything:
        total[:] += np.bincount(batch.numbers, _likelihood(batch, rates), len(reads))
    for batch in everything:
        _count(batch, rates, counts, total=total[batch.numbers])
    counts.likelihood = float(np.log(total).sum())
    return counts


def _likelihood(batch: Batch, rates: Rates) -> Floats:
    """Return the share of P(read | plate) that each pair of a batch is: (n,)."""
    seen = _observation(batch, rates)
    given = backward(Lattice(seen, len(batch.plates)), _emissions(batch, rates), batch.dashed)
    return batch.shares * (rates.weight @ given) + _garbage(batch, seen)


def _garbage(batch: Batch, seen: Observation) -> Floats:
    """A read that says nothing stands as it is: (n,)."""
    return np.where(batch.kinds == STANDING, seen.garbage, 0.0)


@dataclass(frozen=True, slots=True)
class _Pass:
    """All states of a batch, slot by slot, forward and backward."""

    before: Sequence[States]
    settled: Sequence[States]
    met: Sequence[States]
    after: Sequence[States]
    rest: Sequence[States]
    emissions: Sequence[Floats]
    seen: Observation


def _pass(batch: Batch, rates: Rates) -> _Pass:
    length, count = batch.plates.shape
    seen = _observation(batch, rates)
    lattice = Lattice(seen, length)
    emissions = _emissions(batch, rates)
    before, settled, met = [lattice.start(count)], [], []
    for i in range(length):
        settled.append(lattice.settle(before[i], i))
        met.append(lattice.meet(settled[i], emissions[i], i))
        before.append(lattice.cross(met[i], batch.dashed[i]))
    settled.append(lattice.settle(before[length], length))
    rest: list[States] = [lattice.finish(count)]
    after: list[States] = []
    for i in range(length - 1, -1, -1):
        after.insert(0, lattice.cross_back(rest[0], batch.dashed[i]))
        rest.insert(0, lattice.meet_back(after[0], emissions[i], i))
    return _Pass(before, settled, met, after, rest, emissions, seen)


def _factor(batch: Batch, rates: Rates, kind: int) -> Floats:
    """P(confidence | kind of column): (m, K, n), 1 where the reader gave none."""
    table = rates.confidence[:, kind][:, batch.bins]
    return np.where(batch.bins >= 0, table, 1.0).transpose(1, 0, 2)


def _emissions(batch: Batch, rates: Rates) -> list[Floats]:
    length = len(batch.plates)
    return [
        _emission(batch, rates, symbols, place=position(slot, length))
        for slot, symbols in enumerate(batch.plates)
    ]


def _emission(batch: Batch, rates: Rates, symbols: Ints, *, place: int = INNER) -> Floats:
    plain = rates.placed[batch.columns, place, :, symbols].transpose(0, 2, 1)
    right = symbols == batch.columns
    factor = np.where(right[:, None], _factor(batch, rates, MATCH), _factor(batch, rates, ERROR))
    gaps = np.array(batch.gaps, dtype=bool)
    return np.where(gaps[:, None, None], 0.0, plain * factor)


def _observation(batch: Batch, rates: Rates) -> Observation:
    gaps = np.array(batch.gaps, dtype=bool)
    count = batch.plates.shape[1]
    dash = _emission(batch, rates, np.full(count, DASH))
    inserted = rates.inserted[:, :, batch.columns].transpose(2, 0, 1, 3)
    inserted = inserted * _factor(batch, rates, INSERTED)[:, :, None]
    column = np.where(gaps[:, None], 1.0, rates.garbage_more * rates.garbage_column[batch.columns])
    garbage = rates.garbage * (1 - rates.garbage_more) * column.prod(axis=0)
    garbage = garbage * rates.gap ** sum(batch.gaps)
    garbage = garbage * _factor(batch, rates, INSERTED).mean(axis=1).prod(axis=0)
    return Observation(
        rates=rates,
        emission=np.zeros((3, 0, 0, 0)),
        dash=dash,
        insertion=np.where(gaps[:, None, None, None], 0.0, inserted),
        gaps=batch.gaps,
        garbage=garbage,
        labels=(),
    )


def _count(batch: Batch, rates: Rates, counts: Counts, *, total: Floats) -> None:
    run = _pass(batch, rates)
    weigh = batch.shares * rates.weight[:, None] / total
    plain = weigh * run.rest[0].late
    counts.reads += plain.sum(axis=1)
    for kind in range(len(counts.retold)):
        counts.retold[kind] += plain[:, batch.kinds == kind].sum()
    share = _garbage(batch, run.seen) / total
    counts.garbage += float(share.sum())
    np.add.at(counts.garbage_column, batch.columns, share[None])
    ledger = _Ledger(batch, run, weigh, counts)
    for slot in range(len(batch.plates)):
        ledger.symbol(slot)
        ledger.dash(slot)
        ledger.cuts(slot)
    for slot in range(len(batch.plates) + 1):
        ledger.inserted(slot)


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Books the events of one batch; `weigh` (K, n) turns a path into its posterior."""

    batch: Batch
    run: _Pass
    weigh: Floats
    counts: Counts

    def symbol(self, slot: int) -> None:
        """Book how the symbol of a slot was read, lost or swapped."""
        run, counts, weigh, rates = self.run, self.counts, self.weigh, self.run.seen.rates
        settled, after, emission = run.settled[slot].main, run.after[slot], run.emissions[slot]
        length = len(self.batch.plates)
        place = position(slot, length)
        swap, delete = rates.transpose * (slot < length - 1), rates.delete[:, place]
        keep = 1 - delete - swap
        read = settled[:-1] * emission * keep[:, None] * after.main[1:] * weigh
        resolved = np.zeros_like(read)
        if len(emission) > 1:
            swapped = settled[:-2] * emission[1:] * swap[:, None] * after.owed[:-1] * weigh
            counts.swapped += swapped.sum(axis=(0, 2))
            resolved[1:] += swapped
            resolved[:-1] += run.before[slot].owed[:-1] * emission[:-1] * after.main[2:] * weigh
        lost = (settled * delete[:, None] * after.main * weigh).sum(axis=(0, 2))
        counts.lost[:, place] += lost
        counts.symbols[:, place] += lost + (read + resolved).sum(axis=(0, 2))
        counts.slots[:, self._kind(slot)] += lost + read.sum(axis=(0, 2))
        right = (self.batch.plates[slot] == self.batch.columns)[:, None]
        wrong = ~right & (self.batch.columns != UNREAD)[:, None]
        counts.right[:, place] += ((read + resolved) * right).sum(axis=(0, 2))
        counts.wrong[:, place] += ((read + resolved) * wrong).sum(axis=(0, 2))
        self._columns(self.batch.plates[slot], read + resolved)

    def dash(self, slot: int) -> None:
        """Book how the dash after a slot's symbol was read or lost, where there is one."""
        rates, rest = self.run.seen.rates, self.run.rest[slot + 1].main
        met = self.run.met[slot].main * self.batch.dashed[slot] * self.weigh
        read = met[:-1] * self.run.seen.dash * (1 - rates.dash_delete)[:, None] * rest[1:]
        lost = met * rates.dash_delete[:, None] * rest
        self.counts.dash_lost += lost.sum(axis=(0, 2))
        self._columns(np.full(self.batch.plates.shape[1], DASH), read)

    def cuts(self, slot: int) -> None:
        """Book that the beginning was cut off up to a slot, or the end from it."""
        run, rates, length = self.run, self.run.seen.rates, len(self.batch.plates)
        begins = rates.begins(slot, length)[:, None]
        begin = run.before[slot].late * begins * run.rest[slot].main[0]
        self.counts.cut[0, :, slot] += (begin * self.weigh).sum(axis=1)
        ends = rates.ends(slot, length)[:, None]
        end = run.settled[slot].main[-1] / (1 - ends) * ends
        ended = (end * self.weigh).sum(axis=1)
        self.counts.cut[1, :, length - slot] += ended
        self.counts.slots[:, self._kind(slot)] += ended

    def inserted(self, slot: int) -> None:
        """Book the columns inserted in a slot; in the last one, also that nothing was cut."""
        run, rates, counts = self.run, self.run.seen.rates, self.counts
        length, kind = len(self.batch.plates), self._kind(slot)
        stay = 1 - rates.insert[:, kind]
        if slot < length:
            stay = stay * (1 - rates.ends(slot, length))
        at = run.settled[slot].main / stay[:, None] * self.weigh
        insert = run.seen.insertion[:, :, kind] * rates.insert[:, kind, None]
        added = at[:-1] * insert * run.rest[slot].main[1:]
        known = self.batch.bins >= 0
        for k in range(counts.components):
            np.add.at(counts.inserted[k, kind], self.batch.columns, added[:, k])
            bins = self.batch.bins[known]
            np.add.at(counts.confidence[k, INSERTED], bins, added[:, k][known])
        if slot == length:
            finished = (run.settled[slot].main[-1] * self.weigh).sum(axis=1)
            counts.cut[1, :, 0] += finished
            counts.slots[:, kind] += finished

    def _columns(self, symbols: Ints, read: Floats) -> None:
        """Book columns (m, K, n) read for symbols (n,), and the reader's confidences."""
        columns, bins, counts = self.batch.columns, self.batch.bins, self.counts
        right = symbols == columns
        for k in range(counts.components):
            np.add.at(counts.confusion[k], (symbols[None], columns), read[:, k])
            for kind, chosen in ((MATCH, right), (ERROR, ~right)):
                known = chosen & (bins >= 0)
                np.add.at(counts.confidence[k, kind], bins[known], read[:, k][known])

    def _kind(self, slot: int) -> int:
        if slot == 0:
            return LEADING
        return TRAILING if slot == len(self.batch.plates) else INNER
