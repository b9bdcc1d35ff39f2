"""A listing and entries that were put in since -> a listing of both, without building it anew.

What is worked out once a listing takes seconds for a million plates. Here it is taken over, but
for the plates that are added and those that have an entry more.
"""

from collections.abc import Iterable, Mapping, Sequence

from plate_match.hotlist import Entry
from plate_match.index import Index
from plate_match.keys import keys_of
from plate_match.known import Known, gathered, partials_of
from plate_match.layers import Layers
from plate_match.listing import EntriesByPlace, Listing
from plate_match.plate import Plate


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
    fresh = {
        place: (*listing.entries[place], *found[one]) for one, place in known.items() if place >= 0
    }
    fresh |= {
        len(listing) + nth: tuple(found[one]) for nth, one in enumerate((*added.plates, *others))
    }
    parts = [part for part in (added, partials) if len(part)]
    index = Layers((*listing.index.parts, *parts)) if parts else listing.index
    return Listing(index, _LaidOver(listing.entries, fresh), listing.facts.but(fresh))


class _LaidOver(EntriesByPlace):
    """The entries of plates, of which some have others, and behind which some are added."""

    def __init__(
        self, base: Sequence[tuple[Entry, ...]], fresh: Mapping[int, tuple[Entry, ...]]
    ) -> None:
        super().__init__(self._entries, max(len(base), *(place + 1 for place in fresh)))
        self._base = base
        self._fresh = fresh

    def _entries(self, place: int) -> tuple[Entry, ...]:
        return self._fresh[place] if place in self._fresh else self._base[place]
