"""A feed without a file: turned back to what it had, taken out of force, and put back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from plate_match.hotlist import Entry
from service.errors import ServiceError
from service.feed_ports import FeedHistory, HotlistVersions
from service.feed_records import FeedFile, FeedPart
from service.usecases.put_in_force import ROLLED_BACK, SUSPENDED, PutInForce, offered


class NotPossible(ServiceError):
    """A feed cannot be turned like this; the message says why."""


@dataclass(frozen=True, slots=True)
class TurnFeed:
    """Turns one feed at a time; each time says why, on record.

    All raise HotlistDamaged if a version that is needed is damaged or not there, and
    StorageUnavailable if disk or database fails; the list in force is then untouched.
    """

    versions: HotlistVersions
    history: FeedHistory

    def roll_back(self, feed: str, to: str, *, reason: str, now: int) -> FeedFile:
        """Put the entries that a feed had in another version in force again.

        Raises:
            NotPossible: that version has no such feed.
        """
        with self.versions.loading():
            self._steps.finish()
            return self._rolled_back(feed, to, reason=reason, now=now)

    def suspend(self, feed: str, *, reason: str, now: int) -> FeedFile:
        """Take all entries of a feed out of force; its files are refused until it is resumed.

        Raises:
            NotPossible: it has none in force, or is suspended.
        """
        with self.versions.loading():
            self._steps.finish()
            base = self._steps.base()
            there = base is not None and any(part.name == feed for part in base.feeds)
            if not there or self._steps.suspended(feed) is not None:
                raise NotPossible("the feed has no entries in force, or is suspended already")
            file = replace(offered(feed, now), format=SUSPENDED)
            return self._put(file, FeedPart(feed, now), (), reason=reason)

    def resume(self, feed: str, *, reason: str, now: int) -> FeedFile:
        """Put the entries that a feed had before it was suspended in force again.

        Raises:
            NotPossible: it is not suspended.
        """
        with self.versions.loading():
            self._steps.finish()
            suspended = self._steps.suspended(feed)
            before = suspended and suspended.version and self.versions.version(suspended.version)
            if not before or before.base is None:
                raise NotPossible("the feed is not suspended")
            return self._rolled_back(feed, before.base, reason=reason, now=now)

    @property
    def _steps(self) -> PutInForce:
        return PutInForce(self.versions, self.history)

    def _rolled_back(self, feed: str, to: str, *, reason: str, now: int) -> FeedFile:
        version = self.versions.version(to)
        part = next((part for part in version.feeds if part.name == feed), None)
        if part is None:
            raise NotPossible("that version has no feed of this name")
        entries = self.versions.entries(version, feed)
        count = len(entries)
        file = replace(
            offered(feed, now), format=ROLLED_BACK, sha256=part.sha256, rows=count, accepted=count
        )
        return self._put(file, part, entries, reason=reason)

    def _put(
        self, file: FeedFile, part: FeedPart, entries: Iterable[Entry], *, reason: str
    ) -> FeedFile:
        now_in_force = replace(part, accepted_at=file.received_at)
        with self._steps.draft(now_in_force, entries) as draft:
            return self._steps.accept(file, draft, {"reason": reason})
