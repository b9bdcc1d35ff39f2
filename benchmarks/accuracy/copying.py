"""Pairs of reads of one vehicle -> how looks by one source repeat one another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.sightings import Vehicle
from benchmarks.accuracy.vehicles import likelihood
from plate_match.channel import Channel, Source
from plate_match.looks import CAMERA, Copying, Said, copied, said_by
from plate_match.report import Look

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of reads: (2, n) P(read | right plate), and what each read says."""

    given: Floats
    said: Sequence[tuple[Said, Said]]

    @classmethod
    def of(cls, vehicles: Sequence[Vehicle], channel: Channel) -> "Pairs":
        """Observe the vehicles that have two reads."""
        given, said = [], []
        for one in vehicles:
            if len(one.reads) == 2:
                looks = [Look(read, Source.CAMERA) for read in one.reads]
                seen = [channel.observe(look.read, look.source) for look in looks]
                given.append([float(likelihood(each, [one.plate])[0]) for each in seen])
                said.append((said_by(looks[0], seen[0]), said_by(looks[1], seen[1])))
        return cls(np.array(given).T, said)

    def ratios(self, copying: Copying) -> Floats:
        """Return P(both reads | repeated) / P(both | independent) of each pair: (n,)."""
        both = np.array([[copied(a, b, copying), copied(b, a, copying)] for a, b in self.said])
        return np.asarray(both[:, 0] / self.given[1] + both[:, 1] / self.given[0]) / 2


def fitted(kinds: Sequence[Pairs]) -> tuple[Copying, float]:
    """Return the likeliest copying where each kind of pair is as frequent, and its gain.

    The gain is in nats a pair, over the plain product. Coordinate by coordinate, in steps that
    halve; `rho` by rounds of expectation and maximisation for each.
    """
    best, gain = _with_rho(replace(CAMERA, changed=0.02, lost=0.01, added=0.01), kinds)
    step = 1.0
    while step > 0.1:
        tried = [
            _with_rho(_moved(best, name, sign * step), kinds)
            for name, sign in product(("changed", "lost", "added"), (1, -1))
        ]
        moved, better = max(tried, key=lambda one: one[1])
        if better > gain + 1e-5:
            best, gain = moved, better
        else:
            step /= 2
    return best, gain


def _moved(copying: Copying, name: str, nats: float) -> Copying:
    return replace(copying, **{name: min(getattr(copying, name) * float(np.exp(nats)), 0.5)})


def _with_rho(copying: Copying, kinds: Sequence[Pairs]) -> tuple[Copying, float]:
    each = [kind.ratios(copying) for kind in kinds]
    rho = 0.5
    for _ in range(50):
        rho = float(np.mean([np.mean(rho * one / (rho * one + 1 - rho)) for one in each]))
    gain = float(np.mean([np.mean(np.log(rho * one + 1 - rho)) for one in each]))
    return replace(copying, rho=rho), gain
