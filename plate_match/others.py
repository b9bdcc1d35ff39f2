"""Looks -> the other vehicles on Dutch roads that could have given them.

By default from the table of series, in closed form for one look. Of several looks the joint
likelihood has no closed form: it is summed over the plates that suit them best, each with its
density, and estimated for the rest. With a registry the sum runs over the plates registered.
Foreign vehicles are in no registry, so they always come from the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plate_match import kernel
from plate_match.branches import total
from plate_match.country import agreement
from plate_match.glance import Looks
from plate_match.index import Asked, Index
from plate_match.keys import keys_of
from plate_match.plate import Plate
from plate_match.population import HOME, Population
from plate_match.sight import Sight
from plate_match.store import every_plate

Floats = NDArray[np.float64]

TIGHTNESS = 1e-5
"""Of all that is summed: what may be left out in one piece."""

_BEST = 400
"""Plates of several looks that are weighed one by one; the rest follows their mean."""


_STEPS = 20_000
"""Beginnings of plates that are gone into for several looks, shared by them."""

_COARSE = 1e-2
"""Of what the likeliest plate could have: what numpy leaves out in one piece."""

_SAMPLE = 20_000
"""Listed plates from which their mean density is taken."""


@dataclass(frozen=True)
class Others:
    """Vehicles that are none of the listed: the table of series, and a registry or none."""

    table: Population
    registry: Index | None = None
    name: str = ""

    @property
    def version(self) -> str:
        """What the likelihoods rest on."""
        return f"{self.table.version}+{self.name}" if self.name else self.table.version

    @cached_property
    def vehicles(self) -> float:
        """How many there are, foreign ones by their share of traffic."""
        if self.registry is None:
            return self.table.vehicles
        return len(self.registry) + self.table.foreign.vehicles

    def densities(self, plates: Sequence[Plate]) -> Floats:
        """Return P(plate) of each: the chance that a vehicle carries it."""
        if self.registry is None:
            return self.table.densities(plates)
        abroad = self.table.foreign
        held = self.registry.holds(keys_of(plates))
        carried = np.where(held, 1.0, abroad.densities(plates) * abroad.vehicles)
        return np.asarray(carried / self.vehicles)

    def mean_density(self, index: Index) -> float:
        """Return the mean of the densities of a list's plates; worked out once a list."""
        key = id(index)
        if key not in self._means:
            every = index.plates[:: max(1, len(index) // _SAMPLE)]
            mean = float(self.densities(every).mean()) if every else 0.0
            self._means[key] = index, mean
        return self._means[key][1]

    @cached_property
    def _means(self) -> dict[int, tuple[Index, float]]:
        return {}

    def likelihood(self, looks: Looks, said: str | None = None) -> float:
        """Return the likelihood above the base of any vehicle, with the country said."""
        if self.registry is not None:
            dutch = self._registered(self.registry, looks)
        elif len(looks.sights) > 1:
            dutch = self._by_series(looks)
        else:
            return self.table.likelihood(looks.sights[0], said)
        return (dutch * agreement(said, (HOME,)) + self._foreign(looks, said)) / self.vehicles

    def agreement(self, said: str | None) -> float:
        """Return P(the country said | a vehicle)."""
        return self.table.agreement(said)

    def likeliest(self, sight: Sight) -> float:
        """Return the best alignment's probability of the likeliest plate that could exist."""
        return self.table.likeliest(sight)

    def _registered(self, registry: Index, looks: Looks) -> float:
        """Return the sum over all registered plates: vehicles times likelihood."""
        whole = sum(self.table.likelihood(sight) for sight in looks.sights) * self.vehicles
        return total(registry, looks, whole * TIGHTNESS).estimate

    def _by_series(self, looks: Looks) -> float:
        if not kernel.native:
            return self._by_layout(looks)
        steps = _STEPS // len(looks.sights)
        best = self._every.search(looks, Asked(0.0, 1, grain=np.inf, steps=steps)).likelihood
        grain = float(best.max(initial=0.0)) * TIGHTNESS
        found = self._every.search(looks, Asked(0.0, _BEST, grain=grain, steps=steps))
        weight = self.table.densities(found.plates) * self.table.vehicles
        shown = float(weight @ found.likelihood)
        return shown + found.rest.estimate * shown / max(float(found.likelihood.sum()), grain)

    def _by_layout(self, looks: Looks) -> float:
        """Return the same where there is no kernel, as if all plates were alike dense."""
        best = looks.above(np.array([[self.likeliest(sight)] for sight in looks.sights]))
        found = total(self._every, looks, float(best[0]) * _COARSE).estimate
        return found * (self.table.vehicles - self.table.foreign.vehicles) / len(self._every)

    @cached_property
    def _every(self) -> Index:
        return Index(every_plate())

    def _foreign(self, looks: Looks, said: str | None) -> float:
        """Return the sum over foreign vehicles; of several looks an upper end.

        One look is averaged over all foreign plates, the others suit each of them best.
        """
        abroad = self.table.foreign
        means = np.array([abroad.likelihood(sight, said) for sight in looks.sights])
        if len(means) == 1:
            return float(means[0]) * abroad.vehicles
        each = np.repeat([[abroad.likeliest(sight)] for sight in looks.sights], len(means), axis=1)
        np.fill_diagonal(each, means)
        return float(looks.above(each).min()) * abroad.vehicles
