"""Hotlist -> Listing: each wanted plate with its entries, and who may know of which, when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plate_match.census import Census, span_of
from plate_match.description import Profiles, profile_of
from plate_match.hotlist import Dissemination, Entry, Hotlist
from plate_match.plate import Plate
from plate_match.traits import Profile

Floats = NDArray[np.float64]


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
    """Entries of each plate, by its place in the index; those of one plate as the hotlist has them.

    Attributes:
        entries: of each plate.
        kind: (n,) which of `kinds` each plate is.
        kinds: what the entries of a plate say of its vehicle, each with whether a guard may
            know of it; many plates are of one kind.
    """

    entries: tuple[tuple[Entry, ...], ...]
    kind: NDArray[np.uint32]
    kinds: tuple[tuple[tuple[Profile, bool], ...], ...]

    @classmethod
    def of(cls, hotlist: Hotlist, plates: Sequence[Plate]) -> "Listing":
        """Gather the entries of each plate, in this order."""
        by_plate: Mapping[Plate, list[Entry]] = defaultdict(list)
        for entry in hotlist:
            by_plate[entry.plate].append(entry)
        entries = tuple(tuple(by_plate[plate]) for plate in plates)
        kind, kinds = _kinds(entries)
        return cls(entries, kind, kinds)

    def __len__(self) -> int:
        """Return how many plates are listed."""
        return len(self.entries)

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

    def profiles(self, place: int, audience: Audience) -> tuple[Profile, ...]:
        """Return what the entries of a plate that an audience may know of say of its vehicle."""
        return _shown(self.kinds[self.kind[place]], audience)

    def by_kind(self, audience: Audience, ratio: Mapping[Profile, float]) -> Floats:
        """Return, for each kind, the mean ratio of what this audience may know; 0 for nothing."""
        shown = (_shown(kind, audience) for kind in self.kinds)
        return np.array(
            [sum(ratio[one] for one in kind) / len(kind) if kind else 0.0 for kind in shown]
        )

    @cached_property
    def every_profile(self) -> Profiles:
        """What any entry says of its vehicle, each once."""
        return Profiles.of(
            tuple(dict.fromkeys(profile for kind in self.kinds for profile, _ in kind))
        )

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many plates are of each kind."""
        return np.bincount(self.kind, minlength=len(self.kinds))

    @cached_property
    def plain(self) -> Mapping[Audience, Floats]:
        """For each kind, 1 if an audience may know of it and 0 if not."""
        return {
            audience: np.array([float(bool(_shown(kind, audience))) for kind in self.kinds])
            for audience in Audience
        }

    @cached_property
    def audiences(self) -> tuple[Audience, ...]:
        """Those whose views differ; without anything to hide there is one."""
        return tuple(Audience) if self.has_hidden else (Audience.CONTROL_ROOM,)

    def shows_all(self, audience: Audience) -> bool:
        """Whether an audience may know of every plate."""
        return self._whole[audience] == len(self)

    @cached_property
    def spans(self) -> Mapping[Audience, Floats | None]:
        """(n, 2) seconds from when until when each plate is listed; None if all always are."""
        return {audience: self._spans(audience) for audience in Audience}

    @cached_property
    def has_hidden(self) -> bool:
        """Whether there is an entry that a guard may not know of."""
        return any(not shown for kind in self.kinds for _, shown in kind)

    def _spans(self, audience: Audience) -> Floats | None:
        if not any(entry.valid_from or entry.valid_until for one in self.entries for entry in one):
            return None
        return np.array([span_of(self._for(one, audience)) for one in self.entries])

    @cached_property
    def _whole(self) -> Mapping[Audience, int]:
        return {
            audience: int(self.counts @ shown if len(shown) else 0)
            for audience, shown in self.plain.items()
        }

    @cached_property
    def _census(self) -> Mapping[Audience, Census]:
        return {
            audience: Census.of(self._for(entries, audience) for entries in self.entries)
            for audience in Audience
        }

    def _for(self, entries: Sequence[Entry], audience: Audience) -> list[Entry]:
        return [entry for entry in entries if audience.may_know(entry)]


def _shown(kind: Iterable[tuple[Profile, bool]], audience: Audience) -> tuple[Profile, ...]:
    everything = audience is Audience.CONTROL_ROOM
    return tuple(profile for profile, shown in kind if shown or everything)


def _kinds(
    entries: Sequence[Sequence[Entry]],
) -> tuple[NDArray[np.uint32], tuple[tuple[tuple[Profile, bool], ...], ...]]:
    numbers: dict[tuple[tuple[Profile, bool], ...], int] = {}
    kind = np.empty(len(entries), dtype=np.uint32)
    for place, one in enumerate(entries):
        said = tuple((profile_of(entry), Audience.GUARD.may_know(entry)) for entry in one)
        kind[place] = numbers.setdefault(said, len(numbers))
    return kind, tuple(numbers)
