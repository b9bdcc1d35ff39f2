"""The composition root: settings -> everything that runs, opened in order and closed in reverse.

The only place that knows all parts. It knows no framework: the application and the commands
enter it alike.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from plate_match.report import Report
from service import clock
from service.adapters.db import open_database
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.hotlist_watch import HotlistWatch
from service.adapters.one_of_many import follow
from service.adapters.registry_file import load_registry
from service.adapters.secret_file import load_secret
from service.current import CurrentSnapshot
from service.metrics import Metrics
from service.settings import Settings
from service.state import State
from service.usecases.follow_up import FollowUp
from service.usecases.hotlist_status import HotlistStatus
from service.usecases.keep_entries import KeepEntries
from service.usecases.match_back import MatchBack
from service.usecases.read_history import ReadHistory
from service.usecases.report_sighting import ReportSighting
from service.usecases.stand_down_hits import StandDownHits

HOTLIST = "hotlist"
FEEDS = "feeds"
KEYS = "keys"
LOOK_EVERY = 0.5
"""Seconds between two looks at what a change of the list asks for."""

SECRET = "idempotency"  # noqa: S105 - the name of a file


Reading = Callable[[bytes], Report]


@asynccontextmanager
async def running(
    settings: Settings, reading: Reading, metrics_folder: Path | None = None
) -> AsyncIterator[State]:
    """Open everything, yield what a request may reach, and close it again.

    A hotlist that is there already is in force before this yields. Workers that share a port
    share a folder for their metrics. `reading` returns the report of a request that was stored.

    Raises:
        CannotStart: the message says what stands in the way.
        StorageUnavailable: the database cannot be read or written.
    """
    secret = load_secret(settings.data / KEYS, SECRET)
    files = HotlistFiles(settings.data / HOTLIST, load_registry(settings.registry))
    current = CurrentSnapshot()
    async with AsyncExitStack() as opened:
        database = open_database(url=settings.database_url, data=settings.data)
        opened.push_async_callback(database.close)
        watch = HotlistWatch(files, current, database.entries)
        await watch.look()
        opened.push_async_callback(_stop, asyncio.create_task(watch.follow()))
        metrics = Metrics(current, metrics_folder)
        follow_up = FollowUp(
            current=current,
            stand_down=StandDownHits(database.open_hits, metrics),
            match_back=MatchBack(
                versions=files,
                entries=database.entries,
                past=database.past_sightings,
                reading=reading,
                metrics=metrics,
                window=timedelta(hours=settings.match_back_hours),
                base_rate=settings.base_rate,
            ),
        )
        lock = settings.data / HOTLIST / "follow-up.lock"
        rounds = asyncio.create_task(follow(lock, follow_up.look, every=LOOK_EVERY))
        opened.push_async_callback(_stop, rounds)
        yield State(
            credentials=database.credentials,
            report_sighting=ReportSighting(
                current=current,
                recorder=database.recorder,
                history=database.history,
                metrics=metrics,
                secret=secret,
                base_rate=settings.base_rate,
            ),
            read_history=ReadHistory(
                history=database.history, recorder=database.recorder, secret=secret
            ),
            keep_entries=KeepEntries(
                entries=database.entries, recorder=database.recorder, secret=secret
            ),
            hotlist_status=HotlistStatus(current, database.feed_history),
            metrics=metrics,
            pings=(database.ping,),
            contact=settings.contact,
            now=clock.now,
            least_symbols=settings.least_symbols,
            longest_entry=timedelta(hours=settings.longest_entry_hours),
        )


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
