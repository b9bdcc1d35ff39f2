"""What a feed holds, and a delta -> what it holds after that."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from plate_match.feed.delta import Delta, Step
from plate_match.feed.fields import Action
from plate_match.feed.validate import Reject
from plate_match.hotlist import Entry


@dataclass(frozen=True, slots=True)
class Applied:
    """What a feed holds after a delta, and the rows of it that could not be followed."""

    entries: tuple[Entry, ...]
    rejects: tuple[Reject, ...]


def apply_delta(before: Iterable[Entry], delta: Delta) -> Applied:
    """Follow the steps of a delta, each in what those before it have left.

    * `add` puts an entry in; of none that is there are reference and plate the same.
    * `change` puts an entry, whole, in the place of the one with its reference; of several, of
      the one on its plate. Without a reference: of the one on its plate that has none either.
    * `withdraw` takes out every entry with the reference, on the plate, or both, as it gives.

    A step that cannot be followed changes nothing and is a reject: to add what is there, to
    change what is not or is several, to withdraw what is not. Rejects of the file are told with
    them, in the order of rows. What no step names stays as and where it was.
    """
    feed = _Feed(before, delta.steps)
    faults = [(step.row, feed.follow(step)) for step in delta.steps]
    rejects = [*delta.rejects, *(Reject(row, fault) for row, fault in faults if fault)]
    rejects.sort(key=lambda reject: reject.row)
    return Applied(feed.entries, tuple(rejects))


class _Feed:
    """The entries of one feed at their places, and where those are that steps may name."""

    def __init__(self, entries: Iterable[Entry], steps: Iterable[Step]) -> None:
        self._at: dict[int, Entry] = dict(enumerate(entries))
        self._free = count(len(self._at))
        self._of: dict[str, set[int]] = {}
        self._on: dict[object, set[int]] = {}
        for step in steps:
            self._of[step.reference] = set()
            self._on[step.plate] = set()
        self._of.pop("", None)
        for place, entry in self._at.items():
            self._mark(place, entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What the feed holds."""
        return tuple(self._at.values())

    def follow(self, step: Step) -> str:
        """Follow one step; return why it cannot be, if so."""
        if step.entry is None:
            return self._withdraw(step)
        follow = self._add if step.action is Action.ADD else self._change
        return follow(step.entry)

    def _add(self, entry: Entry) -> str:
        if self._alike(entry):
            return "add: an entry with this reference and plate is there; change it"
        self._put(next(self._free), entry)
        return ""

    def _change(self, entry: Entry) -> str:
        named = self._of[entry.reference] if entry.reference else self._alike(entry)
        places = named if len(named) == 1 else self._alike(entry)
        if not named:
            return "change: no such entry is there"
        if len(places) != 1:
            return "change: which of several entries is not said; give reference and plate"
        (place,) = places
        self._take(place)
        self._put(place, entry)
        return ""

    def _withdraw(self, step: Step) -> str:
        meant = [self._of[step.reference]] if step.reference else []
        meant += [] if step.plate is None else [self._on[step.plate]]
        places = set.intersection(*meant)
        for place in places:
            self._take(place)
            del self._at[place]
        return "" if places else "withdraw: no such entry is there"

    def _alike(self, entry: Entry) -> set[int]:
        """Return where the entries are that have the plate of this one and its reference."""
        on_plate = self._on[entry.plate]
        return {place for place in on_plate if self._at[place].reference == entry.reference}

    def _put(self, place: int, entry: Entry) -> None:
        self._at[place] = entry
        self._mark(place, entry)

    def _mark(self, place: int, entry: Entry) -> None:
        for marks in self._marks(entry):
            marks.add(place)

    def _take(self, place: int) -> None:
        for marks in self._marks(self._at[place]):
            marks.discard(place)

    def _marks(self, entry: Entry) -> Iterator[set[int]]:
        if entry.reference in self._of:
            yield self._of[entry.reference]
        if entry.plate in self._on:
            yield self._on[entry.plate]
