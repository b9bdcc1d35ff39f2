"""The sum over a registry, as it is worked out for an answer, beside the sum of all its plates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.speed import figures
from benchmarks.speed.clock import Bounds, Call, alone, in_turn
from benchmarks.speed.figures import Fact, Figures, Timed
from benchmarks.speed.ours import Prepared, Registered, prepared
from benchmarks.speed.reads import Case
from plate_match.channel import Source


@dataclass(frozen=True, slots=True)
class Census:
    """What to measure: vehicles registered, reads by class and source, and seconds a cell."""

    size: int
    cases: Mapping[str, Sequence[Case]]
    seconds: float
    source: Source = Source.CAMERA


def of_registry(census: Census) -> Figures:
    """Draw a synthetic registry and measure its sums."""
    return sums(Registered.build(census.size), census)


def sums(registered: Registered, census: Census) -> Figures:
    """Measure both sums, and how far the quick one is from the other."""
    bounds = Bounds(census.seconds, 1)
    found = Figures()
    compared: list[Prepared] = []
    for kind, cases in census.cases.items():
        looks = [prepared(case.read, census.source) for case in cases]
        quick: list[Call] = [partial(registered.bounded, look) for look in looks]
        exact: list[Call] = [partial(registered.exact, look) for look in looks]
        slow, _ = in_turn(list(zip(exact, quick, strict=True)), bounds)
        found.timed += [
            Timed(census.size, figures.REGISTERED, kind, figures.ALONE, alone(quick, bounds)),
            Timed(census.size, figures.EVERY, kind, figures.IN_TURN, slow),
        ]
        compared += looks[: min(slow.reads, _MOST)]
    found.facts += _apart(census.size, registered, compared)
    return found


_MOST = 5
"""Reads of a class whose sums are compared: the exact one is slow."""


def _apart(size: int, registered: Registered, looks: Sequence[Prepared]) -> list[Fact]:
    """Return the medians of how far off and how wide the quick sum is, of the exact one."""
    pairs = [(registered.bounded(look), registered.exact(look).estimate) for look in looks]
    told = {
        figures.ERROR: [abs(quick.estimate - exact) / exact for quick, exact in pairs if exact],
        figures.WIDTH: [(quick.high - quick.low) / exact for quick, exact in pairs if exact],
    }
    return [
        Fact(size, figures.REGISTERED, what, float(np.median(shares)))
        for what, shares in told.items()
        if shares
    ]
