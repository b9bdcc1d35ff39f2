"""Report + hotlist -> Answer: the only place that knows the order of the steps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from plate_match import channel as channels
from plate_match import population as populations
from plate_match.channel import Channel, Observation, Source
from plate_match.country import agreement, possible_countries
from plate_match.errors import UnreadablePlate, UnsupportedReport
from plate_match.explain import align
from plate_match.foreign import countries
from plate_match.hit import Explanation, Hit, similarity
from plate_match.hotlist import Entry, Hotlist
from plate_match.index import Candidates, Index
from plate_match.listing import Audience, Listing
from plate_match.normalize import normalize
from plate_match.plate import Plate
from plate_match.policy import SENSITIVE_FACTOR, disposition
from plate_match.population import Population
from plate_match.posterior import Posterior, others_than
from plate_match.report import Look, Report, read_of
from plate_match.twins import twins

Floats = NDArray[np.float64]

BASE_RATE = 0.01
"""How often a report concerns a listed vehicle: a stated assumption."""


DEFAULT_CUTOFF = 12.0
"""Nats; a plate beyond it is 160,000 times less likely than one that could have been seen."""


MOST_COLUMNS = 24
"""Symbols and separators; a longer read is not of one plate, so it speaks for none."""


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
class Matcher:
    """One hotlist, ready to be matched against. Immutable; safe to share between threads."""

    index: Index
    listing: Listing
    densities: Floats
    channel: Channel
    population: Population

    @classmethod
    def build(cls, hotlist: Hotlist | Iterable[str]) -> "Matcher":
        """Build a matcher for a hotlist, or for plain plates in any spelling.

        Raises:
            UnreadablePlate: one of the plain plates is no whole plate.
        """
        listed = hotlist if isinstance(hotlist, Hotlist) else Hotlist.of_plates(_whole(hotlist))
        listing = Listing.of(listed)
        population = populations.load()
        densities = population.densities(listing.plates)
        return cls(Index.build(listing.plates), listing, densities, channels.load(), population)

    @property
    def version(self) -> str:
        """Version of the model: the fitted channel and the population."""
        return f"{self.channel.version}+{self.population.version}"

    def match(
        self,
        read: str | Sequence[str],
        *,
        source: str = Source.EYESIGHT,
        limit: int = 5,
        min_confidence: float = 0.01,
        base_rate: float = BASE_RATE,
    ) -> Answer:
        """Answer one read, over all entries.

        Args:
            read: what was seen, in any spelling; several reads of one vehicle in a list.
            source: how it came about.
            limit: most hits to answer.
            min_confidence: least confidence of a hit; with 0 nothing within the cut-off is
                dropped.
            base_rate: how often a report concerns a listed vehicle.

        Raises:
            UnreadablePlate: nothing in the read can be looked for.
            UnsupportedReport: several reads, which cannot be weighed together yet.
        """
        texts = [read] if isinstance(read, str) else list(read)
        how = Source(source)
        report = Report(tuple(Look(read_of(text, source=how), how) for text in texts))
        found = self.search(report, base_rate=base_rate)
        return found.answer(limit=limit, min_confidence=min_confidence)

    def search(
        self,
        report: Report,
        *,
        at: datetime | None = None,
        base_rate: float = BASE_RATE,
        cutoff: float = DEFAULT_CUTOFF,
    ) -> "Found":
        """Search once; the answer for each audience is then a matter of arithmetic.

        Args:
            report: what was seen.
            at: entries that are not in force at this moment are as if they were not listed;
                without one, all are in force.
            base_rate: between 0 and 1, both excluded.
            cutoff: nats; a plate whose best alignment is further from that of the likeliest
                plate that could exist, or from a read that says nothing, is no candidate.

        Raises:
            ValueError: the base rate is no such number.
        """
        if not 0 < base_rate < 1:
            raise ValueError("the base rate must lie between 0 and 1, both excluded")
        if len(report.looks) > 1:
            raise UnsupportedReport("several reads of one vehicle cannot be weighed together yet")
        look = report.looks[0]
        seen = self.channel.observe(look.read, look.source)
        candidates = self.index.search(seen, self._floor(seen, cutoff))
        return Found(self, report, seen, candidates, at, base_rate)

    def _floor(self, seen: Observation, cutoff: float) -> float:
        """Return the least probability of a candidate's best alignment."""
        if len(seen.gaps) > MOST_COLUMNS:
            return inf
        return max(self.population.likeliest(seen), seen.garbage) * exp(-cutoff)


