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
from plate_match.keys import keys_of, plates_of
from plate_match.layers import Layers
from plate_match.partials import Partials
from plate_match.plate import Pattern, Plate
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

_FINE = 1e-5
"""Of the same: what is left out in one piece of a registry, for several looks."""

_NARROW = 0.3
"""How wide a sum may be, of its lower end, for its estimate to be taken."""

_NONE = np.empty(0, dtype=np.uint64)

_FAR = 40_000
"""The same in a registry, where few plates can carry the sum and must be come to."""

_SAMPLE = 20_000
"""Plates that stand for all of a list."""


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

    def shares(self, wanted: Sequence[Plate | Pattern | None]) -> Floats:
        """Return the share of the population that each is: of a part of a plate, one vehicle."""
        whole = [plate for plate in wanted if isinstance(plate, Plate)]
        if len(whole) == len(wanted):
            return self.densities(whole)
        found = np.full(len(wanted), 1 / self.vehicles)
        found[[isinstance(plate, Plate) for plate in wanted]] = self.densities(whole)
        return found

    def mean_density(self, index: Index | Layers) -> float:
        """Return the mean share of the population that a vehicle of a list is."""
        found = [len(part) * self._mean_density(part) for part in index.parts]
        return sum(found) / max(len(index), 1)

    def _mean_density(self, index: Index | Partials) -> float:
        """Return the same of one index; worked out once."""
        if isinstance(index, Partials):
            return 1 / self.vehicles
        key = id(index)
        if key not in self._means:
            every = plates_of(index.store.every_nth(max(1, len(index) // _SAMPLE)))
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
        if len(looks.sights) > 1:
            return self._jointly(registry, looks)
        whole = self.table.likelihood(looks.sights[0]) * self.vehicles
        return total(registry, looks, whole * TIGHTNESS).estimate

    def _jointly(self, registry: Index, looks: Looks) -> float:
        """Return the same of several looks, which no bound holds together as closely.

        Looks that point nowhere would lead everywhere, so the walk is cut off. What the plates
        that it did not come to make of them is then told by a sample, within what is certain.
        """
        grain, steps = self._best(looks) * _FINE, _STEPS // 2
        if kernel.native:
            found = registry.search(looks, Asked(0.0, _BEST, grain=grain, steps=_FAR))
            shown, rest, seen = float(found.likelihood.sum()), found.rest, found.keys
        else:
            shown, rest, seen = 0.0, total(registry, looks, grain, steps=steps), _NONE
        if rest.high - rest.low <= _NARROW * (shown + rest.low):
            return shown + rest.estimate
        sample = self._sample.search(looks, Asked(0.0))
        sampled = float(sample.likelihood[~np.isin(sample.keys, seen)].sum())
        each = len(registry) / len(self._sample)
        return shown + float(np.clip(each * sampled, rest.low, rest.high))

    @cached_property
    def _sample(self) -> Index:
        everything = self.registry or self._every
        return Index.of_keys(everything.store.spread(_SAMPLE))

    def _best(self, looks: Looks) -> float:
        """Return the joint likelihood above the base of a plate that suits every look best."""
        best = np.array([[self.likeliest(sight)] for sight in looks.sights])
        return float(looks.above(best)[0])

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
        found = total(self._every, looks, self._best(looks) * _COARSE).estimate
        return found * (self.table.vehicles - self.table.foreign.vehicles) / len(self._every)

    @cached_property
    def _every(self) -> Index:
        return Index(every_plate())

    def _foreign(self, looks: Looks, said: str | None) -> float:
        """Return the sum over foreign vehicles; of several looks an upper end.

        Where looks repeat one another, one counts and has a mean over all foreign plates. Where
        they do not, one is averaged and the others suit every plate as their best one does.
        """
        abroad = self.table.foreign
        means = [abroad.likelihood(sight, said) for sight in looks.sights]
        if len(means) == 1:
            return means[0] * abroad.vehicles
        bests = [abroad.likeliest(sight) for sight in looks.sights]
        above = looks.mean_above(np.array(means)[:, None], np.array(bests)[:, None])
        return float(above[0]) * abroad.vehicles
