"""Sight -> the other vehicles on Dutch roads that could have given this read.

A series of plates is a row of `tables/series.csv`: how many vehicles carry a plate of it, and
which symbols each place draws from, evenly. A series goes through the lattice as one plate
whose symbols are averages, so that the sum over 16 million plates is exact for the table and
costs as much as some seventy plates.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from plate_match import kernel
from plate_match.channel import Observation, position
from plate_match.country import agreement
from plate_match.keys import keys_of
from plate_match.lattice import Lattice, backward
from plate_match.plate import SYMBOLS, Plate, symbols_of
from plate_match.series import Column, Sums, columns
from plate_match.sight import Sight

Floats = NDArray[np.float64]

HOME = "NL"

_CHUNK = 1 << 12
"""Columns that numpy goes through at once."""

VERSION = "series-2026-11-25"
"""The day the table, or what is made of it, was last changed."""


@dataclass(frozen=True)
class Series:
    """n columns of one length. Many places draw from the same symbols, so those are kept once.

    Columns are sorted by their ends, which are then gone through once.

    Attributes:
        draws: symbols of each of u different draws.
        draw: (length, n) which of them each place of each series is.
        dashed: (length, n) whether a dash follows.
        countries: (n) where each is issued, "" for several countries.
        vehicles: (n,) how many carry a plate of it; less than none for what is taken out.
    """

    draws: tuple[str, ...]
    draw: NDArray[np.intp]
    dashed: NDArray[np.bool_]
    countries: tuple[str, ...]
    vehicles: Floats

    @cached_property
    def chances(self) -> Floats:
        """Chance of each symbol in each draw: (36, u)."""
        chances = np.zeros((len(SYMBOLS), len(self.draws)))
        for place, symbols in enumerate(self.draws):
            chances[[SYMBOLS.index(symbol) for symbol in symbols], place] = 1 / len(symbols)
        return chances

    def carried(self, plates: Sequence[Plate]) -> Floats:
        """Return how many vehicles are expected to carry each plate of this length."""
        if kernel.native:
            return kernel.drawn(self._handle, keys_of(plates), self.vehicles)
        ids = symbols_of(plates)
        chance = self.chances[ids[0]][:, self.draw[0]]
        for symbols, draw in zip(ids[1:], self.draw[1:], strict=True):
            chance *= self.chances[symbols][:, draw]
        return np.asarray(chance @ self.vehicles)

    def likelihood(self, sight: Sight, said: str | None, *, so_far: float) -> float:
        """Return a sum so far and that of P(read, country said | column) times its vehicles."""
        weights = self.agreeing(said)
        if kernel.native:
            return kernel.added_up(self._handle, sight.native, weights, so_far=so_far)
        for weight, seen in sight.observations:
            given = self.given(seen, seen.emission @ self.chances, np.add)
            so_far += weight * float((seen.rates.weight @ given) @ weights)
        return so_far

    def add_by(self, owner: NDArray[np.int32], sight: Sight, sums: Sums) -> None:
        """Add P(read | column) times its vehicles to the sum of the owner of each column."""
        if kernel.native:
            kernel.added_up_by(owner, self._handle, sight.native, weights=self.vehicles, sums=sums)
            return
        every = np.arange(len(owner))
        where = every if sums.only is None else np.flatnonzero(sums.only[owner])
        for begin in range(0, len(where), _CHUNK):
            chosen = where[begin : begin + _CHUNK]
            part, size = self._take(chosen.tolist()), len(sums.each)
            for weight, seen in sight.observations:
                given = part.given(seen, seen.emission @ self.chances, np.add)
                found = weight * (seen.rates.weight @ given) * part.vehicles
                np.add(sums.each, np.bincount(owner[chosen], found, size), out=sums.each)

    def likeliest(self, sight: Sight, *, so_far: float) -> float:
        """Return the best alignment's probability of the best plate that any column allows.

        Or `so_far`, if that is more.
        """
        if kernel.native:
            return kernel.best_of(self._handle, sight.native, so_far=so_far)
        for weight, seen in sight.observations:
            allowed = [seen.emission[..., draw > 0].max(axis=3) for draw in self.chances.T]
            given = self.given(seen, np.stack(allowed, axis=3), np.maximum)
            so_far = max(so_far, weight * float((seen.rates.weight[:, None] * given).max()))
        return so_far

    @cached_property
    def _handle(self) -> kernel.Handle:
        return kernel.series_of(self.draw, self.dashed, self.draws)

    def given(self, seen: Observation, draws: Floats, plus: np.ufunc) -> Floats:
        """Return P(read | column) by component, (K, n), from what each draw gives."""
        length = len(self.draw)
        emissions = [
            draws[position(slot, length)][:, :, draw] for slot, draw in enumerate(self.draw)
        ]
        return backward(Lattice(seen, length, plus), emissions, self.dashed)

    @cached_property
    def issued(self) -> "Series":
        """The columns of something issued, each draw once whatever its countries."""
        seen: dict[tuple[object, ...], int] = {}
        for column in np.flatnonzero(self.vehicles > 0).tolist():
            key = (tuple(self.draw[:, column]), tuple(self.dashed[:, column]))
            seen.setdefault(key, column)
        return self._take(sorted(seen.values()))

    def _take(self, columns: Sequence[int]) -> "Series":
        countries = tuple(self.countries[column] for column in columns)
        where = list(columns)
        return Series(
            self.draws, self.draw[:, where], self.dashed[:, where], countries, self.vehicles[where]
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Leave out what the kernel made of it: that belongs to one process."""
        return type(self), (self.draws, self.draw, self.dashed, self.countries, self.vehicles)

    def abroad(self) -> "Series":
        """Return the columns that are not issued in the Netherlands."""
        columns = [place for place, country in enumerate(self.countries) if country != HOME]
        return self._take(columns)

    def agreeing(self, said: str | None) -> Floats:
        """Return how many vehicles carry a plate of each, and it is said so: (n,)."""
        if said is None:
            return self.vehicles
        agreed = [agreement(said, (one,) if one else ()) for one in self.countries]
        return np.asarray(self.vehicles * np.array(agreed))