@dataclass(frozen=True, slots=True)
class _Known:
    """A candidate that an audience may know of, with those entries."""

    place: int
    plate: Plate
    entries: tuple[Entry, ...]
    likelihood: float
    description: float


@dataclass(frozen=True)
class Found:
    """What one search found, before anybody is answered."""

    matcher: Matcher
    report: Report
    seen: Observation
    candidates: Candidates
    at: datetime | None
    base_rate: float

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
        known = self._known(audience)
        posterior = self._posterior(audience, known)
        by_rate = [posterior.confidences(rate).tolist() for rate in _around(self.base_rate)]
        pattern = self.report.looks[0].read.pattern
        hits = []
        for rank, one in enumerate(known[: max(limit, 0)]):
            low, confidence, high = (confidences[rank] for confidences in by_rate)
            if confidence < min_confidence:
                break
            hits.append(self._hit(posterior, rank, one, asked=(low, confidence, high)))
        model = Model(self.matcher.version, self.base_rate)
        return Answer(str(pattern), tuple(hits), posterior.not_listed, model)

    def _known(self, audience: Audience) -> list[_Known]:
        """Return the candidates this audience may know of, likeliest first, ties by plate."""
        known = []
        for place, likelihood in zip(*self._candidates(), strict=True):
            entries = self.matcher.listing.known(place, audience, self.at)
            if entries:
                plate = self.matcher.index.plates[place]
                possible = possible_countries(plate, entries) if self.report.country else ()
                described = agreement(self.report.country, possible)
                known.append(_Known(place, plate, entries, likelihood, described))
        if self.report.country:
            known.sort(key=self._order)
        return known

    def _order(self, known: _Known) -> tuple[float, Plate]:
        """Order by what the posterior weighs, reads that say nothing included; ties by plate."""
        return -(known.likelihood + self.seen.garbage) * known.description, known.plate

    def _candidates(self) -> tuple[list[int], list[float]]:
        return self.candidates.places.tolist(), self.candidates.likelihood.tolist()

    def _posterior(self, audience: Audience, known: Sequence[_Known]) -> Posterior:
        said, population = self.report.country, self.matcher.population
        likelihood = np.array([one.likelihood for one in known])
        description = np.array([one.description for one in known])
        density = self.matcher.densities[[one.place for one in known]]
        garbage = self.seen.garbage * population.agreement(said)
        return Posterior(
            likelihood=(likelihood + self.seen.garbage) * description,
            description=description,
            floor=garbage,
            others=others_than(density, likelihood * description, self._everybody) + garbage,
            listed=self.matcher.listing.count(audience, self.at),
            base_rate=self.base_rate,
        )

    @cached_property
    def _everybody(self) -> float:
        return self.matcher.population.likelihood(self.seen, self.report.country)

    def _hit(
        self, posterior: Posterior, rank: int, known: _Known, *, asked: tuple[float, float, float]
    ) -> Hit:
        """Make a hit; `asked` are its confidences at a lower base rate, at this, at a higher."""
        plate, entries = known.plate, known.entries
        categories = [entry.category for entry in entries]
        dispositions = [disposition(categories, confidence) for confidence in asked]

        def explain() -> Explanation:
            return self._explanation(posterior, rank, plate)

        return Hit(
            rank=rank + 1,
            plate=plate,
            country=entries[0].country or next(iter(countries(plate)), None),
            confidence=asked[1],
            similarity=similarity(self.report.looks[0].read.pattern, plate),
            disposition=dispositions[1],
            sensitive=len(set(dispositions)) > 1,
            entries=entries,
            explain=explain,
        )

    def _explanation(self, posterior: Posterior, rank: int, plate: Plate) -> Explanation:
        steps = align(self.seen, plate)
        population = self.matcher.population
        readily = posterior.others / float(posterior.likelihood[rank])
        return Explanation(
            alignment=steps,
            evidence=posterior.evidence(rank, sum(step.bits for step in steps)),
            vehicles_that_fit=population.vehicles * readily,
            twins=twins(self.seen, plate, population),
        )


def _around(base_rate: float) -> tuple[float, float, float]:
    """Return a third of the base rate, itself, and three times it, all below 1."""
    odds = base_rate / (1 - base_rate)
    shifted = (odds / SENSITIVE_FACTOR, odds, odds * SENSITIVE_FACTOR)
    low, _, high = (one / (1 + one) for one in shifted)
    return low, base_rate, high


def _whole(plates: Iterable[str]) -> Iterator[Plate]:
    for text in plates:
        plate = normalize(text)
        if not isinstance(plate, Plate):
            raise UnreadablePlate("a plain hotlist holds whole plates of 3 to 10 symbols only")
        yield plate
