"""Likelihoods -> probabilities: Bayes over every wanted plate and every other vehicle.

    P(w | read) = p·L(w) / (sum of p·L over all wanted plates + (1 - b)·L(others))

with b the base rate, shared evenly by the N plates the asker may know of (p = b / N), L(w) the
probability of the read for plate w and L(others) that for a vehicle of the population that is
not one of these. Everything is linear in b and 1 - b, so that other base rates cost nothing.
"""

from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One additive reason, in bits of log-odds."""

    name: str
    bits: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is to be weighed, and the answers it gives.

    Attributes:
        likelihood: (n,) P(read, description | plate) of the candidates, garbage included.
        description: (n,) the part of it that is P(description | plate).
        floor: P(read | any plate) of a plate beyond the cut-off: garbage alone.
        others: P(read | a vehicle that is none of the listed), garbage included.
        listed: N, how many plates are listed; n <= N.
        base_rate: b, the chance that a report concerns a listed vehicle.
    """

    likelihood: Floats
    description: Floats
    floor: float
    others: float
    listed: int
    base_rate: float

    def confidences(self, base_rate: float | None = None) -> Floats:
        """Return the posterior of each candidate: (n,)."""
        rate = self.base_rate if base_rate is None else base_rate
        return self.likelihood * self._each(rate) / self._everything(rate)

    @property
    def not_listed(self) -> float:
        """The posterior that the vehicle seen is none of the listed."""
        if not self.listed:
            return 1.0
        return (1 - self.base_rate) * self.others / self._everything(self.base_rate)

    def evidence(self, place: int, alignment: float) -> tuple[Evidence, ...]:
        """Return the reasons for one candidate; they add up to the log-odds of its confidence.

        Args:
            place: of the candidate.
            alignment: bits of its best alignment, log2 P(read along it | plate).
        """
        each = self._each(self.base_rate)
        mine = float(self.likelihood[place])
        described = log2(float(self.description[place]))
        rivals = self._all_but(self.base_rate, np.delete(self.likelihood, place)) / (1 - each)
        return (
            Evidence("prior", log2(each / (1 - each))),
            Evidence("alignment", alignment),
            Evidence("other-alignments", log2(mine) - alignment - described),
            Evidence("description", described),
            Evidence("population", -log2(self.others)),
            Evidence("other-entries", log2(self.others / rivals)),
        )

    def _each(self, base_rate: float) -> float:
        return base_rate / max(self.listed, 1)

    def _everything(self, base_rate: float) -> float:
        return self._all_but(base_rate, self.likelihood)

    def _all_but(self, base_rate: float, likelihood: Floats) -> float:
        """Return the sum over these candidates, the plates beyond the cut-off, and the others.

        A sum of what is left, never a difference: next to a sure hit nothing would be.
        """
        beyond = (self.listed - len(self.likelihood)) * self.floor
        wanted = self._each(base_rate) * (float(likelihood.sum()) + beyond)
        return wanted + (1 - base_rate) * self.others


def others_than(density: Floats, likelihood: Floats, everybody: float) -> float:
    """Return P(read | a vehicle of the population that is none of the listed), no garbage.

    Args:
        density: (n,) share of the population that carries each listed plate the read could be.
            Listed plates beyond the cut-off are left in, which errs on the side of doubt.
        likelihood: (n,) P(read | plate) of these, without garbage.
        everybody: P(read | a vehicle of the population), without garbage.
    """
    rest = everybody - float(density @ likelihood)
    return max(rest, everybody * _ROUNDING) / (1 - float(density.sum()))


_ROUNDING = 1e-9
"""Relative; what is left of a sum when its one large term is taken away."""