@dataclass(frozen=True)
class Population:
    """Vehicles on Dutch roads by series of plate; foreign ones by their share of traffic."""

    version: str
    vehicles: float
    series: tuple[Series, ...]

    @classmethod
    def of_rows(cls, version: str, rows: Iterable[Mapping[str, str]]) -> "Population":
        """Make the population of rows with the columns of `tables/series.csv`."""
        lengths: dict[int, list[Column]] = defaultdict(list)
        for row in rows:
            for column in columns(row):
                lengths[len(column.places)].append(column)
        series = tuple(_series(group) for _, group in sorted(lengths.items()))
        return cls(version, sum(float(one.vehicles.sum()) for one in series), series)

    def likelihood(self, sight: Sight, said: str | None = None) -> float:
        """Return P(read, country said | a vehicle), without reads that say nothing."""
        found = 0.0
        for one in self.series:
            found = one.likelihood(sight, said, so_far=found)
        return found / self.vehicles

    def agreement(self, said: str | None) -> float:
        """Return P(the country said | a vehicle of the population)."""
        if said is None:
            return 1.0
        return sum(float(one.agreeing(said).sum()) for one in self.series) / self.vehicles

    def likeliest(self, sight: Sight) -> float:
        """Return the best alignment's probability of the likeliest plate that could exist.

        Any plate of any series, however few vehicles carry it: what a search measures from.
        """
        found = 0.0
        for one in self.series:
            found = one.issued.likeliest(sight, so_far=found)
        return found

    def densities(self, plates: Sequence[Plate]) -> Floats:
        """Return P(plate) of each: the chance that a vehicle of the population carries it."""
        total = np.zeros(len(plates))
        for one in self.series:
            where = [place for place, plate in enumerate(plates) if len(plate) == len(one.draw)]
            if where:
                total[where] = one.carried([plates[place] for place in where])
        return total / self.vehicles

    @cached_property
    def foreign(self) -> "Population":
        """The foreign vehicles alone."""
        series = tuple(one.abroad() for one in self.series if one.abroad().countries)
        return Population(self.version, sum(float(one.vehicles.sum()) for one in series), series)


def _series(columns: Sequence[Column]) -> Series:
    ordered = sorted(columns, key=_end)
    draws = sorted({symbols for one in ordered for symbols in one.places})
    dashed = np.zeros((len(ordered[0].places), len(ordered)), dtype=bool)
    for column, one in enumerate(ordered):
        dashed[[after - 1 for after in one.dashes], column] = True
    return Series(
        draws=tuple(draws),
        draw=np.array([[draws.index(symbols) for symbols in one.places] for one in ordered]).T,
        dashed=dashed,
        countries=tuple(one.country for one in ordered),
        vehicles=np.array([one.vehicles for one in ordered]),
    )


def _end(column: Column) -> tuple[tuple[int, ...], tuple[str, ...]]:
    return column.dashes, column.places[::-1]


@cache
def load() -> Population:
    """Return the population of the series table inside the package."""
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    return Population.of_rows(VERSION, csv.DictReader(text.splitlines()))
