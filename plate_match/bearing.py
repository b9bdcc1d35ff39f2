"""Report + listing -> Bearing: what a report says of listed plates beside its reads.

A description, a country, and the moment it is asked at give every listed plate a weight: how
much likelier the report is for that vehicle than for any vehicle of the population. A plate that
an audience may not know of, or that is not in force, weighs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plate_match.base_rates import BaseRates
from plate_match.country import agreement, possible_countries
from plate_match.description import NOTHING_SAID, ratios, weigh
from plate_match.index import Index, Weights
from plate_match.listing import Audience, Listing
from plate_match.posterior import Evidence
from plate_match.report import Report
from plate_match.traits import Profile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bearing:
    """What one report says of the plates of one listing, beside its reads.

    Attributes:
        index: of the listed plates.
        listing: their entries, by the same places.
        report: its description and its country.
        rates: how common what is described is.
        at: when it is asked; None if every entry counts as in force.
    """

    index: Index
    listing: Listing
    report: Report
    rates: BaseRates
    at: datetime | None = None

    def weights(self, audience: Audience) -> Weights | None:
        """Return the weight of every plate for an audience; None if all are 1."""
        return self._weights[audience]

    def total(self, audience: Audience, listed: int) -> float:
        """Return the sum of the weights of so many plates in force."""
        weights = self._weights[audience]
        if weights is None or self.is_silent:
            return float(listed)
        known = float(weights.counts @ (weights.ratios > 0))
        return float(weights.counts @ weights.ratios) * listed / max(known, 1.0)

    def least(self, audience: Audience) -> float:
        """Return the least weight of a plate that weighs anything; at most 1."""
        weights = self._weights[audience]
        if weights is None or self.is_silent:
            return 1.0
        return min(1.0, float(weights.ratios[weights.ratios > 0].min(initial=1.0)))

    @property
    def is_silent(self) -> bool:
        """Whether the report says nothing beside its reads."""
        return self.report.country is None and self.report.description == NOTHING_SAID

    def agreed(self, place: int) -> float:
        """Return P(the country said | the plate at a place)."""
        return float(self._agreed[place]) if self.report.country else 1.0

    def reasons(self, place: int, audience: Audience) -> tuple[Evidence, ...]:
        """Return the reasons for the weight of a plate; their bits add up to log2 of it."""
        found: tuple[Evidence, ...] = ()
        if self.report.country:
            found = (Evidence("country", float(np.log2(self.agreed(place)))),)
        if self.report.description == NOTHING_SAID:
            return found
        profiles = self.listing.profiles(place, audience)
        if len(set(profiles)) == 1:
            return (*found, *weigh(self.report.description, profiles[0], self.rates))
        mean = sum(self._ratio[profile] for profile in profiles) / len(profiles)
        return (*found, Evidence("description", float(np.log2(mean))))

    @cached_property
    def _weights(self) -> Mapping[Audience, Weights | None]:
        return {audience: self._weighed(audience) for audience in self.listing.audiences}

    def _weighed(self, audience: Audience) -> Weights | None:
        listing = self.listing
        spans = None if self.at is None else listing.spans[audience]
        moment = 0.0 if self.at is None else self.at.timestamp()
        if self.is_silent:
            if spans is None and listing.shows_all(audience):
                return None
            return Weights(listing.kind, listing.plain[audience], listing.counts, spans, moment)
        by_kind = listing.by_kind(audience, self._ratio)
        if self.report.country is None:
            return Weights(listing.kind, by_kind, listing.counts, spans, moment)
        values, kind = np.unique(by_kind[listing.kind] * self._agreed, return_inverse=True)
        return Weights(kind.astype(np.uint32), values, np.bincount(kind), spans, moment)

    @cached_property
    def _ratio(self) -> Mapping[Profile, float]:
        profiles = self.listing.every_profile
        found = ratios(self.report.description, profiles, self.rates)
        return dict(zip(profiles.profiles, found.tolist(), strict=True))

    @cached_property
    def _agreed(self) -> Floats:
        """(n,) P(the country said | plate)."""
        return np.array(
            [
                agreement(self.report.country, possible_countries(plate, entries))
                for plate, entries in zip(self.index.plates, self.listing.entries, strict=True)
            ]
        )
