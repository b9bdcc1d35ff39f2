"""Likelihoods -> probabilities: Bayes over every wanted plate and every other vehicle.

    P(w | report) = p·L(w) / (sum of p·L over all wanted plates + (1 - b)·L(others))

with b the base rate, shared evenly by the N plates the asker may know of (p = b / N), L(w) the
likelihood of the report for plate w and L(others) that for a vehicle of the population that is
not one of these. Everything is linear in b and 1 - b, so that other base rates cost nothing.
"""

from dataclasses import dataclass
from math import fsum, log2


@dataclass(frozen=True, slots=True)
class Evidence:
    """One additive reason, in bits of log-odds."""

    name: str
    bits: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is to be weighed, and the answers it gives.

    Attributes:
        likelihood: of the report for each candidate, everything included.
        rest: the same, summed over all other listed plates.
        others: of the report for a vehicle that is none of the listed.
        listed: N, how many plates are listed; n <= N.
        base_rate: b, the chance that a report concerns a listed vehicle.
    """

    likelihood: tuple[float, ...]
    rest: float
    others: float
    listed: int
    base_rate: float

    def confidences(self, base_rate: float | None = None) -> list[float]:
        """Return the posterior of each candidate."""
        rate = self.base_rate if base_rate is None else base_rate
        factor = self._each(rate) / self._everything(rate)
        return [likelihood * factor for likelihood in self.likelihood]

    @property
    def not_listed(self) -> float:
        """The posterior that the vehicle seen is none of the listed."""
        if not self.listed:
            return 1.0
        return (1 - self.base_rate) * self.others / self._everything(self.base_rate)

    def evidence(
        self, place: int, reasons: tuple[Evidence, ...], *, scale: float = 0.0
    ) -> tuple[Evidence, ...]:
        """Return all reasons for one candidate; they add up to the log-odds of its confidence.

        Args:
            place: of the candidate.
            reasons: for its likelihood; their bits add up to log2 of it, less the scale.
            scale: bits by which all likelihoods are scaled.
        """
        each = self._each(self.base_rate)
        rivals = self._all_but(
            self.base_rate, self.likelihood[:place] + self.likelihood[place + 1 :]
        ) / (1 - each)
        return (
            Evidence("prior", log2(each / (1 - each))),
            *reasons,
            Evidence("population", scale - log2(self.others)),
            Evidence("other-entries", log2(self.others / rivals)),
        )

    def _each(self, base_rate: float) -> float:
        return base_rate / max(self.listed, 1)

    def _everything(self, base_rate: float) -> float:
        return self._all_but(base_rate, self.likelihood)

    def _all_but(self, base_rate: float, likelihood: tuple[float, ...]) -> float:
        """Return the sum over these candidates, the other listed plates, and the others.

        A sum of what is left, never a difference: next to a sure hit nothing would be.
        """
        wanted = self._each(base_rate) * (fsum(likelihood) + self.rest)
        return wanted + (1 - base_rate) * self.others


def others_than(listed: float, share: float, everybody: float) -> float:
    """Return the likelihood of a vehicle of the population that is none of the listed.

    Args:
        listed: sum over listed plates of its likelihood times the share of the population
            that carries it.
        share: of the population that carries a listed plate.
        everybody: likelihood of a vehicle of the population.
    """
    return max(everybody - listed, everybody * _ROUNDING) / max(1 - share, _ROUNDING)


_ROUNDING = 1e-9
"""Relative; what is left of a sum when its one large term is taken away."""


def around(base_rate: float, factor: float) -> tuple[float, float, float]:
    """Return base rates of odds a factor smaller, the same, and a factor larger; all below 1."""
    odds = base_rate / (1 - base_rate)
    low, _, high = (one / (1 + one) for one in (odds / factor, odds, odds * factor))
    return low, base_rate, high
