"""The server's part in taking feed files: it sees that some wait, and starts what loads them.

That is a process of its own, so that a million rows take nothing from the one that answers.
"""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from service import clock
from service.adapters.feed_folder import Declarations
from service.adapters.feed_pull import FeedPull
from service.adapters.inbox import Inbox
from service.declaration import Declaration, Origin
from service.errors import FaultyDeclaration
from service.ports import StorageUnavailable

LONGEST_PAUSE = 60.0
"""Seconds until what could not be loaded is tried again, at the most."""

Offered = list[Path | str]

_REFUSED = 1
_LOG = logging.getLogger("service.feeds")


class FeedIntake:
    """Starts `plate-match feed take` when there is something for it."""

    def __init__(
        self, data: Path, declarations: Declarations, *, inbox: Inbox, pulls: FeedPull
    ) -> None:
        self._data = data
        self._declarations = declarations
        self._inbox = inbox
        self._pulls = pulls
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._said: frozenset[str] = frozenset()
        self._faults: dict[str, str] = {}
        self._stuck: Offered = []
        self._pause = 0.0
        self._again_at = 0.0

    def look(self) -> None:
        """See whether a file waits, and wait until all that do are loaded.

        While nothing of them can be, and nothing else comes, the next try is twice as far off each
        time.

        Raises:
            StorageUnavailable: loading failed; what was not loaded waits.
        """
        offered = list(self._offered())
        waits = offered == self._stuck and time.monotonic() < self._again_at
        if not offered or waits or self._stopped:
            return
        try:
            self._load()
        finally:
            self._note(offered, left=list(self._offered()))

    def _note(self, offered: Offered, *, left: Offered) -> None:
        """Note whether anything of what was offered could be loaded, else when to try again."""
        self._pause = min(max(1.0, 2 * self._pause), LONGEST_PAUSE) if left == offered else 0.0
        self._again_at = time.monotonic() + self._pause
        self._stuck = left

    def _load(self) -> None:
        command = [sys.executable, "-m", "service", "feed", "take", "--json"]
        with subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--data", str(self._data)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as self._process:
            _, told = self._process.communicate()
            code = self._process.returncode
        self._process = None
        self._say(told.decode(errors="replace"))
        if code not in {0, _REFUSED} and not self._stopped:
            raise StorageUnavailable("feed files wait, and loading them failed; `feed take` tells")

    def stop(self) -> None:
        """End what is being loaded: it changed nothing yet, or all, and waits for the next time."""
        self._stopped = True
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
            self._inbox.forgive_last()

    def _say(self, told: str) -> None:
        """Log what went wrong, once and not at every look."""
        lines = told.splitlines()
        for line in lines:
            if line not in self._said:
                _LOG.warning("%s", line)
        self._said = frozenset(lines)

    def _offered(self) -> Iterator[Path | str]:
        """Yield what there is to load: the next of each folder, and feeds that are due."""
        yield from (one.folder for one in self._inbox.waiting())
        for name in self._declarations.names():
            try:
                declaration = self._declarations.of(name)
            except FaultyDeclaration:
                continue
            if declaration is None:
                continue
            if declaration.origin is Origin.DROP:
                yield from self._dropped(name, declaration)
            elif self._pulls.due(declaration, now=clock.now()):
                yield name

    def _dropped(self, feed: str, declaration: Declaration) -> list[Path]:
        """Return the next of a drop folder; one that cannot be read is told of once."""
        try:
            found = self._inbox.dropped(feed, declaration, now=clock.now())[:1]
        except StorageUnavailable as fault:
            if self._faults.get(feed) != str(fault):
                _LOG.warning("feed %s: %s", feed, fault)
            self._faults[feed] = str(fault)
            return []
        self._faults.pop(feed, None)
        return found
