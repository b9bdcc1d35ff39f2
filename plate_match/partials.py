"""Wanted vehicles of whose plate a part is known, or nothing + looks -> Candidates.

    P(read | entry) = the sum over the plates that fit of P(plate | it fits) · P(read | plate)

For one look that sum has a closed form, as that over the population has. Several looks are
joined plate by plate, so it is gone through, for the few patterns that can matter; of one that
fits very many plates, an upper end stands for it. An entry without a plate is any vehicle to a
read: only what it says of the vehicle tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from plate_match import population
from plate_match.country import agreement
from plate_match.fits import Fit, fitted
from plate_match.glance import Looks
from plate_match.index import Asked, Candidates, Index, Interval, Weights, in_order
from plate_match.keys import Keys, key_of, keys_of
from plate_match.plate import Pattern, Plate
from plate_match.population import Series
from plate_match.series import Sums
from plate_match.sight import Sight

Floats = NDArray[np.float64]

MOST_PLATES = 1 << 16
"""Plates that are gone through one by one for several looks."""


@dataclass(frozen=True)
class Partials:
    """Patterns, each once, and behind them vehicles whose plate is not known at all.

    Attributes:
        patterns: a symbol or an unknown one in each place, and a gap at one end at most.
        unknown: how many vehicles have no plate at all.
    """

    patterns: tuple[Pattern, ...]
    unknown: int = 0

    def __len__(self) -> int:
        """Return how many vehicles are wanted."""
        return len(self.patterns) + self.unknown

    def places(self, keys: Keys) -> NDArray[np.int64]:
        """Return the places of whole plates: none is here, so -1 of each."""
        return np.full(len(keys), -1, dtype=np.int64)

    def search(self, looks: Looks, asked: Asked, weights: Weights | None = None) -> Candidates:
        """Return the best of them and the sum over all others, as `Index.search` does.

        A pattern is within the floor where a plate that fits may be; of several looks, each is
        taken by itself for that.
        """
        ratio = np.ones(len(self))
        if weights is not None:
            ratio = weights.of(np.arange(len(self)))
        low, high = self._likelihoods(looks, asked, ratio)
        score = (high + looks.base) * ratio
        places = np.flatnonzero((score > 0) & (score >= asked.least * (1 - _ROUNDING)))
        places = places[in_order(score[places], self._keys[places])]
        near = (
            place
            for place in places.tolist()
            if high[place] >= asked.floor or self._is_near(place, looks, asked.floor)
        )
        shown = np.array(list(islice(near, asked.limit)), dtype=np.int64)
        rest = np.delete(np.stack([low, low, high]) * ratio, shown, axis=1)
        ends = rest.sum(axis=1).tolist()
        return Candidates(shown, self._keys[shown], high[shown], Interval(*ends))

    def agreed(self, said: str) -> Floats:
        """Return P(the country said | the vehicle) of each: (n,)."""
        found = np.zeros(len(self))
        found[len(self.patterns) :] = population.load().agreement(said)
        for fit in self._fits:
            names, which = np.unique(fit.country, return_inverse=True)
            agreed = np.array([agreement(said, (one,) if one else ()) for one in names.tolist()])
            found += np.bincount(fit.owner, fit.share * agreed[which], len(self))
        return found

    def likeliest(self, place: int, looks: Looks) -> Plate | None:
        """Return the plate that most likely was read, of those that fit; None of no pattern.

        Of very many, it is looked for symbol by symbol, each as likely as all that it leads to.
        """
        if place >= len(self.patterns):
            return None
        index, weights = self._plates(_narrowed(self._fit(place), looks))
        found = index.search(looks, Asked(0.0, 1, grain=np.inf), weights)
        return found.plates[0]

    def _likelihoods(self, looks: Looks, asked: Asked, ratio: Floats) -> tuple[Floats, Floats]:
        """Return the least and the most that the joint likelihood above the base can be.

        What may be shown is worked out, so that both are the same. Of the others the least is
        near: the most is that of plates whose every symbol suits the read.
        """
        if len(looks.sights) == 1:
            return self._single(looks, asked, ratio)
        each = np.array([self._each(sight) for sight in looks.sights])
        table = population.load()
        bests = np.array([[table.likeliest(sight) * _ALIGNMENTS] for sight in looks.sights])
        high = looks.mean_above(each, bests)
        high[len(self.patterns) :] = asked.anybody
        low = np.where(np.arange(len(self)) < len(self.patterns), 0.0, high)
        telling = (high + looks.base) * ratio >= asked.least
        telling &= high > looks.base * _NOTHING
        telling |= high * ratio > asked.grain * _PIECE
        for place in np.flatnonzero(telling[: len(self.patterns)]).tolist():
            low[place] = high[place] = self._jointly(place, looks, asked)
        return low, high

    def _single(self, looks: Looks, asked: Asked, ratio: Floats) -> tuple[Floats, Floats]:
        """Return the same of one look."""
        (sight,), most = looks.sights, float(ratio.max(initial=0.0)) or 1.0
        slack = min(asked.grain / len(self), max(asked.least - looks.base * most, 0.0))
        sums = Sums.of(len(self), slack * _LEFT / most / max(len(sight.told), 1))
        self._add(sight, sums)
        telling = (sums.more > 0) & (
            (sums.each + sums.more + looks.base) * ratio >= asked.least * (1 - _ROUNDING)
        )
        if telling.any():
            sums = sums.again(telling)
            self._add(sight, sums)
        low, high = sums.each - sums.more, sums.each + sums.more
        for one in (low, high):
            np.maximum(one, 0.0, out=one)
            one[len(self.patterns) :] = asked.anybody
        return low, high

    def _each(self, sight: Sight) -> Floats:
        """Return P(read | pattern) of each, 0 where no plate is known: (n,)."""
        sums = Sums.of(len(self))
        self._add(sight, sums)
        return np.maximum(sums.each, 0.0)

    def _add(self, sight: Sight, sums: Sums) -> None:
        for columns, owner in self._columns:
            columns.add_by(owner, sight, sums)

    def _jointly(self, place: int, looks: Looks, asked: Asked) -> float:
        """Return the joint likelihood above the base of a pattern, plate by plate."""
        fits = self._fit(place)
        if sum(fit.most for fit in fits) > MOST_PLATES:
            one = Partials((self.patterns[place],))
            means = np.array([one._each(sight) for sight in looks.sights])
            bests = np.array([[one._best(0, sight)] for sight in looks.sights])
            return float(looks.mean_above(means, np.maximum(means, bests))[0])
        index, weights = self._plates(fits)
        return index.search(looks, Asked(0.0, 0, grain=asked.grain * _FINE), weights).rest.estimate

    def _is_near(self, place: int, looks: Looks, floor: float) -> bool:
        if place >= len(self.patterns):
            return True
        bests = np.array([[self._best(place, sight)] for sight in looks.sights])
        return float(looks.above(bests)[0]) >= floor

    def _best(self, place: int, sight: Sight) -> float:
        """Return the best alignment's probability of the likeliest plate that fits."""
        best = 0.0
        for fit in self._fit(place):
            best = fit.one_by_one().columns()[0].likeliest(sight, so_far=best)
        return best

    def _fit(self, place: int) -> tuple[Fit, ...]:
        found = (fit.of(place) for fit in self._fits)
        return tuple(fit for fit in found if len(fit.owner))

    def _plates(self, fits: Sequence[Fit]) -> tuple[Index, Weights]:
        """Return all plates that fit, as a list, each with its chance."""
        plates = [plate for fit in fits for plate in fit.plates()]
        index = Index.build(plates)
        chances = np.zeros(len(index))
        for fit in fits:
            mine = fit.plates()
            chances[index.places(keys_of(mine))] += fit.chances(mine)
        ratios, profile = np.unique(np.maximum(chances, 0.0), return_inverse=True)
        counts = np.bincount(profile, minlength=len(ratios))
        return index, Weights(profile.astype(np.uint32), ratios, counts)

    @cached_property
    def _keys(self) -> Keys:
        keys = [key_of(pattern.compact) for pattern in self.patterns]
        return np.array(keys + [0] * self.unknown, dtype=np.uint64)

    @cached_property
    def _fits(self) -> tuple[Fit, ...]:
        return fitted(self.patterns, population.load())

    @cached_property
    def _columns(self) -> tuple[tuple[Series, NDArray[np.int32]], ...]:
        return tuple(fit.columns() for fit in self._fits)


