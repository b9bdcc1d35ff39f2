"""Report + hotlist -> Answer: the only place that knows the order of the steps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import exp

import numpy as np

from plate_match import base_rates
from plate_match import channel as channels
from plate_match import population as populations
from plate_match.audience import Audience, Told
from plate_match.base_rates import BaseRates
from plate_match.bearing import Bearing
from plate_match.channel import Channel, Source
from plate_match.errors import UnreadablePlate
from plate_match.found import Answer, Found, Model
from plate_match.glance import Looks
from plate_match.hotlist import Entry, Hotlist
from plate_match.index import Index
from plate_match.layers import Layers
from plate_match.listing import Listing
from plate_match.lists import Lists
from plate_match.looks import Together, together
from plate_match.normalize import normalize
from plate_match.others import Others
from plate_match.plate import Plate
from plate_match.registry import Registry
from plate_match.report import Look, Report, read_of
from plate_match.sight import Sight

BASE_RATE = 0.01
"""How often a report concerns a listed vehicle: a stated assumption."""


DEFAULT_CUTOFF = 12.0
"""Nats; a plate beyond it is 160,000 times less likely than one that could have been seen."""


FORESEEN = (Audience.CONTROL_ROOM, Audience.GUARD)
"""Audiences whose lists are there from the beginning; others are made for whoever asks first."""


@dataclass(frozen=True)
class Matcher:
    """One hotlist, ready to be matched against. Immutable; safe to share between threads."""

    lists: Lists
    channel: Channel
    others: Others
    rates: BaseRates

    @classmethod
    def build(
        cls, hotlist: Hotlist | Iterable[str], *, registry: Registry | None = None
    ) -> "Matcher":
        """Build a matcher for a hotlist, or for plain plates in any spelling.

        Args:
            hotlist: the wanted plates.
            registry: the other vehicles, and how common makes and colours are among them if
                it has counted them; without one, tables say so.

        Raises:
            UnreadablePlate: one of the plain plates is no whole plate.
        """
        listed = hotlist if isinstance(hotlist, Hotlist) else Hotlist.of_plates(_whole(hotlist))
        return cls.of(Lists.of(listed), registry=registry)

    @classmethod
    def of(cls, lists: Lists, *, registry: Registry | None = None) -> "Matcher":
        """Make a matcher of what each audience may know."""
        others, rates = Others(populations.load()), base_rates.load()
        if registry is not None:
            others = replace(others, registry=registry.index, name=registry.name)
            rates = registry.rates
        weighed = Lists(lists.circles, _Weighed(lists, others))
        for audience in FORESEEN:
            weighed.of_circles(weighed.told(audience))
        return cls(weighed, channels.load(), others, rates)

    def with_entries(self, entries: Iterable[Entry]) -> "Matcher":
        """Return the matcher of a list that has these entries besides.

        It takes milliseconds and shares what this one has; the answers are those of a matcher
        that was built of all entries.
        """
        return replace(self, lists=self.lists.with_entries(entries))

    @property
    def index(self) -> Index | Layers:
        """The index of all listed plates."""
        return self.lists[Audience.CONTROL_ROOM].index

    def work_out(self, at: datetime) -> None:
        """Work out now what is kept of the usual lists; else the first search does."""
        for audience in FORESEEN:
            self.lists[audience].work_out(at)

    def about(self, spelling: str) -> tuple[Entry, ...]:
        """Return all entries whose plate is spelled so, compactly; of "" those without one."""
        return self.lists[Audience.CONTROL_ROOM].about(spelling)

    def tests(self) -> Iterator[Entry]:
        """Yield the entries that are there for a test, as they come."""
        return self.lists[Audience.CONTROL_ROOM].tests()

    def started(self, after: datetime, until: datetime) -> tuple[Entry, ...]:
        """Return the entries that came into force after one moment and by another."""
        return self.lists[Audience.CONTROL_ROOM].started(after, until)

    @property
    def version(self) -> str:
        """Version of the model: the fitted channel and the population."""
        return f"{self.channel.version}+{self.others.version}"

    def match(
        self,
        read: str | Sequence[str],
        *,
        source: str = Source.EYESIGHT,
        limit: int = 5,
        min_confidence: float = 0.01,
        base_rate: float = BASE_RATE,
    ) -> Answer:
        """Answer one read, or several of one vehicle, over all entries.

        Args:
            read: what was seen, in any spelling; several reads of one vehicle in a list.
            source: how it came about.
            limit: most hits to answer.
            min_confidence: least confidence of a hit; with 0 nothing within the cut-off is
                dropped.
            base_rate: how often a report concerns a listed vehicle.

        Raises:
            UnreadablePlate: nothing in the read can be looked for.
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
    ) -> Found:
        """Look at a report once; the answer for each audience is then asked of what is found.

        Args:
            report: what was seen.
            at: entries that are not in force at this moment are as if they were not listed;
                without one, all are in force.
            base_rate: between 0 and 1, both excluded.
            cutoff: nats a look; a plate whose best alignments are further in all from those of
                the likeliest plate that could exist, or from reads that say nothing, is no
                candidate.

        Raises:
            ValueError: the base rate is no such number.
        """
        if not 0 < base_rate < 1:
            raise ValueError("the base rate must lie between 0 and 1, both excluded")
        sights = tuple(Sight.of(self.channel, look.read, look.source) for look in report.looks)
        looks = Looks.of(sights[0]) if len(sights) == 1 else Looks(sights, _joined(report, sights))
        bests = tuple(self.others.likeliest(sight) for sight in sights)
        return Found(
            lists=self.lists,
            bearing=lambda listing: Bearing(listing, report, self.rates, at),
            others=self.others,
            looks=looks,
            bests=bests,
            floor=_floor(looks, bests, cutoff),
            everybody=self.others.likelihood(looks, report.country),
            nobody=looks.base * self.others.agreement(report.country),
            model=Model(self.version, base_rate),
        )


def _floor(looks: Looks, bests: Sequence[float], cutoff: float) -> float:
    """Return the least likelihood above the base of a candidate along its best alignments."""
    best = [max(one, sight.garbage) for one, sight in zip(bests, looks.sights, strict=True)]
    if len(best) == 1:
        return best[0] * exp(-cutoff)
    return float(looks.above(np.array(best)[:, None])[0]) * exp(-cutoff * len(best))


@dataclass(frozen=True)
class _Weighed:
    """Makes listings of those of other lists, weighed as the first search would have to."""

    lists: Lists
    others: Others

    def __call__(self, told: Told) -> Listing:
        listing = self.lists.of_circles(told)
        self.others.mean_density(listing.index)
        return listing


def _joined(report: Report, sights: Sequence[Sight]) -> Together:
    observed = [sight.channel.observe(sight.read, sight.source) for sight in sights]
    return together(report.looks, observed)


def _whole(plates: Iterable[str]) -> Iterator[Plate]:
    for text in plates:
        plate = normalize(text)
        if not isinstance(plate, Plate):
            raise UnreadablePlate("a plain hotlist holds whole plates of 3 to 10 symbols only")
        yield plate
