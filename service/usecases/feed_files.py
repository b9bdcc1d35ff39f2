"""Files of a feed: handed in by its owner, and what became of each."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from plate_match.names import alike
from service import clock, ids
from service.declaration import Declaration
from service.errors import FaultyDeclaration, NotThere
from service.feed_ports import FeedHistory, Inbox
from service.feed_records import FeedFile
from service.ports import Recorder
from service.records import Caller, Role
from service.usecases import cursors
from service.usecases.acts import Act

HANDED_IN = "feed-file-handed-in"

_LONGEST_TOLD = 100
"""Characters that are kept of a name that is no feed's."""


@dataclass(frozen=True, slots=True)
class FilePage:
    """Files of a feed, newest first, and the cursor of the next page."""

    files: Sequence[FeedFile]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFiles:
    """Takes files for a feed, and tells of them."""

    declared: Callable[[str], Declaration | None]
    inbox: Inbox
    history: FeedHistory
    recorder: Recorder
    secret: bytes
    now: Callable[[], int] = clock.now

    async def hand_in(self, caller: Caller, feed: str, parts: Mapping[str, BinaryIO]) -> int:
        """Put a file in the inbox and return its id; it is loaded by another process.

        Raises:
            NotThere: the feed is not declared, or another organisation owns it.
            AlreadyRunning: a file of this feed waits or is being loaded.
            StorageUnavailable: it cannot be written; nothing was put in.
        """
        await self.refuse_another(caller, feed, wanted=HANDED_IN)
        now = self.now()
        id_ = ids.new_id(now)
        header = {"feed": feed, "file": ids.to_text(id_)}
        await asyncio.to_thread(self.inbox.put, feed, id_, parts)
        await self.recorder.audit(Act(caller, HANDED_IN, header).event(now))
        return id_

    async def refuse_another(
        self, caller: Caller, feed: str, *, wanted: str = "feed-files-read"
    ) -> None:
        """Refuse a feed that is not this caller's to see; that it was asked for is on record.

        Raises:
            NotThere: as `require_own` does.
            StorageUnavailable: the refusal cannot be put on record.
        """
        try:
            await asyncio.to_thread(self.require_own, caller, feed)
        except NotThere:
            told = {"feed": feed[:_LONGEST_TOLD]}
            await self.recorder.audit(
                Act(caller, "not-shown", {"wanted": wanted}, told).event(self.now())
            )
            raise

    def require_own(self, caller: Caller, feed: str) -> None:
        """Refuse a feed that is not this caller's to see.

        Raises:
            NotThere: the caller keeps feeds, and this one is not declared to be its organisation's.
        """
        if caller.role is Role.FEED and alike(self._owner(feed)) != alike(caller.organisation):
            raise NotThere

    def _owner(self, feed: str) -> str:
        """Return whose a feed is; "" is nobody's."""
        try:
            declaration = self.declared(feed)
        except FaultyDeclaration:
            return ""
        return "" if declaration is None else declaration.owner

    def is_waiting(self, caller: Caller, feed: str, id_: int) -> bool:
        """Whether a file is still to be loaded.

        Raises:
            NotThere: the feed is not this caller's to see.
        """
        self.require_own(caller, feed)
        return self.inbox.is_waiting(feed, id_)

    def files(self, caller: Caller, feed: str, *, limit: int, cursor: str | None) -> FilePage:
        """Return files of a feed, accepted and refused; new ones do not disturb the pages.

        Raises:
            NotThere: the feed is not this caller's to see.
            InvalidRequest: the cursor is none of this feed.
        """
        self.require_own(caller, feed)
        of = f"files {feed}"
        before = None if cursor is None else cursors.opened(self.secret, cursor, of=of)
        found = self.history.files(feed, before=before, limit=limit + 1)
        return FilePage(*cursors.cut(self.secret, found, limit, of=of))
