"""Report + listing -> Bearing: what a report says of listed plates beside its reads.

A description, a country, and the moment it is asked at give every listed plate a weight: how
much likelier the report is for that vehicle than for any vehicle of the population. A plate that
is not in force weighs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plate_match.base_rates import BaseRates
from plate_match.description import NOTHING_SAID, ratios, weigh
from plate_match.index import Weights
from plate_match.listing import Listing
from plate_match.posterior import Evidence
from plate_match.report import Report
from plate_match.traits import Profile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bearing:
    """What one report says of the plates of one listing, beside its reads.

    Attributes:
        listing: the plates and their entries.
        report: its description and its country.
        rates: how common what is described is.
        at: when it is asked; None if every entry counts as in force.
    """

    listing: Listing
    report: Report
    rates: BaseRates
    at: datetime | None = None

    @cached_property
    def listed(self) -> int:
        """How many plates are listed."""
        return self.listing.count(self.at)

    @cached_property
    def weights(self) -> Weights | None:
        """The weight of every plate; None if all are 1."""
        listing = self.listing
        spans = None if self.at is None else listing.spans_at(self.at)
        moment = 0.0 if self.at is None else self.at.timestamp()
        if self.is_silent:
            if spans is None:
                return None
            ones = np.ones(len(listing.facts.kinds))
            return Weights(listing.facts.kind, ones, listing.counts, spans, moment)
        by_kind = listing.by_kind(self._ratio)
        if self.report.country is None:
            return Weights(listing.facts.kind, by_kind, listing.counts, spans, moment)
        values, kind = np.unique(by_kind[listing.facts.kind] * self._agreed, return_inverse=True)
        return Weights(kind.astype(np.uint32), values, np.bincount(kind), spans, moment)

    @property
    def total(self) -> float:
        """The sum of the weights of all plates in force."""
        if self.weights is None or self.is_silent:
            return float(self.listed)
        return self.weights.mean * self.listed

    @property
    def least(self) -> float:
        """The least weight of a plate; at most 1."""
        if self.weights is None or self.is_silent:
            return 1.0
        return min(1.0, float(self.weights.ratios.min(initial=1.0)))

    @property
    def is_silent(self) -> bool:
        """Whether the report says nothing beside its reads."""
        return self.report.country is None and self.report.description == NOTHING_SAID

    def agreed(self, place: int) -> float:
        """Return P(the country said | the plate at a place)."""
        return float(self._agreed[place]) if self.report.country else 1.0

    def reasons(self, place: int) -> tuple[Evidence, ...]:
        """Return the reasons for the weight of a plate; their bits add up to log2 of it."""
        found: tuple[Evidence, ...] = ()
        if self.report.country:
            found = (Evidence("country", float(np.log2(self.agreed(place)))),)
        if self.report.description == NOTHING_SAID:
            return found
        profiles = self.listing.profiles(place)
        if len(set(profiles)) == 1:
            return (*found, *weigh(self.report.description, profiles[0], self.rates))
        mean = sum(self._ratio[profile] for profile in profiles) / len(profiles)
        return (*found, Evidence("description", float(np.log2(mean))))

    @cached_property
    def _ratio(self) -> Mapping[Profile, float]:
        profiles = self.listing.every_profile
        found = ratios(self.report.description, profiles, self.rates)
        return dict(zip(profiles.profiles, found.tolist(), strict=True))

    @cached_property
    def _agreed(self) -> Floats:
        """(n,) P(the country said | plate)."""
        return self.listing.agreed(self.report.country or "")
