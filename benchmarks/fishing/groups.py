"""How many plates an answer may mean that tells of a listed one and does not show it."""

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from statistics import median

from benchmarks.fishing.asks import Asked
from benchmarks.fishing.world import Cars
from plate_match.matcher import Matcher

MOST_GROUPS = 20
"""Signals that are looked into, of each attacker."""

MOST_SEEN = 2_000
"""Plates that are counted; a larger group is at least so many times `Groups.each`."""


class Groups:
    """Counts the vehicles of a population that a signal fits half as well as what was meant."""

    def __init__(self, cars: Cars, vehicles: int) -> None:
        """Take those that drive as a sample of so many vehicles."""
        self._cars = cars
        self.each = vehicles / len(cars.others)

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher.build([*self._cars.listed, *self._cars.others])

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self._cars.listed)

    def size(self, plate: str, asked: Asked) -> float:
        """Return how many vehicles could be meant as well as a listed plate; at least one."""
        found = self._matcher.search(asked.report())
        hits = found.answer(limit=MOST_SEEN, min_confidence=0.0).hits
        meant = next((hit.confidence for hit in hits if hit.plate == plate), 0.0)
        alike = (hit for hit in hits if hit.confidence >= meant / 2)
        return 1 + self.each * sum(hit.plate not in self._listed for hit in alike)

    def usual(self, signals: Mapping[str, Asked]) -> float | None:
        """Return the median of some of these, or None of none."""
        some = islice(signals.items(), MOST_GROUPS)
        return median([self.size(*one) for one in some]) if signals else None
