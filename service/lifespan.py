"""The composition root: settings -> everything that runs, opened in order and closed in reverse.

The only place that knows all parts. It knows no framework: the application and the commands
enter it alike.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from plate_match.report import Report
from service import clock
from service.adapters.db import Database, open_database
from service.adapters.feed_folder import Declarations
from service.adapters.feed_intake import FeedIntake
from service.adapters.feed_pull import FeedPull
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.hotlist_watch import HotlistWatch
from service.adapters.inbox import Inbox
from service.adapters.one_of_many import follow
from service.adapters.rates import Rates
from service.adapters.registry_file import load_registry
from service.adapters.secret_file import load_secret
from service.adapters.witness_folder import WitnessFolder
from service.current import CurrentSnapshot
from service.metrics import Metrics
from service.settings import Settings
from service.state import State
from service.usecases.budget import Budget, Limits
from service.usecases.canary import Canary, caller_of
from service.usecases.feed_files import FeedFiles
from service.usecases.follow_up import FollowUp
from service.usecases.hotlist_status import HotlistStatus
from service.usecases.keep_entries import KeepEntries
from service.usecases.match_back import MatchBack
from service.usecases.purge import Purge, Retention
from service.usecases.read_history import ReadHistory
from service.usecases.refuse import Refuse
from service.usecases.replay_sighting import ReplaySighting
from service.usecases.report_sighting import ReportSighting
from service.usecases.stand_down_hits import StandDownHits
from service.usecases.tell_witness import TellWitness
from service.usecases.watch_walks import WatchWalks

HOTLIST = "hotlist"
FEEDS = "feeds"
KEYS = "keys"
LOOK_EVERY = 0.5
"""Seconds between two looks at what a change of the list asks for."""

PURGE_EVERY = 300.0
"""Seconds between two looks at what has been kept long enough."""

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
    async with AsyncExitStack() as opened:
        parts = _parts(settings, metrics_folder, opened)
        watch = HotlistWatch(parts.files, parts.current, parts.database.entries)
        await watch.look()
        opened.push_async_callback(_stop, asyncio.create_task(watch.follow()))
        look = parts.follow_up(reading).look
        opened.push_async_callback(_stop, _rounds(settings, "follow-up", look))
        pulls = FeedPull(settings.data / FEEDS, parts.inbox)
        intake = FeedIntake(settings.data, parts.declarations, inbox=parts.inbox, pulls=pulls)
        opened.push_async_callback(_stop, _rounds(settings, "intake", intake.look))
        opened.callback(intake.stop)
        erase = purge_of(settings, parts.database, parts.files)
        opened.push_async_callback(_stop, _rounds(settings, "purge", erase, every=PURGE_EVERY))
        if settings.walk_hours:
            watch_walks = parts.watch_walks().look
            opened.push_async_callback(_stop, _rounds(settings, "walks", watch_walks))
        if settings.witness is not None:
            telling = parts.tell_witness(settings.witness)
            opened.push_async_callback(_stop, _rounds(settings, "witness", telling.look))
        if settings.canary_minutes:
            opened.push_async_callback(_stop, parts.canary(asyncio.get_running_loop()))
        yield parts.state(reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What is open, and what is made of it."""

    settings: Settings
    database: Database
    files: HotlistFiles
    current: CurrentSnapshot
    metrics: Metrics
    secret: bytes
    declarations: Declarations
    inbox: Inbox
    budget: Budget

    def follow_up(self, reading: Reading) -> FollowUp:
        """Return what looks at hits and sightings when the list changes."""
        match_back = MatchBack(
            versions=self.files,
            entries=self.database.entries,
            past=self.database.past_sightings,
            reading=reading,
            metrics=self.metrics,
            window=timedelta(hours=self.settings.match_back_hours),
            base_rate=self.settings.base_rate,
        )
        stand_down = StandDownHits(self.database.open_hits, self.metrics)
        return FollowUp(current=self.current, stand_down=stand_down, match_back=match_back)

    def watch_walks(self) -> WatchWalks:
        """Return what looks for walks through plates."""
        return WatchWalks(
            reads=self.database.guards_reads,
            metrics=self.metrics,
            secret=self.secret,
            window=self.settings.walk_hours * clock.HOUR,
        )

    def tell_witness(self, folder: Path) -> TellWitness:
        """Return what tells the witness of the audit."""
        return TellWitness(
            trail=self.database.audit,
            witness=WitnessFolder(folder),
            metrics=self.metrics,
            pause=timedelta(minutes=self.settings.witness_minutes),
        )

    def state(self, reading: Reading) -> State:
        """Return the use cases of requests, and what the edge needs around them."""
        database, settings = self.database, self.settings
        recorder, secret = database.recorder, self.secret
        return State(
            credentials=database.credentials,
            rates=Rates(settings.requests_a_minute),
            refuse=Refuse(recorder=recorder),
            report_sighting=self._report_sighting(),
            read_history=ReadHistory(
                history=database.history,
                recorder=recorder,
                secret=secret,
                kept=retention_of(settings).sightings,
            ),
            replay_sighting=ReplaySighting(
                history=database.history,
                recorder=recorder,
                entries=database.entries,
                build=lambda name: self.files.snapshot(name).matcher,
                reading=reading,
            ),
            keep_entries=KeepEntries(entries=database.entries, recorder=recorder, secret=secret),
            hotlist_status=HotlistStatus(self.current, database.feed_history),
            feed_files=FeedFiles(
                declared=self.declarations.of,
                inbox=self.inbox,
                history=database.feed_history,
                recorder=recorder,
                secret=secret,
            ),
            metrics=self.metrics,
            pings=(database.ping,),
            contact=settings.contact,
            now=clock.now,
            least_symbols=settings.least_symbols,
            ready_when_stale=settings.ready_when_stale,
            longest_entry=timedelta(hours=settings.longest_entry_hours),
        )

    def canary(self, loop: asyncio.AbstractEventLoop) -> asyncio.Task[None]:
        """Start sending sightings of a test entry."""
        bird = Canary(
            current=self.current,
            register=self.database.credentials,
            report=self._report_sighting(),
            history=self.database.history,
            metrics=self.metrics,
        )

        def look() -> None:
            entry = bird.entry()
            if entry is not None:
                caller = caller_of(self.database.credentials, now=clock.now())
                asyncio.run_coroutine_threadsafe(bird.sing(caller, entry), loop).result()

        every = 60 * self.settings.canary_minutes
        return _rounds(self.settings, "canary", look, every=every)

    def _report_sighting(self) -> ReportSighting:
        return ReportSighting(
            current=self.current,
            recorder=self.database.recorder,
            history=self.database.history,
            metrics=self.metrics,
            secret=self.secret,
            base_rate=self.settings.base_rate,
            kept=retention_of(self.settings).sightings,
            budget=self.budget,
        )


