"""What the use cases of feeds ask of storage; the records are in `service.feed_records`.

Called from commands and worker threads, so that everything here may block.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from plate_match.hotlist import Entry
from service.feed_records import Draft, FeedFile, FeedPart, HotlistVersion, Offer
from service.records import AuditEvent


class FeedHistory(Protocol):
    """The history of feed files; called from a command or a worker thread, so it may block."""

    def add(self, file: FeedFile, event: AuditEvent) -> None:
        """Record a file and its audit record in one transaction."""
        ...

    def latest(self) -> Sequence[FeedFile]:
        """Return the newest accepted file of every feed, by name of the feed."""
        ...

    def file(self, feed: str, id_: int) -> FeedFile | None:
        """Return one file of a feed, or None."""
        ...

    def files(self, feed: str, *, before: int | None, limit: int) -> Sequence[FeedFile]:
        """Return files of a feed, newest first, those with a lower id than `before`."""
        ...

    def newest_sequence(self, feed: str) -> int | None:
        """Return the highest sequence of a file of a feed that was ever accepted."""
        ...


class HotlistVersions(Protocol):
    """Where the versions of the hotlist lie; called from a command or a thread: it may block."""

    def loading(self, *, wait: bool = True) -> AbstractContextManager[None]:
        """Wait until nobody else loads, in any process, and keep others waiting meanwhile.

        Or raise `AlreadyRunning` if it is not to wait and somebody does.
        """
        ...

    def current(self) -> str | None:
        """Return the name of the version in force, None before the first."""
        ...

    def version(self, name: str) -> HotlistVersion:
        """Return a version, or raise `HotlistDamaged`."""
        ...

    def entries(self, version: HotlistVersion, feed: str) -> Sequence[Entry]:
        """Return the entries of a feed in a version, or raise `HotlistDamaged`."""
        ...

    def draft(
        self, base: HotlistVersion | None, part: FeedPart, entries: Iterable[Entry]
    ) -> AbstractContextManager[Draft]:
        """Write a version with these entries for one feed and those of `base` for the others.

        What is not known of the part beforehand is filled in. Entries are written as they come,
        and none stays in memory. A draft that was not kept is gone at the end.
        """
        ...

    def drafted(self, draft: Draft) -> Sequence[Entry]:
        """Return the entries of the feed that a draft is of."""
        ...

    def keep(self, draft: Draft) -> HotlistVersion:
        """Give a draft its name; it then survives a crash, but is not in force."""
        ...

    def came(self, old: str, new: str) -> Iterator[Entry]:
        """Yield the entries of a version that another does not have, as they stand in force.

        Where the other is damaged or gone, that is all of them. Raises `HotlistDamaged`.
        """
        ...

    def forget(self, before: int, needed: Collection[str]) -> Iterator[str]:
        """Remove versions whose next one was made before a moment, but those that are needed.

        Yields the name of each once it is gone; called by who is `loading`.
        """
        ...

    def names(self) -> Sequence[str]:
        """Return the names of all versions, oldest first."""
        ...

    def put_in_force(self, name: str) -> None:
        """Put a version in force, durably; whoever looks sees the old one or this."""
        ...


class WaitingFile(Protocol):
    """A feed file that is to be loaded; `id` is the one it will have in the history."""

    @property
    def feed(self) -> str:
        """Return whose it is."""
        ...

    @property
    def id(self) -> int:
        """Return its id."""
        ...

    @property
    def offer(self) -> Offer:
        """Return it as it is loaded."""
        ...


class Inbox(Protocol):
    """Where feed files wait to be loaded; called from a command or a thread, so it may block."""

    def put(self, feed: str, id_: int, parts: Mapping[str, BinaryIO]) -> None:
        """Put a file in, whole or not at all: parts `file`, `manifest` and `signature`.

        Raises:
            AlreadyRunning: a file of this feed waits or is being loaded.
        """
        ...

    def waiting(self) -> Sequence[WaitingFile]:
        """Return what is to be loaded, in the order it came."""
        ...

    def is_waiting(self, feed: str, id_: int) -> bool:
        """Whether a file of a feed is still to be loaded."""
        ...

    def begin(self, one: Any) -> int:  # noqa: ANN401 - what `waiting` returned
        """Count a try to load a file, durably; return how many before it had no outcome."""
        ...

    def forgive(self, one: Any) -> None:  # noqa: ANN401 - what `waiting` returned
        """Count the last try to load a file no more: it was not the file that ended it."""
        ...

    def tries(self, one: Any) -> int:  # noqa: ANN401 - what `waiting` returned
        """Return how often loading a file began and had no outcome."""
        ...

    def leave_drop(self, one: Any) -> bool:  # noqa: ANN401 - what `waiting` returned
        """Remove from its drop folder what was taken from there; return whether that is done."""
        ...

    def done(self, one: Any) -> None:  # noqa: ANN401 - what `waiting` returned
        """Remove what was loaded, or refused."""
        ...


class RefusedFiles(Protocol):
    """Where files are kept that were refused for their size; called as the inbox is."""

    def keep(self, one: Any) -> None:  # noqa: ANN401 - what `Inbox.waiting` returned
        """Move a file out of the inbox in here, in place of the older ones of its feed."""
        ...

    def kept(self) -> Sequence[WaitingFile]:
        """Return what is kept, in the order it came."""
        ...

    def forget(self, feed: str, *, before: int) -> None:
        """Remove what is kept of a feed with a lower id than `before`."""
        ...
