"""A listing and entries that were put in since -> a listing of both, without building it anew.

What is worked out once a listing takes seconds for a million plates. Here it is taken over, but
for the plates that are added and those that have an entry more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plate_match.census import Census, span_of, times_of
from plate_match.country import possible_countries
from plate_match.description import profile_of
from plate_match.hotlist import Entry
from plate_match.index import Index
from plate_match.keys import keys_of
from plate_match.layers import Layers
from plate_match.listing import Known, Listing, gathered, partials_of
from plate_match.partials import Partials
from plate_match.plate import Plate
from plate_match.traits import Profile

Floats = NDArray[np.float64]


def overlaid(listing: Listing, entries: Iterable[Entry]) -> Listing:
    """Return the listing with these entries besides; of one plate they come last."""
    found = gathered(entries)
    if not found:
        return listing
    whole = [one for one in found if isinstance(one, Plate)]
    known: dict[Known, int] = dict(
        zip(whole, listing.index.places(keys_of(whole)).tolist(), strict=True)
    )
    known |= {one: listing.partial.get(one, -1) for one in found if one not in known}
    added = Index.build([one for one in whole if known[one] < 0])
    partials, others = partials_of(one for one in found if known[one] < 0)
    changed = {
        place: (*listing.entries[place], *found[one]) for one, place in known.items() if place >= 0
    }
    their = [tuple(found[one]) for one in (*added.plates, *others)]
    parts = [part for part in (added, partials) if len(part)]
    return _joined(listing, parts, their=their, changed=changed)


def _joined(
    base: Listing,
    added: Sequence[Index | Partials],
    *,
    their: Sequence[tuple[Entry, ...]],
    changed: Mapping[int, tuple[Entry, ...]],
) -> "_Overlaid":
    begin = len(base)
    entries = [*base.entries, *their]
    kind = np.concatenate([base.kind, np.zeros(len(their), dtype=np.uint32)])
    numbers: dict[tuple[Profile, ...], int] = {one: place for place, one in enumerate(base.kinds)}
    fresh = {**changed, **{begin + place: one for place, one in enumerate(their)}}
    for place, one in fresh.items():
        entries[place] = one
        kind[place] = numbers.setdefault(tuple(map(profile_of, one)), len(numbers))
    index = Layers((*base.index.parts, *added)) if added else base.index
    return _Overlaid(index, tuple(entries), kind, tuple(numbers), base, fresh)


@dataclass(frozen=True)
class _Overlaid(Listing):
    """A listing of which little differs from another.

    Attributes:
        base: the other.
        fresh: the entries of each place that has others, or that the other does not have.
    """

    base: Listing
    fresh: Mapping[int, tuple[Entry, ...]]

    def count(self, at: datetime | None) -> int:
        """Return how many plates are listed at a moment."""
        if at is None:
            return len(self)
        gone, come = self._turnover
        return self.base.count(at) - gone.at(at) + come.at(at)

    @cached_property
    def countries(self) -> tuple[NDArray[np.intp], tuple[tuple[str, ...], ...]]:
        """(n,) which countries each plate can be of, and those."""
        which, names = self.base.countries
        numbers = {one: place for place, one in enumerate(names)}
        which = np.concatenate([which, np.zeros(len(self) - len(self.base), dtype=np.intp)])
        for place, entries in self.fresh.items():
            possible = possible_countries(entries)
            which[place] = numbers.setdefault(possible, len(numbers))
        return which, tuple(numbers)

    @cached_property
    def _turnover(self) -> tuple[Census, Census]:
        """The plates that have other entries as they were, and as they are with those added."""
        return Census.of(self._replaced()), Census.of(self.fresh.values())

    def _replaced(self) -> Iterator[tuple[Entry, ...]]:
        return (self.base.entries[place] for place in self.fresh if place < len(self.base))

    @cached_property
    def spans(self) -> Floats | None:
        """(n, 2) seconds from when until when each plate is listed, pauses included."""
        old = self.base.spans
        spans = np.tile([-np.inf, np.inf], (len(self), 1))
        if old is not None:
            spans[: len(old)] = old
        for place, entries in self.fresh.items():
            spans[place] = span_of(entries)
        return None if old is None and np.isinf(spans).all() else spans

    @cached_property
    def pauses(self) -> Mapping[int, Sequence[tuple[float, float]]]:
        """Times of the plates that are listed, not listed, and listed again, by place."""
        times = {place: times_of(entries) for place, entries in self.fresh.items()}
        kept = {place: one for place, one in self.base.pauses.items() if place not in times}
        return {**kept, **{place: one for place, one in times.items() if len(one) > 1}}
