"""Observation -> the other vehicles on Dutch roads that could have given this read.

A series of plates is a row of `tables/series.csv`: how many vehicles carry a plate of it, and
which symbols each place draws from, evenly. A series goes through the lattice as one plate
whose symbols are averages, so that the sum over 17 million plates is exact for the table and
costs as much as some seventy plates.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from plate_match.channel import Observation
from plate_match.lattice import Lattice, backward
from plate_match.plate import SYMBOLS, Plate, symbols_of

Floats = NDArray[np.float64]

VERSION = "series-2026-11-24"
"""The day the frontier of the running series was set for."""


@dataclass(frozen=True, slots=True)
class _Series:
    """n series of one length. Many places draw from the same symbols, so those are kept once.

    Attributes:
        chances: (36, u) chance of each symbol in each of u different draws.
        draw: (length, n) which of them each place of each series is.
        dashed: (length, n) whether a dash follows.
        vehicles: (n,) how many carry a plate of it.
    """

    chances: Floats
    draw: NDArray[np.intp]
    dashed: NDArray[np.bool_]
    vehicles: Floats

    def carried(self, ids: NDArray[np.intp]) -> Floats:
        """Return how many vehicles are expected to carry each plate; `ids` is (length, m)."""
        total = np.zeros(ids.shape[1])
        for column, vehicles in enumerate(self.vehicles):
            chance = np.full(ids.shape[1], vehicles)
            for place, symbols in enumerate(ids):
                chance *= self.chances[symbols, self.draw[place, column]]
            total += chance
        return total

    def given(self, seen: Observation, draws: Floats, plus: np.ufunc) -> Floats:
        """Return P(read | series) by component, (K, n), from what each draw gives: (m, K, u)."""
        emissions = [draws[:, :, draw] for draw in self.draw]
        return backward(Lattice(seen, len(self.draw), plus), emissions, self.dashed)


@dataclass(frozen=True, slots=True)
class Population:
    """Vehicles on Dutch roads by series of plate; foreign ones by their share of traffic."""

    version: str
    vehicles: float
    series: tuple[_Series, ...]

    @classmethod
    def of_rows(cls, version: str, rows: Iterable[Mapping[str, str]]) -> "Population":
        """Make the population of rows with the columns of `tables/series.csv`."""
        lengths: dict[int, list[Mapping[str, str]]] = defaultdict(list)
        for row in rows:
            lengths[len(row["pattern"].replace("-", ""))].append(row)
        series = tuple(_series(group) for _, group in sorted(lengths.items()))
        return cls(version, sum(float(one.vehicles.sum()) for one in series), series)

    def likelihood(self, seen: Observation) -> float:
        """Return P(read | a vehicle of the population), without reads that say nothing."""
        total = 0.0
        for one in self.series:
            given = one.given(seen, seen.emission @ one.chances, np.add)
            total += float((seen.rates.weight @ given) @ one.vehicles)
        return total / self.vehicles

    def likeliest(self, seen: Observation) -> float:
        """Return the best alignment's probability of the likeliest plate that could exist.

        Any plate of any series, however few vehicles carry it: what a search measures from.
        """
        best = 0.0
        for one in self.series:
            allowed = [seen.emission[:, :, draw > 0].max(axis=2) for draw in one.chances.T]
            given = one.given(seen, np.stack(allowed, axis=2), np.maximum)
            best = max(best, float((seen.rates.weight[:, None] * given).max()))
        return best

    def densities(self, plates: Sequence[Plate]) -> Floats:
        """Return P(plate) of each: the chance that a vehicle of the population carries it."""
        total = np.zeros(len(plates))
        lengths = np.array([len(plate) for plate in plates], dtype=np.intp)
        for one in self.series:
            where = np.flatnonzero(lengths == len(one.draw)).tolist()
            if where:
                ids = symbols_of([plates[place] for place in where])
                total[where] = one.carried(ids)
        return total / self.vehicles


def _series(rows: list[Mapping[str, str]]) -> _Series:
    places = [list(_places(row)) for row in rows]
    draws = sorted({symbols for row in places for symbols in row})
    chances = np.zeros((len(SYMBOLS), len(draws)))
    for column, symbols in enumerate(draws):
        chances[[SYMBOLS.index(symbol) for symbol in symbols], column] = 1 / len(symbols)
    dashed = np.zeros((len(places[0]), len(rows)), dtype=bool)
    for column, row in enumerate(rows):
        groups = row["pattern"].split("-")[:-1]
        dashed[np.cumsum([len(group) for group in groups]) - 1, column] = True
    return _Series(
        chances=chances,
        draw=np.array([[draws.index(symbols) for symbols in row] for row in places]).T,
        dashed=dashed,
        vehicles=np.array([float(row["registered"]) for row in rows]),
    )


def _places(row: Mapping[str, str]) -> Iterable[str]:
    """Yield the symbols each place draws from: `X` a letter, `9` a digit, `1` one above 0."""
    letters = iter([row["first"], row["second"] or row["letters"]])
    for one in row["pattern"].replace("-", ""):
        if one == "X":
            yield next(letters, row["letters"])
        else:
            yield "0123456789" if one == "9" else "123456789"


@cache
def load() -> Population:
    """Return the population of the series table inside the package."""
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    return Population.of_rows(VERSION, csv.DictReader(text.splitlines()))