def limits_of(settings: Settings) -> Limits:
    """Return how much guards may be told."""
    return Limits(
        person_day=settings.person_bits_a_day,
        person_month=settings.person_bits_a_month,
        firm_month=settings.firm_bits_a_month,
        least_bits=settings.least_bits,
    )


def retention_of(settings: Settings) -> Retention:
    """Return how long each kind is kept."""
    hits = timedelta(days=settings.keep_hits_days)
    return Retention(
        sightings=timedelta(hours=settings.keep_sightings_hours),
        hits=hits,
        entries=hits,
        versions=timedelta(days=settings.keep_versions_days),
        audit=timedelta(days=366 * settings.keep_audit_years),
    )


def purge_of(settings: Settings, database: Database, files: HotlistFiles) -> Purge:
    """Return what erases what is due."""
    return Purge(
        erasure=database.erasure,
        trail=database.audit,
        versions=files,
        history=database.feed_history,
        retention=retention_of(settings),
    )


def _parts(settings: Settings, metrics_folder: Path | None, opened: AsyncExitStack) -> _Parts:
    """Open what the rest is made of."""
    secret = load_secret(settings.data / KEYS, SECRET)
    files = HotlistFiles(settings.data / HOTLIST, load_registry(settings.registry))
    current = CurrentSnapshot()
    database = open_database(url=settings.database_url, data=settings.data)
    opened.push_async_callback(database.close)
    return _Parts(
        settings=settings,
        database=database,
        files=files,
        current=current,
        metrics=Metrics(current, metrics_folder),
        secret=secret,
        declarations=Declarations(settings.data / FEEDS),
        inbox=Inbox(settings.data),
        budget=Budget(limits_of(settings), secret),
    )


def _rounds(
    settings: Settings, name: str, look: Callable[[], object], *, every: float = LOOK_EVERY
) -> asyncio.Task[None]:
    """Start work that one process of all does."""
    lock = settings.data / HOTLIST / f"{name}.lock"
    return asyncio.create_task(follow(lock, look, every=every))


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
