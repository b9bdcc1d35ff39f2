"""What one search found -> Answer: the posterior of one audience, its hits and their reasons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log2

from plate_match.audience import Audience
from plate_match.bearing import Bearing
from plate_match.explain import Step, explain
from plate_match.foreign import countries
from plate_match.glance import Looks
from plate_match.hit import Explanation, Hit, similarity
from plate_match.hotlist import Entry
from plate_match.index import Asked, Candidates
from plate_match.listing import Listing
from plate_match.lists import Lists
from plate_match.narrowing import searched
from plate_match.others import Others
from plate_match.plate import Pattern, Plate, spelled
from plate_match.policy import SENSITIVE_FACTOR, disposition
from plate_match.posterior import Evidence, Posterior, around, others_than
from plate_match.twins import twins

TIGHTNESS = 2e-2
"""Of everything that is weighed: what may be left out in one piece of the sum of the rest."""


_DENSEST = 0.9
"""A plate of the densest series is carried by at most one vehicle, give or take a tenth."""


@dataclass(frozen=True, slots=True)
class Model:
    """What the confidences rest on: `basis` says where the base rate comes from."""

    version: str
    base_rate: float
    basis: str = "assumed"


@dataclass(frozen=True, slots=True)
class Answer:
    """Ranked hits; with the confidences of all listed plates `not_listed` sums to 1."""

    pattern: str
    hits: tuple[Hit, ...]
    not_listed: float
    model: Model


@dataclass(frozen=True)
class Found:
    """A report against the lists of all audiences, before anybody is answered.

    Attributes:
        lists: what each audience may know of; who may know of the same entries shares one.
        bearing: what the report says of a list.
        others: the vehicles that are not listed.
        looks: what was read.
        bests: of each look, the best alignment's probability of the likeliest plate there could be.
        floor: least likelihood above the base of a candidate, along best alignments.
        everybody: likelihood above the base of a vehicle of the population.
        nobody: the base for such a vehicle, the country said included.
        model: what the confidences rest on.
    """

    lists: Lists
    bearing: Callable[[Listing], Bearing]
    others: Others
    looks: Looks
    bests: tuple[float, ...]
    floor: float
    everybody: float
    nobody: float
    model: Model

    def answer(
        self,
        audience: Audience = Audience.CONTROL_ROOM,
        *,
        limit: int = 5,
        min_confidence: float = 0.01,
    ) -> Answer:
        """Answer one audience, over the entries it may know of and no others.

        An entry it may not know of changes nothing in its answer: that plate is one of the
        vehicles of the population, as if it were not listed.
        """
        view = self._view(audience, max(limit, 0), min_confidence)
        return Answer(
            str(self.looks.sights[0].read.pattern),
            view.hits,
            view.posterior.not_listed,
            self.model,
        )

    def asked(
        self,
        audience: Audience = Audience.CONTROL_ROOM,
        *,
        limit: int = 5,
        min_confidence: float = 0.01,
    ) -> Asked:
        """Return what an index is asked for an answer like this."""
        return self._view(audience, max(limit, 0), min_confidence).asked

    def _view(self, audience: Audience, limit: int, min_confidence: float) -> "_View":
        """Return the view of a list; made once, so that who may know the same shares it."""
        listing = self.lists[audience]
        key = id(listing), limit, min_confidence
        if key not in self._views:
            self._views[key] = _View(self, self.bearing(listing), limit, min_confidence)
        return self._views[key]

    @cached_property
    def _views(self) -> dict[tuple[int, int, float], "_View"]:
        return {}


@dataclass(frozen=True)
class _View:
    """The answer over one list."""

    found: Found
    bearing: Bearing
    limit: int
    min_confidence: float

    @property
    def listed(self) -> int:
        return self.bearing.listed

    @property
    def asked(self) -> Asked:
        least, grain = self._bounds()
        said = self.bearing.report.country
        anybody = self.found.everybody / self.found.others.agreement(said)
        return Asked(self.found.floor, self.limit, least, grain=grain, anybody=anybody)

    @cached_property
    def candidates(self) -> Candidates:
        index, weights = self.bearing.listing.index, self.bearing.weights
        return searched(index, self.found.looks, self.asked, weights=weights, others=self._others)

    @cached_property
    def listed_share(self) -> float:
        """Mean share of the population that carries a listed plate."""
        return self.found.others.mean_density(self.bearing.listing.index)

    def _bounds(self) -> tuple[float, float]:
        """Return the least score of what is shown, and what may be left out of the rest.

        All that is weighed is at least the vehicles of the population that are not listed, and
        those that are, each by its share of the base rate if that is less.
        """
        found, rate = self.found, self.found.model.base_rate
        each = rate / max(self.listed, 1)
        kept = min(1.0, each * found.others.vehicles * _DENSEST)
        kept *= self.bearing.least
        least = (1 - rate) / each * (found.everybody * kept + found.nobody)
        return least * min(self.min_confidence, 1.0), self._others * TIGHTNESS

    @property
    def _others(self) -> float:
        """What all vehicles that are not listed are weighed, a wanted one by its likelihood."""
        found, rate = self.found, self.found.model.base_rate
        each = rate / max(self.listed, 1)
        return (1 - rate) / each * (found.everybody + found.nobody)

    @cached_property
    def ratios(self) -> list[float]:
        """The weights of the candidates."""
        weights = self.bearing.weights
        places = self.candidates.places
        return [1.0] * len(places) if weights is None else weights.of(places).tolist()

    @cached_property
    def posterior(self) -> Posterior:
        found, rest = self.found, self.candidates.rest.estimate
        base, share = found.looks.base, self.listed_share
        likelihood = self.candidates.likelihood.tolist()
        unseen = base * (self.bearing.total - sum(self.ratios))
        unseen *= len(likelihood) < self.listed
        carried = share * rest + self._carried(likelihood)
        others = others_than(carried, share * self.listed, found.everybody)
        return Posterior(
            likelihood=tuple(
                (one + base) * ratio for one, ratio in zip(likelihood, self.ratios, strict=True)
            ),
            rest=rest + max(unseen, 0.0),
            others=others + found.nobody,
            listed=self.listed,
            base_rate=found.model.base_rate,
        )

    def _carried(self, likelihood: Sequence[float]) -> float:
        """Return the sum of the candidates' likelihood, each times the vehicles that carry it."""
        found, total = self.found, 0.0
        shares = found.others.shares(self.candidates.wanted).tolist()
        places = self.candidates.places.tolist()
        for one, share, place in zip(likelihood, shares, places, strict=True):
            total += one * share * self.bearing.agreed(place)
        return total

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The hits, best first."""
        rates = around(self.found.model.base_rate, SENSITIVE_FACTOR)
        by_rate = zip(*map(self.posterior.confidences, rates), strict=True)
        hits = []
        for rank, asked in enumerate(by_rate):
            if asked[1] < self.min_confidence:
                break
            hits.append(self._hit(rank, self.candidates.wanted[rank], asked=asked))
        return tuple(hits)

    def _hit(
        self, rank: int, wanted: Plate | Pattern | None, *, asked: tuple[float, float, float]
    ) -> Hit:
        """Make a hit; `asked` are its confidences at a lower base rate, at this, at a higher."""
        found, place = self.found, int(self.candidates.places[rank])
        entries = self.bearing.listing.known(place, self.bearing.at)
        categories = [entry.category for entry in entries if not entry.test]
        dispositions = [disposition(categories, confidence) for confidence in asked]
        plate = spelled(wanted)

        def reasons() -> Explanation:
            return self._explanation(rank, wanted, place)

        return Hit(
            rank=rank + 1,
            plate=plate,
            country=_country(wanted, entries),
            confidence=asked[1],
            similarity=similarity(found.looks.sights[0].read.pattern, plate),
            disposition=dispositions[1],
            sensitive=len(set(dispositions)) > 1,
            entries=entries,
            explain=reasons,
        )

    def _explanation(self, rank: int, wanted: Plate | Pattern | None, place: int) -> Explanation:
        found, posterior = self.found, self.posterior
        if isinstance(wanted, Plate):
            plate: Plate | None = wanted
        else:
            plate = self.bearing.listing.likeliest(place, found.looks)
        alignments = [explain(sight, plate) for sight in found.looks.sights if plate]
        steps = tuple(step for alignment in alignments for step in alignment)
        reasons = (*self._of_reads(rank, plate, steps), *self.bearing.reasons(place))
        readily = posterior.others / posterior.likelihood[rank]
        return Explanation(
            alignment=steps,
            evidence=posterior.evidence(rank, reasons, scale=self._scale),
            vehicles_that_fit=found.others.vehicles * readily,
            twins=twins(found.looks, wanted, found.others) if isinstance(wanted, Plate) else (),
        )

    @property
    def _scale(self) -> float:
        """Bits by which likelihoods are scaled, as those of several looks are."""
        return sum(map(log2, self.found.looks.together.scale))

    def _of_reads(
        self, rank: int, plate: Plate | None, steps: Sequence[Step]
    ) -> tuple[Evidence, ...]:
        """Return the reasons of the reads; their bits add up to those of the likelihood.

        Of a pattern they are those of one plate, and what there is to it that it may be others.
        """
        looks = self.found.looks
        told = self.candidates.likelihood[rank] + looks.base
        if plate is None:
            return (Evidence("any-plate", log2(told) - self._scale),)
        alignment, single = sum(step.bits for step in steps), looks.product(plate)
        reasons = [Evidence("alignment", alignment)]
        reasons.append(Evidence("other-alignments", log2(single) - self._scale - alignment))
        joint = told
        if isinstance(self.candidates.wanted[rank], Pattern):
            joint = float(looks.above(looks.each([plate]))[0]) + looks.base
        if len(looks.sights) > 1:
            reasons.append(Evidence("shared-looks", log2(joint) - log2(single)))
        if joint != told:
            reasons.append(Evidence("any-plate", log2(told) - log2(joint)))
        return tuple(reasons)


def _country(wanted: Plate | Pattern | None, entries: Sequence[Entry]) -> str | None:
    """Return the country of a plate: as its first entry has it, or as a whole one is spelled."""
    spelled = countries(wanted) if isinstance(wanted, Plate) else ()
    return entries[0].country or next(iter(spelled), None)
