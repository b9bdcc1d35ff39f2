"""Reads of one vehicle -> the other vehicles that could have given them, sampled.

No two-look sum over 16 million plates is to be had by scoring each. Plates are drawn where the
reads point, and weighed back to what the population holds of them, so that

    sum of share · f(plate)   is about   sum over all plates of P(plate) · f(plate)

for every f that is of the size of the reads' likelihoods, alone or multiplied.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from importlib.resources import files
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from plate_match import population
from plate_match.channel import Observation
from plate_match.lattice import Lattice, backward
from plate_match.plate import SYMBOLS, Plate, symbols_of
from plate_match.series import Column, columns
from plate_match.sidecode import sidecode

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

DRAWS = 1500
"""Plates drawn for what all reads say together; a third of them for each read alone."""

WIDER = 0.05
"""Share of draws that follow the population, whatever was read."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Plates that are not the right one, and the right one.

    Attributes:
        density: (n,) P(plate) in the population.
        share: (n,) the same, weighed for being drawn.
        likelihood: (looks, n) P(read | plate), garbage included.
        right: (looks, 1) that of the right plate.
        right_density: P(right plate).
    """

    density: Floats
    share: Floats
    likelihood: Floats
    right: Floats
    right_density: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Series of one length: chances of symbols (length, n, 36), dashes (length, n), vehicles."""

    chances: Floats
    dashed: NDArray[np.bool_]
    vehicles: Floats


@dataclass(frozen=True, slots=True)
class _Proposal:
    """What is drawn: a series of a group, then each symbol on its own."""

    chances: Sequence[Floats]
    series: Sequence[Floats]

    def draw(self, count: int, rng: np.random.Generator) -> list[Ints]:
        """Return the symbols of plates by group: (n, length)."""
        each = np.concatenate(list(self.series))
        counts = rng.multinomial(count, each / each.sum())
        drawn, begin = [], 0
        for chances, series in zip(self.chances, self.series, strict=True):
            chosen = np.repeat(np.arange(len(series)), counts[begin : begin + len(series)])
            begin += len(series)
            up_to = chances[:, chosen].cumsum(axis=2)
            at = rng.random((len(chances), len(chosen), 1)) * up_to[..., -1:]
            drawn.append((at >= up_to).sum(axis=2).T)
        return drawn

    def density(self, group: int, symbols: Ints) -> Floats:
        """Return the chance of drawing each of these plates: (n,)."""
        chances, total = self.chances[group], np.zeros(len(symbols))
        for series, share in enumerate(self.series[group]):
            total += share * np.prod(
                [chances[place, series, symbols[:, place]] for place in range(len(chances))],
                axis=0,
            )
        return total


def likelihood(seen: Observation, plates: Sequence[Plate]) -> Floats:
    """Return P(read | plate) of each plate, garbage included: (n,)."""
    found = np.zeros(len(plates))
    lengths = np.array([len(plate) for plate in plates])
    for length in set(lengths.tolist()):
        places = np.flatnonzero(lengths == length).tolist()
        symbols = symbols_of([plates[place] for place in places])
        lattice = Lattice(seen, length)
        emissions = [lattice.of_symbols(one, slot) for slot, one in enumerate(symbols)]
        dashed = _dashes([plates[place] for place in places])
        found[places] = seen.rates.weight @ backward(lattice, emissions, dashed)
    return found + seen.garbage


