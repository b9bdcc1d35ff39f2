"""Another process puts a version in force -> this one serves it, within a second."""

import asyncio
import logging
import time
from typing import NoReturn

from service.adapters.hotlist_files import HotlistFiles
from service.current import CurrentSnapshot, Snapshot
from service.ports import StorageError

LOOK_EVERY = 0.25
"""Seconds between two looks at which version is in force."""

TRY_AGAIN_AFTER = 30.0
"""Seconds until a version that could not be read is tried again."""

_LOG = logging.getLogger("service.hotlist")


class HotlistWatch:
    """Follows the version in force. Building takes place in a thread; a swap is one assignment."""

    def __init__(self, files: HotlistFiles, current: CurrentSnapshot) -> None:
        self._files = files
        self._current = current
        self._tried = ""
        self._try_again = 0.0
        self._said = ""

    async def follow(self) -> NoReturn:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Take over the version in force if it is another one; if that fails keep the old."""
        try:
            snapshot = await asyncio.to_thread(self._newer)
        except StorageError as error:
            self._say(str(error))
            return
        if snapshot is not None:
            self._current.swap(snapshot)
            self._said = ""
            _LOG.info("hotlist version %s with %d entries", snapshot.version, snapshot.entries)

    def _newer(self) -> Snapshot | None:
        name = self._files.current()
        snapshot = self._current.get()
        if name is None or (snapshot is not None and snapshot.version == name):
            return None
        if name == self._tried and time.monotonic() < self._try_again:
            return None
        self._tried, self._try_again = name, time.monotonic() + TRY_AGAIN_AFTER
        return self._files.snapshot(name)

    def _say(self, why: str) -> None:
        """Log what is wrong, once and not at every look."""
        if why != self._said:
            self._said = why
            _LOG.error("no new hotlist version, the old one stays in force: %s", why)
