"""The composition root: settings -> everything that runs, opened in order and closed in reverse.

The only place that knows all parts. It knows no framework: the application and the commands
enter it alike.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from service import clock
from service.adapters.db import open_database
from service.adapters.feed_folder import Declarations
from service.adapters.feed_intake import FeedIntake
from service.adapters.feed_pull import FeedPull
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.hotlist_watch import HotlistWatch
from service.adapters.inbox import Inbox
from service.adapters.issuer.documents import IssuerDocuments
from service.adapters.issuer.issuer_keys import IssuerKeys
from service.adapters.issuer.tokens import Expected, IssuerTokens
from service.adapters.one_of_many import follow
from service.adapters.registry_file import load_registry
from service.adapters.secret_file import load_secret
from service.current import CurrentSnapshot
from service.metrics import Metrics
from service.parts import Parts, Reading, limits_of, purge_of
from service.settings import Settings
from service.state import State
from service.usecases.budget import Budget
from service.usecases.finish_changes import FinishChanges
from service.usecases.refuse import Refuse

HOTLIST = "hotlist"
FEEDS = "feeds"
KEYS = "keys"
LOOK_EVERY = 0.5
"""Seconds between two looks at what a change of the list asks for."""

PURGE_EVERY = 300.0
"""Seconds between two looks at what has been kept long enough."""

SECRET = "idempotency"  # noqa: S105 - the name of a file


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
        _take_feeds(settings, parts, opened)
        erase = purge_of(settings, parts.database, parts.files)
        opened.push_async_callback(_stop, _rounds(settings, "purge", erase, every=PURGE_EVERY))
        if settings.walk_hours:
            watch_walks = parts.watch_walks().look
            opened.push_async_callback(_stop, _rounds(settings, "walks", watch_walks))
        if settings.witness is not None:
            telling = parts.tell_witness(settings.witness)
            opened.push_async_callback(_stop, _rounds(settings, "witness", telling.look))
        if settings.canary_minutes:
            sing = parts.canary(asyncio.get_running_loop())
            every = 60 * settings.canary_minutes
            opened.push_async_callback(_stop, _rounds(settings, "canary", sing, every=every))
        yield parts.state(reading)


def _parts(settings: Settings, metrics_folder: Path | None, opened: AsyncExitStack) -> Parts:
    """Open what the rest is made of."""
    secret = load_secret(settings.data / KEYS, SECRET)
    files = HotlistFiles(settings.data / HOTLIST, load_registry(settings.registry))
    current = CurrentSnapshot()
    database = open_database(url=settings.database_url, data=settings.data)
    opened.push_async_callback(database.close)
    return Parts(
        settings=settings,
        database=database,
        files=files,
        current=current,
        metrics=Metrics(current, metrics_folder),
        secret=secret,
        declarations=Declarations(settings.data / FEEDS),
        inbox=Inbox(settings.data),
        tokens=_tokens(settings, opened),
        budget=Budget(limits_of(settings), secret),
        refuse=Refuse(recorder=database.recorder),
    )


def _tokens(settings: Settings, opened: AsyncExitStack) -> IssuerTokens | None:
    """Begin to fetch the keys of the issuer, if there is one; nothing waits for it."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    keys = IssuerKeys(IssuerDocuments(settings.oidc_issuer).keys)
    keys.start()
    opened.push_async_callback(keys.close)
    expected = Expected(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        leeway=settings.oidc_leeway_seconds * clock.SECOND,
        person=settings.oidc_person_claim,
        organisation=settings.oidc_organisation_claim,
        role=settings.oidc_role_claim,
    )
    return IssuerTokens(expected, keys)


def _take_feeds(settings: Settings, parts: Parts, opened: AsyncExitStack) -> None:
    """Begin to load what comes, and to finish what a killed process left."""
    finish = FinishChanges(versions=parts.files, history=parts.database.feed_history)
    opened.push_async_callback(_stop, _rounds(settings, "finish", finish.look))
    pulls = FeedPull(settings.data / FEEDS, parts.inbox)
    intake = FeedIntake(settings.data, parts.declarations, inbox=parts.inbox, pulls=pulls)
    opened.push_async_callback(_stop, _rounds(settings, "intake", intake.look))
    opened.callback(intake.stop)


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