def sample(observations: Sequence[Observation], right: Plate, rng: np.random.Generator) -> Sampled:
    """Return plates that these reads of one vehicle could be of; see the module."""
    given = [_given(seen) for seen in observations]
    together = _proposal(given)
    proposals = [together] + [_proposal([one]) for one in given if len(given) > 1]
    draws = [one.draw(DRAWS // (1 if one is together else 3), rng) for one in proposals]
    sizes = np.array([sum(map(len, one)) for one in draws])
    plates, weights = [], []
    for group in range(len(_groups())):
        drawn = np.concatenate([one[group] for one in draws])
        symbols, counts = np.unique(drawn, axis=0, return_counts=True)
        of_each = [one.density(group, symbols) for one in proposals]
        plates += [Plate("".join(SYMBOLS[one] for one in row)) for row in symbols]
        weights.append(counts / (sizes @ np.array(of_each)))
    density = population.load().densities(plates)
    kept = (density > 0) & np.array([plate != right for plate in plates])
    others = [plate for plate, keep in zip(plates, kept, strict=True) if keep]
    return Sampled(
        density=density[kept],
        share=(density * np.concatenate(weights))[kept],
        likelihood=np.array([likelihood(seen, others) for seen in observations]),
        right=np.array([likelihood(seen, [right]) for seen in observations]),
        right_density=float(population.load().densities([right])[0]),
    )


@cache
def rows() -> tuple[dict[str, str], ...]:
    """Return the rows of the series table."""
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _groups() -> tuple[_Group, ...]:
    issued = [next(columns(row)) for row in rows()]
    issued.sort(key=_length)
    return tuple(_group(list(group)) for _, group in groupby(issued, key=_length))


def _length(column: Column) -> int:
    return len(column.places)


def _group(series: Sequence[Column]) -> _Group:
    length = _length(series[0])
    chances = np.zeros((length, len(series), len(SYMBOLS)))
    dashed = np.zeros((length, len(series)), dtype=bool)
    for number, one in enumerate(series):
        dashed[[after - 1 for after in one.dashes], number] = True
        for place, symbols in enumerate(one.places):
            ids = [SYMBOLS.index(symbol) for symbol in symbols]
            chances[place, number, ids] = 1 / len(symbols)
    return _Group(chances, dashed, np.array([one.vehicles for one in series]))


def _given(seen: Observation) -> list[tuple[Floats, Floats]]:
    """Return, by group, P(read | series), (n,), and with one symbol told: (length, n, 36)."""
    weight, everything = seen.rates.weight, np.arange(len(SYMBOLS))
    found = []
    for group in _groups():
        lattice = Lattice(seen, len(group.chances))
        told = [lattice.of_symbols(everything, slot) for slot in range(lattice.length)]
        mean = [one @ group.chances[slot].T for slot, one in enumerate(told)]
        plain = weight @ backward(lattice, mean, group.dashed) + seen.garbage
        known = np.zeros_like(group.chances)
        for slot in range(lattice.length):
            series, symbols = np.nonzero(group.chances[slot])
            emissions = [one[:, :, series] for one in mean]
            emissions[slot] = told[slot][:, :, symbols]
            one = backward(lattice, emissions, group.dashed[:, series])
            known[slot, series, symbols] = weight @ one + seen.garbage
        found.append((plain, known))
    return found


def _proposal(given: Sequence[Sequence[tuple[Floats, Floats]]]) -> _Proposal:
    """Return what to draw for reads together, as if symbols were independent given the reads."""
    chances, logs = [], []
    for number, group in enumerate(_groups()):
        reads = [read[number] for read in given]
        ratios = [known / plain[None, :, None] for plain, known in reads]
        product = reduce(np.multiply, ratios, group.chances)
        total = product.sum(axis=2, keepdims=True)
        chances.append((1 - WIDER) * product / total + WIDER * group.chances)
        plain = sum((np.log(one) for one, _ in reads), np.log(group.vehicles))
        logs.append(plain + np.log(total[..., 0]).sum(axis=0))
    most = max(float(one.max()) for one in logs)
    everyone = sum(float(group.vehicles.sum()) for group in _groups())
    norm = sum(float(np.exp(one - most).sum()) for one in logs)
    series = [
        (1 - WIDER) * np.exp(one - most) / norm + WIDER * group.vehicles / everyone
        for one, group in zip(logs, _groups(), strict=True)
    ]
    return _Proposal(chances, series)


def _dashes(plates: Sequence[Plate]) -> NDArray[np.bool_]:
    dashed = np.zeros((len(plates[0]), len(plates)), dtype=bool)
    for number, plate in enumerate(plates):
        layout = sidecode(plate)
        dashed[[after - 1 for after in layout.dashes] if layout else [], number] = True
    return dashed
