"""Entries -> Listing: what one audience may know of, each wanted plate with its entries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from plate_match.audience import Audience, Told
from plate_match.country import agreement
from plate_match.description import Profiles
from plate_match.facts import Facts
from plate_match.gathering import Gathering
from plate_match.glance import Looks
from plate_match.hotlist import Entry
from plate_match.index import Index
from plate_match.keys import keys_of
from plate_match.known import Known, known_of
from plate_match.layers import Layers
from plate_match.partials import Partials
from plate_match.plate import SYMBOLS, Plate, spelled
from plate_match.taken import Taken
from plate_match.traits import Profile

Places = NDArray[np.int64]
Floats = NDArray[np.float64]

EntryAt = Callable[[int], Entry]
"""Returns the entry that is at a place of its own."""


class EntriesByPlace(Sequence[tuple[Entry, ...]]):
    """The entries of plates, by their places."""

    def __init__(self, at: Callable[[int], tuple[Entry, ...]], length: int) -> None:
        """Take what returns the entries of the plate at a place that there is."""
        self._at = at
        self._length = length

    def __len__(self) -> int:
        """Return how many plates there are."""
        return self._length

    @overload
    def __getitem__(self, place: int) -> tuple[Entry, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[Entry, ...]]: ...
    def __getitem__(self, place: int | slice) -> Any:
        """Return the entries of a plate, or of several."""
        which = range(len(self))[place]
        return self._at(which) if isinstance(which, int) else [self._at(one) for one in which]


class Grouped(EntriesByPlace):
    """Entries plate by plate, each fetched when it is asked for from where it lies."""

    def __init__(self, entry: EntryAt, where: Places, begins: Places) -> None:
        """Take where entries are, those of each plate from one beginning on."""
        super().__init__(self._entries, len(begins) - 1)
        self._entry = entry
        self.where = where
        self.begins = begins

    def _entries(self, place: int) -> tuple[Entry, ...]:
        begin, end = self.begins[place : place + 2].tolist()
        return tuple(map(self._entry, self.where[begin:end].tolist()))


@dataclass(frozen=True)
class Listing:
    """The wanted plates that one audience may know of, with their entries.

    A plate may be whole, a pattern, or unknown where the vehicle is described.

    Attributes:
        index: of the plates.
        entries: of each plate, by its place; those of one plate as the hotlist has them.
        facts: what is kept of each.
    """

    index: Index | Layers
    entries: Sequence[tuple[Entry, ...]]
    facts: Facts

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Listing":
        """Gather the entries of each plate."""
        every, gathering = list(entries), Gathering()
        for number, entry in enumerate(every):
            gathering.take(entry, number)
        taken = gathering.taken()
        everything = Audience.CONTROL_ROOM.told(taken.circles)
        return cls.of_taken(taken, everything, entry=every.__getitem__)

    @classmethod
    def of_taken(cls, taken: Taken, told: Told, *, entry: EntryAt) -> "Listing":
        """Make the listing of what was taken of the entries of some circles.

        Args:
            taken: what was.
            told: which circles.
            entry: returns the entry that was taken with a number; asked for when one is shown.
        """
        found = taken.gathered(told)
        return cls(found.index, Grouped(entry, found.where, found.begins), found.facts)

    def __len__(self) -> int:
        """Return how many plates are listed."""
        return len(self.entries)

    def known(self, place: int, at: datetime | None) -> tuple[Entry, ...]:
        """Return the entries of a plate in force at a moment; without one, all are."""
        return tuple(entry for entry in self.entries[place] if entry.in_force(at))

    def count(self, at: datetime | None) -> int:
        """Return how many plates are listed at a moment."""
        return len(self) if at is None else self.facts.census.at(at)

    def profiles(self, place: int) -> tuple[Profile, ...]:
        """Return what the entries of a plate say of its vehicle."""
        return self.facts.kinds[self.facts.kind[place]]

    def by_kind(self, ratio: Mapping[Profile, float]) -> Floats:
        """Return the mean ratio of each kind: its entries are alike likely to be right."""
        return np.array([sum(ratio[one] for one in kind) / len(kind) for kind in self.facts.kinds])

    @cached_property
    def every_profile(self) -> Profiles:
        """What any entry says of its vehicle, each once."""
        return Profiles.of(tuple(dict.fromkeys(one for kind in self.facts.kinds for one in kind)))

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many plates are of each kind."""
        return np.bincount(self.facts.kind, minlength=len(self.facts.kinds))

    def spans_at(self, at: datetime) -> Floats | None:
        """Return (n, 2) seconds from when until when each plate is listed, around a moment.

        None if all always are. Made anew only when a plate that is listed again comes or goes.
        """
        facts = self.facts
        if facts.spans is None or not facts.pauses:
            return facts.spans
        now = at.timestamp()
        turn = int(np.searchsorted(self._turns, now, side="right"))
        spans = self._at_turn.get(turn)
        if spans is None:
            spans = np.array(facts.spans)
            for place, times in facts.pauses.items():
                spans[place] = next((one for one in times if one[0] <= now < one[1]), _NEVER)
            self._at_turn.clear()
            self._at_turn[turn] = spans
        return spans

    @cached_property
    def _turns(self) -> Floats:
        """When one of those comes or goes, ascending."""
        return np.unique(np.concatenate([np.ravel(times) for times in self.facts.pauses.values()]))

    @cached_property
    def _at_turn(self) -> dict[int, Floats]:
        """The spans after so many turns; those asked for last."""
        return {}

    def agreed(self, said: str) -> Floats:
        """Return P(the country said | the vehicle) of each plate: (n,)."""
        which, possible = self.facts.country, self.facts.countries
        found = np.array([agreement(said, one) for one in possible])[which]
        begins = accumulate(map(len, self.index.parts), initial=0)
        for begin, part in zip(begins, self.index.parts, strict=False):
            if isinstance(part, Partials):
                where = slice(begin, begin + len(part))
                named = np.array([bool(possible[one]) for one in which[where]], dtype=bool)
                found[where] = np.where(named, found[where], part.agreed(said))
        return found

    @cached_property
    def partial(self) -> Mapping[Known, int]:
        """The place of each that has no whole plate."""
        begins = accumulate(map(len, self.index.parts), initial=0)
        return {
            known_of(self.entries[place][0]): place
            for begin, part in zip(begins, self.index.parts, strict=False)
            if isinstance(part, Partials)
            for place in range(begin, begin + len(part))
        }

    def work_out(self, at: datetime) -> None:
        """Work out now what is kept of the list; else the first search does.

        Until Python 3.12 whoever works out a cached property holds up all others that need the
        same of another object: searches of the old list would wait for the new one.
        """
        for kept in ("every_profile", "counts"):
            getattr(self, kept)
        self.spans_at(at)

    def started(self, after: datetime, until: datetime) -> tuple[Entry, ...]:
        """Return the entries that came into force after one moment and by another."""
        spans = self.facts.spans
        if spans is None:
            return ()
        begins = spans[:, 0]
        started = (begins > after.timestamp()) & (begins <= until.timestamp())
        places = set(np.flatnonzero(started).tolist())
        return tuple(
            entry
            for place in (*places, *(self.facts.pauses.keys() - places))
            for entry in self.entries[place]
            if entry.valid_from is not None and after < entry.valid_from <= until
        )

    def tests(self) -> Iterator[Entry]:
        """Yield the entries that are there for a test, as they come."""
        every = (self.entries[place] for place in self.facts.tests.tolist())
        return (entry for entries in every for entry in entries if entry.test)

    def about(self, spelling: str) -> tuple[Entry, ...]:
        """Return the entries whose plate is spelled so; of "" those that know none."""
        return tuple(entry for place in self._places(spelling) for entry in self.entries[place])

    def _places(self, spelling: str) -> Sequence[int]:
        if not spelling or not set(spelling) <= set(SYMBOLS):
            return self._spelled.get(spelling, ())
        place = int(self.index.places(keys_of([Plate(spelling)]))[0])
        return [] if place < 0 else [place]

    @cached_property
    def _spelled(self) -> Mapping[str, Sequence[int]]:
        """The places of those that have no whole plate, by how what they have is spelled."""
        found: dict[str, list[int]] = defaultdict(list)
        for place in self.partial.values():
            found[spelled(self.entries[place][0].plate)].append(place)
        return found

    def likeliest(self, place: int, looks: Looks) -> Plate | None:
        """Return the plate of a pattern that was most likely read; None of no pattern."""
        begins = accumulate(map(len, self.index.parts), initial=0)
        parts = zip(begins, self.index.parts, strict=False)
        begin, part = next(one for one in reversed(list(parts)) if one[0] <= place)
        return part.likeliest(place - begin, looks) if isinstance(part, Partials) else None


_NEVER = (np.inf, -np.inf)
