"""Entries -> Listing: what one audience may know of, each wanted plate with its entries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from plate_match.census import Census, span_of, times_of
from plate_match.country import agreement, possible_countries
from plate_match.description import Profiles, profile_of
from plate_match.glance import Looks
from plate_match.hotlist import Dissemination, Entry
from plate_match.index import Index
from plate_match.keys import key_of, keys_of
from plate_match.layers import Layers
from plate_match.partials import Partials
from plate_match.plate import SYMBOLS, Pattern, Plate, spelled
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


Vehicle = tuple[Profile, str | None]
"""What is known of a vehicle without a plate: its looks and its country."""

Known = Plate | Pattern | Vehicle


def known_of(entry: Entry) -> Known:
    """Return what an entry knows its vehicle by: entries that know the same are of one vehicle."""
    return (profile_of(entry), entry.country) if entry.plate is None else entry.plate


def gathered(entries: Iterable[Entry]) -> dict[Known, list[Entry]]:
    """Gather the entries of each vehicle."""
    found: dict[Known, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[known_of(entry)].append(entry)
    return found


def partials_of(every: Iterable[Known]) -> tuple[Partials, list[Known]]:
    """Return those without a whole plate as what is searched, and in the order of its places."""
    some = [one for one in every if not isinstance(one, Plate)]
    patterns = sorted((one for one in some if isinstance(one, Pattern)), key=_key)
    others = sorted((one for one in some if not isinstance(one, Pattern)), key=repr)
    return Partials(tuple(patterns), len(others)), [*patterns, *others]


def _key(pattern: Pattern) -> int:
    return key_of(pattern.compact)


@dataclass(frozen=True)
class Listing:
    """The wanted plates that one audience may know of, with their entries.

    A plate may be whole, a pattern, or unknown where the vehicle is described.

    Attributes:
        index: of the plates.
        entries: of each plate, by its place; those of one plate as the hotlist has them.
        kind: (n,) which of `kinds` each plate is.
        kinds: what the entries of a plate say of its vehicle; many plates are of one kind.
    """

    index: Index | Layers
    entries: tuple[tuple[Entry, ...], ...]
    kind: NDArray[np.uint32]
    kinds: tuple[tuple[Profile, ...], ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Listing":
        """Gather the entries of each plate."""
        found = gathered(entries)
        plates = Index.build([one for one in found if isinstance(one, Plate)])
        partials, others = partials_of(found)
        index = Layers((plates, partials)) if others else plates
        ordered = tuple(tuple(found[one]) for one in (*plates.plates, *others))
        numbers: dict[tuple[Profile, ...], int] = {}
        kind = np.empty(len(ordered), dtype=np.uint32)
        for place, one in enumerate(ordered):
            kind[place] = numbers.setdefault(tuple(map(profile_of, one)), len(numbers))
        return cls(index, ordered, kind, tuple(numbers))

    def __len__(self) -> int:
        """Return how many plates are listed."""
        return len(self.entries)

    def known(self, place: int, at: datetime | None) -> tuple[Entry, ...]:
        """Return the entries of a plate in force at a moment; without one, all are."""
        return tuple(entry for entry in self.entries[place] if entry.in_force(at))

    def count(self, at: datetime | None) -> int:
        """Return how many plates are listed at a moment."""
        return len(self) if at is None else self._census.at(at)

    def profiles(self, place: int) -> tuple[Profile, ...]:
        """Return what the entries of a plate say of its vehicle."""
        return self.kinds[self.kind[place]]

    def by_kind(self, ratio: Mapping[Profile, float]) -> Floats:
        """Return the mean ratio of each kind: its entries are alike likely to be right."""
        return np.array([sum(ratio[one] for one in kind) / len(kind) for kind in self.kinds])

    @cached_property
    def every_profile(self) -> Profiles:
        """What any entry says of its vehicle, each once."""
        return Profiles.of(tuple(dict.fromkeys(one for kind in self.kinds for one in kind)))

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many plates are of each kind."""
        return np.bincount(self.kind, minlength=len(self.kinds))

    def spans_at(self, at: datetime) -> Floats | None:
        """Return (n, 2) seconds from when until when each plate is listed, around a moment.

        None if all always are. Made anew only when a plate that is listed again comes or goes.
        """
        if self.spans is None or not self.pauses:
            return self.spans
        now = at.timestamp()
        turn = int(np.searchsorted(self._turns, now, side="right"))
        spans = self._at_turn.get(turn)
        if spans is None:
            spans = self.spans.copy()
            for place, times in self.pauses.items():
                spans[place] = next((one for one in times if one[0] <= now < one[1]), _NEVER)
            self._at_turn.clear()
            self._at_turn[turn] = spans
        return spans

    @cached_property
    def spans(self) -> Floats | None:
        """(n, 2) seconds from when until when each plate is listed, pauses included."""
        if not any(entry.valid_from or entry.valid_until for one in self.entries for entry in one):
            return None
        return np.array([span_of(one) for one in self.entries])

    @cached_property
    def pauses(self) -> Mapping[int, Sequence[tuple[float, float]]]:
        """Times of the plates that are listed, not listed, and listed again, by place."""
        several = (place for place, one in enumerate(self.entries) if len(one) > 1)
        times = ((place, times_of(self.entries[place])) for place in several)
        return {place: found for place, found in times if len(found) > 1}

    @cached_property
    def _turns(self) -> Floats:
        """When one of those comes or goes, ascending."""
        return np.unique(np.concatenate([np.ravel(times) for times in self.pauses.values()]))

    @cached_property
    def _at_turn(self) -> dict[int, Floats]:
        """The spans after so many turns; those asked for last."""
        return {}

    @cached_property
    def countries(self) -> tuple[NDArray[np.intp], tuple[tuple[str, ...], ...]]:
        """(n,) which countries each plate can be of, and those."""
        numbers: dict[tuple[str, ...], int] = {}
        which = [
            numbers.setdefault(possible_countries(entries), len(numbers))
            for entries in self.entries
        ]
        return np.array(which, dtype=np.intp), tuple(numbers)

    def agreed(self, said: str) -> Floats:
        """Return P(the country said | the vehicle) of each plate: (n,)."""
        which, possible = self.countries
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
        for kept in ("spans", "pauses", "countries", "every_profile", "counts"):
            getattr(self, kept)
        self.count(at)

    def started(self, after: datetime, until: datetime) -> tuple[Entry, ...]:
        """Return the entries that came into force after one moment and by another."""
        if self.spans is None:
            return ()
        begins = self.spans[:, 0]
        started = (begins > after.timestamp()) & (begins <= until.timestamp())
        places = set(np.flatnonzero(started).tolist())
        return tuple(
            entry
            for place in (*places, *(self.pauses.keys() - places))
            for entry in self.entries[place]
            if entry.valid_from is not None and after < entry.valid_from <= until
        )

    def tests(self) -> Iterator[Entry]:
        """Yield the entries that are there for a test, as they come."""
        return (entry for entries in self.entries for entry in entries if entry.test)

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

    @cached_property
    def _census(self) -> Census:
        return Census.of(self.entries)


_NEVER = (np.inf, -np.inf)
