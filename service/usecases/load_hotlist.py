"""A feed file -> a hotlist version in force, or the old one and the reason why.

The order of effects: the version is written whole, then file and audit are recorded, then the
version is put in force. A crash leaves the old list or the new one; what was recorded but not
reached is put in force by the next load, before its own work.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Loaded, read_hotlist, read_hotlist_file
from plate_match.feed.read import read_pieces
from plate_match.feed.stage import changes
from plate_match.hotlist import Entry
from service import clock, ids
from service.errors import ServiceError
from service.ports import FeedHistory, HotlistDamaged, HotlistVersions
from service.records import AuditEvent, FeedFile, HotlistVersion

MOST_REJECTS = 1_000
"""Rejects that are kept in the history; all are counted."""

_FEED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


ROLLED_BACK, SUSPENDED = "rollback", "suspended"
"""Formats of what is in force without a file: entries of a version before, or none at all."""


class NotPossible(ServiceError):
    """A feed cannot be turned back like this; the message says why."""


class InvalidFeedName(ValueError):
    """A feed cannot have this name."""


def check(path: Path, *, now: int, progress: Callable[[bytes], object] = len) -> Loaded:
    """Read a feed file and change nothing.

    Raises:
        UnreadableHotlist: the file cannot be read, or is in no known format.
    """
    return read_hotlist_file(path, progress, now=clock.to_datetime(now))


@dataclass(frozen=True, slots=True)
class LoadHotlist:
    """Loads one feed file at a time; `progress` is called with every piece of it as it is read."""

    versions: HotlistVersions
    history: FeedHistory
    progress: Callable[[bytes], object] = len

    def load(self, path: Path, feed: str, *, now: int) -> FeedFile:
        """Put the good rows of a file in force as the whole of this feed.

        A file that cannot be read as a hotlist, or has no acceptable row, changes nothing; it
        is recorded as refused.

        Raises:
            InvalidFeedName: nothing was read.
            UnreadableHotlist: the file is in no known format, or could not be read at all, in
                which case it is not recorded.
            HotlistDamaged: the version in force is damaged; nothing was changed.
            StorageUnavailable: disk or database failed; the old list is in force.
        """
        if not _FEED.fullmatch(feed):
            raise InvalidFeedName(
                "a feed is named by 1 to 64 letters, digits, dots, dashes and underscores, "
                "the first a letter or digit"
            )
        with self.versions.loading():
            self._finish()
            if self._suspended(feed) is not None:
                refused = "the feed is suspended; `feed resume` puts it back in force"
                return self._record(replace(_offered(feed, now), refused=refused))
            try:
                return self._load(path, _offered(feed, now))
            except OSError as error:
                raise UnreadableHotlist(f"the file cannot be read: {error.strerror}") from None

    def roll_back(self, feed: str, to: str, *, reason: str, now: int) -> FeedFile:
        """Put the entries that a feed had in another version in force again.

        Raises:
            NotPossible: that version has no such feed.
            HotlistDamaged: it is damaged, or there is none of that name; nothing was changed.
            StorageUnavailable: disk or database failed; the old list is in force.
        """
        with self.versions.loading():
            self._finish()
            return self._rolled_back(feed, to, reason=reason, now=now)

    def suspend(self, feed: str, *, reason: str, now: int) -> FeedFile:
        """Take all entries of a feed out of force; its files are refused until it is resumed.

        Raises:
            NotPossible: it has none in force, or is suspended.
            HotlistDamaged: the version in force is damaged; nothing was changed.
            StorageUnavailable: disk or database failed; the old list is in force.
        """
        with self.versions.loading():
            self._finish()
            current = self.versions.current()
            base = None if current is None else self.versions.version(current)
            if self._suspended(feed) is not None or not self._before(base, feed):
                raise NotPossible("the feed has no entries in force, or is suspended already")
            file = replace(_offered(feed, now), format=SUSPENDED)
            return self._accept(file, (), reason)

    def resume(self, feed: str, *, reason: str, now: int) -> FeedFile:
        """Put the entries that a feed had before it was suspended in force again.

        Raises:
            NotPossible: it is not suspended.
            HotlistDamaged: that version is damaged; nothing was changed.
            StorageUnavailable: disk or database failed; the old list is in force.
        """
        with self.versions.loading():
            self._finish()
            suspended = self._suspended(feed)
            before = suspended and suspended.version and self.versions.version(suspended.version)
            if not before or before.base is None:
                raise NotPossible("the feed is not suspended")
            return self._rolled_back(feed, before.base, reason=reason, now=now)

    def _rolled_back(self, feed: str, to: str, *, reason: str, now: int) -> FeedFile:
        version = self.versions.version(to)
        part = next((part for part in version.feeds if part.name == feed), None)
        if part is None:
            raise NotPossible("that version has no feed of this name")
        entries = self.versions.entries(version, feed)
        count = len(entries)
        file = replace(_offered(feed, now), format=ROLLED_BACK, sha256=part.sha256)
        return self._accept(replace(file, rows=count, accepted=count), entries, reason)

    def _suspended(self, feed: str) -> FeedFile | None:
        """Return how a feed was suspended, if it is."""
        files = (file for file in self.history.latest() if file.feed == feed)
        return next((file for file in files if file.format == SUSPENDED), None)

    def _finish(self) -> None:
        """Put in force what a killed load had recorded as accepted but not reached."""
        current = self.versions.current()
        for file in self.history.latest():
            if file.version is not None and self._follows(file.version, current):
                self.versions.put_in_force(file.version)
                return

    def _follows(self, name: str, current: str | None) -> bool:
        try:
            return self.versions.version(name).base == current
        except HotlistDamaged:
            return False

    def _load(self, path: Path, offered: FeedFile) -> FeedFile:
        digest = sha256()
        pieces = read_pieces(path, digest.update, self.progress)
        moment = clock.to_datetime(offered.received_at)
        try:
            loaded = read_hotlist(pieces, feed=offered.feed, now=moment)
        except UnreadableHotlist as fault:
            deque(pieces, maxlen=0)  # read on: the digest is that of the whole file
            self._record(replace(offered, sha256=digest.hexdigest(), refused=str(fault)))
            raise
        file = replace(
            offered,
            sha256=digest.hexdigest(),
            format=loaded.format.value,
            rows=loaded.rows,
            accepted=len(loaded.hotlist),
            rejected=len(loaded.rejects),
            rejects=tuple((reject.row, reject.reason) for reject in loaded.rejects[:MOST_REJECTS]),
        )
        if not loaded.hotlist:
            return self._record(replace(file, refused="the file has no row that can be accepted"))
        return self._accept(file, loaded.hotlist.entries)

    def _accept(self, file: FeedFile, entries: Sequence[Entry], reason: str = "") -> FeedFile:
        current = self.versions.current()
        base = None if current is None else self.versions.version(current)
        change = changes(self._before(base, file.feed), entries)
        version = self.versions.write(base, file.feed, entries, now=file.received_at)
        accepted = replace(
            file,
            version=version.name,
            added=change.added,
            changed=change.changed,
            withdrawn=change.withdrawn,
        )
        self._record(accepted, reason)
        self.versions.put_in_force(version.name)
        return accepted

    def _before(self, base: HotlistVersion | None, feed: str) -> Sequence[Entry]:
        """Return what the feed has in force; nothing if that is damaged, since it is replaced."""
        if base is None or feed not in {part.name for part in base.feeds}:
            return ()
        try:
            return self.versions.entries(base, feed)
        except HotlistDamaged:
            return ()

    def _record(self, file: FeedFile, reason: str = "") -> FeedFile:
        header = {
            "feed": file.feed,
            "file": ids.to_text(file.id),
            "sha256": file.sha256,
            "rows": file.rows,
            "accepted": file.accepted,
            "rejected": file.rejected,
            "version": file.version,
        }
        action = "feed-file-accepted" if file.refused is None else "feed-file-refused"
        payload = {"reason": reason} if reason else {}
        event = AuditEvent(file.received_at, _ACTIONS.get(file.format, action), header, payload)
        self.history.add(file, event)
        return file


_ACTIONS = {ROLLED_BACK: "feed-rolled-back", SUSPENDED: "feed-suspended"}


def _offered(feed: str, now: int) -> FeedFile:
    return FeedFile(
        id=ids.new_id(now),
        feed=feed,
        received_at=now,
        sha256="",
        format="",
        rows=0,
        accepted=0,
        rejected=0,
        rejects=(),
        added=0,
        changed=0,
        withdrawn=0,
        version=None,
    )
