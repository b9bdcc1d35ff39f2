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
from plate_match.errors import UnreadablePlate
from plate_match.explain import align
from plate_match.foreign import countries
from plate_match.hotlist import Entry, Hotlist
from plate_match.index import Candidates, Index
from plate_match.listing import Audience, Listing
from plate_match.normalize import normalize
from plate_match.plate import Plate
from plate_match.policy import SENSITIVE_FACTOR, disposition
from plate_match.population import Population
from plate_match.posterior import Posterior, others_than
from plate_match.rank import Explanation, Hit, similarity
from plate_match.report import Report, read_of
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
        report = Report(tuple(read_of(text, source=how) for text in texts), how)
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
        """
        seen = self.channel.observe(report.reads[0], report.source)
        candidates = self.index.search(seen, self._floor(seen, cutoff))
        return Found(self, report, seen, candidates, at, base_rate)

    def _floor(self, seen: Observation, cutoff: float) -> float:
        """Return the least probability of a candidate's best alignment."""
        if len(seen.gaps) > MOST_COLUMNS:
            return inf
        return max(self.population.likeliest(seen), seen.garbage) * exp(-cutoff)


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
        known = list(self._known(audience))
        posterior = self._posterior(audience, [place for place, _ in known])
        confidences = posterior.confidences()
        pattern = self.report.reads[0].pattern
        hits = []
        for order, (place, entries) in enumerate(known[: max(limit, 0)]):
            if confidences[order] < min_confidence:
                break
            hits.append(self._hit(posterior, order, plate=self._plate(place), entries=entries))
        model = Model(self.matcher.version, self.base_rate)
        return Answer(str(pattern), tuple(hits), posterior.not_listed, model)

    def _known(self, audience: Audience) -> Iterator[tuple[int, tuple[Entry, ...]]]:
        """Yield the order of each candidate this audience may know of, with those entries."""
        for order, place in enumerate(self.candidates.places):
            entries = self.matcher.listing.known(int(place), audience, self.at)
            if entries:
                yield order, entries

    def _posterior(self, audience: Audience, known: Sequence[int]) -> Posterior:
        orders = np.array(known, dtype=np.intp)
        likelihood = self.candidates.likelihood[orders]
        density = self.matcher.densities[self.candidates.places[orders]]
        return Posterior(
            likelihood=likelihood + self.seen.garbage,
            floor=self.seen.garbage,
            others=others_than(density, likelihood, self._everybody) + self.seen.garbage,
            listed=self.matcher.listing.count(audience, self.at),
            base_rate=self.base_rate,
        )

    @cached_property
    def _everybody(self) -> float:
        return self.matcher.population.likelihood(self.seen)

    def _plate(self, order: int) -> Plate:
        return self.matcher.index.plates[int(self.candidates.places[order])]

    def _hit(
        self, posterior: Posterior, rank: int, *, plate: Plate, entries: tuple[Entry, ...]
    ) -> Hit:
        categories = [entry.category for entry in entries]
        asked = [
            disposition(categories, float(posterior.confidences(rate)[rank]))
            for rate in _around(self.base_rate)
        ]

        def explain() -> Explanation:
            return self._explanation(posterior, rank, plate)

        return Hit(
            rank=rank + 1,
            plate=plate,
            country=entries[0].country or next(iter(countries(plate)), None),
            confidence=float(posterior.confidences()[rank]),
            similarity=similarity(self.report.reads[0].pattern, plate),
            disposition=asked[1],
            sensitive=len(set(asked)) > 1,
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
