"""Hotlist -> Listing: each wanted plate with its entries, and who may know of which, when."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from plate_match.census import Census
from plate_match.hotlist import Dissemination, Entry, Hotlist
from plate_match.plate import Plate


class Audience(StrEnum):
    """Who is answered: a guard, who may not know of every entry, or the control room."""

    GUARD = "guard"
    CONTROL_ROOM = "control-room"

    def may_know(self, entry: Entry) -> bool:
        """Whether this audience may learn of an entry."""
        return (
            self is Audience.CONTROL_ROOM or entry.dissemination is not Dissemination.DISPATCH_ONLY
        )


@dataclass(frozen=True)
class Listing:
    """Distinct plates in order; entries of one plate in the order of the hotlist."""

    plates: tuple[Plate, ...]
    entries: tuple[tuple[Entry, ...], ...]

    @classmethod
    def of(cls, hotlist: Hotlist) -> "Listing":
        """Gather the entries of each plate."""
        by_plate: Mapping[Plate, list[Entry]] = defaultdict(list)
        for entry in hotlist:
            by_plate[entry.plate].append(entry)
        plates = tuple(sorted(by_plate))
        return cls(plates, tuple(tuple(by_plate[plate]) for plate in plates))

    def known(self, place: int, audience: Audience, at: datetime | None) -> tuple[Entry, ...]:
        """Return the entries of a plate that an audience may know of at a moment.

        Without a moment, all entries are in force.
        """
        return tuple(
            entry
            for entry in self.entries[place]
            if audience.may_know(entry) and entry.in_force(at)
        )

    def count(self, audience: Audience, at: datetime | None) -> int:
        """Return how many plates an audience may know of at a moment."""
        return self._whole[audience] if at is None else self._census[audience].at(at)

    @cached_property
    def _whole(self) -> Mapping[Audience, int]:
        return {
            audience: sum(any(map(audience.may_know, entries)) for entries in self.entries)
            for audience in Audience
        }

    @cached_property
    def _census(self) -> Mapping[Audience, Census]:
        return {
            audience: Census.of(
                [entry for entry in entries if audience.may_know(entry)] for entries in self.entries
            )
            for audience in Audience
        }
