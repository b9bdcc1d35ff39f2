"""Our side of the comparison: the only place here that knows how the library is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf
from time import perf_counter
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmarks import synthetic_registry
from benchmarks.speed.peers import TEN
from plate_match import channel, kernel, population
from plate_match.channel import Source
from plate_match.glance import Looks
from plate_match.index import Asked, Candidates, Index, Interval
from plate_match.keys import dashes_of, keys_of
from plate_match.lattice import Lattice, backward
from plate_match.matcher import DEFAULT_CUTOFF, Matcher
from plate_match.others import TIGHTNESS
from plate_match.plate import Plate, symbols_of
from plate_match.registry import Registry
from plate_match.report import Look, Report, read_of
from plate_match.sight import Sight

Floats = NDArray[np.float64]

DIGITS = 10
"""Decimal digits to which two likelihoods are told apart: what is equal but for the order of
sums is a tie, which the plate decides."""

AT_ONCE = 20_000
"""Plates that the exhaustive scan scores at a time."""


def kernel_name() -> str:
    """Return which search is in use."""
    return kernel.name()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A read as the index takes it: what was seen, and what is asked."""

    looks: Looks
    asked: Asked


def prepared(read: str, source: Source) -> Prepared:
    """Look at a read through the channel."""
    sight = Sight.of(channel.load(), read_of(read, source=source), source)
    likeliest = max(population.load().likeliest(sight), sight.garbage)
    looks = Looks.of(sight)
    looks.native  # noqa: B018 - worked out once and kept
    return Prepared(looks, Asked(likeliest * exp(-DEFAULT_CUTOFF), limit=TEN, grain=inf))


@dataclass(frozen=True, slots=True)
class Ours:
    """Our index, and the seconds it took to build of a list of texts."""

    index: Index
    seconds: float

    @classmethod
    def build(cls, plates: Sequence[str]) -> Self:
        """Build the index of compact plates."""
        begin = perf_counter()
        index = Index.of_keys(keys_of(plates))
        return cls(index, perf_counter() - begin)

    @property
    def own_bytes(self) -> int:
        """What the index holds."""
        return self.index.store.nbytes

    def search(self, read: Prepared) -> Candidates:
        """Return the best ten of a read, ranked: what is timed."""
        return self.index.search(read.looks, read.asked)

    def typed(self, read: str, source: Source) -> Candidates:
        """Return the best ten of a text."""
        return self.search(prepared(read, source))

    def ten(self, read: Prepared) -> list[str]:
        """Return the best ten plates."""
        return [str(plate) for plate in self.search(read).plates]


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything from a text to an answer, over a list."""

    matcher: Matcher
    source: Source

    @classmethod
    def build(cls, plates: Sequence[str], source: Source) -> Self:
        """Build what matches against compact plates."""
        return cls(Matcher.build(plates), source)

    def for_an_answer(self, read: str) -> Prepared:
        """Return a read with what the index is asked for an answer to it."""
        found = self.matcher.search(Report((Look(read_of(read, source=self.source), self.source),)))
        found.looks.native  # noqa: B018 - worked out once and kept
        return Prepared(found.looks, found.asked())

    def search(self, read: Prepared) -> Candidates:
        """Return what the index finds for an answer."""
        return self.matcher.index.search(read.looks, read.asked)

    def match(self, read: str) -> object:
        """Answer a read."""
        return self.matcher.match(read, source=self.source)

    def explained(self, read: str) -> object:
        """Answer a read, and say why the first hit is one."""
        answer = self.matcher.match(read, source=self.source)
        return answer.hits[0].explanation if answer.hits else answer

    def bulk(self, reads: Sequence[str]) -> None:
        """Answer many reads, on one core."""
        for read in reads:
            self.matcher.match(read, source=self.source)


def everybody(read: Prepared) -> object:
    """Return the sum over all vehicles of the series table."""
    return population.load().likelihood(read.looks.sights[0])


def exhaustively(read: Prepared, plates: Sequence[str]) -> list[str]:
    """Return the ten best plates by scoring every one: no index, no bound, no part shared."""
    found: list[tuple[float, str]] = []
    for length in sorted({len(plate) for plate in plates}):
        alike = [Plate(plate) for plate in plates if len(plate) == length]
        for begin in range(0, len(alike), AT_ONCE):
            found += _scored(read, alike[begin : begin + AT_ONCE])
    return [plate for _, plate in sorted(found)[:TEN]]


def _scored(read: Prepared, plates: Sequence[Plate]) -> list[tuple[float, str]]:
    """Return those above the floor on their best alignment, with what to sort them by."""
    best = _likelihoods(read, plates, np.maximum).max(axis=0)
    near = [plates[place] for place in np.flatnonzero(best >= read.asked.floor).tolist()]
    if not near:
        return []
    total = _likelihoods(read, near, np.add).sum(axis=0)
    return [(-float(f"{one:.{DIGITS}e}"), plate) for one, plate in zip(total, near, strict=True)]


def _likelihoods(read: Prepared, plates: Sequence[Plate], plus: np.ufunc) -> Floats:
    """Return P(read | plate) by what may have been retold and by component: (many, n)."""
    symbols, dashed = symbols_of(plates), dashes_of(plates)
    found = []
    for weight, seen in read.looks.sights[0].observations:
        lattice = Lattice(seen, len(symbols), plus)
        emissions = [lattice.of_symbols(row, slot) for slot, row in enumerate(symbols)]
        shares = weight * seen.rates.weight[:, None]
        found.append(shares * backward(lattice, emissions, dashed))
    return np.concatenate(found)


@dataclass(frozen=True, slots=True)
class Registered:
    """The sum over registered vehicles, short of its end and to its end."""

    registry: Registry

    @classmethod
    def build(cls, vehicles: int) -> Self:
        """Draw a synthetic registry."""
        return cls(synthetic_registry.registry_of(synthetic_registry.draw(vehicles)))

    def bounded(self, read: Prepared) -> Interval:
        """Return the sum as it is worked out for an answer, as an interval."""
        whole = population.load().likelihood(read.looks.sights[0]) * self.registry.vehicles
        return self.registry.likelihood(read.looks, whole * TIGHTNESS)

    def exact(self, read: Prepared) -> Interval:
        """Return the sum over every registered plate."""
        return self.registry.likelihood(read.looks, 0.0)
