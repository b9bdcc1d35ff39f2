"""Entries -> Lists: of each audience what it may know of, made when it is first asked for."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread

from plate_match.audience import Audience, Circle, Told
from plate_match.gathering import Gathering
from plate_match.hotlist import Entry
from plate_match.listing import EntryAt, Listing
from plate_match.overlay import overlaid
from plate_match.taken import Taken

Making = Callable[[Told], Listing]
"""Makes the listing of those entries alone whose circles are told."""


MOST = 16
"""Listings that are kept beside those that were there from the beginning."""


class Lists:
    """The listings of a hotlist; audiences that may know the same share one.

    Safe to share between threads: a listing is made once, and only who needs it waits.

    Attributes:
        circles: that its entries are for.
    """

    def __init__(
        self, circles: Iterable[Circle], make: Making, made: Mapping[Told, Listing] | None = None
    ) -> None:
        """Take the circles that entries are for, what makes a listing, and those that are made."""
        self.circles = tuple(circles)
        self._make = make
        self._lock = Lock()
        self._made = {told: _kept(listing) for told, listing in (made or {}).items()}
        self._stay = frozenset(self._made)
        self._told: dict[Audience, Told] = {}

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Lists":
        """Gather entries."""
        every, gathering = list(entries), Gathering()
        for number, entry in enumerate(every):
            gathering.take(entry, number)
        taken = gathering.taken()
        return cls(taken.circles, Derived(taken, every.__getitem__))

    def with_entries(self, entries: Iterable[Entry]) -> "Lists":
        """Return lists that have these entries besides, and share what these have."""
        added = tuple(entries)
        circles = tuple(dict.fromkeys(map(Circle.of, added)))
        return Lists((*self.circles, *circles), _Overlaid(self, added, circles))

    def __reduce__(self) -> tuple[object, ...]:
        """Leave out the lock, and what is only being made: that belongs to one process."""
        made = {told: one.result() for told, one in self._made.items() if one.done()}
        return Lists, (self.circles, self._make, made)

    def __getitem__(self, audience: Audience) -> Listing:
        """Return what an audience may know of; whoever asks first makes it, others wait."""
        return self.of_circles(self.told(audience))

    def told(self, audience: Audience) -> Told:
        """Return which circles an audience is in."""
        told = self._told.get(audience)
        if told is None:
            told = self._told[audience] = audience.told(self.circles)
        return told

    def hide_from(self, audience: Audience) -> bool:
        """Whether there is any entry that this audience may not know of."""
        return not all(self.told(audience))

    def of_circles(self, told: Told) -> Listing:
        """Return the listing of the entries of these circles."""
        future, fresh = self._promised(told)
        if fresh:
            self._keep_promise(told, future)
        return future.result()

    def soon(self, audience: Audience) -> "Future[Listing]":
        """Return what will be the listing of an audience, without waiting.

        If nobody has asked for it yet, it is made in a thread of its own.
        """
        told = self.told(audience)
        future, fresh = self._promised(told)
        if fresh:
            Thread(target=self._keep_promise, args=(told, future), daemon=True).start()
        return future

    def _promised(self, told: Told) -> "tuple[Future[Listing], bool]":
        """Return what holds a listing or will, and whether it is to be made by who asks."""
        with self._lock:
            future = self._made.pop(told, None)
            if future is not None:
                self._made[told] = future  # the one that was asked for last stands at the end
                return future, False
            future = self._made[told] = Future()
            self._let_go()
        # Who waits may give up; what is made for all is not cancelled by that.
        future.set_running_or_notify_cancel()
        return future, True

    def _let_go(self) -> None:
        """Forget the listings that nobody has asked for the longest: they can be made again."""
        rest = [told for told in self._made if told not in self._stay]
        for told in rest[: max(len(rest) - MOST, 0)]:
            del self._made[told]

    def _keep_promise(self, told: Told, future: "Future[Listing]") -> None:
        try:
            listing = self._make(told)
        except BaseException as error:  # noqa: BLE001 - told to all who wait, and tried again
            self._made.pop(told, None)
            future.set_exception(error)
        else:
            future.set_result(listing)


@dataclass(frozen=True)
class Derived:
    """Makes listings of what was taken of entries, and of what returns them."""

    taken: Taken
    entry: EntryAt

    def __call__(self, told: Told) -> Listing:
        """Make the listing of the entries of these circles."""
        return Listing.of_taken(self.taken, told, entry=self.entry)


@dataclass(frozen=True)
class _Overlaid:
    """Makes listings of those of other lists, and of entries that were put in since."""

    lists: Lists
    added: tuple[Entry, ...]
    circles: tuple[Circle, ...]

    def __call__(self, told: Told) -> Listing:
        before = len(told) - len(self.circles)
        ours = dict(zip(self.circles, told[before:], strict=True))
        known = [entry for entry in self.added if ours[Circle.of(entry)]]
        return overlaid(self.lists.of_circles(told[:before]), known)


def _kept(listing: Listing) -> "Future[Listing]":
    future: Future[Listing] = Future()
    future.set_result(listing)
    return future
