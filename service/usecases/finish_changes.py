"""A change that is on record but was not reached, since its process was killed -> in force."""

from contextlib import suppress
from dataclasses import dataclass, field

from service.errors import AlreadyRunning
from service.feed_ports import FeedHistory, HotlistVersions
from service.usecases.put_in_force import PutInForce


@dataclass(slots=True, kw_only=True)
class FinishChanges:
    """Looks whether a version lies there that is newer than the one in force, and why.

    The history is asked once about each: while somebody loads, that is not known yet.
    """

    versions: HotlistVersions
    history: FeedHistory
    _seen: tuple[str | None, str | None] = field(default=(None, None), init=False)

    def look(self) -> None:
        """Put in force what is on record as accepted; who loads does so by themselves.

        Raises:
            HotlistDamaged: which version is in force is not known.
            StorageUnavailable: the rest is for the next look.
        """
        newest = max(self.versions.names(), default=None)
        seen = newest, self.versions.current()
        if seen == self._seen:
            return
        with suppress(AlreadyRunning), self.versions.loading(wait=False):
            PutInForce(self.versions, self.history).finish()
            self._seen = seen
