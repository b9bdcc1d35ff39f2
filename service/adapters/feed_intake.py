"""The server's part in taking feed files: it sees that some wait, and starts what loads them.

That is a process of its own, so that a million rows take nothing from the one that answers.
"""

import logging
import subprocess
import sys
from pathlib import Path

from service import clock
from service.adapters.feed_folder import Declarations
from service.adapters.feed_pull import FeedPull
from service.adapters.inbox import Inbox
from service.declaration import Declaration, Origin
from service.errors import FaultyDeclaration
from service.ports import StorageUnavailable

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

    def look(self) -> None:
        """See whether a file waits, and wait until all that do are loaded.

        Raises:
            StorageUnavailable: loading failed; what was not loaded waits.
        """
        if not self._inbox.waiting() and not self._some_elsewhere():
            return
        if self._stopped:
            return
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

    def _some_elsewhere(self) -> bool:
        return any(self._has_some(name) for name in self._declarations.names())

    def _has_some(self, feed: str) -> bool:
        try:
            declaration = self._declarations.of(feed)
        except FaultyDeclaration:
            return False
        if declaration is None:
            return False
        if declaration.origin is not Origin.DROP:
            return self._pulls.due(declaration, now=clock.now())
        return self._some_dropped(feed, declaration)

    def _some_dropped(self, feed: str, declaration: Declaration) -> bool:
        """Whether a file was dropped; a folder that cannot be read is told of once."""
        try:
            found = any(self._inbox.dropped(feed, declaration, now=clock.now()))
        except StorageUnavailable as fault:
            if self._faults.get(feed) != str(fault):
                _LOG.warning("feed %s: %s", feed, fault)
            self._faults[feed] = str(fault)
            return False
        self._faults.pop(feed, None)
        return found
