"""Forecasts and what came of them -> figures. Pure functions of arrays; no order plays a part.

Every read has a weight: what it counts for in the stream that is judged. Where a weight is
asked for, only ratios matter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST = 0.01
"""Confidence from which calibration is judged: below it nobody is told anything."""

BINS = 15
DRAWS = 200
_CHANCE = 0.95
_SEED = 20_261_125


@dataclass(frozen=True, slots=True)
class Curve:
    """What a rule does at each threshold, the highest first.

    Attributes:
        threshold: (m,) descending; a score that reaches it alerts.
        false_rate: (m,) share of innocent reads that alert, ascending.
        recall: (m,) share of reads of listed vehicles that alert with the right plate.
    """

    threshold: Floats
    false_rate: Floats
    recall: Floats


@dataclass(frozen=True, slots=True)
class Alerted:
    """What a rule reaches at the best threshold that a rate of false alarms allows."""

    recall: float
    false_rate: float
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts from one confidence up to another.

    `share` is their part of the weight of all that are judged; `confidence` what was said on
    average, `observed` how often it came true.
    """

    low: float
    high: float
    reads: int
    share: float
    confidence: float
    observed: float


def mean(values: Floats, weight: Floats) -> float:
    """Return the weighted mean, or 0 if nothing has weight."""
    total = float(weight.sum())
    return float(values @ weight) / total if total else 0.0


def recall(rank: NDArray[np.intp], weight: Floats, k: int) -> float:
    """Return the share of reads whose right plate is among the first k; rank 0 is nowhere."""
    return min(mean(((rank >= 1) & (rank <= k)).astype(float), weight), 1.0)


def curve(score: Floats, right: Floats, listed: Flags, *, weight: Floats) -> Curve:
    """Return what alerting at each score would do; a score of 0 never alerts.

    Args:
        score: (n,) of what a rule puts first.
        right: (n,) chance that this is the plate of the vehicle, where it is listed.
        listed: (n,) whether the vehicle is listed; the others are innocent.
        weight: (n,).
    """
    order = np.argsort(-score, kind="stable")
    score, right, listed, weight = score[order], right[order], listed[order], weight[order]
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True) & (score > 0))
    false = np.cumsum(np.where(listed, 0, weight))
    found = np.cumsum(np.where(listed, weight * right, 0))
    return Curve(
        threshold=score[last],
        false_rate=false[last] / (weight[~listed].sum() or 1),
        recall=found[last] / (weight[listed].sum() or 1),
    )


def alerted(curve: Curve, rate: float) -> Alerted:
    """Return what a rule reaches if at most this share of innocent reads may alert."""
    place = int(np.searchsorted(curve.false_rate, rate * (1 + _ROUNDING), side="right")) - 1
    if place < 0:
        return Alerted(0.0, 0.0, None)
    return Alerted(
        float(curve.recall[place]), float(curve.false_rate[place]), float(curve.threshold[place])
    )


_ROUNDING = 1e-9
"""Relative; a sum of weights that is the rate itself is not above it."""


def reliability(confidence: Floats, right: Flags, weight: Floats) -> list[Bin]:
    """Return forecasts above the least confidence in bins of equal width, empty ones left out.

    What has no weight is no read.
    """
    judged = (confidence > LEAST) & (weight > 0)
    said, true, weight = confidence[judged], right[judged].astype(float), weight[judged]
    edges = np.linspace(LEAST, 1, BINS + 1)
    which = np.clip(np.searchsorted(edges, said, side="left") - 1, 0, BINS - 1)
    total = float(weight.sum()) or 1.0
    found = []
    for place in np.unique(which).tolist():
        inside = which == place
        found.append(
            Bin(
                low=float(edges[place]),
                high=float(edges[place + 1]),
                reads=int(inside.sum()),
                share=float(weight[inside].sum()) / total,
                confidence=mean(said[inside], weight[inside]),
                observed=mean(true[inside], weight[inside]),
            )
        )
    return found


def calibration_error(confidence: Floats, right: Flags, weight: Floats) -> float:
    """Return the expected distance between what is said and how often it comes true."""
    bins = reliability(confidence, right, weight)
    return sum(one.share * abs(one.confidence - one.observed) for one in bins)


def error_by_chance(
    confidence: Floats, right: Flags, weight: Floats, *, group: NDArray[np.intp]
) -> float:
    """Return the calibration error that as many reads show on average if what is said is true.

    Of few reads even a true probability seems to be off. How far each bin is off by the draw of
    its plates is told by how much the plates differ there; the mean distance of a normal error
    is sqrt(2 / pi) of that. Reads of one plate stand or fall together.

    Args:
        confidence: (n,) what is said.
        right: (n,) whether it came true.
        weight: (n,).
        group: (n,) the plate of each read, a number from 0.
    """
    judged = (confidence > LEAST) & (weight > 0)
    said, off = confidence[judged], weight[judged] * (confidence - right)[judged]
    edges = np.linspace(LEAST, 1, BINS + 1)
    which = np.clip(np.searchsorted(edges, said, side="left") - 1, 0, BINS - 1)
    plates, plate = np.unique(group[judged], return_inverse=True)
    if len(plates) < _FEWEST:
        return 0.0
    by_plate = np.zeros((len(plates), BINS))
    np.add.at(by_plate, (plate, which), off)
    spread = by_plate.var(axis=0, ddof=1) * len(plates)
    return float(np.sqrt(2 / np.pi * spread).sum()) / float(weight[judged].sum())


_FEWEST = 2
"""Plates without which nothing is known of how much they differ."""


def effective(weight: Floats) -> float:
    """Return how many reads of equal weight would tell as much as these."""
    squares = float(weight @ weight)
    return float(weight.sum()) ** 2 / squares if squares else 0.0


def intervals(
    statistics: Callable[[Floats], Sequence[float]], weight: Floats, group: NDArray[np.intp]
) -> list[tuple[float, float]]:
    """Return where 95 of 100 values of each statistic lie if other plates had been drawn.

    Args:
        statistics: of the weights; as many figures each time.
        weight: (n,).
        group: (n,) the plate of each read, a number from 0: reads of one plate stand or fall
            together, so plates are drawn again and not reads.
    """
    plates = int(group.max()) + 1 if len(group) else 1
    even = np.full(plates, 1 / plates)
    draw = np.random.default_rng(_SEED)
    values = [statistics(weight * draw.multinomial(plates, even)[group]) for _ in range(DRAWS)]
    tail = (1 - _CHANCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail], axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))