_ALIGNMENTS = 8.0
"""All alignments of a plate together, for the best one: more than is seen."""

_NOTHING = 1e-6
"""Of the base: what is not worth working out."""

_FINE = 1e-5
"""Of what may be left out of a sum: what may be left out for one pattern."""

_PIECE = 0.1
"""Of what may be left out in one piece: for less, several looks do not go into a pattern."""

_LEFT = 0.1
"""Of what may be left out for a pattern: what may be for one of its columns, in one read."""

_ROUNDING = 1e-11


def _narrowed(fits: Sequence[Fit], looks: Looks) -> list[Fit]:
    """Return columns of which few enough plates are, the likeliest where there were too many."""
    while sum(fit.most for fit in fits) > MOST_PLATES:
        parts = [fit.one_by_one() for fit in fits]
        if len(parts) == 1 and len(parts[0].owner) == 1:
            parts = [parts[0].split()]
        values = [_values(part, looks) for part in parts]
        best = max(range(len(parts)), key=lambda place: float(values[place].max()))
        fits = [parts[best].of(int(values[best].argmax()))]
    return list(fits)


def _values(fit: Fit, looks: Looks) -> Floats:
    """Return how much each column could explain: its share, times the likelihood of each look."""
    columns, owner = fit.columns()
    value = fit.share.copy()
    for sight in looks.sights:
        sums = Sums.of(len(fit.owner))
        columns.add_by(owner, sight, sums)
        value *= sums.each / fit.share
    return value
