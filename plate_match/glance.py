"""Sights of one vehicle -> Looks: how they are joined, as the search and its twin take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match import kernel
from plate_match.keys import key_of, shape_of
from plate_match.looks import Cluster, Together
from plate_match.plate import SYMBOLS, Plate
from plate_match.scan import likelihoods_of
from plate_match.sight import Sight

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """All looks at one vehicle, and how their likelihoods are joined.

    What is searched for and ranked is the joint likelihood above its base: the value it has
    where every look says nothing of the plate.
    """

    sights: tuple[Sight, ...]
    together: Together

    @classmethod
    def of(cls, sight: Sight) -> "Looks":
        """Return a single look."""
        return cls((sight,), _SINGLE)

    @cached_property
    def base(self) -> float:
        """Joint likelihood of a plate that no look speaks of."""
        if len(self.sights) == 1:
            return self.sights[0].garbage
        return float(self.together.combine(self._garbage[:, None])[0])

    def above(self, likelihoods: Floats) -> Floats:
        """Return the joint likelihood above the base, (n,), of those of each look: (looks, n)."""
        if len(self.sights) == 1:
            return np.asarray(likelihoods[0])
        joint = self.together.combine(likelihoods + self._garbage[:, None])
        return np.asarray(np.maximum(joint - self.base, 0.0))

    def mean_above(self, means: Floats, bests: Floats) -> Floats:
        """Return an upper end of the mean of `above` over some plates, n times: (n,).

        Args:
            means: (looks, n) of each look's likelihood over the plates.
            bests: (looks, n) the largest of each.
        """
        scale, garbage = np.array(self.together.scale)[:, None], self._garbage[:, None]
        mean, best = ((one + garbage) * scale for one in (means, bests))
        values = [_bounds(cluster, mean, best) for cluster in self.together.clusters]
        tops = [top for _, top in values]
        whole = np.min(
            [
                each * prod(tops[:place] + tops[place + 1 :])
                for place, (each, _) in enumerate(values)
            ],
            axis=0,
        )
        return np.asarray(np.maximum(whole - self.base, 0.0))

    def each(self, plates: Sequence[Plate]) -> Floats:
        """Return P(read | plate) of each look for plates of one length: (looks, n).

        Without the part of reads that say nothing of the plate.
        """
        return np.array([likelihoods_of(sight, plates) for sight in self.sights])

    def neighbours(self, plate: Plate) -> Floats:
        """Return P(read | plate with another symbol in a slot) of each look: (looks, slots, 36).

        Without the part of reads that say nothing of the plate; with the symbol it has, it is
        the plate itself. Looks that are alike to two plates are so to the last digit.
        """
        if not kernel.native:
            found = self.each([one for row in _changed(plate) for one in row])
            return found.reshape(len(self.sights), len(plate), len(SYMBOLS))
        key = key_of(plate)
        others = (plate[:i] + _SWITCHED[plate[i]] + plate[i + 1 :] for i in range(len(plate)))
        shapes = [shape_of(plate), *map(shape_of, others)]
        return np.array([kernel.neighbours(one.native, key, shapes) for one in self.sights])

    def product(self, plate: Plate) -> float:
        """Return the product of the likelihoods of all looks, as if they shared nothing."""
        scaled = (self.each([plate])[:, 0] + self._garbage) * np.array(self.together.scale)
        return float(scaled.prod())

    @cached_property
    def _garbage(self) -> Floats:
        return np.array([sight.garbage for sight in self.sights])

    @cached_property
    def native(self) -> tuple[Any, ...]:
        """The looks as the kernel takes them, cluster by cluster."""
        if len(self.sights) == 1:
            return np.float64(self.base).tobytes(), [self.sights[0].native], *_ALONE
        clusters, scale = self.together.clusters, np.array(self.together.scale)
        order = [place for cluster in clusters for place in cluster.members]
        return (
            self._garbage[order] * scale[order],
            [self._reads(place) for place in order],
            bytes(len(cluster.members) for cluster in clusters),
            np.array([cluster.independent for cluster in clusters]),
            np.array([one for cluster in clusters for one in cluster.repeated]),
        )

    def _reads(self, place: int) -> list[kernel.Handle]:
        scale, sight = self.together.scale[place], self.sights[place]
        return sight.native if scale == 1.0 else sight.scaled(scale)


def _changed(plate: Plate) -> list[list[Plate]]:
    """Return the plate with each symbol in each slot."""
    return [
        [Plate(plate[:slot] + symbol + plate[slot + 1 :]) for symbol in SYMBOLS]
        for slot in range(len(plate))
    ]


_SWITCHED = {symbol: "A" if symbol.isdigit() else "0" for symbol in SYMBOLS}
"""A symbol of the other kind."""

_SINGLE = Together((1.0,), (Cluster((0,), 1.0, (0.0,)),))
_ALONE = (b"\1", np.float64(1).tobytes(), np.float64(0).tobytes())
"""One cluster of one look, as the kernel takes it."""


def _bounds(cluster: Cluster, mean: Floats, best: Floats) -> tuple[Floats, Floats]:
    """Return upper ends of the mean and of the largest value of a cluster: (n,) each."""
    members, again = list(cluster.members), np.array(cluster.repeated)
    product = best[members].prod(axis=0)
    lone = (mean[members] / best[members]).min(axis=0)
    mean_value = cluster.independent * product * np.minimum(lone, 1.0) + again @ mean[members]
    return mean_value, cluster.independent * product + again @ best[members]
