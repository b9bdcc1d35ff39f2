"""What is in force, since when and from which files, for whoever asks."""

from collections.abc import Sequence
from dataclasses import dataclass

from service import clock
from service.current import CurrentSnapshot, FeedInForce, Snapshot
from service.errors import NoSnapshot, NotThere
from service.feed_ports import FeedHistory
from service.feed_records import FeedFile


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A feed by its newest accepted file, and by what this process serves of that very file.

    `in_force` is None until the process has taken over the version that was made of it.
    """

    name: str
    file: FeedFile
    in_force: FeedInForce | None


@dataclass(frozen=True, slots=True)
class HotlistStatus:
    """Answers about the hotlist. Those that read the history may block."""

    current: CurrentSnapshot
    history: FeedHistory

    def hotlist(self) -> Snapshot:
        """Return the snapshot in force.

        Raises:
            NoSnapshot: there is none yet.
        """
        snapshot = self.current.get()
        if snapshot is None:
            raise NoSnapshot("no hotlist is in force yet")
        return snapshot

    def feeds(self) -> Sequence[FeedStatus]:
        """Return every feed that has had a file accepted, by name."""
        snapshot = self.current.get()
        feeds = () if snapshot is None else snapshot.feeds
        served = {(feed.name, feed.accepted_at): feed for feed in feeds}
        return [
            FeedStatus(
                file.feed, file, served.get((file.feed, clock.to_datetime(file.received_at)))
            )
            for file in self.history.latest()
        ]

    def file(self, feed: str, id_: int) -> FeedFile:
        """Return one file of a feed, accepted or refused.

        Raises:
            NotThere: this feed had no such file.
        """
        file = self.history.file(feed, id_)
        if file is None:
            raise NotThere("this feed had no file with this id")
        return file
