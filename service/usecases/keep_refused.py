"""Files that were refused for their size -> kept until they are let pass, or are of no use."""

from collections.abc import Iterator
from dataclasses import dataclass

from service import ids
from service.errors import ServiceError
from service.feed_ports import FeedHistory, Inbox, RefusedFiles, WaitingFile
from service.feed_records import FeedFile
from service.usecases import gate
from service.usecases.put_in_force import TURNED

_PAGE = 100


class NotKept(ServiceError):
    """There is no such refused file that could be loaded; the message says why."""


@dataclass(frozen=True, slots=True)
class KeepRefused:
    """Keeps the file of each feed that was refused last for its size alone.

    What is on record decides, not what is done about it: a process that is killed in between
    leaves a file to be kept or removed the next time, never one to be loaded twice.
    """

    refused: RefusedFiles
    history: FeedHistory

    def settle(self, one: WaitingFile, file: FeedFile, inbox: Inbox) -> None:
        """Take a file out of the inbox once its outcome is on record: it is kept, or removed."""
        if file.refused is not None and gate.may_pass(file.refused) and not self._overtaken(one):
            if inbox.leave_drop(one):
                self.refused.keep(one)
            return
        self.forget_older(file)
        inbox.done(one)

    def forget_older(self, file: FeedFile) -> None:
        """Remove what is kept of a feed if this newer file of it was accepted."""
        if file.refused is None:
            self.refused.forget(file.feed, before=file.id)

    def waiting(self) -> Iterator[WaitingFile]:
        """Yield what two people may let pass."""
        newest = {one.feed: one for one in self.refused.kept()}
        yield from (one for one in newest.values() if not self._overtaken(one))

    def one(self, feed: str, id_: int | None) -> tuple[WaitingFile, FeedFile]:
        """Return a file that may be let pass, and how it was refused.

        Raises:
            NotKept: there is none of this id, or a newer file of the feed was accepted.
        """
        found = [one for one in self.waiting() if (one.feed, one.id) == (feed, id_)]
        file = None if id_ is None else self.history.file(feed, id_)
        if not found or file is None:
            raise NotKept("no such file is kept of this feed; `feed status` shows those that are")
        return found[0], file

    def purge(self, before: int) -> Iterator[WaitingFile]:
        """Remove what came before a moment, or is of no use now; yield each once it is gone."""
        least = ids.least_id(before)
        for one in self.refused.kept():
            if one.id < least or self._overtaken(one):
                self.refused.forget(one.feed, before=one.id + 1)
                yield one

    def _overtaken(self, one: WaitingFile) -> bool:
        """Whether a file of the same feed that came later was accepted."""
        before = None
        while page := self.history.files(one.feed, before=before, limit=_PAGE):
            for file in page:
                if file.id <= one.id:
                    return False
                if file.refused is None and file.format not in TURNED:
                    return True
            before = page[-1].id
        return False
