"""What was made of the reads of vehicles -> the figures, expected over all hotlists.

A hotlist holds LISTED plates as the population has them. Every vehicle plays both roles: its
plate is listed, or it is not and every hit is false.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.vehicles import Sampled
from plate_match.looks import Together

Floats = NDArray[np.float64]

LISTED = 100_000
BASE_RATES = (0.01, 0.1)
FALSE_ALERTS = (1e-3, 1e-4)
LEAST = 0.01
"""Confidences below are no part of the calibration error."""
BINS = 15

HEADING = "first in five | ECE at 1 % and 10 % | alerted at 1/1,000 and 1/10,000 | innocent >= .5"

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """One vehicle; n plates that are not the right one.

    Attributes:
        right: joint likelihood of the right plate, as a share of the joint of everybody.
        others: (n,) that of the others.
        density: (n,) how many of all vehicles carry each; `right_density` the right one.
        listed: (n,) how many of it the lists hold on average.
    """

    right: float
    others: Floats
    density: Floats
    right_density: float
    listed: Floats

    @classmethod
    def of(cls, found: Sampled, way: Together) -> "Judged":
        """Join the likelihoods of a sample in one way."""
        others, right = way.combine(found.likelihood), float(way.combine(found.right)[0])
        everybody = float(found.share @ others) + found.right_density * right
        return cls(
            right / everybody,
            others / everybody,
            found.density,
            found.right_density,
            LISTED * found.share,
        )

    @classmethod
    def of_nothing(cls) -> "Judged":
        """A vehicle of which nothing was read: it is never found, and never a false hit."""
        nothing = np.empty(0)
        return cls(0.0, nothing, nothing, 0.0, nothing)

    @property
    def above(self) -> float:
        """How many listed plates outrank the right one."""
        return float(self.listed @ (self.others > self.right)) if self.right else np.inf

    def on_top(self) -> Floats:
        """Return the chance that no listed plate outranks each: (n,)."""
        order = np.argsort(-self.others)
        before = np.cumsum(self.listed[order]) - self.listed[order]
        chance = np.empty(len(order))
        chance[order] = np.exp(-before)
        return chance

    def wanted(self, base_rate: float) -> tuple[float, Floats]:
        """Return the confidences of the right plate, and of others, if it is listed."""
        each = base_rate / LISTED
        mine = each * self.right
        rest = self._rest(1 - self.right_density * self.right)
        least = self._rest(rest - self.density * self.others)
        return float(mine / (mine + rest)), each * self.others / (each * self.others + mine + least)

    def innocent(self, base_rate: float) -> Floats:
        """Return the confidences of listed plates if the right one is not listed: (n,)."""
        mine = base_rate / LISTED * self.others
        return mine / (mine + self._rest(1 - self.density * self.others))

    @staticmethod
    def _rest(share: Floats | float) -> Floats:
        return np.maximum(share, _ROUNDING)


def figures(vehicles: Sequence[Judged], weights: Floats) -> str:
    """Return the row of figures; `weights` (n,) sum to 1."""
    above = np.array([one.above for one in vehicles])
    first = np.exp(-above)
    five = np.where(np.isinf(above), 0.0, first * _few(np.where(np.isinf(above), 0.0, above)))
    sure = np.array([one.wanted(BASE_RATES[0])[0] for one in vehicles])
    false = np.concatenate([one.innocent(BASE_RATES[0]) for one in vehicles])
    often = np.concatenate([w * one.listed for one, w in zip(vehicles, weights, strict=True)])
    alerted = [
        100 * float(weights @ (first * (sure > threshold_for(false, often, rate))))
        for rate in FALSE_ALERTS
    ]
    errors = [calibration_error(vehicles, weights, rate) for rate in BASE_RATES]
    return (
        f"{100 * weights @ first:5.1f} {100 * weights @ five:5.1f} | "
        + " ".join(f"{one:.3f}" for one in errors)
        + " | "
        + " ".join(f"{one:5.1f}" for one in alerted)
        + f" | {100 * often[false >= 0.5].sum():.3f} %"
    )


def threshold_for(confidences: Floats, often: Floats, rate: float) -> float:
    """Return the confidence above which no more than this rate of false hits stand."""
    order = np.argsort(-confidences)
    stand = int(np.searchsorted(np.cumsum(often[order]), rate, side="right"))
    return float(confidences[order][stand]) if stand < len(order) else 0.0


def calibration_error(vehicles: Sequence[Judged], weights: Floats, base_rate: float) -> float:
    """Return the expected calibration error of first hits with a confidence above LEAST."""
    said, often, right = (
        np.concatenate(part)
        for part in zip(
            *(
                _first_hits(one, weight, base_rate)
                for one, weight in zip(vehicles, weights, strict=True)
            ),
            strict=True,
        )
    )
    shown = said > LEAST
    bins = np.minimum((said[shown] * BINS).astype(int), BINS - 1)
    gap = np.bincount(bins, often[shown] * (said[shown] - right[shown]))
    return float(np.abs(gap).sum() / max(float(often[shown].sum()), _ROUNDING))


def _first_hits(one: Judged, weight: float, base_rate: float) -> tuple[Floats, Floats, Floats]:
    """Return the confidences of what may be the first hit, how often it is, and if rightly."""
    mine, false = one.wanted(base_rate)
    top = one.listed * one.on_top()
    said = np.concatenate([[mine], false, one.innocent(base_rate)])
    often = np.concatenate(
        [
            [base_rate * np.exp(-one.above)],
            base_rate * top * (one.others > one.right),
            (1 - base_rate) * top,
        ]
    )
    return said, weight * often, np.arange(len(said)) == 0


def _few(expected: Floats) -> Floats:
    """Return P(fewer than five | Poisson) / P(none)."""
    return 1 + expected * (1 + expected / 2 * (1 + expected / 3 * (1 + expected / 4)))
