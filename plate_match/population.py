"""Observation -> the other vehicles on Dutch roads that could have given this read.

A series of plates is a row of `tables/series.csv`: how many vehicles carry a plate of it, and
which symbols each place draws from, evenly. A series goes through the lattice as one plate
whose symbols are averages, so that the sum over 16 million plates is exact for the table and
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
from plate_match.country import agreement
from plate_match.lattice import Lattice, backward
from plate_match.plate import SYMBOLS, Plate, symbols_of
from plate_match.series import Column, columns

Floats = NDArray[np.float64]

VERSION = "series-2026-11-24"
"""The day the frontier of the running series was set for."""


@dataclass(frozen=True, slots=True)
class _Series:
    """n columns of one length. Many places draw from the same symbols, so those are kept once.

    What is taken out (less than no vehicles) stands last.

    Attributes:
        chances: (36, u) chance of each symbol in each of u different draws.
        draw: (length, n) which of them each place of each series is.
        dashed: (length, n) whether a dash follows.
        countries: (n) where each is issued, "" for several countries.
        vehicles: (n,) how many carry a plate of it.
    """

    chances: Floats
    draw: NDArray[np.intp]
    dashed: NDArray[np.bool_]
    countries: tuple[str, ...]
    vehicles: Floats

    def issued(self) -> "_Series":
        """Return what is issued, forbidden combinations among it."""
        count = int((self.vehicles > 0).sum())
        return _Series(
            self.chances,
            self.draw[:, :count],
            self.dashed[:, :count],
            self.countries[:count],
            self.vehicles[:count],
        )

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

    def agreement(self, said: str | None) -> Floats:
        """Return P(the country said | series): (n,)."""
        return np.array([agreement(said, (one,) if one else ()) for one in self.countries])


@dataclass(frozen=True, slots=True)
class Population:
    """Vehicles on Dutch roads by series of plate; foreign ones by their share of traffic."""

    version: str
    vehicles: float
    series: tuple[_Series, ...]

    @classmethod
    def of_rows(cls, version: str, rows: Iterable[Mapping[str, str]]) -> "Population":
        """Make the population of rows with the columns of `tables/series.csv`."""
        lengths: dict[int, list[Column]] = defaultdict(list)
        for row in rows:
            for column in columns(row):
                lengths[len(column.places)].append(column)
        series = tuple(_series(group) for _, group in sorted(lengths.items()))
        return cls(version, sum(float(one.vehicles.sum()) for one in series), series)

    def likelihood(self, seen: Observation, said: str | None = None) -> float:
        """Return P(read, country said | a vehicle), without reads that say nothing."""
        total = 0.0
        for one in self.series:
            given = one.given(seen, seen.emission @ one.chances, np.add)
            total += float((seen.rates.weight @ given) @ (one.vehicles * one.agreement(said)))
        return total / self.vehicles

    def agreement(self, said: str | None) -> float:
        """Return P(the country said | a vehicle of the population)."""
        agreeing = (float(one.vehicles @ one.agreement(said)) for one in self.series)
        return sum(agreeing) / self.vehicles

    def likeliest(self, seen: Observation) -> float:
        """Return the best alignment's probability of the likeliest plate that could exist.

        Any plate of any series, however few vehicles carry it: what a search measures from.
        """
        best = 0.0
        for one in self.series:
            allowed = [seen.emission[:, :, draw > 0].max(axis=2) for draw in one.chances.T]
            given = one.issued().given(seen, np.stack(allowed, axis=2), np.maximum)
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


def _series(columns: Sequence[Column]) -> _Series:
    ordered = sorted(columns, key=_taken_out)
    draws = sorted({symbols for one in ordered for symbols in one.places})
    chances = np.zeros((len(SYMBOLS), len(draws)))
    for place, symbols in enumerate(draws):
        chances[[SYMBOLS.index(symbol) for symbol in symbols], place] = 1 / len(symbols)
    dashed = np.zeros((len(ordered[0].places), len(ordered)), dtype=bool)
    for column, one in enumerate(ordered):
        dashed[[after - 1 for after in one.dashes], column] = True
    return _Series(
        chances=chances,
        draw=np.array([[draws.index(symbols) for symbols in one.places] for one in ordered]).T,
        dashed=dashed,
        countries=tuple(one.country for one in ordered),
        vehicles=np.array([one.vehicles for one in ordered]),
    )


def _taken_out(column: Column) -> bool:
    return column.vehicles < 0


@cache
def load() -> Population:
    """Return the population of the series table inside the package."""
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    return Population.of_rows(VERSION, csv.DictReader(text.splitlines()))
