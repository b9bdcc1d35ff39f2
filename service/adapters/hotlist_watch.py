"""Somebody puts a version in force, or an entry in -> this process serves it, within a second.

Every process serves a new version from the same moment on, so that no two answer differently.
What is served is the version in force with the entries of the moment laid over it. Its name says
both, as in `VERSION+7`: the version, and how many entries were put in and withdrawn by then.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from plate_match.audience import Circle
from plate_match.description import Description
from plate_match.hotlist import Entry
from plate_match.matcher import FORESEEN, Matcher
from plate_match.population import HOME
from plate_match.report import Look, Report, read_of
from service import clock
from service.adapters.hotlist_files import HotlistFiles
from service.current import CurrentSnapshot, Snapshot
from service.errors import told
from service.ports import Entries

LOOK_EVERY = 0.25
"""Seconds between two looks at which version is in force."""

TOGETHER_AFTER = 0.8
"""Seconds from when a version is put in force until all processes serve it: they have to see and
map it by then, and a process that is late serves it as soon as it can."""

TRY_AGAIN_AFTER = 30.0
"""Seconds until a version that could not be read is tried again."""

_LOG = logging.getLogger("service.hotlist")


class HotlistWatch:
    """Follows what is in force. Building takes place in a thread; a swap is one assignment."""

    def __init__(self, files: HotlistFiles, current: CurrentSnapshot, entries: Entries) -> None:
        self._files = files
        self._current = current
        self._entries = entries
        self._base: Snapshot | None = None
        self._changes = 0
        self._together = 0
        self._tried = ""
        self._try_again = 0.0
        self._said = ""

    async def follow(self) -> NoReturn:
        """Look again and again, until cancelled; to map a long list delays no freeze.

        A look that fails is logged, and done again: nothing ends this but its end.
        """
        async with asyncio.TaskGroup() as both:
            both.create_task(self._follow_freeze())
            while True:
                await self.look()
                await asyncio.sleep(LOOK_EVERY)

    async def _follow_freeze(self) -> NoReturn:
        while True:
            with suppress(OSError):
                self._current.frozen = self._files.frozen()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Take over the version in force if it is another one; if that fails keep the old."""
        try:
            self._current.frozen = self._files.frozen()
            snapshot = await asyncio.to_thread(self._newer)
        except Exception as error:  # noqa: BLE001 - the old list is better than none
            self._say(told(error))
            return
        if snapshot is not None:
            if self._current.get() is not None:
                await asyncio.sleep(self._until_together())
            self._current.swap(snapshot)
            self._said = ""
            _LOG.info("hotlist version %s with %d entries", snapshot.version, snapshot.entries)

    def _until_together(self) -> float:
        left = (self._together - clock.now()) / clock.SECOND
        return min(max(left, 0.0), TOGETHER_AFTER)

    def _newer(self) -> Snapshot | None:
        """Return what is to be served from now on; None if that is what is served already."""
        base, changes = self._newer_base() or self._base, self._entries.changes()
        if base is self._base and changes == self._changes:
            return None
        served = base
        if changes:
            changes, entries = self._entries.in_force(clock.now())
            served = _overlaid(base or _nothing_listed(), entries, changes)
        self._base, self._changes = base, changes
        return served and _worked_in(served)

    def _newer_base(self) -> Snapshot | None:
        """Return the version in force, if it is another one."""
        name = self._files.current()
        if name is None or (self._base is not None and self._base.version == name):
            return None
        if name == self._tried and time.monotonic() < self._try_again:
            return None
        self._tried, self._try_again = name, time.monotonic() + TRY_AGAIN_AFTER
        snapshot = self._files.snapshot(name)
        self._together = self._files.in_force_since() + int(TOGETHER_AFTER * clock.SECOND)
        return snapshot

    def _say(self, why: str) -> None:
        """Log what is wrong, once and not at every look."""
        if why != self._said:
            self._said = why
            _LOG.error("no new hotlist version, the old one stays in force: %s", why)


def _worked_in(snapshot: Snapshot) -> Snapshot:
    """Ask what every sighting asks, so that the first one does not wait for what is kept since."""
    look, at = Look(read_of("00XXX0")), clock.to_datetime(clock.now())
    snapshot.matcher.work_out(at)
    for report in (Report((look,)), Report((look,), Description(make="VW", colour="grey"), HOME)):
        found = snapshot.matcher.search(report, at=at)
        for audience in FORESEEN:
            found.answer(audience)
    return snapshot


def _overlaid(base: Snapshot, entries: Sequence[Entry], changes: int) -> Snapshot:
    """Return a version with the entries that were put in laid over it."""
    return replace(
        base,
        version=f"{base.version}+{changes}",
        matcher=base.matcher.with_entries(entries),
        counts=Counter(base.counts) + Counter(map(Circle.of, entries)),
    )


def _nothing_listed() -> Snapshot:
    """Return what entries lie over before the first file was loaded."""
    return Snapshot("none", clock.to_datetime(clock.now()), Matcher.build(()), {})
