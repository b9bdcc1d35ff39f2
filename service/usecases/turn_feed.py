"""A feed without a file: turned back to what it had, taken out of force, and put back."""

from contextlib import suppress
from dataclasses import dataclass, replace

from service.errors import ServiceError
from service.feed_ports import FeedHistory, HotlistVersions
from service.feed_records import FeedFile, FeedPart, HotlistVersion
from service.ports import HotlistDamaged
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

        Where the version in force is damaged or lost, all feeds are as in that one then.

        Raises:
            NotPossible: that version has no such feed, or the feed is suspended.
        """
        with self.versions.loading():
            with suppress(HotlistDamaged):
                self._steps.finish()
            if self._steps.suspended(feed) is not None:
                raise NotPossible("the feed is suspended; `feed resume` puts it back in force")
            try:
                return self._rolled_back(feed, to, reason=reason, now=now)
            except HotlistDamaged:
                base = self.versions.version(to)
                return self._rolled_back(feed, to, reason=reason, now=now, base=base)

    def suspend(self, feed: str, *, reason: str, now: int) -> FeedFile:
        """Take all entries of a feed out of force; its files are refused until it is resumed.

        Raises:
            NotPossible: it has none in force, or is suspended.
        """
        with self.versions.loading():
            self._steps.finish()
            base = self._steps.base()
            if base is None or base.part(feed) is None or self._steps.suspended(feed) is not None:
                raise NotPossible("the feed has no entries in force, or is suspended already")
            file = replace(offered(feed, now), format=SUSPENDED)
            with self._steps.draft(FeedPart(feed, now), ()) as draft:
                return self._steps.accept(file, draft, {"reason": reason})

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

    def _rolled_back(
        self, feed: str, to: str, *, reason: str, now: int, base: HotlistVersion | None = None
    ) -> FeedFile:
        version = self.versions.version(to)
        part = version.part(feed)
        if part is None:
            raise NotPossible("that version has no feed of this name")
        entries = self.versions.entries(version, feed)
        count = len(entries)
        file = replace(
            offered(feed, now), format=ROLLED_BACK, sha256=part.sha256, rows=count, accepted=count
        )
        if base is not None:
            file = replace(file, overridden=f"the version in force was damaged; all is as in {to}")
        part = replace(part, accepted_at=now)
        with self._steps.draft(part, entries, base=base) as draft:
            return self._steps.accept(file, draft, {"reason": reason})
