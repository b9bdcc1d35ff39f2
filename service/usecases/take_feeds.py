"""Files that wait in the inbox -> loaded, one after the other; each ends on record."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from plate_match.errors import UnreadableHotlist
from service import clock
from service.errors import FaultyDeclaration
from service.feed_ports import FeedHistory, Inbox, WaitingFile
from service.feed_records import FeedFile
from service.ports import HotlistDamaged, StorageUnavailable
from service.usecases.gate import Reason, Refusal
from service.usecases.keep_refused import KeepRefused
from service.usecases.load_hotlist import InvalidFeedName, LoadHotlist
from service.usecases.put_in_force import offered

MOST_TRIES = 3
"""To load a file, after which it is refused: each ended with the process, killed from outside."""

_KILLED = Refusal(
    Reason.KILLED,
    f"the process that loads it was killed {MOST_TRIES} times, as it is where memory runs out; "
    "make the file smaller, or give the machine more memory, and send it again",
)


@dataclass(frozen=True, slots=True)
class TakeFeeds:
    """Loads what waits, in the order it came."""

    inbox: Inbox
    history: FeedHistory
    loading: LoadHotlist
    keep: KeepRefused
    now: Callable[[], int] = clock.now

    def __call__(self) -> Iterator[FeedFile]:
        """Load every file, and yield what became of it once that is on record.

        One that had the process killed before comes after all others.

        Raises:
            HotlistDamaged, StorageUnavailable: the rest waits for the next time.
        """
        self.loading.finish()
        for one in sorted(self.inbox.waiting(), key=self.inbox.tries):
            # A process that was killed may have recorded it, but not removed it.
            file = self.history.file(one.feed, one.id) or self._tried(one)
            self.keep.settle(one, file, self.inbox)
            yield file

    def _tried(self, one: WaitingFile) -> FeedFile:
        if self.inbox.begin(one) >= MOST_TRIES:
            return self._refuse(one, str(_KILLED))
        try:
            return self._load(one)
        except BaseException:
            # What was told to end, or found no database, was not killed by the file.
            self.inbox.forgive(one)
            raise

    def _load(self, one: WaitingFile) -> FeedFile:
        try:
            return self.loading.load(one.offer, one.feed, now=self.now(), id_=one.id)
        except (FaultyDeclaration, InvalidFeedName) as fault:
            refused = str(fault)
        except UnreadableHotlist as fault:
            if recorded := self.history.file(one.feed, one.id):
                return recorded
            refused = str(fault)
        except (HotlistDamaged, StorageUnavailable):
            raise
        except Exception as fault:  # noqa: BLE001 - else it would be tried for ever, the others never
            refused = f"this program fails on the file: {type(fault).__name__}"
        return self._refuse(one, refused)

    def _refuse(self, one: WaitingFile, why: str) -> FeedFile:
        return self.loading.refuse(offered(one.feed, self.now(), one.id), why)
