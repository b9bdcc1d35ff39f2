"""The snapshot in force: the one mutable thing on the request path."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from plate_match.audience import Audience, Circle
from plate_match.matcher import Matcher

Counts = Mapping[Circle, int]
"""How many entries there are, by who may know of them."""


def known_to(audience: Audience, counts: Counts) -> int:
    """Return how many of these entries an audience may know of."""
    return sum(count for circle, count in counts.items() if audience.may_know(circle))


@dataclass(frozen=True, slots=True)
class FeedInForce:
    """One feed of a snapshot: when its file was accepted, and how many entries it brought.

    `fresh_until` is when it becomes stale unless a newer file comes; None: its owner declared
    no limit, so it never does.
    """

    name: str
    accepted_at: datetime
    counts: Counts
    fresh_until: datetime | None = None

    @property
    def entries(self) -> int:
        """How many entries it brought."""
        return sum(self.counts.values())

    def stale(self, at: datetime) -> bool:
        """Whether this feed should have been renewed by then."""
        return self.fresh_until is not None and self.fresh_until <= at


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A hotlist version ready to be searched. Immutable; a request takes it once."""

    version: str
    built_at: datetime
    matcher: Matcher
    counts: Counts
    feeds: tuple[FeedInForce, ...] = ()

    @property
    def entries(self) -> int:
        """How many entries there are."""
        return sum(self.counts.values())

    def feeds_of(self, audience: Audience) -> tuple[FeedInForce, ...]:
        """Return the feeds that an audience may know of: with an entry that it may."""
        if audience == Audience.CONTROL_ROOM:
            return self.feeds
        return tuple(feed for feed in self.feeds if known_to(audience, feed.counts))

    def stale(self, at: datetime, audience: Audience = Audience.CONTROL_ROOM) -> bool:
        """Whether any feed of an audience is stale, so that silence means even less."""
        return any(feed.stale(at) for feed in self.feeds_of(audience))


class CurrentSnapshot:
    """Holds the snapshot in force. A swap is one assignment, so readers never wait.

    While it is `frozen` nothing is disclosed: sightings are taken, and answered later.
    """

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self.frozen = False

    def get(self) -> Snapshot | None:
        """Return the snapshot in force, or None before the first one."""
        return self._snapshot

    def swap(self, snapshot: Snapshot) -> None:
        """Put a snapshot in force; the old one lives until its last request has ended."""
        self._snapshot = snapshot
