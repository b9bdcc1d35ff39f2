"""The slow and obviously right twin of the lattice, the kernel, the scan and the index.

Plain recursion over one plate and one read, written down from the story of the channel: what
may happen at each turn, and how likely it is. `best` keeps the likeliest way, `total` all. What
several looks are worth together, and which plates a search finds, is written down again too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod

from plate_match.channel import FIRST, INNER, LAST, LEADING, TRAILING, Observation
from plate_match.glance import Looks
from plate_match.layouts import BY_SHAPE, shape
from plate_match.plate import SYMBOLS, Plate
from plate_match.sight import Sight


def dashes(plate: Plate) -> tuple[int, ...]:
    """After which symbols a plate shows a dash."""
    layout = BY_SHAPE.get(shape(plate))
    return layout.dashes if layout else ()


def total(seen: Observation, plate: str, dashed: Sequence[int] = ()) -> float:
    """P(read | plate), all alignments and components."""
    return sum(_Story(seen, plate, dashed, component=k, ways=sum).told() for k in _components(seen))


def best(seen: Observation, plate: str, dashed: Sequence[int] = ()) -> float:
    """The likeliest alignment in the likeliest component."""
    return max(_Story(seen, plate, dashed, component=k, ways=max).told() for k in _components(seen))


def total_of(sight: Sight, plate: Plate) -> float:
    """P(read | plate) of a look, whatever was retold of it."""
    return sum(weight * total(seen, plate, dashes(plate)) for weight, seen in sight.observations)


def best_of(sight: Sight, plate: Plate) -> float:
    """The likeliest alignment of the likeliest thing that was retold."""
    return max(weight * best(seen, plate, dashes(plate)) for weight, seen in sight.observations)


def joint(looks: Looks, likelihoods: Sequence[float]) -> float:
    """Likelihood of all looks together, from that of each without its part of garbage."""
    scale = looks.together.scale
    each = [
        (one + sight.garbage) * scale[place]
        for place, (one, sight) in enumerate(zip(likelihoods, looks.sights, strict=True))
    ]
    return prod(
        cluster.independent * prod(each[place] for place in cluster.members)
        + sum(
            again * each[place]
            for again, place in zip(cluster.repeated, cluster.members, strict=True)
        )
        for cluster in looks.together.clusters
    )


@dataclass(frozen=True)
class Scored:
    """One plate: its joint likelihood, that along best alignments, both above the base."""

    plate: Plate
    value: float
    best: float


def scored(looks: Looks, plates: Sequence[Plate]) -> list[Scored]:
    """Every plate under every look."""
    base = joint(looks, [0.0] * len(looks.sights))
    lone = len(looks.sights) == 1
    return [
        Scored(
            plate,
            *(
                each[0] if lone else joint(looks, each) - base
                for each in (
                    [judge(sight, plate) for sight in looks.sights] for judge in (total_of, best_of)
                )
            ),
        )
        for plate in plates
    ]


def _components(seen: Observation) -> range:
    return range(seen.shape[1])


class _Story:
    """One plate becomes one read in one component; i symbols and j columns are behind."""

    def __init__(
        self,
        seen: Observation,
        plate: str,
        dashed: Sequence[int],
        *,
        component: int,
        ways: Callable[[list[float]], float],
    ) -> None:
        self.seen, self.plate, self.dashed, self.k, self.ways = seen, plate, dashed, component, ways
        self.rates, self.length, self.columns = seen.rates, len(plate), seen.shape[0]
        self.slot, self.in_gap = cache(self._slot), cache(self._in_gap)

    def told(self) -> float:
        return float(self.rates.weight[self.k]) * self._late(0)

    def _late(self, i: int) -> float:
        here = float(self.rates.begins(i, self.length)[self.k])
        later = [(1 - here) * self._late(i + 1)] if i < self.length else []
        return self.ways([here * self.slot(i, 0), *later])

    def _slot(self, i: int, j: int) -> float:
        kind = LEADING if i == 0 else TRAILING if i == self.length else INNER
        insert = float(self.rates.insert[self.k, kind])
        turns = [(1 - insert) * self._leave(i, j)]
        if j < self.columns and self.seen.gaps[j]:
            turns.append(self.in_gap(i, j))
        elif j < self.columns:
            added = float(self.seen.insertion[j, self.k, kind, 0])
            turns.append(insert * added * self.slot(i, j + 1))
        return self.ways(turns)

    def _in_gap(self, i: int, j: int) -> float:
        further = [self.in_gap(i + 1, j)] if i < self.length else []
        return self.ways([self.rates.gap * self.slot(i, j + 1), *further])

    def _leave(self, i: int, j: int) -> float:
        if i == self.length:
            return float(j == self.columns)
        ends = float(self.rates.ends(i, self.length)[self.k])
        lost = float(self.rates.delete[self.k, self._position(i)])
        may_swap = i + 1 < self.length
        swap = float(self.rates.transpose[self.k]) * may_swap
        turns = [lost * self._past_dash(i, j)]
        if j < self.columns:
            turns.append((1 - lost - swap) * self._emitted(j, i) * self._past_dash(i, j + 1))
        if may_swap and j + 1 < self.columns:
            swapped = self._emitted(j + 1, i) * self._emitted(j, i + 1)
            turns.append(swap * swapped * self._past_dash(i + 1, j + 2))
        cut = [ends] if j == self.columns else []
        return self.ways([(1 - ends) * turn for turn in turns] + cut)

    def _emitted(self, j: int, i: int) -> float:
        symbol = SYMBOLS.index(self.plate[i])
        return float(self.seen.emission[self._position(i), j, self.k, symbol])

    def _position(self, i: int) -> int:
        return {0: FIRST, self.length - 1: LAST}.get(i, INNER)

    def _past_dash(self, i: int, j: int) -> float:
        if i + 1 not in self.dashed:
            return self.slot(i + 1, j)
        lost = float(self.rates.dash_delete[self.k])
        turns = [lost * self.slot(i + 1, j)]
        if j < self.columns:
            read = float(self.seen.dash[j, self.k, 0])
            turns.append((1 - lost) * read * self.slot(i + 1, j + 1))
        return self.ways(turns)
